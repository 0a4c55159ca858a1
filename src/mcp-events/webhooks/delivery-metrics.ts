import { Injectable } from '@nestjs/common';
import type { FailureCategory } from '../../ports/webhook-store.js';

/** Upper bounds of the lag histogram, in milliseconds. */
const LAG_BOUNDS_MS = [10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 600_000];

/** What has come of deliveries and challenges since the start. */
export interface DeliveryFigures {
  /** Acknowledged with a 2xx. */
  readonly delivered: number;
  /** Answered with 410 or 413. */
  readonly refused: number;
  /** Attempts that failed, by category. */
  readonly failures: Readonly<Partial<Record<FailureCategory, number>>>;
  /** Events given up after the last retry. */
  readonly abandoned: number;
  /** Events that were no longer in the log, or too large, when they were to be sent. */
  readonly lost: number;
  /** Attempts put off: the host is asked too often, or asked for a pause. */
  readonly postponed: number;
  /** Subscriptions that deliveries were suspended for. */
  readonly suspended: number;
  readonly challenges: { readonly passed: number; readonly failed: number };
  /** From the event until it was acknowledged. `counts[i]` lags were at most `bounds[i]`; the last has no bound. */
  readonly lagMs: {
    readonly bounds: readonly number[];
    readonly counts: readonly number[];
    readonly sum: number;
    readonly max: number;
  };
}

/** Counts deliveries for whoever shows figures to operators. */
@Injectable()
export class DeliveryMetrics {
  readonly #counts = { delivered: 0, refused: 0, abandoned: 0, lost: 0, postponed: 0, suspended: 0 };
  readonly #challenges = { passed: 0, failed: 0 };
  readonly #failures: Partial<Record<FailureCategory, number>> = {};
  readonly #lags = new Array<number>(LAG_BOUNDS_MS.length + 1).fill(0);
  #lagSum = 0;
  #lagMax = 0;

  count(what: 'abandoned' | 'lost' | 'postponed' | 'refused' | 'suspended'): void {
    this.#counts[what]++;
  }

  challenged(passed: boolean): void {
    this.#challenges[passed ? 'passed' : 'failed']++;
  }

  failed(category: FailureCategory): void {
    this.#failures[category] = (this.#failures[category] ?? 0) + 1;
  }

  delivered(lagMs: number): void {
    this.#counts.delivered++;
    const bucket = LAG_BOUNDS_MS.findIndex((bound) => lagMs <= bound);
    this.#lags[bucket < 0 ? LAG_BOUNDS_MS.length : bucket]!++;
    this.#lagSum += lagMs;
    this.#lagMax = Math.max(this.#lagMax, lagMs);
  }

  get figures(): DeliveryFigures {
    return {
      ...this.#counts,
      failures: { ...this.#failures },
      challenges: { ...this.#challenges },
      lagMs: { bounds: LAG_BOUNDS_MS, counts: [...this.#lags], sum: this.#lagSum, max: this.#lagMax },
    };
  }
}
