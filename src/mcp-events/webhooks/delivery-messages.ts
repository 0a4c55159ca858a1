import { Inject, Injectable } from '@nestjs/common';
import { isRefusal } from '../../domain/errors.js';
import type { LogEntry } from '../../domain/event.js';
import { Clock } from '../../ports/clock.js';
import { StateStore } from '../../ports/state-store.js';
import { type Attempt, GAP } from '../../ports/webhook-store.js';
import { EventCursors } from '../event-cursors.js';
import { occurrenceMembers } from '../event-occurrence.js';

/** Largest body of a delivery in bytes. OpenAI, MCP Events; SEP-3415 recommends the same. */
export const PAYLOAD_MAX_BYTES = 262_144;

/** What is sent: the `webhook-id`, the body, and when what it tells happened, in milliseconds since the epoch. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly at: number;
}

/** Puts deliveries into words. */
@Injectable()
export class DeliveryMessages {
  constructor(
    private readonly cursors: EventCursors,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Undefined when the event is no longer in the log or is too large. The cursor is one from which nothing outstanding is
   * missed, whatever arrives first.
   *
   * @param entry the event, if it is at hand
   */
  async of(attempt: Attempt, entry: LogEntry | undefined): Promise<Message | undefined> {
    const { delivery, subscription, watermark } = attempt;
    const cursor = this.cursors.encode(subscription.logId, watermark);
    if (delivery.seq === GAP) {
      return { id: delivery.messageId!, body: `{"type":"gap","cursor":"${cursor}"}`, at: delivery.since };
    }
    const event = entry ?? (await this.#entry(delivery.participantId, delivery.seq));
    if (!event) return undefined;
    const body = `{${occurrenceMembers(event, cursor)}}`;
    return Buffer.byteLength(body) <= PAYLOAD_MAX_BYTES ? { id: event.eventId, body, at: event.body.at } : undefined;
  }

  async #entry(participantId: string, seq: number): Promise<LogEntry | undefined> {
    try {
      const { entries } = await this.state.readEvents(participantId, { after: seq - 1, limit: 1 }, this.clock.now());
      return entries[0]?.seq === seq ? entries[0] : undefined;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }
}
