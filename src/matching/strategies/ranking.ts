import type { Ticket } from '../../domain/ticket.js';
import type { MatchContext } from '../matching-strategy.js';
import { CLOCK_EVERY } from './fill-group.js';

/** How many of those who wait longest are looked at in each run, and how many of the others at most. */
const LONGEST_WAITING = 4_000;
const OTHERS = 1_000;
/** How many candidates an explanation looks at. */
const EXPLAINED = 1_000;
const MINUTE_MS = 60_000;
/** After how many of the best those who are of no use are dropped from the rest. */
const SIFTED_AFTER = 64;

/**
 * Whom a strategy that compares looks at, besides the subject: those who wait longest and, when there are too many, every
 * n-th of the others from a random start, so that nobody stays out of sight. Ends when the time of the run is up.
 */
export function* candidates(context: MatchContext): Generator<Ticket> {
  const { subject, signal } = context;
  const stride = Math.max(1, Math.ceil((context.size - LONGEST_WAITING) / OTHERS));
  const start = stride === 1 ? 0 : Math.floor(context.random() * stride);
  let place = -LONGEST_WAITING;
  for (const ticket of context.waiting()) {
    if (place % CLOCK_EVERY === 0 && signal.aborted) return;
    if ((place < 0 || place % stride === start) && ticket.id !== subject.id) yield ticket;
    place++;
  }
}

/** The first candidates whom the engine would let the subject meet: enough to say why it waits. */
export function* explained(context: MatchContext): Generator<Ticket> {
  const { subject } = context;
  let looked = 0;
  for (const ticket of context.waiting()) {
    if (++looked > EXPLAINED || context.signal.aborted) return;
    if (ticket.id !== subject.id && context.compatible([ticket, subject])) yield ticket;
  }
}

/** Points for the time a ticket has waited. */
export function agePoints({ enqueuedAt }: Ticket, now: number, pointsPerMinute: number): number {
  return (Math.max(0, now - enqueuedAt) / MINUTE_MS) * pointsPerMinute;
}

/** Points for the time that whoever waited longest in a group has. */
export function groupAgePoints(group: readonly Ticket[], now: number, pointsPerMinute: number): number {
  return Math.max(...group.map((ticket) => agePoints(ticket, now, pointsPerMinute)));
}

/**
 * Tickets from the best to the worst; of equals, the one that was added first. Each is put in its place only when it is
 * asked for, so that the best of many cost little. Can be gone through again and again once all are added.
 */
export class BestFirst implements Iterable<Ticket> {
  readonly #tickets: Ticket[] = [];
  readonly #scores: number[] = [];
  /** Indices, the best on top; made when the first is asked for. */
  #heap: Int32Array | undefined;
  /** How many of the heap are left. */
  #left = 0;
  readonly #taken: Ticket[] = [];

  /** Tickets that the engine would not let the subject meet are of no use to it. */
  static forSubject({ compatible, subject }: MatchContext): BestFirst {
    return new BestFirst((ticket) => compatible([ticket, subject]));
  }

  /** @param isOfUse those of no use are dropped, once the first so many have been gone through */
  constructor(private readonly isOfUse?: (ticket: Ticket) => boolean) {}

  /** @param score higher is better */
  add(ticket: Ticket, score: number): void {
    this.#tickets.push(ticket);
    this.#scores.push(score);
  }

  *[Symbol.iterator](): Generator<Ticket> {
    for (let i = 0; i < this.#taken.length || this.#takeNext(); i++) yield this.#taken[i]!;
  }

  #takeNext(): boolean {
    const heap = (this.#heap ??= this.#arranged());
    if (this.#taken.length === SIFTED_AFTER) this.#sift(heap);
    if (this.#left === 0) return false;
    this.#taken.push(this.#tickets[heap[0]!]!);
    heap[0] = heap[--this.#left]!;
    this.#sink(heap, 0);
    return true;
  }

  #arranged(): Int32Array {
    this.#left = this.#tickets.length;
    const heap = new Int32Array(this.#left).map((_, i) => i);
    this.#heapify(heap);
    return heap;
  }

  #heapify(heap: Int32Array): void {
    for (let i = (this.#left >> 1) - 1; i >= 0; i--) this.#sink(heap, i);
  }

  /** Going from the best to the worst is dear when nearly nobody will do. */
  #sift(heap: Int32Array): void {
    const kept = heap.subarray(0, this.#left).filter((i) => this.isOfUse?.(this.#tickets[i]!) ?? true);
    heap.set(kept);
    this.#left = kept.length;
    this.#heapify(heap);
  }

  #sink(heap: Int32Array, start: number): void {
    const sinking = heap[start]!;
    let hole = start;
    for (;;) {
      let child = 2 * hole + 1;
      if (child + 1 < this.#left && this.#precedes(heap[child + 1]!, heap[child]!)) child++;
      if (child >= this.#left || !this.#precedes(heap[child]!, sinking)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = sinking;
  }

  #precedes(a: number, b: number): boolean {
    const difference = this.#scores[a]! - this.#scores[b]!;
    return difference > 0 || (difference === 0 && a < b);
  }
}
