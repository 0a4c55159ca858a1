import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../ports/clock.js';
import { StateStore } from '../ports/state-store.js';
import { EventCursors, type Start } from './event-cursors.js';
import type { StartRequest } from './event-request.js';
import type { Subject } from './subject.service.js';

/** Where in a participant's log a subscription starts. */
@Injectable()
export class EventStarts {
  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
    private readonly cursors: EventCursors,
  ) {}

  /** The position that a cursor and an age ask for; without a cursor, the head. `truncated` tells what was skipped. */
  async from(subject: Subject, { cursor, maxAgeMs }: StartRequest): Promise<Start> {
    const { participantId, logId, head } = subject;
    if (cursor === null) return { position: head, truncated: false };
    const oldest = (await this.#entryAfter(participantId, 0))?.seq ?? head + 1;
    const start = this.cursors.decode(logId, head, oldest, cursor);
    if (maxAgeMs === undefined) return start;
    const position = await this.#firstSince(participantId, start.position, head, this.clock.now() - maxAgeMs);
    return { position, truncated: start.truncated || position > start.position };
  }

  /** The last position from `after` to `head` behind which everything happened at `since` or later. */
  async #firstSince(participantId: string, after: number, head: number, since: number): Promise<number> {
    let [low, high] = [after, head];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const entry = await this.#entryAfter(participantId, middle);
      if (!entry || entry.body.at >= since) high = middle;
      else low = entry.seq;
    }
    return low;
  }

  async #entryAfter(participantId: string, after: number) {
    const { entries } = await this.state.readEvents(participantId, { after, limit: 1 }, this.clock.now());
    return entries[0];
  }
}
