import type { Ids } from '../ports/ids.js';

/** Ids that can be foretold: each is new, and the same calls give the same ids. Never use them to serve anybody. */
export class SequentialIds implements Ids {
  #last = 0;
  #seed: number;

  /** @param seed start of the sequence that `random` gives */
  constructor(seed = 1) {
    this.#seed = seed >>> 0;
  }

  uuid(): string {
    return `00000000-0000-4000-8000-${String(++this.#last).padStart(12, '0')}`;
  }

  secret(bytes: number): string {
    return String(++this.#last).padStart(Math.ceil((bytes * 4) / 3), '0');
  }

  /** A linear congruential generator: even enough for tests, and repeatable. */
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }
}
