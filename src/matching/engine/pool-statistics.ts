import type { FailureKind } from './decision-log.js';
import { Histogram, type HistogramSnapshot } from './histogram.js';
import type { RefusalCause } from './proposal-check.js';
import type { CheckedProposal } from '../proposal-evaluator.js';
import type { Turn } from './turn.js';

/** What one strategy did in one pool since the start. */
export interface StrategyStatistics {
  readonly strategy: string;
  readonly runs: number;
  readonly proposals: number;
  readonly refusals: Readonly<Record<RefusalCause, number>>;
  readonly failures: Readonly<Record<FailureKind, number>>;
  /** Duration of runs. */
  readonly duration: HistogramSnapshot;
}

/** The groups that one of two strategies would have formed first. */
export interface ChoiceStatistics {
  readonly groups: number;
  /** How many of them had a score, and the sum of those scores. */
  readonly scored: number;
  readonly scores: number;
  /** Sum over the groups of how long their tickets had waited on average, in milliseconds. */
  readonly waitMs: number;
}

/** How a candidate compares with the live strategy, asked at the same moment about the same tickets. */
export interface ShadowStatistics extends StrategyStatistics {
  readonly suspended: boolean;
  /** Runs of the live strategy that the candidate was not asked about, because it had not answered before. */
  readonly skipped: number;
  /** Both chose the same group first, or each another. */
  readonly same: number;
  readonly different: number;
  /** Only one of them found a group, or neither did. */
  readonly onlyLive: number;
  readonly onlyShadow: number;
  readonly neither: number;
  readonly live: ChoiceStatistics;
  readonly candidate: ChoiceStatistics;
}

/** What the matching engine did in one pool since the start. */
export interface PoolStatistics extends StrategyStatistics {
  readonly pool: string;
  /** Whether the strategy is suspended now, and how often it was or had to remain so. */
  readonly suspended: boolean;
  readonly suspensions: number;
  /** What stood in for it; null when the pool has no fallback. */
  readonly fallback: StrategyStatistics | null;
  readonly shadow: ShadowStatistics | null;
}

/** Counts what one strategy does. */
export class StrategyCounters {
  #runs = 0;
  #proposals = 0;
  readonly #refusals = { malformed: 0, stranger: 0, stale: 0, duplicate: 0, incompatible: 0, size: 0 };
  readonly #failures = {
    threw: 0,
    timeout: 0,
    budget: 0,
    refused: 0,
    admit: 0,
    wake: 0,
    explain: 0,
    evaluator: 0,
  };
  readonly #duration = new Histogram();

  constructor(private readonly strategy: string) {}

  count({ proposed, refused, micros }: Turn): void {
    this.#runs++;
    this.#proposals += proposed;
    for (const cause in refused) this.#refusals[cause as RefusalCause] += refused[cause as RefusalCause]!;
    this.#duration.record(micros);
  }

  failed(kind: FailureKind): void {
    this.#failures[kind]++;
  }

  snapshot(): StrategyStatistics {
    return {
      strategy: this.strategy,
      runs: this.#runs,
      proposals: this.#proposals,
      refusals: { ...this.#refusals },
      failures: { ...this.#failures },
      duration: this.#duration.snapshot(),
    };
  }
}

/** Sums up the groups that a strategy chose. */
export class ChoiceCounters {
  #groups = 0;
  #scored = 0;
  #scores = 0;
  #waitMs = 0;

  count({ tickets, score }: CheckedProposal, now: number): void {
    this.#groups++;
    this.#waitMs += tickets.reduce((sum, { enqueuedAt }) => sum + now - enqueuedAt, 0) / tickets.length;
    if (score === undefined) return;
    this.#scored++;
    this.#scores += score;
  }

  snapshot(): ChoiceStatistics {
    return { groups: this.#groups, scored: this.#scored, scores: this.#scores, waitMs: this.#waitMs };
  }
}
