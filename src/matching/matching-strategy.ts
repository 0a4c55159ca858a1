import type { Reason, Ticket } from '../domain/ticket.js';

/** What makes the engine ask a strategy. */
export type MatchTrigger = 'enqueue' | 'tick' | 'release' | 'simulate';

/** A group that a strategy suggests. Nothing happens until the engine has checked it and claimed it whole. */
export interface Proposal {
  /** Ids of the tickets to put into one room: exactly as many as their group size, none twice. */
  readonly tickets: readonly string[];
  /** Why these, in words a person understands; the members are shown them. */
  readonly reasons?: readonly Reason[];
}

/** A strategy's refusal of a ticket. */
export interface Rejection {
  readonly rejected: true;
  readonly reason: Reason;
}

/** All a strategy may know. Same tickets, clock and seed, same proposals. */
export interface MatchContext {
  readonly pool: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly trigger: MatchTrigger;
  /** The ticket that has just arrived. */
  readonly subject: Ticket;
  /** Aborted when the time budget of the run is used up. */
  readonly signal: AbortSignal;
  /** A number in [0, 1). */
  random(): number;
  /** Everybody waiting for the same group size, the subject included, longest first. Lazy. */
  waiting(): Iterable<Ticket>;
  /** How many wait. */
  readonly size: number;
  /** The engine's own verdict: distinct participants, none of whom has blocked another. */
  compatible(group: readonly Ticket[]): boolean;
}

/**
 * Who meets whom. A strategy proposes and the engine disposes: it never touches storage, and whatever it proposes is
 * checked again before anybody is put into a room.
 */
export interface MatchingStrategy {
  readonly name: string;
  /** Normalises, enriches or refuses a ticket before it is queued. */
  admit?(ticket: Ticket): Ticket | Rejection;
  /** Groups worth trying, best first; the engine stops asking once the subject is matched. */
  propose(context: MatchContext): Iterable<Proposal>;
  /** Why a ticket still waits. */
  explainWait?(ticket: Ticket, context: MatchContext): readonly Reason[];
}
export const MatchingStrategy = Symbol.for('parley/MatchingStrategy');
