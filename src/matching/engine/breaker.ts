/** How many failed runs in a row suspend a strategy, and for how long, in milliseconds, before one run is tried. */
const MAX_FAILURES = 3;
const SUSPENSION_MS = 60_000;

/** Suspends a strategy that keeps failing. Times are milliseconds since the epoch. */
export class Breaker {
  #failures = 0;
  #retryAt: number | undefined;

  get suspended(): boolean {
    return this.#retryAt !== undefined;
  }

  /** When the next run is tried; undefined unless suspended. */
  get retryAt(): number | undefined {
    return this.#retryAt;
  }

  /** Whether a run may begin: always, or one a minute while suspended. The outcome must be told. */
  admits(now: number): boolean {
    if (this.#retryAt === undefined) return true;
    if (now < this.#retryAt) return false;
    this.#retryAt = now + SUSPENSION_MS;
    return true;
  }

  /** @param trial whether the run began while suspended; others that end late change nothing then */
  succeeded(trial: boolean): void {
    if (this.suspended && !trial) return;
    this.#failures = 0;
    this.#retryAt = undefined;
  }

  /** Whether this failure suspends the strategy, or keeps it suspended. */
  failed(now: number, trial: boolean): boolean {
    if (this.suspended && !trial) return false;
    if (++this.#failures < MAX_FAILURES) return false;
    this.#retryAt = now + SUSPENSION_MS;
    return true;
  }
}
