import {
  memberNotFound,
  notInRoom,
  participantNotFound,
  poolClosed,
  rateLimited,
  roomEnded,
  roomFull,
  roomInactive,
  roomNotFound,
  tooManyOfPrincipal,
  tooManyParticipants,
  tooManyRooms,
  tooManyTickets,
} from '../../domain/errors.js';
import {
  type DisconnectReason,
  type LogEntry,
  MessageReceived,
  type QueueExpiredReason,
  type RoomClosedReason,
} from '../../domain/event.js';
import type { Participant } from '../../domain/participant.js';
import type { Message, MessagePage, RoomView } from '../../domain/room.js';
import { membersOf, type Ticket } from '../../domain/ticket.js';
import type { TokenBucket } from '../../domain/token-bucket.js';
import {
  type Destination,
  type Evidence,
  EVIDENCE_MESSAGES,
  type Page,
  type PageQuery,
  type ParticipantFacts,
  type PoolControl,
  type PoolFigures,
  type RoomFacts,
  type Sanction,
  type TicketFacts,
  type Totals,
} from '../../ports/operator-steps.js';
import type {
  Appended,
  Choice,
  Claim,
  Claimed,
  Commit,
  Enqueue,
  EnqueueResult,
  EventQuery,
  EventSlice,
  FoundParticipant,
  JoinRoom,
  MessageQuery,
  NewParticipant,
  Offer,
  Post,
  ProfileChange,
  Report,
  Responded,
  StateLimits,
  StateStore,
  TicketStatus,
  WaitingView,
} from '../../ports/state-store.js';
import { DueQueue } from './due-queue.js';
import { tell, timestamp } from './event-writer.js';
import { Matches } from './matches.js';
import { MemoryOutbox } from './memory-outbox.js';
import { Operators } from './operators.js';
import { ParticipantRecord } from './participant-record.js';
import { PoolControls } from './pool-controls.js';
import { Principals } from './principals.js';
import { recordMember } from './record-member.js';
import { eraseOf, RoomRecord } from './room-record.js';
import { isBanned, requireNoBan, requireVoice, Sanctions } from './sanctions.js';
import { Tickets } from './tickets.js';

/** Entries scanned at a time when a read is narrowed to one room. */
const SCAN = 256;
/** Most rooms whose read positions one participant keeps beside the overall one; the longest unread goes first. */
const MAX_ROOM_POSITIONS = 1_000;

type Room = RoomRecord<ParticipantRecord>;

/** Who takes a step, and what it has written so far. */
interface Step {
  readonly actor: ParticipantRecord;
  readonly appended: Appended[];
}

/** The default state: plain maps and rings in this process, bounded everywhere. Every step is synchronous. */
export class MemoryStateStore implements StateStore {
  readonly outbox: MemoryOutbox;
  /** The outbox if anybody reads it. */
  readonly #records: MemoryOutbox | undefined;
  readonly #participants = new Map<string, ParticipantRecord>();
  readonly #idByToken = new Map<string, string>();
  readonly #principals = new Principals();
  /** Ids of those gone, longest gone first: the ones to forget when room is needed. */
  readonly #gone = new Set<string>();
  readonly #rooms = new Map<string, Room>();
  readonly #named = new Map<string, Room>();
  /** Ids of rooms that have ended, the first to end first. */
  readonly #ended = new Set<string>();
  /** What coming back wrote: a step that throws afterwards returns nothing, so `expire` tells of it (again). */
  readonly #reconnected: Appended[] = [];
  readonly #leases = new DueQueue();
  readonly #roomTtls = new DueQueue();
  readonly #controls = new PoolControls();
  readonly #sanctions = new Sanctions();
  readonly #tickets: Tickets;
  readonly #matches: Matches;
  readonly #operators: Operators;

  constructor(private readonly limits: StateLimits) {
    this.#tickets = new Tickets(this.#participants, this.#controls);
    this.outbox = new MemoryOutbox(limits.outbox);
    this.#records = limits.outbox.groups.length > 0 ? this.outbox : undefined;
    this.#matches = new Matches(this.#tickets, this.#rooms, limits.roomHistory, this.#controls, this.#records);
    this.#operators = new Operators({
      participants: this.#participants,
      principals: this.#principals,
      rooms: this.#rooms,
      ended: this.#ended,
      tickets: this.#tickets,
      matches: this.#matches,
      controls: this.#controls,
      sanctions: this.#sanctions,
      records: this.#records,
      close: (room, now, appended) => this.#close(room, 'closed_by_operator', now, appended),
      dismiss: (record, now, appended) => this.#dismiss(record, now, appended),
    });
  }

  // Participants

  createParticipant(input: NewParticipant, now: number): Participant {
    const { tokenDigest, principal } = input;
    const own = tokenDigest === null && principal !== null ? this.#principals.own(principal) : undefined;
    if (own) return own;
    const restrictions = principal === null ? undefined : this.#sanctions.restrictions(input.id, principal);
    requireNoBan(restrictions, now);
    if (principal !== null) this.#makeRoomFor(principal);
    const { participants } = this.limits;
    if (participants > 0 && this.#participants.size >= participants) {
      const [longestGone] = this.#gone;
      if (longestGone === undefined) throw tooManyParticipants(participants);
      this.#forget(this.#participants.get(longestGone)!);
    }
    const record = new ParticipantRecord(input, this.limits, now);
    record.restrictions = restrictions;
    this.#participants.set(record.id, record);
    this.#principals.add(record);
    if (record.tokenDigest !== null) this.#idByToken.set(record.tokenDigest, record.id);
    this.#lease(record, now + this.limits.presenceMs);
    return record;
  }

  findParticipant(tokenDigest: string | null, principal: string | null): string | undefined {
    if (tokenDigest === null) return principal === null ? undefined : this.#principals.own(principal)?.id;
    const id = this.#idByToken.get(tokenDigest);
    return id !== undefined && this.#participants.get(id)!.principal === principal ? id : undefined;
  }

  participantsOf(principal: string): readonly string[] {
    return [...this.#principals.of(principal)].map(({ id }) => id);
  }

  participant(participantId: string, now: number): FoundParticipant {
    return found(this.#step(participantId, now));
  }

  updateProfile(participantId: string, change: ProfileChange, now: number): FoundParticipant {
    const step = this.#step(participantId, now);
    step.actor.change(change);
    return found(step);
  }

  renew(participantIds: readonly string[], now: number): Commit {
    const appended: Appended[] = [];
    for (const id of participantIds) {
      const record = this.#participants.get(id);
      if (record && !isBanned(record.restrictions, now)) this.#renew(record, now, appended);
    }
    return { appended };
  }

  release(participantId: string, now: number): void {
    const record = this.#participants.get(participantId);
    if (record?.presence !== 'present' || this.limits.presenceMs === 0) return;
    record.since = now - this.limits.presenceMs;
    this.#lease(record, now);
  }

  forget(participantId: string, now: number): Commit {
    const appended: Appended[] = [];
    const record = this.#participants.get(participantId);
    if (record) this.#depart(record, undefined, 'removed', now, appended);
    for (const room of this.#rooms.values()) if (room.knows(participantId)) this.#erase(room, participantId, now);
    if (record) this.#forget(record);
    this.#records?.write('participant.forgotten', now, { user_id: participantId });
    return { appended };
  }

  // Queue

  enqueue(input: Enqueue, now: number): EnqueueResult {
    const { pool, participantId } = input.ticket;
    const { actor, appended } = this.#step(participantId, now);
    const position = actor.log.head;
    const own = actor.tickets.get(pool);
    if (own) return { status: 'already_waiting', ticket: own.ticket, position, appended };
    if (input.roomsPerPool > 0) {
      const inPool = [...actor.rooms.values()].filter((room) => room.kind === 'match' && room.name === pool);
      if (inPool.length >= input.roomsPerPool) {
        return { status: 'already_in_chat', room: inPool.at(-1)!.view(actor.id), position, appended };
      }
    }
    if (this.#controls.isDraining(pool)) throw poolClosed(pool);
    const { ticketsPerParticipant } = this.limits;
    if (ticketsPerParticipant > 0 && actor.tickets.size >= ticketsPerParticipant) {
      throw tooManyTickets(ticketsPerParticipant);
    }
    this.#requireRoomLeft(actor);
    this.#tickets.requireFit(input, actor);
    takeToken('joins', actor.joinBucket, now);
    const { ticket, party } = this.#tickets.enter(input, actor, now);
    if (!party) {
      this.#records?.write('ticket.created', now, {
        ticket_id: ticket.id,
        pool,
        user_ids: membersOf(ticket).map((member) => member.participantId),
        priority: ticket.priority,
      });
    }
    if (party) return { status: 'gathering', ticket, position, appended };
    return { status: 'waiting', ticket, view: this.#tickets.view(ticket), position, appended };
  }

  cancel(participantId: string, pool: string | undefined, now: number): Commit & { cancelled: Ticket[] } {
    const { actor, appended } = this.#step(participantId, now);
    const records = [...actor.tickets.values()].filter(({ ticket }) => pool === undefined || ticket.pool === pool);
    const reasonFor = (member: ParticipantRecord) => (member === actor ? undefined : 'party_broken');
    for (const record of records) this.#matches.end(record, undefined, reasonFor, now, appended);
    return { cancelled: records.map((record) => record.ticket), appended };
  }

  tickets(participantId: string, now: number): Commit & { tickets: TicketStatus[] } {
    const { actor, appended } = this.#step(participantId, now);
    return { tickets: [...actor.tickets.values()].map((record) => this.#matches.status(record, actor.id)), appended };
  }

  waiting(subject: Ticket): WaitingView {
    return this.#tickets.view(subject);
  }

  front(ticket: Pick<Ticket, 'pool' | 'group'>, limit: number): TicketStatus[] {
    return this.#tickets.front(ticket, limit);
  }

  wakeAt(ticketId: string, at: number | undefined): void {
    this.#tickets.wakeAt(ticketId, at);
  }

  takeDue(now: number, limit: number): readonly Ticket[] {
    return this.#tickets.takeDue(now, limit);
  }

  claim(claim: Claim, now: number): (Commit & Claimed & Choice) | undefined {
    return this.#matches.claim(claim, now);
  }

  offer(offer: Offer, now: number): (Commit & Choice) | undefined {
    return this.#matches.offer(offer, now);
  }

  respond(answer: { participantId: string; offerId?: string; accept: boolean }, now: number): Commit & Responded {
    const { actor, appended } = this.#step(answer.participantId, now);
    return { ...this.#matches.respond(actor, answer, now, appended), appended };
  }

  // Rooms

  join(input: JoinRoom, now: number): Commit & { status: 'room_created' | 'joined'; room: RoomView; position: number } {
    const { actor, appended } = this.#step(input.participantId, now);
    const position = actor.log.head;
    const byId = this.#rooms.get(input.name);
    const room = byId?.knows(actor.id) ? byId : this.#named.get(input.name);
    if (room && !room.active) throw roomInactive();
    if (room?.members.has(actor.id)) return { status: 'joined', room: room.view(actor.id), position, appended };
    const others = room ? [...room.members.values()] : [];
    // Somebody blocked is told the same as when the room is full, so that nobody learns of a block.
    if (room && (others.length >= room.capacity || others.some((other) => other.apart(actor)))) throw roomFull();
    this.#requireRoomLeft(actor);
    takeToken('joins', actor.joinBucket, now);

    const entered = room ?? this.#openNamed(input, now);
    actor.enter(entered);
    this.#recordJoin(entered, actor, room !== undefined, now);
    tell(appended, others, 'partner.joined', now, { room_id: entered.id, partner: actor.profile });
    if (entered.supervised) tell(appended, [actor], 'room.supervised', now, { room_id: entered.id, supervised: true });
    if (entered.kind === 'match') {
      for (const other of others) actor.meet(other, now);
      this.#matches.seatsChanged(entered, now, appended);
    }
    return { status: room ? 'joined' : 'room_created', room: entered.view(actor.id), position, appended };
  }

  post(input: Post, now: number): Commit & { message: Message; duplicate: boolean } {
    const { actor, appended } = this.#step(input.participantId, now);
    const room = this.#known(actor, input.roomId);
    if (input.clientMessageId !== undefined) {
      const first = room.sent(actor.id, input.clientMessageId);
      if (first) return { message: first, duplicate: true, appended };
    }
    requireMember(room, actor);
    requireVoice(actor.restrictions, now);
    takeToken('messages', actor.messageBucket, now);

    const sentAt = timestamp(now);
    const message: Message = {
      messageId: input.messageId,
      seq: room.messages.last + 1,
      text: input.text,
      sender: actor.sender,
      timestamp: sentAt,
    };
    room.messages.push(message);
    if (input.clientMessageId !== undefined) room.remember(actor.id, input.clientMessageId, message);
    this.#records?.write('message.sent', now, {
      room_id: room.id,
      message_id: message.messageId,
      seq: message.seq,
      sender: actor.sender,
      message: input.text,
      timestamp: sentAt,
    });
    const body = new MessageReceived(now, room.id, message);
    for (const member of room.members.values()) {
      if (member !== actor) appended.push({ participantId: member.id, entry: member.log.append(body) });
    }
    return { message, duplicate: false, appended };
  }

  sent(participantId: string, roomId: string, clientMessageId: string): Message | undefined {
    return this.#rooms.get(roomId)?.sent(participantId, clientMessageId);
  }

  leave(participantId: string, roomId: string, now: number): Commit {
    const step = this.#step(participantId, now);
    const room = this.#known(step.actor, roomId);
    if (!room.active) return step;
    requireMember(room, step.actor);
    this.#leave(step.actor, room, 'left', now, step.appended);
    return step;
  }

  room(participantId: string, roomId: string, now: number): Commit & { room: RoomView } {
    const { actor, appended } = this.#step(participantId, now);
    const room = this.#known(actor, roomId);
    if (room.active) requireMember(room, actor);
    return { room: room.view(actor.id), appended };
  }

  rooms(participantId: string, now: number): Commit & { rooms: RoomView[] } {
    const { actor, appended } = this.#step(participantId, now);
    return { rooms: [...actor.rooms.values()].map((room) => room.view(actor.id)), appended };
  }

  messages(participantId: string, roomId: string, query: MessageQuery, now: number): Commit & { page: MessagePage } {
    const { actor, appended } = this.#step(participantId, now);
    return { page: this.#known(actor, roomId).page(actor.id, query), appended };
  }

  block(participantId: string, roomId: string, userId: string, now: number): Commit {
    const step = this.#step(participantId, now);
    this.#requirePartner(step.actor, roomId, userId);
    step.actor.block(userId);
    this.#matches.separate(step.actor, userId, now, step.appended);
    return step;
  }

  report({ reporter, userId, roomId }: Report, now: number): Commit & { evidence: Evidence } {
    const { actor, appended } = this.#step(reporter, now);
    this.#requirePartner(actor, roomId, userId);
    const room = this.#rooms.get(roomId)!;
    const messages = room.lastFor(actor.id, EVIDENCE_MESSAGES);
    const known = this.#participants.get(userId);
    const reported = known?.sender ?? messages.findLast(({ sender }) => sender.user_id === userId)?.sender;
    if (!reported) throw memberNotFound();
    const evidence: Evidence = {
      room: { roomId, kind: room.kind, name: room.name },
      reporter: actor.sender,
      reported,
      reportedPrincipal: known?.principal ?? null,
      messages: messages.map((message) => ({ ...message })),
    };
    return { evidence, appended };
  }

  // Operators

  totals(): Totals {
    return this.#operators.totals();
  }

  poolFigures(pools: readonly string[]): readonly PoolFigures[] {
    return this.#operators.poolFigures(pools);
  }

  poolControls(): ReadonlyMap<string, PoolControl> {
    return new Map(this.#controls.all);
  }

  controlPool(pool: string, control: PoolControl, now: number): void {
    this.#operators.controlPool(pool, control, now);
  }

  listTickets(pool: string, query: PageQuery): Page<TicketFacts> {
    return this.#operators.listTickets(pool, query);
  }

  ticketFacts(ticketId: string): TicketFacts | undefined {
    return this.#operators.ticketFacts(ticketId);
  }

  removeTicket(ticketId: string, now: number): Commit & { ticket: TicketFacts } {
    return this.#operators.removeTicket(ticketId, now);
  }

  moveTicket(ticketId: string, to: Destination, now: number): Commit & { ticket: TicketFacts } {
    return this.#operators.moveTicket(ticketId, to, now);
  }

  listRooms(query: PageQuery & { readonly name?: string }): Page<RoomFacts> {
    return this.#operators.listRooms(query);
  }

  roomFacts(roomId: string): RoomFacts | undefined {
    return this.#operators.roomFacts(roomId);
  }

  closeRoom(roomId: string, now: number): Commit {
    return this.#operators.closeRoom(roomId, now);
  }

  transcript(roomId: string, query: MessageQuery): MessagePage {
    return this.#operators.transcript(roomId, query);
  }

  supervise(roomId: string, supervised: boolean, now: number): Commit {
    return this.#operators.supervise(roomId, supervised, now);
  }

  participantFacts(participantId: string, now: number): ParticipantFacts | undefined {
    return this.#operators.participantFacts(participantId, now);
  }

  dismiss(participantId: string, now: number): Commit {
    return this.#operators.dismiss(participantId, now);
  }

  impose(sanction: Sanction, now: number): Commit {
    return this.#operators.impose(sanction, now);
  }

  lift(sanctionId: string): boolean {
    return this.#operators.lift(sanctionId);
  }

  sanctions(query: PageQuery, now: number): Page<Sanction> {
    return this.#sanctions.page(query, now);
  }

  // Event logs

  readEvents(participantId: string, query: EventQuery, now: number): EventSlice {
    const record = this.#participants.get(participantId);
    if (!record) throw participantNotFound();
    const { log } = record;
    const { roomId, limit } = query;
    const roomPosition = roomId === undefined ? 0 : (record.roomPositions.get(roomId) ?? 0);
    const after = query.after ?? Math.max(record.readPosition, roomPosition);
    const seen = (entry: LogEntry) => {
      const room = entry.body.roomId;
      if (roomId !== undefined && room !== roomId) return true;
      return query.after === undefined && room !== undefined && entry.seq <= (record.roomPositions.get(room) ?? 0);
    };

    const entries: LogEntry[] = [];
    let truncated = false;
    let position = after;
    for (;;) {
      const slice = log.read(position, SCAN, now);
      truncated ||= slice.truncated;
      for (const entry of slice.entries) {
        if (entries.length === limit) return { entries, truncated, position };
        if (!seen(entry)) entries.push(entry);
        position = entry.seq;
      }
      if (slice.entries.length < SCAN) return { entries, truncated, position: log.head };
    }
  }

  acknowledge(participantId: string, position: number, roomId?: string): void {
    const record = this.#participants.get(participantId);
    if (!record) return;
    const from = roomId === undefined ? record.readPosition : (record.roomPositions.get(roomId) ?? record.readPosition);
    if (position <= from) return;
    for (const { body, seq: entrySeq } of record.log.read(from, position - from, 0).entries) {
      if (entrySeq > position) break;
      if (!(body instanceof MessageReceived) || (roomId !== undefined && body.roomId !== roomId)) continue;
      this.#rooms.get(body.roomId)?.markRead(participantId, body.message.seq);
    }
    if (roomId !== undefined) {
      remember(record.roomPositions, roomId, position);
      return;
    }
    record.readPosition = position;
    for (const [id, read] of record.roomPositions) if (read <= position) record.roomPositions.delete(id);
  }

  // Time

  expire(now: number): Commit {
    const appended = this.#reconnected.splice(0);
    this.#matches.expire(now, appended);
    this.#sanctions.expire(now);
    for (const id of this.#roomTtls.take(now)) this.#forgetRoom(id);
    for (const id of this.#leases.take(now)) this.#expireLease(this.#participants.get(id)!, now, appended);
    return { appended };
  }

  /** Sizes of everything kept, for tests of boundedness. */
  sizes() {
    return {
      participants: this.#participants.size,
      tokens: this.#idByToken.size,
      rooms: this.#rooms.size,
      named: this.#named.size,
      ended: this.#ended.size,
      leases: this.#leases.size,
      offers: this.#matches.offers,
      ...this.#tickets.sizes(),
    };
  }

  #step(participantId: string, now: number): Step {
    const actor = this.#participants.get(participantId);
    if (!actor) throw participantNotFound();
    requireNoBan(actor.restrictions, now);
    const appended: Appended[] = [];
    this.#renew(actor, now, appended);
    if (appended.length > 0) this.#reconnected.push(...appended);
    return { actor, appended };
  }

  #renew(record: ParticipantRecord, now: number, appended: Appended[]): void {
    const { presence } = record;
    if (presence === 'present') {
      record.since = Math.max(record.since, now);
      return;
    }
    record.since = now;
    record.presence = 'present';
    this.#gone.delete(record.id);
    this.#lease(record, now + this.limits.presenceMs);
    if (presence === 'gone') return;
    for (const room of record.rooms.values()) {
      const partner = record.profile;
      tell(appended, room.others(record.id), 'partner.reconnected', now, { room_id: room.id, partner });
    }
  }

  #lease(record: ParticipantRecord, until: number): void {
    if (this.limits.presenceMs > 0) this.#leases.schedule(record.id, until);
  }

  #expireLease(record: ParticipantRecord, now: number, appended: Appended[]): void {
    const { presenceMs, graceMs, retentionMs } = this.limits;
    const lasts = { present: presenceMs, away: graceMs, gone: retentionMs }[record.presence];
    if (record.since + lasts > now) {
      this.#leases.schedule(record.id, record.since + lasts);
      return;
    }
    if (record.presence === 'gone') {
      this.#forget(record);
      return;
    }
    record.since = now;
    if (record.presence === 'present') {
      record.presence = 'away';
      this.#leases.schedule(record.id, now + graceMs);
      return;
    }
    record.presence = 'gone';
    this.#gone.add(record.id);
    this.#leases.schedule(record.id, now + retentionMs);
    this.#depart(record, 'timeout', 'timeout', now, appended);
  }

  /** Takes somebody out of their queues and rooms; their tickets have expired or else been taken back. */
  #depart(
    record: ParticipantRecord,
    expired: QueueExpiredReason | undefined,
    reason: DisconnectReason,
    now: number,
    appended: Appended[],
  ): void {
    const reasonFor = (member: ParticipantRecord) => (member === record ? expired : 'party_broken');
    for (const held of [...record.tickets.values()]) this.#matches.end(held, expired, reasonFor, now, appended);
    for (const room of [...record.rooms.values()]) this.#leave(record, room, reason, now, appended);
  }

  /** Takes somebody out of their queues and rooms for an operator, of which they are told. */
  #dismiss(record: ParticipantRecord, now: number, appended: Appended[]): void {
    for (const { id: room_id } of record.rooms.values()) {
      tell(appended, [record], 'room.closed', now, { room_id, reason: 'closed_by_operator' });
    }
    this.#depart(record, 'removed', 'removed', now, appended);
  }

  /** Takes text and name from what somebody has said in a room, and from others' logs what they have heard there. */
  #erase(room: Room, participantId: string, now: number): void {
    room.erase(participantId);
    for (const id of room.everybody) {
      for (const { body } of this.#participants.get(id)?.log.read(0, Infinity, now).entries ?? []) {
        if (body instanceof MessageReceived) eraseOf(participantId, body.message);
      }
    }
  }

  #forget(record: ParticipantRecord): void {
    this.#participants.delete(record.id);
    this.#gone.delete(record.id);
    this.#principals.delete(record);
    this.#leases.cancel(record.id);
    this.#sanctions.forget(record.id);
    if (record.tokenDigest !== null) this.#idByToken.delete(record.tokenDigest);
  }

  /** Forgets whoever of the principal's is longest gone when it has too many. */
  #makeRoomFor(principal: string): void {
    const { participantsPerPrincipal: limit } = this.limits;
    const all = this.#principals.of(principal);
    if (limit === 0 || all.size < limit) return;
    const gone = [...all].filter(({ presence }) => presence === 'gone').sort((a, b) => a.since - b.since);
    if (gone.length === 0) throw tooManyOfPrincipal(limit);
    this.#forget(gone[0]!);
  }

  /** A waiting ticket counts as the room it may become, so that no match exceeds the limit. */
  #requireRoomLeft(actor: ParticipantRecord): void {
    const { roomsPerParticipant } = this.limits;
    if (roomsPerParticipant > 0 && actor.rooms.size + actor.tickets.size >= roomsPerParticipant) {
      throw tooManyRooms(roomsPerParticipant);
    }
  }

  #recordJoin(room: Room, actor: ParticipantRecord, wasOpen: boolean, now: number): void {
    if (!this.#records) return;
    const { id: room_id, kind, name, capacity } = room;
    const member = recordMember(room, actor);
    if (wasOpen) this.#records.write('room.joined', now, { room_id, member, reasons: [] });
    else {
      const opened = { room_id, kind, name, capacity, members: [member], reasons: [], tickets: [] };
      this.#records.write('room.opened', now, opened);
    }
  }

  #openNamed({ roomId, name, capacity }: JoinRoom, now: number): Room {
    const room = new RoomRecord<ParticipantRecord>(roomId, 'named', name, capacity, this.limits.roomHistory, now);
    this.#rooms.set(roomId, room);
    this.#named.set(name, room);
    return room;
  }

  /** A room the participant is or was in; to everybody else it does not exist. */
  #known(actor: ParticipantRecord, roomId: string): Room {
    const room = this.#rooms.get(roomId);
    if (!room?.knows(actor.id)) throw roomNotFound();
    return room;
  }

  #requirePartner(actor: ParticipantRecord, roomId: string, userId: string): void {
    const room = this.#known(actor, roomId);
    if (userId === actor.id || !room.knows(userId)) throw memberNotFound();
  }

  /** A matched room lives while two remain, a named one while anybody does. */
  #leave(actor: ParticipantRecord, room: Room, reason: DisconnectReason, now: number, appended: Appended[]): void {
    actor.quit(room);
    const { id: room_id } = room;
    this.#records?.write('room.left', now, { room_id, user_id: actor.id, reason, last_seq: room.messages.last });
    const remaining = [...room.members.values()];
    const active = remaining.length >= (room.kind === 'match' ? 2 : 1);
    for (const member of remaining) {
      if (room.kind === 'match') member.meet(actor, now);
      const gone = { room_id: room.id, partner: actor.profile, reason, room_active: active };
      tell(appended, [member], 'partner.disconnected', now, gone);
    }
    if (!active) this.#close(room, `partner_${reason}`, now, appended);
    else if (room.kind === 'match') this.#matches.seatsChanged(room, now, appended);
  }

  #close(room: Room, reason: RoomClosedReason, now: number, appended: Appended[]): void {
    const members = [...room.members.values()];
    tell(appended, members, 'room.closed', now, { room_id: room.id, reason });
    room.active = false;
    if (room.kind === 'match') {
      members.forEach((member, i) => members.slice(0, i).forEach((other) => member.meet(other, now)));
      this.#matches.seatsChanged(room, now, appended);
    }
    this.#records?.write('room.closed', now, { room_id: room.id, reason });
    members.forEach((member) => member.quit(room));
    if (room.kind === 'named') this.#named.delete(room.name);
    this.#ended.add(room.id);
    const { endedRooms, endedRoomAgeMs } = this.limits;
    if (endedRoomAgeMs > 0) this.#roomTtls.schedule(room.id, now + endedRoomAgeMs);
    const [oldest] = this.#ended;
    if (endedRooms > 0 && this.#ended.size > endedRooms) this.#forgetRoom(oldest!);
  }

  #forgetRoom(roomId: string): void {
    this.#ended.delete(roomId);
    this.#rooms.delete(roomId);
    this.#roomTtls.cancel(roomId);
  }
}

const found = ({ actor, appended }: Step): FoundParticipant => ({ participant: actor, head: actor.log.head, appended });

function remember(roomPositions: Map<string, number>, roomId: string, position: number): void {
  roomPositions.delete(roomId);
  roomPositions.set(roomId, position);
  if (roomPositions.size > MAX_ROOM_POSITIONS) roomPositions.delete(roomPositions.keys().next().value!);
}

function requireMember(room: Room, actor: ParticipantRecord): void {
  if (!room.active) throw roomEnded();
  if (!room.members.has(actor.id)) throw notInRoom();
}

function takeToken(what: 'messages' | 'joins', bucket: TokenBucket, now: number): void {
  const waitMs = bucket.take(now);
  if (waitMs > 0) throw rateLimited(what, Math.ceil(waitMs / 1000));
}
