interface Bucket {
  /** Seconds. */
  readonly lower: number;
  readonly upper: number;
  count: number;
}

/** Names of the buckets of a histogram, as `Buckets` reads them: `lower:upper`. What is above the last bound counts as at it. */
export const bucketNames = (bounds: readonly number[], perSecond = 1): readonly string[] =>
  [...bounds, bounds.at(-1)!].map((upper, i) => `${(bounds[i - 1] ?? 0) / perSecond}:${upper / perSecond}`);

/** How many durations there were of which size. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();

  add(name: string, count: number): void {
    const bucket = this.#buckets.get(name);
    if (bucket) {
      bucket.count += count;
      return;
    }
    const [lower = NaN, upper = NaN] = name.split(':').map(Number);
    this.#buckets.set(name, { lower, upper, count });
  }

  /** As good as the buckets are fine: within one, all sizes are taken to be as frequent. Null when there is none. */
  percentile(share: number): number | null {
    const buckets = [...this.#buckets.values()].sort((a, b) => a.upper - b.upper || a.lower - b.lower);
    const total = buckets.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return null;
    let left = share * total;
    for (const { lower, upper, count } of buckets) {
      if (left <= count) return lower + ((upper - lower) * left) / count;
      left -= count;
    }
    return buckets.at(-1)!.upper;
  }
}
