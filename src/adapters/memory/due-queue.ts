/** Keys that become due at a time, grouped by the second: scheduling is constant time and needs no timer per key. */
export class DueQueue {
  readonly #secondOf = new Map<string, number>();
  readonly #buckets = new Map<number, Set<string>>();

  get size(): number {
    return this.#secondOf.size;
  }

  /** Makes `key` due at `at` (milliseconds since the epoch), and at no other time. */
  schedule(key: string, at: number): void {
    const second = Math.ceil(at / 1000);
    if (this.#secondOf.get(key) === second) return;
    this.cancel(key);
    this.#secondOf.set(key, second);
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

  /** Removes and returns the keys due at `now`, earliest second first. */
  take(now: number): string[] {
    const due = [...this.#buckets.keys()].filter((second) => second * 1000 <= now).sort((a, b) => a - b);
    const keys = due.flatMap((second) => [...this.#buckets.get(second)!]);
    for (const second of due) this.#buckets.delete(second);
    for (const key of keys) this.#secondOf.delete(key);
    return keys;
  }
}
