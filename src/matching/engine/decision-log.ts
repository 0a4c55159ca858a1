import { Ring } from '../../domain/ring.js';
import type { MatchTrigger } from '../matching-strategy.js';
import type { RefusalCause } from './proposal-check.js';

/**
 * What can go wrong with a strategy. In a run: `threw`, `timeout` (it had to be stopped from outside), `budget` (it came
 * back, but too late or with too many bad proposals), `refused` (a bad proposal). Outside of runs: `admit`, `wake`,
 * `explain`. `evaluator`: the proposal evaluator, not the strategy.
 */
export type FailureKind = 'threw' | 'timeout' | 'budget' | 'refused' | 'admit' | 'wake' | 'explain' | 'evaluator';

/** One run of a strategy, for operators: no names, no attributes. */
export interface Decision {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly pool: string;
  readonly strategy: string;
  /** Whether the strategy stood in for one that is suspended. */
  readonly fallback: boolean;
  readonly trigger: MatchTrigger;
  readonly ticketId: string;
  /** How many waited. */
  readonly waiting: number;
  readonly proposed: number;
  readonly refused: Readonly<Partial<Record<RefusalCause, number>>>;
  readonly failure: FailureKind | null;
  /** Ids of the tickets of the group with which the search ended; null when it found none for the ticket. */
  readonly chosen: readonly string[] | null;
  readonly score: number | null;
  /** Codes of the reasons. */
  readonly reasons: readonly string[];
  /** Duration in microseconds, without what others did in between. */
  readonly micros: number;
}

/** The newest decisions. */
export class DecisionLog {
  readonly #ring: Ring<Decision>;

  /** @param capacity most decisions to keep; 0: none */
  constructor(private readonly capacity: number) {
    this.#ring = new Ring(capacity);
  }

  add(decision: Decision): void {
    if (this.capacity > 0) this.#ring.push(decision);
  }

  /** Newest first. */
  newest(limit: number, pool?: string): readonly Decision[] {
    const found: Decision[] = [];
    for (let i = this.#ring.last; i >= this.#ring.first && found.length < limit; i--) {
      const decision = this.#ring.get(i)!;
      if (pool === undefined || decision.pool === pool) found.push(decision);
    }
    return found;
  }
}
