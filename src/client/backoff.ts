export interface BackoffOptions {
  /** The longest first delay, in milliseconds. Default: 300. */
  readonly firstMs?: number;
  /** The longest delay of all, in milliseconds. Default: 10000. */
  readonly maxMs?: number;
  /** At least 0, less than 1; `Math.random` by default. */
  readonly random?: () => number;
}

/** Delays between tries: twice as long each time at most, anything below that at random, so that clients do not come all at once. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #tries = 0;

  constructor({ firstMs = 300, maxMs = 10_000, random = Math.random }: BackoffOptions = {}) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** How long to wait before the next try, in milliseconds. */
  next(): number {
    const longest = Math.min(this.#maxMs, this.#firstMs * 2 ** this.#tries++);
    return Math.floor(this.#random() * longest);
  }

  /** After a success: the next failure is tried again at once. */
  reset(): void {
    this.#tries = 0;
  }
}
