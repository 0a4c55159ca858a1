import type { Awaitable } from './awaitable.js';
import type { Page, PageQuery } from './operator-steps.js';

/** What an operator did, or tried to do. */
export interface AuditEntry {
  /** Unique in the namespace. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The principal of the operator. */
  readonly actor: string;
  /** E.g. `pool.pause`, `participant.ban`, `room.transcript`. */
  readonly action: string;
  /** What it was done to, e.g. a pool's name or a room's id; never a text that somebody wrote. */
  readonly subject: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Further facts: plain values, no messages, no tokens. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** Of what is given here, only entries with just that. */
export interface AuditQuery extends PageQuery {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
}

/** Whether it is one of those asked for. */
export const isAskedFor = (entry: AuditEntry, { actor, action, subject }: AuditQuery): boolean =>
  (actor === undefined || actor === entry.actor) &&
  (action === undefined || action === entry.action) &&
  (subject === undefined || subject === entry.subject);

/** Who did what. Only added to: there is no way to change or delete an entry; bounded, the oldest go. */
export interface AuditLog {
  append(entry: AuditEntry): Awaitable<void>;
  /** Newest first. A page of some entries only may be short, even empty, although more follow: go on by its `next`. */
  list(query: AuditQuery): Awaitable<Page<AuditEntry>>;
}
export const AuditLog = Symbol.for('parley/AuditLog');
