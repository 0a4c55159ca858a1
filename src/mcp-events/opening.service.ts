import { Inject, Injectable } from '@nestjs/common';
import type { CallContext } from '../mcp-transport/index.js';
import { Clock } from '../ports/clock.js';
import { StateStore } from '../ports/state-store.js';
import type { Start } from './event-cursors.js';
import { forbidden } from './event-errors.js';
import type { EventRequest } from './event-request.js';
import { EventStarts } from './event-starts.js';
import { type Subject, SubjectService } from './subject.service.js';

/** Who is to be told, and from where on. */
export interface Opening {
  readonly subject: Subject;
  readonly start: Start;
}

/** The way into every delivery mode: who asks, whether they may, and where they start. */
@Injectable()
export class OpeningService {
  constructor(
    private readonly subjects: SubjectService,
    private readonly starts: EventStarts,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws EventsError Forbidden; ChatError `participant_required`, `participant_not_found` */
  async open(request: EventRequest, call: CallContext): Promise<Opening> {
    const subject = await this.subjects.subjectOf(call, request.args);
    const over = await this.subjects.requireEntitled(subject, request.args);
    const start = await this.starts.from(subject, request);
    if (over && !(await this.#anythingLeft(subject, start, request.args.room_id))) throw forbidden('room_closed');
    return { subject, start };
  }

  /** Whether the log holds anything of the room behind the start. */
  async #anythingLeft({ participantId }: Subject, { position: after }: Start, roomId?: string): Promise<boolean> {
    const { entries } = await this.state.readEvents(participantId, { after, roomId, limit: 1 }, this.clock.now());
    return entries.length > 0;
  }
}
