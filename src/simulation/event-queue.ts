/** What is to happen when, in virtual time: a binary heap. Of two things at the same time, the first put in comes first. */
export class EventQueue<T> {
  readonly #heap: { readonly at: number; readonly order: number; readonly event: T }[] = [];
  #pushed = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the next event is; Infinity when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  push(at: number, event: T): void {
    const heap = this.#heap;
    const item = { at, order: this.#pushed++, event };
    let index = heap.length;
    for (;;) {
      const parent = (index - 1) >> 1;
      if (index === 0 || !before(item, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = item;
  }

  pop(): { readonly at: number; readonly event: T } | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

interface Ranked {
  readonly at: number;
  readonly order: number;
}

const before = (a: Ranked, b: Ranked) => a.at < b.at || (a.at === b.at && a.order < b.order);
