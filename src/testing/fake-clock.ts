import type { Clock } from '../ports/clock.js';

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;

  /** @param start milliseconds since the epoch */
  constructor(start = Date.UTC(2026, 0, 1, 12)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Moves time on by `ms` milliseconds and returns the new time. */
  advance(ms: number): number {
    return (this.#now += ms);
  }
}
