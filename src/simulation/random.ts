import type { Ids } from '../ports/ids.js';

/** Numbers that look random and are the same for the same seed (SplitMix32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** One of the keys, as often as its weight says. */
  pick<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries(weights) as [T, number][];
    let rest = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) if ((rest -= weight) < 0) return key;
    return entries.at(-1)![0];
  }

  /** Several different keys, at most all of them. */
  pickSome<T extends string>(weights: Readonly<Record<T, number>>, count: number): T[] {
    const left = { ...weights };
    const picked: T[] = [];
    while (picked.length < count && Object.keys(left).length > 0) {
      const key = this.pick(left);
      delete (left as Partial<Record<T, number>>)[key];
      picked.push(key);
    }
    return picked;
  }

  /** A whole number spread as people's durations are: half of them above the median, a few far above. */
  duration(median: number, spread: number, min: number, max: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return Math.round(Math.min(max, Math.max(min, median * Math.exp(spread * normal))));
  }
}

/** Ids of a simulation: the same calls give the same ones. */
export class SimulatedIds implements Ids {
  readonly #random: Random;
  #last = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  uuid(): string {
    return `00000000-0000-4000-8000-${String(++this.#last).padStart(12, '0')}`;
  }

  secret(bytes: number): string {
    return String(++this.#last).padStart(Math.ceil((bytes * 4) / 3), '0');
  }

  random(): number {
    return this.#random.next();
  }
}
