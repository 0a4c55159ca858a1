import { Ring } from '../../domain/ring.js';
import type { Ticket } from '../../domain/ticket.js';
import type { TicketStatus } from '../../ports/state-store.js';

/** How many recent matches a queue remembers for its wait estimate. */
const RECENT_MATCHES = 20;

export interface WaitingTicket {
  readonly ticket: Ticket;
  readonly queue: WaitingQueue;
  previous: WaitingTicket | undefined;
  next: WaitingTicket | undefined;
}

/** The tickets of one pool and group size in order of seniority: a linked list, so both ends and removal are O(1). */
export class WaitingQueue {
  readonly matches = new Ring<number>(RECENT_MATCHES);
  #first: WaitingTicket | undefined;
  #last: WaitingTicket | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(ticket: Ticket): WaitingTicket {
    const node: WaitingTicket = { ticket, queue: this, previous: this.#last, next: undefined };
    if (this.#last) this.#last.next = node;
    else this.#first = node;
    this.#last = node;
    this.#size++;
    return node;
  }

  remove(node: WaitingTicket): void {
    if (node.previous) node.previous.next = node.next;
    else this.#first = node.next;
    if (node.next) node.next.previous = node.previous;
    else this.#last = node.previous;
    this.#size--;
  }

  *tickets(): Iterable<Ticket> {
    for (let node = this.#first; node; node = node.next) yield node.ticket;
  }

  /** Linear in the position; asked for by `get_status` and by arrivals, which are last. */
  status(node: WaitingTicket): TicketStatus {
    let position = this.#size;
    if (node !== this.#last) {
      position = 1;
      for (let before = node.previous; before; before = before.previous) position++;
    }
    return { ticket: node.ticket, position, queueLength: this.#size, matchedAt: this.#matchedAt() };
  }

  front(limit: number): TicketStatus[] {
    const matchedAt = this.#matchedAt();
    const statuses: TicketStatus[] = [];
    for (let node = this.#first; node && statuses.length < limit; node = node.next) {
      statuses.push({ ticket: node.ticket, position: statuses.length + 1, queueLength: this.#size, matchedAt });
    }
    return statuses;
  }

  #matchedAt(): number[] {
    return this.matches.slice(this.matches.first, this.matches.last);
  }
}
