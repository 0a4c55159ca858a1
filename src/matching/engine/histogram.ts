/** Upper bounds of the buckets in microseconds; one more bucket holds whatever took longer. */
const BOUNDS = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000];

/** A count of durations by size, at one moment. */
export interface HistogramSnapshot {
  /** Upper bounds in microseconds, ascending. */
  readonly bounds: readonly number[];
  /** How many durations each bucket holds; one more than there are bounds. */
  readonly counts: readonly number[];
  readonly count: number;
  /** Microseconds. */
  readonly sum: number;
}

export class Histogram {
  readonly #counts = new Array<number>(BOUNDS.length + 1).fill(0);
  #count = 0;
  #sum = 0;

  record(micros: number): void {
    let bucket = 0;
    while (bucket < BOUNDS.length && micros > BOUNDS[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#count++;
    this.#sum += micros;
  }

  snapshot(): HistogramSnapshot {
    return { bounds: BOUNDS, counts: [...this.#counts], count: this.#count, sum: this.#sum };
  }
}
