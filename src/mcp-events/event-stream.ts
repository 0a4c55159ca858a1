import { ChatError, type ChatErrorCode } from '../domain/errors.js';
import { type LogEntry } from '../domain/event.js';
import {
  Code,
  messageFrame,
  type RequestId,
  resultJson,
  type SseStream,
  subscriptionMeta,
} from '../mcp-transport/index.js';
import type { EventListener, NotificationsService } from '../notifications/index.js';
import type { EventCursors, Start } from './event-cursors.js';
import type { EventsError } from './event-errors.js';
import { type ErrorTable, forbidden, type WireError } from './event-errors.js';
import { occurrenceMembers } from './event-occurrence.js';
import { type EventArguments, type EventType, matches } from './event-types.js';
import type { Subject } from './subject.service.js';

/** Why somebody may not listen any more. */
const ENDS: readonly ChatErrorCode[] = ['participant_not_found', 'banned'];

/** What one `events/stream` request asked for, checked. */
export interface StreamPlan {
  /** The JSON-RPC id of the request, which every notification carries. */
  readonly id: RequestId;
  readonly type: EventType;
  readonly args: EventArguments;
  readonly subject: Subject;
  readonly start: Start;
  readonly errors: ErrorTable;
  readonly heartbeatMs: number;
}

/** The stream that answers `events/stream`: `active`, then the backlog, then what happens, and heartbeats. */
export class EventStream implements EventListener {
  /** `,"…/subscriptionId":…`; each notification's `_meta` is this without the comma. */
  readonly #meta: string;
  readonly #stop: () => void;
  readonly #timer: NodeJS.Timeout;
  #position: number;

  constructor(
    private readonly plan: StreamPlan,
    private readonly sse: SseStream,
    private readonly cursors: EventCursors,
    notifications: NotificationsService,
  ) {
    const { id, subject, start, heartbeatMs } = plan;
    this.#meta = subscriptionMeta(id).slice(1);
    this.#position = start.position;
    sse.onFinish(() => messageFrame(resultJson(id, `{"resultType":"complete","_meta":{${this.#meta}}}`)));
    sse.onRevoke(() => this.#termination(forbidden('access_revoked')));
    this.#active(start.truncated);
    this.#stop = notifications.listen(subject.participantId, start.position, this);
    this.#timer = setInterval(() => this.heartbeat(), heartbeatMs).unref();
    sse.onClose(() => {
      clearInterval(this.#timer);
      this.#stop();
    });
  }

  /** Entries that do not match are passed in silence; the next heartbeat tells how far. */
  event(entry: LogEntry, truncated: boolean): boolean {
    if (truncated) {
      this.#position = entry.seq - 1;
      this.#active(true);
    }
    this.#position = entry.seq;
    const { type, args } = this.plan;
    const keepsUp =
      !matches(type, args, entry) || this.sse.write(this.#frame('event', occurrenceMembers(entry, this.#cursor)));
    const over = entry.body.name === 'room.closed' && args.room_id !== undefined && entry.body.roomId === args.room_id;
    if (over) this.#terminate(forbidden('room_closed'));
    return keepsUp;
  }

  /** What is never logged is no event of MCP Events. */
  live(): void {}

  drained(): Promise<void> {
    return this.sse.drained();
  }

  /** The participant is gone or banned, which ends the subscription; or reading failed, and the client may come back. */
  failed(error: unknown): void {
    if (error instanceof ChatError && ENDS.includes(error.code)) {
      this.#terminate(forbidden(error.code));
      return;
    }
    this.sse.write(this.#errorFrame('error', { code: Code.InternalError, message: 'Internal error' }));
    this.sse.end();
  }

  /** A real message, not a comment: it moves the client's cursor on (SEP-3415, push, heartbeats). */
  heartbeat(): void {
    this.sse.writeLive(this.#frame('heartbeat', `"cursor":"${this.#cursor}"`));
  }

  get #cursor(): string {
    return this.cursors.encode(this.plan.subject.logId, this.#position);
  }

  #active(truncated: boolean): void {
    this.sse.write(this.#frame('active', `"cursor":"${this.#cursor}","truncated":${truncated}`));
  }

  #terminate(error: EventsError): void {
    this.sse.write(this.#termination(error));
    this.sse.end();
  }

  #termination(error: EventsError): string {
    return this.#errorFrame('terminated', error.in(this.plan.errors));
  }

  #errorFrame(kind: 'error' | 'terminated', error: WireError): string {
    return this.#frame(kind, `"error":${JSON.stringify(error)}`);
  }

  /** @param members of `params`, as JSON text without braces */
  #frame(kind: 'active' | 'event' | 'heartbeat' | 'error' | 'terminated', members: string): string {
    return messageFrame(
      `{"jsonrpc":"2.0","method":"notifications/events/${kind}","params":{${members},"_meta":{${this.#meta}}}}`,
    );
  }
}
