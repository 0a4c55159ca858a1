import type { Awaitable } from './awaitable.js';
import type { Evidence, Page, PageQuery } from './operator-steps.js';

/** One voice in a case. */
export interface Complaint {
  /** The participant who reported; null: the moderator did. */
  readonly reporter: string | null;
  /** As it was given; may be empty. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What was said of one participant in one room, and what an operator made of it. */
export interface Case {
  readonly id: string;
  readonly state: 'open' | 'resolved';
  readonly evidence: Omit<Evidence, 'reporter'>;
  /** Oldest first; the first 20 are kept. */
  readonly complaints: readonly Complaint[];
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  readonly resolution: {
    readonly note: string;
    /** The principal of the operator. */
    readonly by: string;
    readonly at: number;
  } | null;
}

export interface NewCase {
  readonly id: string;
  readonly evidence: Omit<Evidence, 'reporter'>;
  readonly complaint: Complaint;
}

/** Cases for operators. Bounded: when it is full the oldest resolved ones go, and then the oldest. */
export interface CaseStore {
  /** Adds to the open case of the same participant and room, if there is one; returns the case. */
  open(input: NewCase): Awaitable<Case>;
  find(id: string): Awaitable<Case | undefined>;
  /** Newest first. */
  list(query: PageQuery & { readonly state?: Case['state'] }): Awaitable<Page<Case>>;
  /** Undefined when there is no such case or it is resolved already. */
  resolve(id: string, resolution: NonNullable<Case['resolution']>): Awaitable<Case | undefined>;
  /** Takes what a participant wrote, and its name, out of all cases; who it was stays. */
  forget(participantId: string): Awaitable<void>;
  /** How many are open. */
  openCases(): Awaitable<number>;
}
export const CaseStore = Symbol.for('parley/CaseStore');
