import type { Ticket } from '../../src/domain/ticket.js';
import type { Relations, WaitingView } from '../../src/ports/state-store.js';

/** Who waits, in an order of seniority that a test chooses, and changes as it likes. */
export class Waiting implements WaitingView {
  readonly list: Ticket[];
  readonly blocked = new Map<string, Set<string>>();
  readonly met = new Map<string, Map<string, number>>();

  constructor(tickets: Iterable<Ticket> = []) {
    this.list = [...tickets];
  }

  get size(): number {
    return this.list.length;
  }

  tickets(): Iterable<Ticket> {
    return this.list.values();
  }

  get(ticketId: string): Ticket | undefined {
    return this.list.find(({ id }) => id === ticketId);
  }

  relations(participantId: string): Relations {
    return { blocked: this.blocked.get(participantId) ?? new Set(), met: this.met.get(participantId) ?? new Map() };
  }

  block(participantId: string, other: string): void {
    const blocked = this.blocked.get(participantId) ?? new Set();
    this.blocked.set(participantId, blocked.add(other));
  }
}
