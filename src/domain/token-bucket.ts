/** A rate limit: `burst` at once, refilled evenly over `perMs` milliseconds. `burst` 0 lifts it. */
export interface Rate {
  readonly burst: number;
  readonly perMs: number;
}

/** Classic token bucket on injected time. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(
    private readonly rate: Rate,
    now: number,
  ) {
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes one token; returns 0 when there was one, else the milliseconds until there is. */
  take(now: number): number {
    const { burst, perMs } = this.rate;
    if (burst === 0) return 0;
    const perToken = perMs / burst;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, now - this.#at) / perToken);
    this.#at = Math.max(this.#at, now);
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * perToken);
    this.#tokens--;
    return 0;
  }
}
