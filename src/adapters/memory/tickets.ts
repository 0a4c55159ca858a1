import { partyMismatch } from '../../domain/errors.js';
import { type GroupSize, headcount, type Ticket } from '../../domain/ticket.js';
import type { Destination } from '../../ports/operator-steps.js';
import { type Enqueue, type TicketStatus, UNANSWERED_MS, type WaitingView } from '../../ports/state-store.js';
import { DueQueue } from './due-queue.js';
import { withMember } from './joint-ticket.js';
import type { ParticipantRecord } from './participant-record.js';
import type { PoolControls } from './pool-controls.js';
import { PoolQueues, recordsInSeniority } from './pool-queues.js';
import { PoolView } from './pool-view.js';
import { bySeniority, TicketRecord } from './waiting-queue.js';

type Held = TicketRecord<ParticipantRecord>;

/** Every ticket that has not ended: the waiting ones in their queues, those gathering or offered a match beside them. */
export class Tickets {
  readonly #records = new Map<string, Held>();
  readonly #queues = new PoolQueues<ParticipantRecord>();
  /** Tickets that wait for the rest of their party, by pool and name. */
  readonly #gathering = new Map<string, Held>();
  readonly #ttls = new DueQueue();
  /** When to ask the strategy again. */
  readonly #wakes = new DueQueue();

  constructor(
    private readonly participants: ReadonlyMap<string, ParticipantRecord>,
    private readonly controls: PoolControls,
  ) {}

  get(ticketId: string): Held | undefined {
    return this.#records.get(ticketId);
  }

  /** How many. */
  get size(): number {
    return this.#records.size;
  }

  /** Sizes of everything kept. */
  sizes() {
    return {
      tickets: this.#records.size,
      queues: this.#queues.size,
      gathering: this.#gathering.size,
      ticketTtls: this.#ttls.size,
      wakes: this.#wakes.size,
    };
  }

  /** @throws ChatError `party_mismatch` when the party that gathers under this name is another */
  requireFit({ ticket, party }: Enqueue, actor: ParticipantRecord): void {
    const gathering = party && this.#gathering.get(keyOf(ticket.pool, party.name));
    if (!gathering) return;
    if (gathering.party!.size !== party.size) throw partyMismatch('size');
    if (!isSame(gathering.ticket.group, ticket.group)) throw partyMismatch('group size');
    // A block keeps two apart here, too, and nobody learns of it.
    if (gathering.members.some((member) => member.apart(actor))) throw partyMismatch('name');
  }

  /** Makes a ticket wait, or gather until its party is complete. */
  enter({ ticket, party, ttlMs }: Enqueue, actor: ParticipantRecord, now: number): Held {
    const record = party ? this.#gather(ticket, party, actor) : new TicketRecord(ticket, [actor]);
    this.#records.set(record.ticket.id, record);
    actor.tickets.set(ticket.pool, record);
    if (ttlMs > 0) this.#ttls.schedule(record.ticket.id, now + ttlMs);
    if (!record.party) {
      this.#queues.add(record);
      this.#lookAgain(record, now);
    }
    return record;
  }

  /** Makes an open room wait for more people, from now on. */
  enterRoom(ticket: Ticket, members: ParticipantRecord[], now: number): void {
    const record = new TicketRecord(ticket, members);
    this.#records.set(ticket.id, record);
    this.#queues.add(record);
    this.#release(record, now);
  }

  /** Ends a ticket, wherever it is. */
  remove(record: Held): void {
    const { id, pool, roomId } = record.ticket;
    this.setAside(record);
    this.#records.delete(id);
    if (roomId !== null) return;
    this.#ttls.cancel(id);
    if (record.party) this.#gathering.delete(record.party.key);
    for (const member of record.members) member.tickets.delete(pool);
  }

  /** Ends tickets that were matched with each other. */
  matched(records: readonly Held[], now: number): void {
    this.#queues.matched(records, now);
    for (const record of records) this.remove(record);
  }

  /** Takes a ticket out of its queue for the time of an offer. */
  setAside(record: Held): void {
    if (!record.queue) return;
    record.queue.remove(record);
    record.released = false;
    if (this.#wakes.size > 0) this.#wakes.cancel(record.ticket.id);
  }

  /** Puts a ticket back to where it stood, or behind all others, to be looked at now. */
  giveBack(record: Held, where: 'place' | 'end', avoid: readonly string[], now: number): void {
    const { version, enqueuedAt } = record.ticket;
    if (where === 'end') record.order = 0;
    record.ticket = {
      ...record.ticket,
      enqueuedAt: where === 'end' ? now : enqueuedAt,
      version: version + 1,
      avoid,
    };
    this.#queues.add(record);
    if (record.overdue) this.#ttls.schedule(record.ticket.id, atOnce(now));
    this.#release(record, now);
  }

  /** The tickets whose lifetime is over, but for those that are offered a match: they have until they are given back. */
  expired(now: number): Held[] {
    const over = this.#ttls.take(now).map((id) => this.#records.get(id)!);
    for (const record of over) record.overdue = record.offerId !== undefined;
    return over.filter((record) => !record.overdue);
  }

  status(record: Held): TicketStatus {
    const { ticket, party, queue } = record;
    const own = queue ?? this.#queues.find(ticket);
    return {
      ticket,
      position: queue ? queue.position(record) : null,
      queueLength: own?.size ?? 0,
      matchedAt: own?.matchedAt() ?? [],
      missing: party ? party.size - headcount([ticket]) : 0,
    };
  }

  front(ticket: Pick<Ticket, 'pool' | 'group'>, limit: number): TicketStatus[] {
    const queue = this.#queues.find(ticket);
    const statuses: TicketStatus[] = [];
    if (!queue) return statuses;
    const matchedAt = queue.matchedAt();
    for (const waiting of queue.tickets()) {
      if (statuses.length === limit) break;
      const position = statuses.length + 1;
      statuses.push({ ticket: waiting, position, queueLength: queue.size, matchedAt, missing: 0 });
    }
    return statuses;
  }

  view(subject: Ticket): WaitingView {
    return new PoolView(this.#queues.overlapping(subject), this.#records, this.participants);
  }

  wakeAt(ticketId: string, at: number | undefined): void {
    const record = this.#records.get(ticketId);
    if (!record?.queue || record.released) return;
    if (at === undefined) this.#wakes.cancel(ticketId);
    else this.#wakes.schedule(ticketId, at);
  }

  takeDue(now: number, limit: number): Ticket[] {
    const due: Ticket[] = [];
    while (due.length < limit) {
      const [id] = this.#wakes.take(now, 1);
      if (id === undefined) break;
      const record = this.#records.get(id)!;
      record.released = false;
      // It is due again when its pool is no longer paused.
      if (this.controls.isPaused(record.ticket.pool)) continue;
      this.#lookAgain(record, now);
      due.push(record.ticket);
    }
    return due;
  }

  /** Makes all that wait in a pool due at a time, whatever their strategy said before. */
  wakeAll(pool: string, at: number): void {
    for (const record of recordsInSeniority(this.#queues.of(pool))) this.#release(record, at);
  }

  /** How many wait in a pool, those of open rooms not counted, and since when the first of them does. */
  figures(pool: string): { readonly waiting: number; readonly oldestAt: number | null } {
    const queues = this.#queues.of(pool);
    const waiting = queues.reduce((sum, { ofPeople }) => sum + ofPeople, 0);
    if (waiting === 0) return { waiting, oldestAt: null };
    for (const { ticket } of recordsInSeniority(queues)) {
      if (ticket.roomId === null) return { waiting, oldestAt: ticket.enqueuedAt };
    }
    return { waiting, oldestAt: null };
  }

  /** Everything of a pool that has not ended, in order of seniority. */
  *listed(pool: string): Iterable<Held> {
    const aside = [...this.#records.values()].filter((record) => !record.queue && record.ticket.pool === pool);
    aside.sort(bySeniority);
    let next = aside.shift();
    for (const record of recordsInSeniority(this.#queues.of(pool))) {
      for (; next && bySeniority(next, record) < 0; next = aside.shift()) yield next;
      yield record;
    }
    for (; next; next = aside.shift()) yield next;
  }

  /** Moves a waiting ticket to another pool, as senior as it is, to be looked at now. */
  move(record: Held, { pool, group, ttlMs }: Destination, now: number): void {
    const { id, pool: from, version } = record.ticket;
    this.setAside(record);
    for (const member of record.members) {
      member.tickets.delete(from);
      member.tickets.set(pool, record);
    }
    record.ticket = { ...record.ticket, pool, group, version: version + 1 };
    if (ttlMs > 0) this.#ttls.schedule(id, now + ttlMs);
    else this.#ttls.cancel(id);
    this.#queues.add(record);
    this.#release(record, now);
  }

  /** The strategy is asked for it; should whoever asks not come to say what came of it, somebody asks again. */
  #lookAgain(record: Held, now: number): void {
    this.#wakes.schedule(record.ticket.id, now + UNANSWERED_MS);
  }

  #release(record: Held, now: number): void {
    record.released = true;
    this.#wakes.schedule(record.ticket.id, atOnce(now));
  }

  #gather(ticket: Ticket, { name, size }: { name: string; size: number }, actor: ParticipantRecord): Held {
    const key = keyOf(ticket.pool, name);
    let record = this.#gathering.get(key);
    if (record) {
      record.ticket = withMember(record.ticket, ticket);
      record.members.push(actor);
    } else {
      record = new TicketRecord(ticket, [actor]);
      record.party = { key, size };
      this.#gathering.set(key, record);
    }
    if (record.members.length >= size) {
      this.#gathering.delete(key);
      record.party = undefined;
    }
    return record;
  }
}

/** What is due within a second is handed out when that is over; what is due at its beginning, at once. */
const atOnce = (now: number) => now - (now % 1000);

/** Names of pools have no spaces. */
const keyOf = (pool: string, party: string) => `${pool} ${party}`;

function isSame(a: GroupSize, b: GroupSize): boolean {
  return (
    a.minimum === b.minimum && a.maximum === b.maximum && a.multiple === b.multiple && a.patienceMs === b.patienceMs
  );
}
