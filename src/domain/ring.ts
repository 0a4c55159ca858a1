/**
 * An append-only sequence that keeps its newest `capacity` items; appending is constant time.
 *
 * Items are numbered from 1 in order of appending and keep their number when older ones are dropped.
 */
export class Ring<T> {
  #items: T[] = [];
  /** Index in `#items` of the oldest kept item; dropped slots before it are reclaimed in bulk. */
  #start = 0;
  #dropped = 0;

  /** @param capacity most items to keep; 0 lifts the limit */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#items.length - this.#start;
  }

  /** Number of the newest item, 0 when nothing was ever appended. */
  get last(): number {
    return this.#dropped + this.size;
  }

  /** Number of the oldest kept item; `last + 1` when none is kept. */
  get first(): number {
    return this.#dropped + 1;
  }

  /** Appends and returns the item's number. */
  push(item: T): number {
    this.#items.push(item);
    if (this.capacity > 0 && this.size > this.capacity) this.dropFirst();
    return this.last;
  }

  get(number: number): T | undefined {
    return number >= this.first ? this.#items[this.#start + number - this.first] : undefined;
  }

  dropFirst(): void {
    if (this.size === 0) return;
    this.#items[this.#start++] = undefined as T;
    this.#dropped++;
    if (this.#start >= 32 && this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Items numbered `from` to `to`, both included, as far as they are kept. */
  slice(from: number, to: number): T[] {
    const begin = Math.max(from, this.first);
    const end = Math.min(to, this.last);
    const shift = this.#start - this.first;
    return begin > end ? [] : this.#items.slice(begin + shift, end + shift + 1);
  }
}
