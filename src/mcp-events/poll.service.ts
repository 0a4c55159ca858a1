import { Inject, Injectable } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import type { LogEntry } from '../domain/event.js';
import type { CallContext } from '../mcp-transport/index.js';
import { Clock } from '../ports/clock.js';
import { StateStore } from '../ports/state-store.js';
import { EventCursors } from './event-cursors.js';
import { type EventOccurrence, occurrenceOf } from './event-occurrence.js';
import { type EventRequest, optionalWhole, readRequest } from './event-request.js';
import { matches } from './event-types.js';
import { OpeningService } from './opening.service.js';
import type { Subject } from './subject.service.js';

/** Most events of one answer, and how many without `maxEvents`. */
const EVENTS_MAX = 200;
const EVENTS_DEFAULT = 50;
/** Entries read at a time, and in all for one answer: those that do not match cost time as well. */
const PAGE = 128;
const SCAN_MAX = 2_048;

/** The result of `events/poll`. */
export interface PollResult {
  readonly events: readonly EventOccurrence[];
  readonly cursor: string;
  readonly truncated: boolean;
  readonly hasMore: boolean;
  readonly nextPollMs: number;
}

interface Batch {
  readonly entries: readonly LogEntry[];
  readonly position: number;
  readonly truncated: boolean;
  readonly hasMore: boolean;
}

/** `events/poll`: everything it needs comes with the request. A `timeoutMs` is ignored, as SEP-3415 does not have it. */
@Injectable()
export class PollService {
  constructor(
    private readonly openings: OpeningService,
    private readonly cursors: EventCursors,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /** @throws EventsError; ChatError `participant_required`, `participant_not_found`, `invalid_arguments` */
  async poll(params: Readonly<Record<string, unknown>>, call: CallContext): Promise<PollResult> {
    const request = readRequest(params, 'poll');
    const limit = Math.min(optionalWhole(params, 'maxEvents', 1) ?? EVENTS_DEFAULT, EVENTS_MAX);
    const { subject, start } = await this.openings.open(request, call);
    // Without a cursor the head is where it starts: what comes after it meanwhile is for the next poll.
    const batch =
      request.cursor === null
        ? { entries: [], position: start.position, truncated: false, hasMore: false }
        : await this.#read(subject, request, start.position, limit);
    return {
      events: batch.entries.map((entry) => occurrenceOf(entry)),
      cursor: this.cursors.encode(subject.logId, batch.position),
      truncated: start.truncated || batch.truncated,
      hasMore: batch.hasMore,
      nextPollMs: this.config.events.pollMs,
    };
  }

  /** The matching entries after a position, and how far the log has been looked through for them. */
  async #read({ participantId }: Subject, request: EventRequest, after: number, limit: number): Promise<Batch> {
    const entries: LogEntry[] = [];
    let [position, truncated, scanned] = [after, false, 0];
    for (;;) {
      const query = { after: position, limit: PAGE };
      const slice = await this.state.readEvents(participantId, query, this.clock.now());
      truncated ||= slice.truncated;
      for (const entry of slice.entries) {
        const wanted = matches(request.type, request.args, entry);
        if (wanted && entries.length === limit) return { entries, position, truncated, hasMore: true };
        if (wanted) entries.push(entry);
        position = entry.seq;
      }
      if (slice.entries.length < PAGE) return { entries, position: slice.position, truncated, hasMore: false };
      scanned += PAGE;
      if (scanned >= SCAN_MAX) return { entries, position, truncated, hasMore: true };
    }
  }
}
