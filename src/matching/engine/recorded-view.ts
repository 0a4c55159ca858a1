import type { Ticket } from '../../domain/ticket.js';
import type { Relations, WaitingView } from '../../ports/state-store.js';

/** Remembers the tickets that were shown to a run elsewhere, for when its answer comes and some of them have gone. */
export class RecordedView implements WaitingView {
  readonly size: number;
  readonly #shown = new Map<string, Ticket>();

  constructor(private readonly view: WaitingView) {
    this.size = view.size;
  }

  *tickets(): Generator<Ticket> {
    for (const ticket of this.view.tickets()) yield this.#show(ticket);
  }

  get(ticketId: string): Ticket | undefined {
    const ticket = this.view.get(ticketId);
    return ticket && this.#show(ticket);
  }

  /** A ticket as it was shown, whether or not it still waits. */
  shown(ticketId: string): Ticket | undefined {
    return this.#shown.get(ticketId);
  }

  relations(participantId: string): Relations {
    return this.view.relations(participantId);
  }

  #show(ticket: Ticket): Ticket {
    this.#shown.set(ticket.id, ticket);
    return ticket;
  }
}
