import type { ChatErrorCode } from '../../../src/domain/errors.js';
import type { LogEntry } from '../../../src/domain/event.js';
import type { GroupSize } from '../../../src/domain/ticket.js';
import { type DeclinerPolicy, type StateLimits, UNANSWERED_MS } from '../../../src/ports/state-store.js';

/** What a step must do: the entries it writes, as `<participant>: <event>`, and its outcome or its refusal. */
export interface Expected {
  readonly appended: string[];
  readonly refused?: ChatErrorCode;
  readonly outcome?: unknown;
}

export type TicketEnd = 'matched' | 'cancelled' | 'expired' | 'declined';

export interface ModelTicket {
  readonly id: string;
  pool: string;
  group: GroupSize;
  readonly owners: Person[];
  /** The party that gathers. */
  readonly party: { readonly name: string; readonly size: number } | undefined;
  /** Set on the ticket of an open room. */
  readonly room: ModelRoom | undefined;
  state: 'waiting' | 'gathering' | 'offered' | TicketEnd;
  enqueuedAt: number;
  /** Place among tickets of one moment. */
  order: number;
  version: number;
  avoid: string[];
  expiresAt: number;
  /** When it is to be looked at: in which second, and its place among those of one second. */
  due: { readonly second: number; readonly order: number; readonly released: boolean } | undefined;
}

export interface ModelOffer {
  readonly id: string;
  readonly roomId: string;
  readonly pool: string;
  readonly tickets: readonly ModelTicket[];
  readonly accepted: Set<string>;
  readonly expiresAt: number;
  readonly decliner: DeclinerPolicy;
  readonly backfill: boolean;
}

interface ModelMessage {
  readonly seq: number;
  readonly sender: string;
  readonly text: string;
}

export interface ModelRoom {
  readonly id: string;
  readonly kind: 'match' | 'named';
  readonly name: string;
  readonly capacity: number;
  /** Whether free seats are filled. */
  readonly backfill: boolean;
  readonly openedAt: number;
  members: Person[];
  readonly everIn: Set<string>;
  readonly messages: ModelMessage[];
  readonly sent: Map<string, ModelMessage>;
  seat: ModelTicket | undefined;
  seats: number;
  avoid: string[];
  active: boolean;
  endedAt: number;
  forgotten: boolean;
}

export interface Person {
  readonly id: string;
  presence: 'present' | 'away' | 'gone';
  since: number;
  tickets: ModelTicket[];
  rooms: ModelRoom[];
  readonly blocked: Set<string>;
  /** When they were last in a matched room with whom. */
  readonly met: Map<string, number>;
  /** Everything ever written to their log. */
  readonly log: string[];
  /** The log entries that reads without a cursor have handed out, in the order they did. */
  readonly heard: string[];
}

type ModelGroup = readonly { readonly id: string; readonly version: number }[];

/** What a claim and an offer have in common. */
export interface ModelClaim {
  readonly pool: string;
  readonly roomId: string;
  readonly groups: readonly ModelGroup[];
  readonly backfill: boolean;
}

/** In what order the store has done what is due at the same time, for it may choose. */
export interface Choice {
  offers(due: readonly ModelOffer[]): ModelOffer[];
  tickets(due: readonly ModelTicket[]): ModelTicket[];
  people(due: readonly Person[]): Person[];
}

/** The event as the model names it. */
export function describeEntry({ body }: LogEntry): string {
  const data = body.data as Readonly<Record<string, string | number | boolean | undefined>>;
  const { partner, sender } = body.data as { partner?: { user_id: string }; sender?: { user_id: string } };
  const keys = [
    'room_id',
    'ticket_id',
    'offer_id',
    'seq',
    'message',
    'from',
    'reason',
    'room_active',
    'group_size',
    'waiting',
  ];
  const who = body.name === 'chatroom.found' ? undefined : (sender ?? partner)?.user_id;
  return [body.name, ...keys.map((key) => data[key]), who].filter((fact) => fact !== undefined).join(' ');
}

/** Whether a room of this size will do for a ticket. */
export const admits = ({ minimum, maximum, multiple }: GroupSize, size: number) =>
  size >= minimum && size <= maximum && size % multiple === 0;

const SIZES = Array.from({ length: 15 }, (_, i) => i + 2);
const isLive = ({ state }: ModelTicket) => state === 'waiting' || state === 'gathering' || state === 'offered';

/** The rules once more, as plainly as they can be said: arrays, no index, no bound but those that the rules name. */
export class Model {
  now = 0;
  people: Person[] = [];
  /** Every ticket that ever was. */
  readonly tickets: ModelTicket[] = [];
  offers: ModelOffer[] = [];
  /** Every room that ever was. */
  readonly rooms: ModelRoom[] = [];
  /** Rooms in the order in which they ended. */
  readonly #ended: ModelRoom[] = [];
  #order = 0;

  constructor(readonly limits: StateLimits) {}

  /** Those who wait in a pool for a group that a ticket of this group could be part of, the senior first. */
  queue(pool: string, group: GroupSize): ModelTicket[] {
    const shared = (other: GroupSize) => SIZES.some((size) => admits(group, size) && admits(other, size));
    return this.waiting
      .filter((ticket) => ticket.pool === pool && shared(ticket.group))
      .sort((a, b) => a.enqueuedAt - b.enqueuedAt || a.order - b.order);
  }

  /** Counts from 1 among those who wait for the same sizes. */
  position(ticket: ModelTicket): number {
    const same = this.queue(ticket.pool, ticket.group).filter(({ group }) => isSame(group, ticket.group));
    return same.indexOf(ticket) + 1;
  }

  get live(): ModelTicket[] {
    return this.tickets.filter(isLive);
  }

  get waiting(): ModelTicket[] {
    return this.tickets.filter((ticket) => ticket.state === 'waiting');
  }

  get kept(): ModelRoom[] {
    return this.rooms.filter((room) => !room.forgotten);
  }

  apart = (a: Person, b: Person) => a.blocked.has(b.id) || b.blocked.has(a.id);

  /** Of those who have been gone longest, and equally long, the store chooses whom to forget. */
  create(id: string, choose: (longestGone: readonly Person[]) => Person): Expected {
    const { participants } = this.limits;
    if (participants > 0 && this.people.length >= participants) {
      const gone = this.people.filter((person) => person.presence === 'gone');
      if (gone.length === 0) return { appended: [], refused: 'too_many_participants' };
      const earliest = Math.min(...gone.map((person) => person.since));
      this.#forget(choose(gone.filter((person) => person.since === earliest)));
    }
    const person: Person = {
      id,
      presence: 'present',
      since: this.now,
      tickets: [],
      rooms: [],
      blocked: new Set(),
      met: new Map(),
      log: [],
      heard: [],
    };
    this.people.push(person);
    return { appended: [] };
  }

  /** Any step of somebody is a sign of life. */
  renew(person: Person): string[] {
    const { presence } = person;
    person.since = this.now;
    person.presence = 'present';
    if (presence !== 'away') return [];
    return person.rooms.flatMap((room) =>
      room.members
        .filter((other) => other !== person)
        .map((other) => this.#tell(other, `partner.reconnected ${room.id} ${person.id}`)),
    );
  }

  release(person: Person): void {
    if (person.presence === 'present' && this.limits.presenceMs > 0) person.since = this.now - this.limits.presenceMs;
  }

  enqueue(
    person: Person,
    { id, pool, group }: { id: string; pool: string; group: GroupSize },
    { ttlMs, roomsPerPool, party }: { ttlMs: number; roomsPerPool: number; party?: { name: string; size: number } },
  ): Expected {
    const appended = this.renew(person);
    const { ticketsPerParticipant } = this.limits;
    if (person.tickets.some((ticket) => ticket.pool === pool)) return { appended, outcome: 'already_waiting' };
    const inPool = person.rooms.filter((room) => room.kind === 'match' && room.name === pool).length;
    if (roomsPerPool > 0 && inPool >= roomsPerPool) return { appended, outcome: 'already_in_chat' };
    if (person.tickets.length >= ticketsPerParticipant) return { appended, refused: 'too_many_tickets' };
    if (!this.#roomLeft(person)) return { appended, refused: 'too_many_rooms' };
    const gathering = this.tickets.find(
      (other) => other.state === 'gathering' && other.pool === pool && other.party?.name === party?.name,
    );
    if (gathering) {
      const fits = gathering.party!.size === party?.size && isSame(gathering.group, group);
      if (!fits || gathering.owners.some((other) => this.apart(other, person))) {
        return { appended, refused: 'party_mismatch' };
      }
    }
    const ticket = gathering ?? this.#newTicket({ id, pool, group, party, owners: [], enqueuedAt: this.now });
    if (gathering) {
      ticket.version++;
      ticket.enqueuedAt = this.now;
    }
    ticket.owners.push(person);
    person.tickets.push(ticket);
    if (ttlMs > 0) ticket.expiresAt = this.now + ttlMs;
    if (party && ticket.owners.length < party.size) {
      ticket.state = 'gathering';
      return { appended, outcome: 'gathering' };
    }
    this.#wait(ticket);
    this.#dueAt(ticket, this.now + UNANSWERED_MS, false);
    return { appended, outcome: 'waiting' };
  }

  /** A group of three tickets or two around an arrival whose headcount suits all, the senior first. */
  group(subject: ModelTicket): ModelTicket[] | undefined {
    const others = this.queue(subject.pool, subject.group).filter((ticket) => ticket !== subject);
    const threes = others.flatMap((first, i) => others.slice(i + 1).map((second) => [first, second, subject]));
    return [...threes, ...others.map((other) => [other, subject])].find((group) => {
      const size = group.flatMap(({ owners }) => owners).length;
      return this.#mayMeet(group) && group.every((ticket) => admits(ticket.group, size));
    });
  }

  claim(claim: ModelClaim): Expected {
    const [choice, tickets] = this.#choose(claim);
    return { appended: tickets ? this.#seat(tickets, claim) : [], outcome: choice };
  }

  offer(claim: ModelClaim & { id: string; expiresAt: number; decliner: DeclinerPolicy }): Expected {
    const [choice, tickets] = this.#choose(claim);
    if (!tickets) return { appended: [], outcome: choice };
    this.offers.push({ ...claim, tickets, accepted: new Set() });
    for (const ticket of tickets) {
      ticket.state = 'offered';
      ticket.due = undefined;
    }
    const size = tickets.flatMap(({ owners }) => owners).length;
    const asked = tickets.filter((ticket) => !ticket.room).flatMap(({ owners }) => owners);
    return { appended: asked.map((one) => this.#tell(one, `match.offered ${claim.id} ${size}`)), outcome: choice };
  }

  respond(person: Person, offerId: string | undefined, accept: boolean): Expected {
    const appended = this.renew(person);
    const own = this.offers.filter(({ tickets }) => tickets.some((ticket) => person.tickets.includes(ticket)));
    const offer =
      offerId === undefined
        ? (own.find(({ accepted }) => !accepted.has(person.id)) ?? own[0])
        : own.find(({ id }) => id === offerId);
    if (!offer) return { appended, refused: 'offer_not_found' };
    if (!accept) {
      const declined = offer.tickets.filter((ticket) => person.tickets.includes(ticket));
      appended.push(...this.#withdraw(offer, declined, offer.decliner));
      return { appended, outcome: `declined ${offer.decliner === 'requeue'}` };
    }
    offer.accepted.add(person.id);
    if (unanswered(offer).length > 0) return { appended, outcome: `accepted ${offer.id}` };
    this.offers = this.offers.filter((other) => other !== offer);
    appended.push(...this.#seat(offer.tickets, offer));
    return { appended, outcome: `matched ${offer.tickets.find(({ room }) => room)?.room!.id ?? offer.roomId}` };
  }

  cancel(person: Person, pool: string | undefined): Expected {
    const appended = this.renew(person);
    const tickets = person.tickets.filter((ticket) => pool === undefined || ticket.pool === pool);
    for (const ticket of tickets) {
      appended.push(...this.#end(ticket, 'cancelled', (owner) => (owner === person ? undefined : 'party_broken')));
    }
    return { appended, outcome: tickets.map((ticket) => ticket.id) };
  }

  wakeAt(ticket: ModelTicket, at: number | undefined): void {
    if (ticket.state === 'waiting' && !ticket.due?.released) this.#dueAt(ticket, at, false);
  }

  takeDue(limit: number): ModelTicket[] {
    const due = this.waiting
      .filter((ticket) => ticket.due && ticket.due.second * 1_000 <= this.now)
      .sort((a, b) => a.due!.second - b.due!.second || a.due!.order - b.due!.order)
      .slice(0, limit);
    for (const ticket of due) {
      ticket.due = undefined;
      this.#dueAt(ticket, this.now + UNANSWERED_MS, false);
    }
    return due;
  }

  join(person: Person, name: string, capacity: number, roomId: string): Expected {
    const appended = this.renew(person);
    const room =
      this.kept.find(({ id, everIn }) => id === name && everIn.has(person.id)) ??
      this.kept.find((other) => other.kind === 'named' && other.active && other.name === name);
    if (room && !room.active) return { appended, refused: 'room_inactive' };
    if (room?.members.includes(person)) return { appended, outcome: `joined ${room.id}` };
    if (room && (room.members.length >= room.capacity || room.members.some((other) => this.apart(other, person)))) {
      return { appended, refused: 'room_full' };
    }
    if (!this.#roomLeft(person)) return { appended, refused: 'too_many_rooms' };
    const entered = room ?? this.#open(roomId, 'named', name, capacity, false);
    for (const other of entered.members) appended.push(this.#tell(other, `partner.joined ${entered.id} ${person.id}`));
    this.#admit(entered, person);
    appended.push(...this.#seatsChanged(entered));
    return { appended, outcome: `${room ? 'joined' : 'room_created'} ${entered.id}` };
  }

  post(person: Person, room: ModelRoom, text: string, clientMessageId: string | undefined): Expected {
    const appended = this.renew(person);
    if (!this.#knows(person, room)) return { appended, refused: 'room_not_found' };
    const key = `${person.id} ${clientMessageId}`;
    const first = clientMessageId === undefined ? undefined : room.sent.get(key);
    if (first) return { appended, outcome: { ...first, duplicate: true } };
    if (!room.active) return { appended, refused: 'room_ended' };
    if (!room.members.includes(person)) return { appended, refused: 'not_in_room' };
    const message = { seq: room.messages.length + 1, sender: person.id, text };
    room.messages.push(message);
    if (clientMessageId !== undefined) room.sent.set(key, message);
    for (const other of room.members) {
      if (other === person) continue;
      appended.push(this.#tell(other, `message.received ${room.id} ${message.seq} ${text} ${person.id}`));
    }
    return { appended, outcome: { ...message, duplicate: false } };
  }

  leave(person: Person, room: ModelRoom): Expected {
    const appended = this.renew(person);
    if (!this.#knows(person, room)) return { appended, refused: 'room_not_found' };
    if (!room.active) return { appended };
    if (!room.members.includes(person)) return { appended, refused: 'not_in_room' };
    return { appended: [...appended, ...this.#leave(person, room, 'left')] };
  }

  block(person: Person, room: ModelRoom, userId: string): Expected {
    const appended = this.renew(person);
    if (!this.#knows(person, room)) return { appended, refused: 'room_not_found' };
    if (userId === person.id || !room.everIn.has(userId)) return { appended, refused: 'member_not_found' };
    person.blocked.add(userId);
    const isOfOther = (ticket: ModelTicket) => ticket.owners.some(({ id }) => id === userId);
    for (const ticket of [...person.tickets, ...person.rooms.map((own) => own.seat)]) {
      if (!ticket || !isLive(ticket)) continue;
      if (!ticket.room && isOfOther(ticket)) appended.push(...this.#end(ticket, 'expired', () => 'party_broken'));
      const offer = this.#offerOf(ticket);
      if (offer?.tickets.some((other) => other !== ticket && isOfOther(other))) {
        appended.push(...this.#withdraw(offer, [], offer.decliner));
      }
    }
    return { appended };
  }

  /** What an operator does with a ticket: takes it away. */
  removeTicket(id: string): Expected {
    const ticket = this.#liveOf(id);
    if (!ticket) return { appended: [], refused: 'ticket_not_found' };
    if (ticket.room) return { appended: [], refused: 'ticket_refused' };
    return { appended: this.#end(ticket, 'expired', () => 'removed'), outcome: ticket.id };
  }

  /** What an operator does with a ticket: has it wait elsewhere. */
  moveTicket(id: string, pool: string, group: GroupSize, ttlMs: number): Expected {
    const ticket = this.#liveOf(id);
    if (!ticket) return { appended: [], refused: 'ticket_not_found' };
    const isThere = ticket.owners.some(({ tickets }) => tickets.some((other) => other.pool === pool));
    if (ticket.room || ticket.state !== 'waiting' || isThere) return { appended: [], refused: 'ticket_refused' };
    const from = ticket.pool;
    Object.assign(ticket, { pool, group, expiresAt: ttlMs > 0 ? this.now + ttlMs : Infinity, due: undefined });
    ticket.version++;
    this.#dueAt(ticket, this.now, true);
    const appended = ticket.owners.map((owner) => {
      owner.tickets = [...owner.tickets.filter((other) => other !== ticket), ticket];
      return this.#tell(owner, `queue.moved ${ticket.id} ${from}`);
    });
    return { appended, outcome: ticket.id };
  }

  /** What an operator does with a room: ends it. */
  closeRoom(room: ModelRoom): Expected {
    if (room.forgotten) return { appended: [], refused: 'room_not_found' };
    if (!room.active) return { appended: [], refused: 'room_ended' };
    const appended = room.members.map((member) => this.#tell(member, `room.closed ${room.id} closed_by_operator`));
    room.active = false;
    appended.push(...this.#seatsChanged(room));
    this.#endRoom(room);
    return { appended };
  }

  /** What an operator does with somebody: takes them out of everything. */
  dismiss(person: Person): Expected {
    const appended = person.rooms.map(({ id }) => this.#tell(person, `room.closed ${id} closed_by_operator`));
    for (const ticket of [...person.tickets]) {
      appended.push(...this.#end(ticket, 'expired', (owner) => (owner === person ? 'removed' : 'party_broken')));
    }
    for (const room of [...person.rooms]) appended.push(...this.#leave(person, room, 'removed'));
    return { appended };
  }

  /** What is due by now, the store choosing the order of what is due at the same time. */
  expire(choice: Choice): Expected {
    const appended: string[] = [];
    const { presenceMs, graceMs, retentionMs, endedRoomAgeMs } = this.limits;
    for (const offer of choice.offers(this.offers.filter(({ expiresAt }) => expiresAt <= this.now))) {
      appended.push(...this.#withdraw(offer, unanswered(offer), offer.decliner));
    }
    const over = this.live.filter(({ state, expiresAt }) => state !== 'offered' && expiresAt <= this.now);
    for (const ticket of choice.tickets(over)) appended.push(...this.#end(ticket, 'expired', () => 'ticket_ttl'));
    for (const room of this.kept) {
      if (!room.active && room.endedAt + endedRoomAgeMs <= this.now) room.forgotten = true;
    }
    if (presenceMs === 0) return { appended };
    const lasts = { present: presenceMs, away: graceMs, gone: retentionMs };
    const lost = this.people.filter((person) => person.since + lasts[person.presence] <= this.now);
    for (const person of lost.filter(({ presence }) => presence === 'gone')) this.#forget(person);
    const away = lost.filter(({ presence }) => presence === 'away');
    for (const person of lost.filter(({ presence }) => presence === 'present')) {
      person.presence = 'away';
      person.since = this.now;
    }
    for (const person of choice.people(away)) {
      person.presence = 'gone';
      person.since = this.now;
      for (const ticket of [...person.tickets]) {
        appended.push(...this.#end(ticket, 'expired', (owner) => (owner === person ? 'timeout' : 'party_broken')));
      }
      for (const room of [...person.rooms]) appended.push(...this.#leave(person, room, 'timeout'));
    }
    return { appended };
  }

  #tell(person: Person, event: string): string {
    person.log.push(event);
    return `${person.id}: ${event}`;
  }

  #roomLeft(person: Person): boolean {
    return person.rooms.length + person.tickets.length < this.limits.roomsPerParticipant;
  }

  #knows(person: Person, room: ModelRoom): boolean {
    return !room.forgotten && room.everIn.has(person.id);
  }

  #newTicket(
    given: Pick<ModelTicket, 'id' | 'pool' | 'group' | 'owners' | 'party' | 'enqueuedAt'> & { room?: ModelRoom },
  ): ModelTicket {
    const ticket: ModelTicket = {
      room: undefined,
      state: 'gathering',
      order: 0,
      version: 1,
      avoid: [],
      expiresAt: Infinity,
      due: undefined,
      ...given,
    };
    this.tickets.push(ticket);
    return ticket;
  }

  #wait(ticket: ModelTicket): void {
    ticket.state = 'waiting';
    ticket.order ||= ++this.#order;
  }

  #dueAt(ticket: ModelTicket, at: number | undefined, released: boolean): void {
    const second = Math.ceil((at ?? 0) / 1_000);
    const order = ticket.due?.second === second ? ticket.due.order : ++this.#order;
    ticket.due = at === undefined ? undefined : { second, order, released };
  }

  /** All tickets of a room go by its id, one after another: that one has ended does not say that none is left. */
  #liveOf(id: string): ModelTicket | undefined {
    return this.live.find((ticket) => ticket.id === id);
  }

  #offerOf(ticket: ModelTicket): ModelOffer | undefined {
    return this.offers.find(({ tickets }) => tickets.includes(ticket));
  }

  /** Nobody has two tickets among these, and nobody is apart from somebody behind another. */
  #mayMeet(tickets: readonly ModelTicket[]): boolean {
    return tickets.every((a, i) =>
      tickets
        .slice(i + 1)
        .every((b) => a.owners.every((one) => b.owners.every((other) => one !== other && !this.apart(one, other)))),
    );
  }

  /** The first group that can be had, and its place among all. */
  #choose({ groups, pool }: ModelClaim): [choice: number | undefined, tickets?: ModelTicket[]] {
    const found = groups.map((group) => this.#claimable(group, pool));
    const choice = found.findIndex((tickets) => tickets);
    return choice === -1 ? [undefined] : [choice, found[choice]];
  }

  #claimable(group: ModelGroup, pool: string): ModelTicket[] | undefined {
    const tickets = group.flatMap(({ id, version }) =>
      this.waiting.filter((ticket) => ticket.id === id && ticket.version === version && ticket.pool === pool),
    );
    const rooms = tickets.flatMap(({ room }) => room ?? []);
    const size = tickets.flatMap(({ owners }) => owners).length;
    const isWhole = tickets.length === group.length && tickets.length > rooms.length && size > 1;
    const isRoomy = rooms.length === 0 || (rooms.length === 1 && size <= rooms[0]!.capacity);
    return isWhole && isRoomy && this.#mayMeet(tickets) ? tickets : undefined;
  }

  #seat(tickets: readonly ModelTicket[], { roomId, pool, backfill }: Omit<ModelClaim, 'groups'>): string[] {
    const coming = tickets.filter((ticket) => !ticket.room);
    const newcomers = coming.flatMap(({ owners }) => owners);
    for (const ticket of tickets) this.#close(ticket, 'matched');
    const open = tickets.find((ticket) => ticket.room)?.room;
    const room = open ?? this.#open(roomId, 'match', pool, newcomers.length, backfill);
    const inside = [...room.members];
    for (const person of newcomers) this.#admit(room, person);
    room.avoid = [...new Set([...room.avoid, ...coming.flatMap(({ avoid }) => avoid)])];
    this.#seek(room);
    return [
      ...newcomers.map((person) => this.#tell(person, `chatroom.found ${room.id}`)),
      ...newcomers.flatMap(({ id }) => inside.map((other) => this.#tell(other, `partner.joined ${room.id} ${id}`))),
    ];
  }

  #withdraw(offer: ModelOffer, declined: readonly ModelTicket[], policy: DeclinerPolicy): string[] {
    this.offers = this.offers.filter((other) => other !== offer);
    return offer.tickets.flatMap((ticket) => {
      const decliners = declined.filter((other) => other !== ticket).flatMap(({ owners }) => owners);
      const avoid = [...new Set([...ticket.avoid, ...decliners.map(({ id }) => id)])];
      if (ticket.room) {
        ticket.room.avoid = avoid;
        this.#seek(ticket.room);
        return [];
      }
      const hasDeclined = declined.includes(ticket);
      const waits = !hasDeclined || policy === 'requeue';
      if (!waits) this.#close(ticket, 'declined');
      else {
        ticket.avoid = avoid;
        ticket.version++;
        if (hasDeclined) Object.assign(ticket, { enqueuedAt: this.now, order: 0 });
        this.#wait(ticket);
        this.#dueAt(ticket, this.now, true);
      }
      return ticket.owners.map((owner) => this.#tell(owner, `match.withdrawn ${offer.id} ${waits}`));
    });
  }

  /** Ends a ticket without a match. */
  #end(ticket: ModelTicket, how: TicketEnd, reasonFor: (owner: Person) => string | undefined): string[] {
    const offer = this.#offerOf(ticket);
    const appended = offer ? this.#withdraw(offer, [ticket], 'remove') : [];
    if (!offer) this.#close(ticket, how);
    for (const owner of ticket.owners) {
      const reason = reasonFor(owner);
      if (reason) appended.push(this.#tell(owner, `queue.expired ${ticket.id} ${reason}`));
    }
    return appended;
  }

  #close(ticket: ModelTicket, how: TicketEnd): void {
    if (!isLive(ticket)) throw new Error(`ticket ${ticket.id} ended twice: ${ticket.state}, ${how}`);
    ticket.state = how;
    ticket.due = undefined;
    for (const owner of ticket.owners) owner.tickets = owner.tickets.filter((other) => other !== ticket);
  }

  #open(id: string, kind: ModelRoom['kind'], name: string, capacity: number, backfill: boolean): ModelRoom {
    const room: ModelRoom = {
      id,
      kind,
      name,
      capacity,
      backfill,
      openedAt: this.now,
      members: [],
      everIn: new Set(),
      messages: [],
      sent: new Map(),
      seat: undefined,
      seats: 0,
      avoid: [],
      active: true,
      endedAt: Infinity,
      forgotten: false,
    };
    this.rooms.push(room);
    return room;
  }

  #admit(room: ModelRoom, person: Person): void {
    this.#meet(room, person);
    room.members.push(person);
    room.everIn.add(person.id);
    person.rooms.push(room);
  }

  #dismiss(room: ModelRoom, person: Person): void {
    room.members = room.members.filter((other) => other !== person);
    person.rooms = person.rooms.filter((other) => other !== room);
    this.#meet(room, person);
  }

  /** Those in a matched room are with somebody who comes or goes. */
  #meet(room: ModelRoom, person: Person): void {
    if (room.kind !== 'match') return;
    for (const other of room.members) {
      other.met.set(person.id, this.now);
      person.met.set(other.id, this.now);
    }
  }

  #seatsChanged(room: ModelRoom): string[] {
    const offer = room.seat && this.#offerOf(room.seat);
    if (offer) return this.#withdraw(offer, [], offer.decliner);
    this.#seek(room);
    return [];
  }

  /** A room with free seats has a ticket, a new one each time. */
  #seek(room: ModelRoom): void {
    if (room.seat && isLive(room.seat)) this.#close(room.seat, 'cancelled');
    room.seat = undefined;
    const { id, name: pool, capacity: maximum, openedAt: enqueuedAt, members } = room;
    if (!room.backfill || !room.active || members.length >= maximum) return;
    const group = { minimum: members.length + 1, maximum, multiple: 1, patienceMs: 0 };
    const seat = this.#newTicket({ id, pool, group, owners: [...members], party: undefined, enqueuedAt, room });
    seat.version = ++room.seats;
    seat.avoid = [...room.avoid];
    this.#wait(seat);
    this.#dueAt(seat, this.now, true);
    room.seat = seat;
  }

  #leave(person: Person, room: ModelRoom, reason: string): string[] {
    this.#dismiss(room, person);
    const remaining = [...room.members];
    room.active = remaining.length >= (room.kind === 'match' ? 2 : 1);
    const appended = remaining.flatMap((other) => [
      this.#tell(other, `partner.disconnected ${room.id} ${reason} ${room.active} ${person.id}`),
      ...(room.active ? [] : [this.#tell(other, `room.closed ${room.id} partner_${reason}`)]),
    ]);
    appended.push(...this.#seatsChanged(room));
    if (!room.active) this.#endRoom(room);
    return appended;
  }

  #endRoom(room: ModelRoom): void {
    for (const other of [...room.members]) this.#dismiss(room, other);
    room.endedAt = this.now;
    this.#ended.push(room);
    const kept = this.#ended.filter((other) => !other.forgotten);
    if (kept.length > this.limits.endedRooms) kept[0]!.forgotten = true;
  }

  #forget(person: Person): void {
    this.people = this.people.filter((other) => other !== person);
  }
}

/** The tickets of an offer of which not everybody has accepted; those in an open room are not asked. */
function unanswered({ tickets, accepted }: ModelOffer): ModelTicket[] {
  return tickets.filter(({ room, owners }) => !room && !owners.every(({ id }) => accepted.has(id)));
}

function isSame(a: GroupSize, b: GroupSize): boolean {
  return a.minimum === b.minimum && a.maximum === b.maximum && a.multiple === b.multiple;
}
