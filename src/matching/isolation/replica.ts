import type { Ticket } from '../../domain/ticket.js';
import { membersOf } from '../../domain/ticket.js';
import type { Relations, WaitingView } from '../../ports/state-store.js';

/** How many tickets a strategy in a thread of its own is shown; the longest waiting. */
const MAX_TICKETS = 10_000;
/** How many tickets are sent at a time, so that sending never holds up the service. */
const CHUNK = 250;
/** How many tickets besides those of the last view stay in the replica, at least. */
const SPARE = 1_000;
const NOBODY: Relations = { blocked: new Set(), met: new Map() };

/** A ticket on its way into the replica. Handles are never used twice. */
export interface AddedTicket {
  readonly handle: number;
  readonly ticket: Ticket;
  /** Of those behind the ticket who have blocked or met anybody. */
  readonly relations: readonly (readonly [participantId: string, Relations])[];
}

/** What has to be done to the replica before the next run, in this order. */
export interface ReplicaChange {
  readonly removed: readonly number[];
  readonly added: readonly AddedTicket[];
  /** The handles of a view's tickets in order of seniority; not there yet while more has to be sent first. */
  readonly order?: Float64Array<ArrayBuffer>;
}

interface Sent {
  readonly handle: number;
  readonly version: number;
  /** Tells relations that have changed since. */
  readonly mark: number;
  /** The last pass that met the ticket. */
  pass: number;
}

/** Remembers what a replica in another thread holds, and says what is missing for a view. */
export class ReplicaFeed {
  readonly #sent = new Map<string, Sent>();
  #handles = 0;
  #passes = 0;

  /** The next change for a view; there is more to send until it comes with an order. The subject is always sent afresh. */
  next(view: WaitingView, subject: Ticket): ReplicaChange {
    const pass = ++this.#passes;
    const removed: number[] = [];
    const added: AddedTicket[] = [];
    const order: number[] = [];
    for (const ticket of shown(view, subject)) {
      const mark = markOf(ticket, view);
      let sent = this.#sent.get(ticket.id);
      if (sent?.version !== ticket.version || sent.mark !== mark || ticket.id === subject.id) {
        if (added.length === CHUNK) return { removed, added };
        if (sent) removed.push(sent.handle);
        sent = { handle: this.#handles++, version: ticket.version, mark, pass };
        this.#sent.set(ticket.id, sent);
        added.push({ handle: sent.handle, ticket, relations: relationsOf(ticket, view) });
      }
      sent.pass = pass;
      order.push(sent.handle);
    }
    this.#forget(pass, order.length, removed);
    return { removed, added, order: new Float64Array(order) };
  }

  /** Tickets of other views are kept for their next run, as long as they are not too many. */
  #forget(pass: number, shown: number, removed: number[]): void {
    if (this.#sent.size <= 2 * shown + SPARE) return;
    for (const [id, sent] of this.#sent) {
      if (sent.pass === pass) continue;
      this.#sent.delete(id);
      removed.push(sent.handle);
    }
  }
}

function* shown(view: WaitingView, subject: Ticket): Generator<Ticket> {
  let count = 0;
  let met = false;
  for (const ticket of view.tickets()) {
    if (++count === MAX_TICKETS && !met) break;
    if (count > MAX_TICKETS) return;
    met ||= ticket.id === subject.id;
    yield ticket;
  }
  if (!met) yield subject;
}

/** Both only grow, or are cut as they grow: another size tells another content, except in the times of meetings. */
function markOf(ticket: Ticket, view: WaitingView): number {
  let mark = 0;
  if (ticket.party.length === 0) return markIn(view.relations(ticket.participantId));
  for (const { participantId } of membersOf(ticket)) mark += markIn(view.relations(participantId));
  return mark;
}

const markIn = ({ blocked, met }: Relations) => blocked.size * 4_096 + met.size;

function relationsOf(ticket: Ticket, view: WaitingView): AddedTicket['relations'] {
  return membersOf(ticket)
    .map(({ participantId }) => [participantId, view.relations(participantId)] as const)
    .filter(([, { blocked, met }]) => blocked.size > 0 || met.size > 0)
    .map(([participantId, { blocked, met }]) => [participantId, { blocked: new Set(blocked), met: new Map(met) }]);
}

/** Who waits, as far as a strategy's own thread has been told. */
export class Replica {
  readonly #tickets = new Map<number, AddedTicket>();
  readonly #relations = new Map<string, Relations>();

  apply({ removed, added }: ReplicaChange): void {
    for (const handle of removed) this.#remove(handle);
    for (const entry of added) {
      this.#tickets.set(entry.handle, entry);
      for (const [participantId, relations] of entry.relations) this.#relations.set(participantId, relations);
    }
  }

  /** @param order what the feed said with the last change */
  view(order: Float64Array): WaitingView {
    const tickets = this.#tickets;
    let byId: Map<string, Ticket> | undefined;
    function* inOrder(): Generator<Ticket> {
      for (const handle of order) yield tickets.get(handle)!.ticket;
    }
    return {
      size: order.length,
      tickets: inOrder,
      get: (ticketId) => (byId ??= new Map(Array.from(inOrder(), (ticket) => [ticket.id, ticket]))).get(ticketId),
      relations: (participantId) => this.#relations.get(participantId) ?? NOBODY,
    };
  }

  #remove(handle: number): void {
    for (const [participantId, relations] of this.#tickets.get(handle)?.relations ?? []) {
      // A newer ticket may have brought newer ones.
      if (this.#relations.get(participantId) === relations) this.#relations.delete(participantId);
    }
    this.#tickets.delete(handle);
  }
}
