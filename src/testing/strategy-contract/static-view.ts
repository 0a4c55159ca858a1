import type { GroupSize, Ticket } from '../../domain/ticket.js';
import type { Relations, WaitingView } from '../../ports/state-store.js';

/** What has happened between participants. */
export interface Acquaintances {
  /** The first has blocked the second. */
  readonly blocks?: readonly (readonly [string, string])[];
  /** Two who were in a matched room together, and when, in milliseconds since the epoch. */
  readonly met?: readonly (readonly [string, string, number])[];
}

interface Known extends Relations {
  readonly blocked: Set<string>;
  readonly met: Map<string, number>;
}

const STRANGER: Relations = { blocked: new Set(), met: new Map() };

/** Waiting tickets as plain data, to ask a strategy without a service: what a store would show it. */
export class StaticView implements WaitingView {
  readonly #tickets = new Map<string, Ticket>();
  readonly #known = new Map<string, Known>();

  /** @param tickets in any order; the view is in order of seniority */
  constructor(tickets: readonly Ticket[] = [], { blocks = [], met = [] }: Acquaintances = {}) {
    for (const ticket of [...tickets].sort((a, b) => a.enqueuedAt - b.enqueuedAt)) this.add(ticket);
    for (const [who, whom] of blocks) this.block(who, whom);
    for (const [who, whom, at] of met) this.meet(who, whom, at);
  }

  get size(): number {
    return this.#tickets.size;
  }

  tickets(): Iterable<Ticket> {
    return this.#tickets.values();
  }

  get(ticketId: string): Ticket | undefined {
    return this.#tickets.get(ticketId);
  }

  relations(participantId: string): Relations {
    return this.#known.get(participantId) ?? STRANGER;
  }

  /** Adds the youngest ticket. */
  add(ticket: Ticket): void {
    this.#tickets.set(ticket.id, ticket);
  }

  remove(ticketId: string): void {
    this.#tickets.delete(ticketId);
  }

  block(who: string, whom: string): void {
    this.#of(who).blocked.add(whom);
  }

  /** @param at milliseconds since the epoch */
  meet(who: string, whom: string, at: number): void {
    this.#of(who).met.set(whom, at);
    this.#of(whom).met.set(who, at);
  }

  /** What a store shows of it for a subject: the tickets whose group sizes overlap the subject's. */
  for(subject: Ticket): WaitingView {
    const others = [...this.#tickets.values()].filter(({ group }) => overlap(group, subject.group));
    if (others.length === this.size) return this;
    const ids = new Set(others.map(({ id }) => id));
    return {
      size: others.length,
      tickets: () => others,
      get: (id) => (ids.has(id) ? this.get(id) : undefined),
      relations: (id) => this.relations(id),
    };
  }

  #of(participantId: string): Known {
    let known = this.#known.get(participantId);
    if (!known) this.#known.set(participantId, (known = { blocked: new Set(), met: new Map() }));
    return known;
  }
}

const overlap = (a: GroupSize, b: GroupSize) => a.minimum <= b.maximum && b.minimum <= a.maximum;
