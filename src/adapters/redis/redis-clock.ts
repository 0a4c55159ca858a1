import type { Clock } from '../../ports/clock.js';

/** How often the clocks are compared, and how often at the start, of which the best counts, in milliseconds and times. */
const COMPARE_MS = 5_000;
const FIRST_COMPARISONS = 3;
/** What a comparison loses in certainty, in milliseconds per millisecond: more than any clock drifts. */
const DRIFT = 0.001;
/** By how much time may be corrected without turning back, in milliseconds: it stands still meanwhile. */
const STANDS_STILL_MS = 1_000;

/**
 * The time of the state's server, so that instances agree on it whatever their own clocks say. It is this process's
 * steady clock, set by the server's every few seconds; the sooner an answer came, the more it is believed.
 */
export class RedisClock implements Clock {
  #offset = 0;
  /** How far off the offset may be, and since when, in milliseconds of the steady clock. */
  #uncertainty = Infinity;
  #comparedAt = 0;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param serverTime asks the server, in milliseconds since the epoch
   * @param steady a clock that is never set, in milliseconds since whenever
   */
  constructor(
    private readonly serverTime: () => Promise<number>,
    private readonly steady: () => number = () => performance.now(),
  ) {}

  now(): number {
    const time = Math.round(this.steady() + this.#offset);
    const isBefore = time < this.#last && this.#last - time < STANDS_STILL_MS;
    return isBefore ? this.#last : (this.#last = time);
  }

  async start(): Promise<void> {
    for (let i = 0; i < FIRST_COMPARISONS; i++) await this.compare();
    const again = () => {
      // Without an answer time goes on as it did.
      this.compare().catch(() => undefined);
    };
    this.#timer = setInterval(again, COMPARE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Asks the server, and sets this clock by the answer if it makes it more certain. */
  async compare(): Promise<void> {
    const asked = this.steady();
    const time = await this.serverTime();
    const answered = this.steady();
    const uncertainty = (answered - asked) / 2;
    if (uncertainty > this.#uncertainty + (answered - this.#comparedAt) * DRIFT) return;
    this.#offset = time - (asked + answered) / 2;
    this.#uncertainty = uncertainty;
    this.#comparedAt = answered;
  }
}
