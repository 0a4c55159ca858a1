import type { LogEntry } from '../domain/event.js';

/** An entry that a step wrote to a participant's event log. */
export interface Appended {
  readonly participantId: string;
  readonly entry: LogEntry;
}

/** What every step returns: the log entries it wrote, for live fan-out after the commit. */
export interface Commit {
  readonly appended: readonly Appended[];
}

/** Positions are message `seq`s; give at most one of `before` and `after`. */
export interface MessageQuery {
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
}
