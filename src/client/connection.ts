/** What a tool answered: its structured content. */
export type Facts = Readonly<Record<string, unknown>>;

/** Something to learn of, as every delivery path shows it. Live events (typing, queue position) have no cursor. */
export interface HeardEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Absent from live events. */
  readonly eventId?: string;
  /** RFC 3339. Absent from live events. */
  readonly timestamp?: string;
  readonly cursor?: string;
  /** Events between the position asked for and this one are no longer kept. */
  readonly truncated?: boolean;
}

/** Whose events, from which position on. */
export interface Position {
  /** Empty: the principal's own participant, for a server that knows who calls. */
  readonly participantToken: string;
  readonly cursor: string;
}

export interface Listener {
  event(event: HeardEvent): void;
  /** Where the participant stands, as `get_status` tells it, from ways that poll. */
  status?(facts: Facts): void;
}

/** Events that are being delivered. */
export interface Following {
  /** Settles when nothing more will come: the stream was cut, or `stop` was called. Never rejects. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** A pool as the server describes it. */
export interface PoolFacts {
  readonly name: string;
  readonly description?: string;
  readonly min_group_size: number;
  readonly max_group_size: number;
}

/** What the server says of itself when one connects. */
export interface ServerFacts {
  /** Empty when the way to the server does not tell. */
  readonly pools: readonly PoolFacts[];
  /** Longest message in characters (Unicode code points); 0: no limit, undefined: not known. */
  readonly messageMaxCharacters?: number;
}

/** A way to a Parley server: over HTTP, or through the host of an MCP App. */
export interface Connection {
  /** @throws ConnectionLost when the server cannot be reached, Refusal when it answers with an error */
  open(): Promise<ServerFacts>;
  /** Calls a tool. @throws ToolFailure, ConnectionLost, Refusal */
  call(tool: string, args: Facts, signal?: AbortSignal): Promise<Facts>;
  /** Delivers events after the cursor, once and in order. @throws ConnectionLost, Refusal */
  follow(position: Position, listener: Listener): Promise<Following>;
  close(): Promise<void>;
}

/** A tool's refusal that the caller can mend; `code` is one of the domain's error codes. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';

  constructor(
    message: string,
    readonly code: string,
    readonly hint: string,
    readonly retryable: boolean,
    /** How long to wait before another try, when the server says. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** The server could not be reached, or went away before it answered. Trying again may help. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** The server answers and will not serve: wrong address, not allowed, no authorisation. Trying again will not help. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    message: string,
    /** HTTP status, when there was one. */
    readonly status?: number,
  ) {
    super(message);
  }
}
