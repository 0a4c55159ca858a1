/** Keys that become due at a time, grouped by the second: scheduling is constant time and needs no timer per key. */
export class DueQueue {
  readonly #secondOf = new Map<string, number>();
  readonly #buckets = new Map<number, Set<string>>();
  /** Nothing is due before this second. */
  #earliest = 0;

  get size(): number {
    return this.#secondOf.size;
  }

  /** Makes `key` due at `at` (milliseconds since the epoch), and at no other time. */
  schedule(key: string, at: number): void {
    const second = Math.ceil(at / 1000);
    if (this.#secondOf.get(key) === second) return;
    this.cancel(key);
    this.#secondOf.set(key, second);
    this.#earliest = Math.min(this.#earliest, second);
    let bucket = this.#buckets.get(second);
    if (!bucket) this.#buckets.set(second, (bucket = new Set()));
    bucket.add(key);
  }

  cancel(key: string): void {
    const second = this.#secondOf.get(key);
    if (second === undefined) return;
    this.#secondOf.delete(key);
    const bucket = this.#buckets.get(second)!;
    bucket.delete(key);
    if (bucket.size === 0) this.#buckets.delete(second);
  }

  /** Removes and returns the keys due at `now`, earliest second first, `limit` at most. */
  take(now: number, limit = Infinity): string[] {
    const keys: string[] = [];
    for (const second of this.#secondsDue(Math.floor(now / 1000))) {
      const bucket = this.#buckets.get(second)!;
      for (const key of bucket) {
        if (keys.length === limit) {
          this.#earliest = second;
          return keys;
        }
        keys.push(key);
        bucket.delete(key);
        this.#secondOf.delete(key);
      }
      this.#buckets.delete(second);
    }
    return keys;
  }

  /** The seconds up to `last` in which something is due: by counting on, or by looking at all, whichever is less. */
  #secondsDue(last: number): number[] {
    const first = this.#earliest;
    this.#earliest = Math.max(first, last + 1);
    if (last - first > this.#buckets.size) {
      return [...this.#buckets.keys()].filter((second) => second <= last).sort((a, b) => a - b);
    }
    const due: number[] = [];
    for (let second = first; second <= last; second++) if (this.#buckets.has(second)) due.push(second);
    return due;
  }
}
