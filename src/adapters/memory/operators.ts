import {
  participantNotFound,
  poolClosed,
  roomEnded,
  roomNotFound,
  ticketHeld,
  ticketNotFound,
} from '../../domain/errors.js';
import type { Sender } from '../../domain/participant.js';
import type { MessagePage } from '../../domain/room.js';
import type { Appended, Commit, MessageQuery } from '../../ports/commit.js';
import {
  type Destination,
  FORMER_MAX,
  type Page,
  type PageQuery,
  type ParticipantFacts,
  type PoolControl,
  type PoolFigures,
  type RoomFacts,
  type Sanction,
  type SanctionSubject,
  STRATEGY_SETTLES_MS,
  type TicketFacts,
  type Totals,
} from '../../ports/operator-steps.js';
import { tell } from './event-writer.js';
import type { Matches } from './matches.js';
import type { MemoryOutbox } from './memory-outbox.js';
import { pageOf } from './page-of.js';
import type { ParticipantRecord } from './participant-record.js';
import type { PoolControls } from './pool-controls.js';
import type { Principals } from './principals.js';
import type { RoomRecord } from './room-record.js';
import { isInForce, type Sanctions } from './sanctions.js';
import type { Tickets } from './tickets.js';
import type { TicketRecord } from './waiting-queue.js';

type Room = RoomRecord<ParticipantRecord>;
type Held = TicketRecord<ParticipantRecord>;

/** What operators work on. */
export interface Domain {
  readonly participants: ReadonlyMap<string, ParticipantRecord>;
  readonly principals: Principals;
  readonly rooms: ReadonlyMap<string, Room>;
  /** Ids of the rooms that have ended. */
  readonly ended: ReadonlySet<string>;
  readonly tickets: Tickets;
  readonly matches: Matches;
  readonly controls: PoolControls;
  readonly sanctions: Sanctions;
  /** The outbox if anybody reads it. */
  readonly records: MemoryOutbox | undefined;
  close(room: Room, now: number, appended: Appended[]): void;
  dismiss(record: ParticipantRecord, now: number, appended: Appended[]): void;
}

/** What operators see and do. */
export class Operators {
  constructor(private readonly domain: Domain) {}

  totals(): Totals {
    const { participants, rooms, ended, tickets } = this.domain;
    return { participants: participants.size, activeRooms: rooms.size - ended.size, tickets: tickets.size };
  }

  poolFigures(pools: readonly string[]): readonly PoolFigures[] {
    return pools.map((pool) => ({ pool, ...this.domain.tickets.figures(pool) }));
  }

  controlPool(pool: string, control: PoolControl, now: number): void {
    const { controls, tickets } = this.domain;
    const before = controls.of(pool);
    controls.set(pool, control);
    if (!isSame(before.strategy, control.strategy)) tickets.wakeAll(pool, now + STRATEGY_SETTLES_MS);
    else if (before.mode === 'paused' && control.mode !== 'paused') tickets.wakeAll(pool, now);
  }

  listTickets(pool: string, query: PageQuery): Page<TicketFacts> {
    return pageOf(this.domain.tickets.listed(pool), query, placeOf, factsOf);
  }

  ticketFacts(ticketId: string): TicketFacts | undefined {
    const record = this.domain.tickets.get(ticketId);
    return record && factsOf(record);
  }

  removeTicket(ticketId: string, now: number): Commit & { ticket: TicketFacts } {
    const record = this.#ticket(ticketId);
    const ticket = factsOf(record);
    const appended: Appended[] = [];
    this.domain.matches.end(record, 'removed', () => 'removed', now, appended);
    return { ticket, appended };
  }

  moveTicket(ticketId: string, to: Destination, now: number): Commit & { ticket: TicketFacts } {
    const { controls, tickets, records } = this.domain;
    const record = this.#ticket(ticketId);
    const { pool: from } = record.ticket;
    if (record.offerId !== undefined) throw ticketHeld('is offered a match');
    if (record.party) throw ticketHeld('waits for the rest of its party');
    if (record.members.some((member) => member.tickets.has(to.pool))) {
      throw ticketHeld(`is of somebody who waits in pool "${to.pool}" already`);
    }
    if (controls.isDraining(to.pool)) throw poolClosed(to.pool);
    tickets.move(record, to, now);
    const moved = { ticket_id: ticketId, from, pool: to.pool };
    records?.write('ticket.moved', now, moved);
    const appended: Appended[] = [];
    tell(appended, record.members, 'queue.moved', now, moved);
    return { ticket: factsOf(record), appended };
  }

  listRooms({ name, ...query }: PageQuery & { readonly name?: string }): Page<RoomFacts> {
    return pageOf(
      this.#activeRooms(name),
      query,
      ({ order }) => ({ at: order, tie: '' }),
      (room) => this.#factsOf(room),
    );
  }

  roomFacts(roomId: string): RoomFacts | undefined {
    const room = this.domain.rooms.get(roomId);
    return room && this.#factsOf(room);
  }

  closeRoom(roomId: string, now: number): Commit {
    const appended: Appended[] = [];
    this.domain.close(this.#activeRoom(roomId), now, appended);
    return { appended };
  }

  transcript(roomId: string, query: MessageQuery): MessagePage {
    return this.#room(roomId).read(query);
  }

  supervise(roomId: string, supervised: boolean, now: number): Commit {
    const room = this.#activeRoom(roomId);
    const appended: Appended[] = [];
    if (room.supervised === supervised) return { appended };
    room.supervised = supervised;
    tell(appended, [...room.members.values()], 'room.supervised', now, { room_id: roomId, supervised });
    return { appended };
  }

  participantFacts(participantId: string, now: number): ParticipantFacts | undefined {
    const record = this.domain.participants.get(participantId);
    if (!record) return undefined;
    const { displayName, provenance, principal, attributes, presence, tickets, rooms } = record;
    const sanctions = this.domain.sanctions.of(participantId, principal);
    return {
      ...{ participantId, displayName, provenance, principal, attributes, presence },
      ticketIds: [...tickets.values()].map(({ ticket }) => ticket.id),
      roomIds: [...rooms.keys()],
      sanctions: sanctions.filter((sanction) => isInForce(sanction, now)),
    };
  }

  dismiss(participantId: string, now: number): Commit {
    const record = this.domain.participants.get(participantId);
    if (!record) throw participantNotFound();
    const appended: Appended[] = [];
    this.domain.dismiss(record, now, appended);
    return { appended };
  }

  impose(sanction: Sanction, now: number): Commit {
    const { subject, kind } = sanction;
    const concerned = this.#concerned(subject);
    if ('participantId' in subject && concerned.length === 0) throw participantNotFound();
    this.domain.sanctions.expire(now);
    this.domain.sanctions.add(sanction);
    const appended: Appended[] = [];
    for (const record of concerned) {
      this.#restrict(record);
      if (kind === 'ban' && isInForce(sanction, now)) this.domain.dismiss(record, now, appended);
    }
    return { appended };
  }

  lift(sanctionId: string): boolean {
    const lifted = this.domain.sanctions.delete(sanctionId);
    if (lifted) for (const record of this.#concerned(lifted.subject)) this.#restrict(record);
    return lifted !== undefined;
  }

  #concerned(subject: SanctionSubject): readonly ParticipantRecord[] {
    if ('principal' in subject) return [...this.domain.principals.of(subject.principal)];
    const record = this.domain.participants.get(subject.participantId);
    return record ? [record] : [];
  }

  #restrict(record: ParticipantRecord): void {
    record.restrictions = this.domain.sanctions.restrictions(record.id, record.principal);
  }

  /** A ticket of people. */
  #ticket(ticketId: string): Held {
    const record = this.domain.tickets.get(ticketId);
    if (!record) throw ticketNotFound();
    if (record.ticket.roomId !== null) throw ticketHeld('stands for a room');
    return record;
  }

  #room(roomId: string): Room {
    const room = this.domain.rooms.get(roomId);
    if (!room) throw roomNotFound();
    return room;
  }

  #activeRoom(roomId: string): Room {
    const room = this.#room(roomId);
    if (!room.active) throw roomEnded();
    return room;
  }

  *#activeRooms(name: string | undefined): Iterable<Room> {
    for (const room of this.domain.rooms.values()) {
      if (room.active && (name === undefined || room.name === name)) yield room;
    }
  }

  #factsOf(room: Room): RoomFacts {
    const { id: roomId, kind, name, active, capacity, openedAt, members, messages, supervised } = room;
    const former: Sender[] = [];
    for (const id of room.everybody) {
      const record = members.has(id) ? undefined : this.domain.participants.get(id);
      if (record) former.push(record.sender);
    }
    former.splice(0, former.length - FORMER_MAX);
    return {
      ...{ roomId, kind, name, active, capacity, openedAt, supervised, former },
      members: [...members.values()].map((member) => member.sender),
      lastSeq: messages.last,
    };
  }
}

function factsOf({ ticket, members, queue, offerId }: Held): TicketFacts {
  const { id: ticketId, pool, group, priority, enqueuedAt, roomId } = ticket;
  return {
    ...{ ticketId, pool, group, priority, enqueuedAt, roomId },
    state: queue ? 'waiting' : offerId === undefined ? 'gathering' : 'offered',
    members: roomId === null ? members.map((member) => member.sender) : [],
  };
}

const placeOf = ({ ticket, order }: Held) => ({
  at: ticket.enqueuedAt,
  tie: `${String(order).padStart(16, '0')}:${ticket.id}`,
});

/** Both are plain JSON. */
const isSame = (a: PoolControl['strategy'], b: PoolControl['strategy']) => JSON.stringify(a) === JSON.stringify(b);
