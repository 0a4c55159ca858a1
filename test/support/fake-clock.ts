import type { Clock } from '../../src/ports/clock.js';

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = Date.UTC(2026, 0, 1, 12);

  now(): number {
    return this.#now;
  }

  /** Moves time on by `seconds`. */
  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}
