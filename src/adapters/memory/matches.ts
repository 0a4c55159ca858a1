import type { QueueExpiredReason } from '../../domain/event.js';
import type { Reason } from '../../domain/ticket.js';
import type {
  Appended,
  Choice,
  Claim,
  Claimed,
  ClaimedGroup,
  Commit,
  DeclinerPolicy,
  Offer,
  Responded,
  TicketStatus,
} from '../../ports/state-store.js';
import { tell, timestamp } from './event-writer.js';
import type { MemoryOutbox } from './memory-outbox.js';
import { recordMember } from './record-member.js';
import { ticketOfRoom, union } from './joint-ticket.js';
import { Offers, type StandingOffer } from './offers.js';
import type { ParticipantRecord } from './participant-record.js';
import { RoomRecord } from './room-record.js';
import type { PoolControls } from './pool-controls.js';
import type { Tickets } from './tickets.js';
import type { TicketRecord } from './waiting-queue.js';

type Held = TicketRecord<ParticipantRecord>;
type Room = RoomRecord<ParticipantRecord>;

/** What is known of a match when those in it are seated. */
type Match = Pick<Claim, 'pool' | 'roomId' | 'backfill'> & Pick<ClaimedGroup, 'reasons'>;

/** The way from tickets to rooms: claims, offers, and open rooms that look for more people. */
export class Matches {
  readonly #offers = new Offers();

  constructor(
    private readonly tickets: Tickets,
    private readonly rooms: Map<string, Room>,
    private readonly roomHistory: number,
    private readonly controls: PoolControls,
    /** Undefined when nobody reads it. */
    private readonly outbox: MemoryOutbox | undefined,
  ) {}

  /** How many offers stand. */
  get offers(): number {
    return this.#offers.size;
  }

  status(record: Held, participantId: string): TicketStatus {
    const status = this.tickets.status(record);
    const standing = this.#offers.of(record);
    return standing ? { ...status, offer: standing.view(participantId) } : status;
  }

  claim(claim: Claim, now: number): (Commit & Claimed & Choice) | undefined {
    const found = this.#choose(claim);
    if (!found) return undefined;
    const { records, reasons, choice } = found;
    const appended: Appended[] = [];
    return { ...this.#seat(records, { ...claim, reasons }, now, appended), choice, appended };
  }

  offer(offer: Offer, now: number): (Commit & Choice) | undefined {
    const found = this.#choose(offer);
    if (!found) return undefined;
    const { records, reasons, choice } = found;
    for (const record of records) this.tickets.setAside(record);
    const standing = this.#offers.open(offer, records, reasons);
    const appended: Appended[] = [];
    tell(appended, membersOf(standing.asked), 'match.offered', now, {
      offer_id: offer.offerId,
      pool: offer.pool,
      group_size: standing.groupSize,
      reasons: [...reasons],
      expires_at: timestamp(offer.expiresAt),
    });
    return { choice, appended };
  }

  /** @throws ChatError `offer_not_found` */
  respond(
    actor: ParticipantRecord,
    { offerId, accept }: { offerId?: string; accept: boolean },
    now: number,
    appended: Appended[],
  ): Responded {
    const standing = this.#offers.find(actor, offerId, now);
    const { offer, records, asked } = standing;
    if (!accept) {
      const declined = asked.filter((record) => record.members.includes(actor));
      this.#decline(standing, declined, now, appended);
      return { status: 'declined', waiting: offer.decliner === 'requeue' };
    }
    standing.accepted.add(actor.id);
    if (standing.unanswered.length > 0) return { status: 'accepted', offer: standing.view(actor.id) };
    this.#offers.close(standing);
    return { status: 'matched', ...this.#seat(records, { ...offer, reasons: standing.reasons }, now, appended) };
  }

  /**
   * Ends a ticket without a match; whoever there is a reason for is told. An offer of it comes to nothing.
   *
   * @param expired why, unless those behind it took it back
   */
  end(
    record: Held,
    expired: QueueExpiredReason | undefined,
    reasonFor: (member: ParticipantRecord) => QueueExpiredReason | undefined,
    now: number,
    appended: Appended[],
  ): void {
    const { id, pool } = record.ticket;
    const standing = this.#offers.of(record);
    if (standing) this.#withdraw(standing, [record], 'remove', now, appended);
    else this.tickets.remove(record);
    if (!record.party) {
      if (expired) this.outbox?.write('ticket.expired', now, { ticket_id: id, pool, reason: expired });
      else this.outbox?.write('ticket.cancelled', now, { ticket_id: id, pool });
    }
    for (const member of record.members) {
      const reason = reasonFor(member);
      if (reason) tell(appended, [member], 'queue.expired', now, { ticket_id: id, pool, reason });
    }
  }

  /** Ends the offers and tickets whose time is up. */
  expire(now: number, appended: Appended[]): void {
    for (const standing of this.#offers.due(now)) {
      this.#decline(standing, standing.unanswered, now, appended);
    }
    for (const record of this.tickets.expired(now)) this.end(record, 'ticket_ttl', () => 'ticket_ttl', now, appended);
  }

  /** Two who are apart from now on: a party with both is broken, an offer that would bring them together withdrawn. */
  separate(actor: ParticipantRecord, userId: string, now: number, appended: Appended[]): void {
    const includesOther = (record: Held) => record.members.some((member) => member.id === userId);
    const ofRooms = [...actor.rooms.keys()].map((roomId) => this.tickets.get(roomId));
    for (const record of [...actor.tickets.values(), ...ofRooms]) {
      if (!record) continue;
      if (record.ticket.roomId === null && includesOther(record)) {
        this.end(record, 'party_broken', () => 'party_broken', now, appended);
      }
      const standing = this.#offers.of(record);
      if (standing?.records.some((other) => other !== record && includesOther(other))) {
        this.#withdraw(standing, [], standing.offer.decliner, now, appended);
      }
    }
  }

  /** Somebody has come to a room or left it by another way than a match, or the room has ended. */
  seatsChanged(room: Room, now: number, appended: Appended[]): void {
    const record = this.tickets.get(room.id);
    const standing = record && this.#offers.of(record);
    if (standing) this.#withdraw(standing, [], standing.offer.decliner, now, appended);
    else this.#seek(room, now);
  }

  /** The first group that can be taken. */
  #choose({ pool, groups }: Claim): { records: Held[]; reasons: readonly Reason[]; choice: number } | undefined {
    if (this.controls.isPaused(pool)) return undefined;
    for (const [choice, { tickets, reasons }] of groups.entries()) {
      const records = this.#claimable(tickets, pool);
      if (records) return { records, reasons, choice };
    }
    return undefined;
  }

  /** The tickets of a group, if all of them can still be had and nothing stands between those behind them. */
  #claimable(tickets: ClaimedGroup['tickets'], pool: string): Held[] | undefined {
    const records: Held[] = [];
    let room: Room | undefined;
    let size = 0;
    for (const { id, version } of tickets) {
      const record = this.tickets.get(id);
      if (!record?.queue || record.ticket.version !== version || record.ticket.pool !== pool) return undefined;
      if (record.ticket.roomId !== null) {
        if (room) return undefined;
        room = this.rooms.get(record.ticket.roomId)!;
      }
      for (const other of records) if (!mayMeet(record, other)) return undefined;
      records.push(record);
      size += record.members.length;
    }
    if (room) return records.length > 1 && size <= room.capacity ? records : undefined;
    return size > 1 ? records : undefined;
  }

  /** Brings those behind the tickets into a new room, or into the open room that one of the tickets stands for. */
  #seat(records: readonly Held[], match: Match, now: number, appended: Appended[]): Claimed {
    const open = records.find((record) => record.ticket.roomId !== null);
    const coming = open ? records.filter((record) => record !== open) : records;
    const newcomers = membersOf(coming);
    this.tickets.matched(records, now);
    const room = open ? this.rooms.get(open.ticket.id)! : this.#open(match, newcomers.length, now);
    const inside = open ? [...room.members.values()] : [];
    newcomers.forEach((newcomer, i) => {
      newcomer.enter(room);
      for (const other of inside) newcomer.meet(other, now);
      for (let j = 0; j < i; j++) newcomer.meet(newcomers[j]!, now);
    });
    this.#recordSeats(room, open !== undefined, newcomers, coming, match, now);
    for (const newcomer of newcomers) {
      const partners = room.others(newcomer.id).map((other) => other.profile);
      tell(appended, [newcomer], 'chatroom.found', now, {
        room_id: room.id,
        pool: match.pool,
        partner: partners[0]!,
        partners,
        reasons: [...match.reasons],
        matched_at: timestamp(now),
      });
    }
    if (open) {
      for (const { profile } of newcomers) {
        tell(appended, inside, 'partner.joined', now, { room_id: room.id, partner: profile });
      }
    }
    if (room.supervised) tell(appended, newcomers, 'room.supervised', now, { room_id: room.id, supervised: true });
    if (room.backfill) {
      for (const { ticket, members } of coming) {
        for (const member of members) room.backfill.tickets.set(member.id, ticket);
        room.backfill.avoid = union(room.backfill.avoid, ticket.avoid);
      }
      this.#seek(room, now);
    }
    return { roomId: room.id, participantIds: [...room.members.keys()] };
  }

  #recordSeats(
    room: Room,
    wasOpen: boolean,
    newcomers: readonly ParticipantRecord[],
    coming: readonly Held[],
    { pool, reasons: given }: Match,
    now: number,
  ): void {
    if (!this.outbox) return;
    const members = newcomers.map((newcomer) => recordMember(room, newcomer));
    const reasons = [...given];
    const { id: room_id, kind, name, capacity } = room;
    if (wasOpen) for (const member of members) this.outbox.write('room.joined', now, { room_id, member, reasons });
    else {
      const tickets = coming.map(({ ticket }) => ticket.id);
      this.outbox.write('room.opened', now, { room_id, kind, name, capacity, members, reasons, tickets });
    }
    for (const { ticket } of coming) {
      const waited_ms = Math.max(0, now - ticket.enqueuedAt);
      this.outbox.write('ticket.matched', now, { ticket_id: ticket.id, pool, room_id, waited_ms });
    }
  }

  #open({ roomId, pool, backfill }: Match, capacity: number, now: number): Room {
    const room: Room = new RoomRecord(roomId, 'match', pool, capacity, this.roomHistory, now);
    if (backfill) room.backfill = { tickets: new Map(), avoid: [], version: 0 };
    this.rooms.set(roomId, room);
    return room;
  }

  /** Makes an open room wait for as many as it has free seats; the ticket that stood for it before is void. */
  #seek(room: Room, now: number): void {
    const former = this.tickets.get(room.id);
    if (former) this.tickets.remove(former);
    if (!room.backfill || !room.active || room.members.size >= room.capacity) return;
    room.backfill.version++;
    this.tickets.enterRoom(ticketOfRoom(room), [...room.members.values()], now);
  }

  /** Ends an offer that somebody has declined or not answered. */
  #decline(standing: StandingOffer, declined: readonly Held[], now: number, appended: Appended[]): void {
    const { decliner } = standing.offer;
    this.#withdraw(standing, declined, decliner, now, appended);
    if (decliner === 'requeue' || !this.outbox) return;
    for (const { ticket } of declined) {
      this.outbox.write('ticket.cancelled', now, { ticket_id: ticket.id, pool: ticket.pool });
    }
  }

  /** Ends an offer. Those who did not decline wait on where they stood, and everybody avoids the others who did. */
  #withdraw(
    standing: StandingOffer,
    declined: readonly Held[],
    policy: DeclinerPolicy,
    now: number,
    appended: Appended[],
  ): void {
    this.#offers.close(standing);
    const { offerId, pool } = standing.offer;
    for (const record of standing.records) {
      const decliners = membersOf(declined.filter((other) => other !== record));
      const avoid = union(
        record.ticket.avoid,
        decliners.map(({ id }) => id),
      );
      const { roomId } = record.ticket;
      if (roomId !== null) {
        const room = this.rooms.get(roomId)!;
        room.backfill!.avoid = avoid;
        this.#seek(room, now);
        continue;
      }
      const hasDeclined = declined.includes(record);
      const waiting = !hasDeclined || policy === 'requeue';
      if (waiting) this.tickets.giveBack(record, hasDeclined ? 'end' : 'place', avoid, now);
      else this.tickets.remove(record);
      tell(appended, record.members, 'match.withdrawn', now, { offer_id: offerId, pool, waiting });
    }
  }
}

function membersOf(records: readonly Held[]): readonly ParticipantRecord[] {
  return records.flatMap((record) => record.members);
}

/** Whether nobody is behind both tickets, and nobody behind one is apart from somebody behind the other. */
function mayMeet(a: Held, b: Held): boolean {
  for (const one of a.members) {
    for (const other of b.members) if (one === other || one.apart(other)) return false;
  }
  return true;
}
