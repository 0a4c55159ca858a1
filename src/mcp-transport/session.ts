import type { RequestId } from './json-rpc.js';

/** The participant a session speaks as, and where its log stood when that began. */
export interface BoundParticipant {
  readonly id: string;
  readonly logId: string;
  readonly token: string | undefined;
  /** Log position that the session's streams have reached. */
  position: number;
}

/** The open stream of a session. */
export interface FollowingStream {
  /** Carries this participant's events from here on. */
  follow(participant: BoundParticipant): void;
  end(): void;
}

/** A call that waits. */
export interface CallInFlight {
  readonly id: RequestId;
  cancel(): void;
  /** Answers it with what is there, as if its time were over. */
  answer(): void;
}

/** One session of the 2025 revisions: it belongs to one principal and speaks as one participant at a time. */
export class McpSession {
  participant: BoundParticipant | undefined;
  stream: FollowingStream | undefined;
  /** Resource URIs subscribed to. */
  readonly subscriptions = new Set<string>();
  #calls: Map<RequestId, CallInFlight> | undefined;

  constructor(
    readonly id: string,
    readonly revision: string,
    readonly principal: string | null,
    /** Milliseconds since the epoch. */
    public lastSeen: number,
    /** The server's extensions that the client declared, too. */
    readonly extensions: ReadonlySet<string> = new Set(),
  ) {}

  /** From now on the session speaks as this participant and its stream carries that participant's events. */
  bind(participant: BoundParticipant): void {
    if (this.participant?.id === participant.id) return;
    this.participant = participant;
    this.subscriptions.clear();
    this.stream?.follow(participant);
  }

  /** Remembers a call in flight, so that it can be cancelled. */
  track(call: CallInFlight): void {
    this.#calls ??= new Map();
    this.#calls.set(call.id, call);
  }

  forget(call: CallInFlight): void {
    this.#calls?.delete(call.id);
  }

  /** Whether somebody listens on its stream or waits for an answer. */
  get inUse(): boolean {
    return this.stream !== undefined || (this.#calls?.size ?? 0) > 0;
  }

  /** Stops a call in flight, if it is one (`notifications/cancelled`). */
  cancel(id: RequestId): void {
    this.#calls?.get(id)?.cancel();
  }

  /** Answers the calls that wait. */
  answer(): void {
    for (const call of this.#calls?.values() ?? []) call.answer();
  }

  close(): void {
    this.stream?.end();
    for (const call of this.#calls?.values() ?? []) call.cancel();
  }
}
