import { freezeTicket } from '../../domain/frozen.js';
import { Ring } from '../../domain/ring.js';
import type { Ticket } from '../../domain/ticket.js';

/** How many recent matches a queue remembers for its wait estimate. */
const RECENT_MATCHES = 20;

/** A ticket, those behind it, and where it is: in a queue, with an offer, or aside until its party is complete. */
export class TicketRecord<M> {
  /** Set while it waits. */
  queue: WaitingQueue<M> | undefined;
  previous: TicketRecord<M> | undefined;
  next: TicketRecord<M> | undefined;
  /** Place among tickets of the same moment; 0: behind all that are there when it starts to wait. */
  order = 0;
  /** Set while it is offered a match. */
  offerId: string | undefined;
  /** Set while its party gathers. */
  party: { readonly key: string; readonly size: number } | undefined;
  /** Whether it is to be looked at now, whatever its strategy said before. */
  released = false;
  /** Whether its lifetime ended while it was offered a match. */
  overdue = false;
  #ticket: Ticket;

  constructor(
    ticket: Ticket,
    readonly members: M[],
  ) {
    this.#ticket = freezeTicket(ticket);
  }

  get ticket(): Ticket {
    return this.#ticket;
  }

  set ticket(ticket: Ticket) {
    this.#ticket = freezeTicket(ticket);
  }
}

/** Less than 0 when the first is the senior of the two. */
export function bySeniority(a: TicketRecord<unknown>, b: TicketRecord<unknown>): number {
  return a.ticket.enqueuedAt - b.ticket.enqueuedAt || a.order - b.order;
}

/**
 * The tickets of one pool and one range of group sizes in order of seniority: a linked list, so that both ends and
 * removal are O(1). A ticket that comes back to its place is let in from the end that is nearer in time.
 */
export class WaitingQueue<M> {
  readonly matches = new Ring<number>(RECENT_MATCHES);
  #first: TicketRecord<M> | undefined;
  #last: TicketRecord<M> | undefined;
  #size = 0;
  #ofRooms = 0;

  get size(): number {
    return this.#size;
  }

  /** How many of the tickets are not of open rooms. */
  get ofPeople(): number {
    return this.#size - this.#ofRooms;
  }

  get first(): TicketRecord<M> | undefined {
    return this.#first;
  }

  add(record: TicketRecord<M>): void {
    const previous = this.#senior(record);
    const next = previous ? previous.next : this.#first;
    record.queue = this;
    record.previous = previous;
    record.next = next;
    if (previous) previous.next = record;
    else this.#first = record;
    if (next) next.previous = record;
    else this.#last = record;
    this.#size++;
    if (record.ticket.roomId !== null) this.#ofRooms++;
  }

  /** The record keeps its way to the next, for those who are going through the queue. */
  remove(record: TicketRecord<M>): void {
    if (record.previous) record.previous.next = record.next;
    else this.#first = record.next;
    if (record.next) record.next.previous = record.previous;
    else this.#last = record.previous;
    record.queue = undefined;
    this.#size--;
    if (record.ticket.roomId !== null) this.#ofRooms--;
  }

  *tickets(): Iterable<Ticket> {
    for (let record = this.#first; record; record = this.after(record)) yield record.ticket;
  }

  /** The next that waits in this queue. */
  after(record: TicketRecord<M>): TicketRecord<M> | undefined {
    let next = record.next;
    while (next && next.queue !== this) next = next.next;
    return next;
  }

  /** Counts from 1. Linear in the position; asked for by `get_status` and by arrivals, which are last. */
  position(record: TicketRecord<M>): number {
    if (record === this.#last) return this.#size;
    let position = 1;
    for (let before = record.previous; before; before = before.previous) position++;
    return position;
  }

  /** Times of recent matches, oldest first, in milliseconds since the epoch. */
  matchedAt(): readonly number[] {
    return this.matches.slice(this.matches.first, this.matches.last);
  }

  /** The record behind which another belongs; undefined: at the front. */
  #senior(record: TicketRecord<M>): TicketRecord<M> | undefined {
    const [first, last] = [this.#first, this.#last];
    if (!first || !last || bySeniority(last, record) <= 0) return last;
    const { enqueuedAt } = record.ticket;
    if (last.ticket.enqueuedAt - enqueuedAt < enqueuedAt - first.ticket.enqueuedAt) {
      let senior: TicketRecord<M> | undefined = last;
      while (senior && bySeniority(senior, record) > 0) senior = senior.previous;
      return senior;
    }
    let junior: TicketRecord<M> | undefined = first;
    while (junior && bySeniority(junior, record) <= 0) junior = junior.next;
    return junior!.previous;
  }
}
