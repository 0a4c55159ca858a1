import type { Ticket } from '../../domain/ticket.js';
import type { MatchContext } from '../matching-strategy.js';
import { unlessLate } from './fill-group.js';

/** Of those who wait longest, so many are looked at in each run; of the others, half as many. */
const LONGEST_WAITING = 10_000;
const OTHERS = LONGEST_WAITING / 2;
/** How many candidates an explanation looks at. */
const EXPLAINED = 1_000;
const MINUTE_MS = 60_000;

/** A candidate and how good it is. */
export interface Ranked {
  readonly ticket: Ticket;
  /** Higher is better. */
  readonly score: number;
}

/**
 * Whom a strategy that compares looks at, besides the subject: those who wait longest and, when there are too many, every
 * n-th of the others from a random start, so that nobody stays out of sight. Ends when the time of the run is up.
 */
export function* candidates(context: MatchContext): Generator<Ticket> {
  const { subject } = context;
  const stride = Math.ceil((context.size - LONGEST_WAITING) / OTHERS);
  const start = stride > 1 ? Math.floor(context.random() * stride) : 0;
  let place = -LONGEST_WAITING;
  for (const ticket of unlessLate(context.waiting(), context)) {
    const isInSight = place < 0 || stride <= 1 || place % stride === start;
    place++;
    if (isInSight && ticket.id !== subject.id) yield ticket;
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

interface Place extends Ranked {
  readonly order: number;
}

/**
 * Tickets from the best to the worst; of equals, the one that was given first. Each is put in its place only when it is
 * asked for, so that the best of many cost little. Can be gone through again and again.
 */
export class BestFirst implements Iterable<Ticket> {
  readonly #heap: Place[];
  readonly #taken: Ticket[] = [];

  constructor(ranked: readonly Ranked[]) {
    this.#heap = ranked.map(({ ticket, score }, order) => ({ ticket, score, order }));
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  *[Symbol.iterator](): Generator<Ticket> {
    for (let i = 0; i < this.#taken.length || this.#takeNext(); i++) yield this.#taken[i]!;
  }

  #takeNext(): boolean {
    const best = this.#heap[0];
    if (!best) return false;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    this.#taken.push(best.ticket);
    return true;
  }

  #sink(start: number): void {
    const heap = this.#heap;
    for (let i = start; ;) {
      const left = 2 * i + 1;
      const right = left + 1;
      let best = i;
      if (left < heap.length && precedes(heap[left]!, heap[best]!)) best = left;
      if (right < heap.length && precedes(heap[right]!, heap[best]!)) best = right;
      if (best === i) return;
      const sinking = heap[i]!;
      heap[i] = heap[best]!;
      heap[best] = sinking;
      i = best;
    }
  }
}

const precedes = (a: Place, b: Place) => a.score > b.score || (a.score === b.score && a.order < b.order);
