import type { Type } from '@nestjs/common';
import type { Reason, Ticket } from '../domain/ticket.js';

/**
 * Version of everything in this file, by the rules of semantic versioning. A strategy states the one it was written
 * for (`static readonly apiVersion = '1.0'`); the loader refuses another major and a newer minor.
 */
export const MATCHING_API_VERSION = '1.0.0';

/**
 * What makes the engine ask a strategy: an arrival, the time that `nextWake` named, a ticket or a seat that became free
 * again, or a simulation.
 */
export type MatchTrigger = 'enqueue' | 'tick' | 'release' | 'simulate';

/** A group that a strategy suggests. Nothing happens until the engine has checked it and claimed it whole. */
export interface Proposal {
  /** Ids of the tickets to put into one room, none twice. */
  readonly tickets: readonly string[];
  /**
   * How good the group is; higher is better. Proposals with a score are compared with those that follow (score, then age)
   * before any is claimed; one without is claimed before the strategy is asked for the next.
   */
  readonly score?: number;
  /** Why these, in words a person understands; the members are shown them. */
  readonly reasons?: readonly Reason[];
}

/** A strategy's refusal of a ticket. */
export interface Rejection {
  readonly rejected: true;
  readonly reason: Reason;
}

/**
 * All a strategy may know. Same tickets, clock and seed, same proposals. `signal` is made when it is looked at: who spreads
 * a context into another must name it.
 */
export interface MatchContext {
  readonly pool: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly trigger: MatchTrigger;
  /** The ticket that has just arrived, or for which the strategy is asked again. */
  readonly subject: Ticket;
  /** Aborted when most of the time budget of the run is used up; a strategy that looks at many candidates looks at it now and then. */
  readonly signal: AbortSignal;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Everybody who waits for a group that the subject could be part of, the subject included, longest first. Lazy. */
  readonly waiting: () => Iterable<Ticket>;
  /** How many wait. */
  readonly size: number;
  /**
   * The engine's own verdict on a group that may still grow: distinct participants, no blocks, mutual criteria, the pool's
   * cooldown, no offer that failed before, at most one open room, and no more people than all of them admit.
   */
  readonly compatible: (group: readonly Ticket[]) => boolean;
  /** Whether a compatible group may be proposed as it is: its size is one that all of them accept now. */
  readonly complete: (group: readonly Ticket[]) => boolean;
  /** When two participants were last in a matched room together, in milliseconds since the epoch, if that is still known. */
  readonly metAt: (participantId: string, other: string) => number | undefined;
}

/**
 * Who meets whom. A strategy proposes and the engine disposes: it never touches storage, and whatever it proposes is
 * checked again before anybody is put into a room.
 */
export interface MatchingStrategy {
  readonly name: string;
  /** Normalises, enriches or refuses a ticket before it is queued. Only `attributes` and `priority` may be changed. */
  admit?(ticket: Ticket): Ticket | Rejection;
  /** Groups worth trying, best first; the engine stops asking once the subject is matched. */
  propose(context: MatchContext): Iterable<Proposal>;
  /** When its answer for this ticket may change without a new arrival, in milliseconds since the epoch; after `now`. */
  nextWake?(ticket: Ticket, now: number): number | undefined;
  /** Why a ticket still waits. */
  explainWait?(ticket: Ticket, context: MatchContext): readonly Reason[];
}
export const MatchingStrategy = Symbol.for('parley/MatchingStrategy');

/** A strategy's options, checked and frozen, for its constructor: `@Inject(StrategyOptions) private readonly options: MyOptions`. */
export const StrategyOptions = Symbol.for('parley/StrategyOptions');

/**
 * A strategy class, created through Nest's injector. A package or file that `MATCHING_STRATEGY` or a pool names exports
 * one as `default` (or as its only export of this kind) and must state its `apiVersion`.
 */
export interface StrategyClass extends Type<MatchingStrategy> {
  /** `major.minor` of `MATCHING_API_VERSION` it was written for. */
  readonly apiVersion?: string;
  /** The class-validator class of its options; without one it takes none. */
  readonly Options?: Type<object>;
  /** Modules whose exports it needs injected. */
  readonly imports?: readonly Type<unknown>[];
}
