/** Upper bounds of the buckets, in seconds; one more bucket holds whatever took longer. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/** A count of durations by size, at one moment. */
export interface DurationCounts {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
  /** How many durations each bucket holds; one more than there are bounds. */
  readonly counts: readonly number[];
  /** Seconds. */
  readonly sum: number;
}

/** Counts durations by size, in constant space and a fraction of a microsecond each. */
export class Durations implements DurationCounts {
  readonly bounds: readonly number[] = BOUNDS;
  readonly counts: number[] = new Array<number>(BOUNDS.length + 1).fill(0);
  sum = 0;

  record(seconds: number): void {
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += seconds;
  }
}
