import { Inject, Injectable } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { type CallContext, SseStreams, ToolNaming } from '../mcp-transport/index.js';
import { NotificationsService } from '../notifications/index.js';
import { EventCursors } from './event-cursors.js';
import { errorTableOf, invalidParams, unsupportedMode } from './event-errors.js';
import { readRequest } from './event-request.js';
import { EventStream } from './event-stream.js';
import { type EventType, eventTypes } from './event-types.js';
import { OpeningService } from './opening.service.js';

type Params = Readonly<Record<string, unknown>>;

/** `events/list` and `events/stream`. */
@Injectable()
export class EventsService {
  readonly #types: readonly EventType[];
  /** The types as a session sees them: it has no streams of its own for single subscriptions. */
  readonly #withoutPush: readonly EventType[];

  constructor(
    private readonly openings: OpeningService,
    private readonly cursors: EventCursors,
    private readonly notifications: NotificationsService,
    private readonly streams: SseStreams,
    naming: ToolNaming,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {
    this.#types = naming.descriptions(eventTypes());
    this.#withoutPush = this.#types.map((type) => ({
      ...type,
      delivery: type.delivery.filter((mode) => mode !== 'push'),
    }));
  }

  /** Every type, with the modes that the caller's revision has. @throws EventsError InvalidParams */
  list({ cursor }: Params, { stateless }: CallContext): { events: readonly EventType[] } {
    // The list fits on one page, so no cursor was ever given out.
    if (cursor !== undefined) throw invalidParams('Unknown cursor');
    return { events: stateless ? this.#types : this.#withoutPush };
  }

  /**
   * Opens the stream, or refuses before anything of it is sent. Sessions have none: they hear the same events on their
   * GET stream.
   * @throws EventsError; ChatError `too_many_streams`, `participant_required`, `participant_not_found`
   */
  async stream(params: Params, call: CallContext): Promise<undefined> {
    const { type, args, ...from } = readRequest(params, 'push');
    if (!call.stateless) throw unsupportedMode('push');
    const { subject, start } = await this.openings.open({ type, args, ...from }, call);
    this.notifications.requireStreamLeft(subject.participantId);
    const { heartbeatMs, errorCodes } = this.config.events;
    const errors = errorTableOf(call, errorCodes);
    const plan = { id: call.id, type, args, subject, start, errors, heartbeatMs };
    new EventStream(plan, this.streams.open(call.exchange, ''), this.cursors, this.notifications);
    return undefined;
  }
}
