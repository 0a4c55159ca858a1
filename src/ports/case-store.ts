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

/** What a case is about. */
export interface CaseEvidence extends Omit<Evidence, 'reporter' | 'room'> {
  /** Null when somebody's name is the matter, which is said in no room; then there are no messages. */
  readonly room: Evidence['room'] | null;
}

export interface Resolution {
  readonly note: string;
  /** The principal of the operator. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What was said of one participant in one room, and what an operator made of it. */
export interface Case {
  readonly id: string;
  readonly state: 'open' | 'resolved';
  readonly evidence: CaseEvidence;
  /** Oldest first; the first 20 are kept. */
  readonly complaints: readonly Complaint[];
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  readonly resolution: Resolution | null;
}

/** A case without what was said. */
export interface CaseSummary extends Omit<Case, 'evidence' | 'complaints'> {
  readonly evidence: Omit<CaseEvidence, 'messages'>;
  /** How many voices. */
  readonly complaints: number;
}

export interface NewCase {
  readonly id: string;
  readonly evidence: CaseEvidence;
  readonly complaint: Complaint;
}

/** Most complaints kept of one case. */
export const COMPLAINTS_MAX = 20;

/** Cases for operators. Bounded: when it is full the oldest resolved ones go, and then the oldest. */
export interface CaseStore {
  /**
   * Adds the complaint to the open case of the same participant and room, if there is one, whose evidence stays as it is.
   * @returns the id of the case
   */
  open(input: NewCase): Awaitable<string>;
  find(id: string): Awaitable<Case | undefined>;
  /** Newest first. */
  list(query: PageQuery & { readonly state?: Case['state'] }): Awaitable<Page<CaseSummary>>;
  /** Whether a case of this room is open. */
  isOpenIn(roomId: string): Awaitable<boolean>;
  /** Undefined when there is no such case or it is resolved already. */
  resolve(id: string, resolution: Resolution): Awaitable<Case | undefined>;
  /** Takes what a participant wrote, and its name, out of all cases; who it was stays. */
  forget(participantId: string): Awaitable<void>;
  /** How many are open. */
  openCases(): Awaitable<number>;
}
export const CaseStore = Symbol.for('parley/CaseStore');
