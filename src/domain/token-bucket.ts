/** A rate limit: `burst` at once, refilled evenly over `perMs` milliseconds. `burst` 0 lifts it. */
export interface Rate {
  readonly burst: number;
  readonly perMs: number;
}

/** Classic token bucket on injected time, in whole numbers: a token is worth `perMs`, a millisecond refills `burst`. */
export class TokenBucket {
  #level: number;
  #at: number;

  constructor(
    private readonly rate: Rate,
    now: number,
  ) {
    this.#level = rate.burst * rate.perMs;
    this.#at = now;
  }

  /** Takes one token; returns 0 when there was one, else the milliseconds until there is. */
  take(now: number): number {
    const wait = this.wait(now);
    if (wait === 0) this.#level -= this.rate.perMs;
    return wait;
  }

  /** As `take`, but leaves the token there. */
  wait(now: number): number {
    const { burst, perMs } = this.rate;
    if (burst === 0) return 0;
    this.#level = Math.min(burst * perMs, this.#level + Math.max(0, now - this.#at) * burst);
    this.#at = Math.max(this.#at, now);
    return this.#level < perMs ? Math.ceil((perMs - this.#level) / burst) : 0;
  }
}
