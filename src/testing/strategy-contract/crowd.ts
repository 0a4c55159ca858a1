import type { Ticket } from '../../domain/ticket.js';
import { ticketOf } from '../builders.js';

/** What is special about a ticket; `random` gives numbers in [0, 1), the same in each run. */
export type TicketMaker = (random: () => number, index: number) => Partial<Ticket>;

export interface CrowdOptions {
  /** What each ticket has of its own; plain tickets for a group of two by default. */
  readonly ticket?: TicketMaker;
  readonly random?: () => number;
  /** When the last one came, in milliseconds since the epoch; noon of the first day of 2026 by default. */
  readonly until?: number;
  /** Milliseconds from one arrival to the next; a second by default. */
  readonly everyMs?: number;
  /** What the ids start with: `p` makes participants `p0`, `p1`, … with tickets `t-p0`, `t-p1`, … */
  readonly prefix?: string;
}

/** Tickets of so many different people, one after the other, the longest waiting first. */
export function crowdOf(count: number, options: CrowdOptions = {}): Ticket[] {
  const { ticket, random = () => 0.5, until = Date.UTC(2026, 0, 1, 12), everyMs = 1_000, prefix = 'p' } = options;
  return Array.from({ length: count }, (_, index) => {
    const id = `${prefix}${index}`;
    const enqueuedAt = until - (count - 1 - index) * everyMs;
    return ticketOf(id, { id: `t-${id}`, enqueuedAt, ...ticket?.(random, index) });
  });
}
