/** Keys that become due at a time, grouped by the tick: scheduling is constant time and needs no timer per key. */
export class DueQueue {
  readonly #tickOf = new Map<string, number>();
  readonly #buckets = new Map<number, Set<string>>();
  /** Nothing is due before this tick. */
  #earliest = 0;

  /** @param tickMs how exactly, in milliseconds; a key is never due early */
  constructor(private readonly tickMs = 1_000) {}

  get size(): number {
    return this.#tickOf.size;
  }

  /** Makes `key` due at `at` (milliseconds since the epoch), and at no other time. */
  schedule(key: string, at: number): void {
    const tick = Math.ceil(at / this.tickMs);
    if (this.#tickOf.get(key) === tick) return;
    this.cancel(key);
    this.#tickOf.set(key, tick);
    this.#earliest = Math.min(this.#earliest, tick);
    let bucket = this.#buckets.get(tick);
    if (!bucket) this.#buckets.set(tick, (bucket = new Set()));
    bucket.add(key);
  }

  cancel(key: string): void {
    const tick = this.#tickOf.get(key);
    if (tick === undefined) return;
    this.#tickOf.delete(key);
    const bucket = this.#buckets.get(tick)!;
    bucket.delete(key);
    if (bucket.size === 0) this.#buckets.delete(tick);
  }

  /** Removes and returns the keys due at `now`, earliest tick first, `limit` at most. */
  take(now: number, limit = Infinity): string[] {
    const keys: string[] = [];
    for (const tick of this.#ticksDue(Math.floor(now / this.tickMs))) {
      const bucket = this.#buckets.get(tick)!;
      for (const key of bucket) {
        if (keys.length === limit) {
          this.#earliest = tick;
          return keys;
        }
        keys.push(key);
        bucket.delete(key);
        this.#tickOf.delete(key);
      }
      this.#buckets.delete(tick);
    }
    return keys;
  }

  /** The ticks up to `last` in which something is due: by counting on, or by looking at all, whichever is less. */
  #ticksDue(last: number): number[] {
    const first = this.#earliest;
    this.#earliest = Math.max(first, last + 1);
    if (last - first > this.#buckets.size) {
      return [...this.#buckets.keys()].filter((tick) => tick <= last).sort((a, b) => a - b);
    }
    const due: number[] = [];
    for (let tick = first; tick <= last; tick++) if (this.#buckets.has(tick)) due.push(tick);
    return due;
  }
}
