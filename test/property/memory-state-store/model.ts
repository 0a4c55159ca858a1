import type { ChatErrorCode } from '../../../src/domain/errors.js';
import type { LogEntry } from '../../../src/domain/event.js';
import type { StateLimits } from '../../../src/ports/state-store.js';

/** What a step must do: the entries it writes, as `<participant>: <event>`, and its outcome or its refusal. */
export interface Expected {
  readonly appended: string[];
  readonly refused?: ChatErrorCode;
  readonly outcome?: unknown;
}

export type TicketEnd = 'matched' | 'cancelled' | 'expired';

export interface ModelTicket {
  readonly id: string;
  readonly pool: string;
  readonly size: number;
  readonly owner: Person;
  readonly expiresAt: number;
  waiting: boolean;
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
  members: Person[];
  readonly everIn: Set<string>;
  readonly messages: ModelMessage[];
  readonly sent: Map<string, ModelMessage>;
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
  /** Everything ever written to their log. */
  readonly log: string[];
  /** The log entries that reads without a cursor have handed out, in the order they did. */
  readonly heard: string[];
}

/** The event as the model names it. */
export function describeEntry({ body }: LogEntry): string {
  const data = body.data as Readonly<Record<string, string | number | boolean | undefined>>;
  const { partner, sender } = body.data as { partner?: { user_id: string }; sender?: { user_id: string } };
  const facts = ['room_id', 'ticket_id', 'seq', 'message', 'reason', 'room_active'].map((key) => data[key]);
  const who = body.name === 'chatroom.found' ? undefined : (sender ?? partner)?.user_id;
  return [body.name, ...facts, who].filter((fact) => fact !== undefined).join(' ');
}

/** The rules once more, as plainly as they can be said: arrays, no index, no bound but those that the rules name. */
export class Model {
  now = 0;
  people: Person[] = [];
  readonly tickets: ModelTicket[] = [];
  /** Every room that ever was. */
  readonly rooms: ModelRoom[] = [];
  /** How each ticket ended, as the store has told it; never more than one way. */
  readonly ends = new Map<string, TicketEnd[]>();
  /** Rooms in the order in which they ended. */
  readonly #ended: ModelRoom[] = [];

  constructor(readonly limits: StateLimits) {}

  queue(pool: string, size: number): ModelTicket[] {
    return this.tickets.filter((ticket) => ticket.waiting && ticket.pool === pool && ticket.size === size);
  }

  get waiting(): ModelTicket[] {
    return this.tickets.filter((ticket) => ticket.waiting);
  }

  get kept(): ModelRoom[] {
    return this.rooms.filter((room) => !room.forgotten);
  }

  apart = (a: Person, b: Person) => a.blocked.has(b.id) || b.blocked.has(a.id);

  ended(ticketId: string, how: TicketEnd): void {
    this.ends.set(ticketId, [...(this.ends.get(ticketId) ?? []), how]);
  }

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

  enqueue(person: Person, ticketId: string, pool: string, size: number, ttlMs: number, roomsPerPool: number): Expected {
    const appended = this.renew(person);
    const { ticketsPerParticipant } = this.limits;
    if (person.tickets.some((ticket) => ticket.pool === pool)) return { appended, outcome: 'already_waiting' };
    const inPool = person.rooms.filter((room) => room.kind === 'match' && room.name === pool).length;
    if (roomsPerPool > 0 && inPool >= roomsPerPool) return { appended, outcome: 'already_in_chat' };
    if (person.tickets.length >= ticketsPerParticipant) return { appended, refused: 'too_many_tickets' };
    if (!this.#roomLeft(person)) return { appended, refused: 'too_many_rooms' };
    const expiresAt = ttlMs > 0 ? this.now + ttlMs : Infinity;
    const ticket = { id: ticketId, pool, size, owner: person, expiresAt, waiting: true };
    this.tickets.push(ticket);
    person.tickets.push(ticket);
    return { appended, outcome: 'waiting' };
  }

  /** Whom first in, first out puts together with an arrival, which comes last. */
  fifo(subject: ModelTicket): ModelTicket[] | undefined {
    const queue = this.queue(subject.pool, subject.size).filter((ticket) => ticket !== subject);
    for (const anchor of queue) {
      const group = [subject];
      for (const ticket of [anchor, ...queue.filter((other) => other !== anchor)]) {
        const fits = group.every(({ owner }) => owner !== ticket.owner && !this.apart(owner, ticket.owner));
        if (fits) group.push(ticket);
        else if (ticket === anchor) break;
        if (group.length === subject.size) return [...group.slice(1), subject];
      }
    }
    return undefined;
  }

  claim(roomId: string, pool: string, claimed: readonly { id: string; version: number }[]): Expected {
    const tickets = claimed.map(({ id }) => this.tickets.find((ticket) => ticket.id === id));
    const group = tickets.filter((ticket): ticket is ModelTicket => ticket?.waiting === true && ticket.pool === pool);
    const whole = group.length === claimed.length && group.length >= 2 && claimed.every(({ version }) => version === 1);
    const distinct = group.every((a, i) =>
      group.slice(i + 1).every((b) => a.owner !== b.owner && !this.apart(a.owner, b.owner)),
    );
    if (!whole || !distinct) return { appended: [], outcome: false };

    const room = this.#open(roomId, 'match', pool, group.length);
    for (const ticket of group) this.#unqueue(ticket);
    for (const { owner } of group) this.#admit(room, owner);
    return { appended: group.map(({ owner }) => this.#tell(owner, `chatroom.found ${roomId}`)), outcome: true };
  }

  cancel(person: Person, pool: string | undefined): Expected {
    const appended = this.renew(person);
    const tickets = person.tickets.filter((ticket) => pool === undefined || ticket.pool === pool);
    for (const ticket of tickets) this.#unqueue(ticket);
    return { appended, outcome: tickets.map((ticket) => ticket.id) };
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
    const entered = room ?? this.#open(roomId, 'named', name, capacity);
    for (const other of entered.members) appended.push(this.#tell(other, `partner.joined ${entered.id} ${person.id}`));
    this.#admit(entered, person);
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
    return { appended };
  }

  /**
   * What is due by now. Who of several is gone first is the store's choice, and so is the order in which tickets of one
   * moment expire.
   */
  expire(first: (people: readonly Person[]) => Person[], order: (tickets: readonly ModelTicket[]) => ModelTicket[]) {
    const appended: string[] = [];
    const { presenceMs, graceMs, retentionMs, endedRoomAgeMs } = this.limits;
    const due = this.waiting.filter((ticket) => ticket.expiresAt <= this.now);
    for (const ticket of order(due)) appended.push(this.#expireTicket(ticket, 'ticket_ttl'));
    for (const room of this.kept) {
      if (!room.active && room.endedAt + endedRoomAgeMs <= this.now) room.forgotten = true;
    }
    if (presenceMs === 0) return { appended };
    const lasts = { present: presenceMs, away: graceMs, gone: retentionMs };
    const over = this.people.filter((person) => person.since + lasts[person.presence] <= this.now);
    for (const person of over.filter(({ presence }) => presence === 'gone')) this.#forget(person);
    const away = over.filter(({ presence }) => presence === 'away');
    for (const person of over.filter(({ presence }) => presence === 'present')) {
      person.presence = 'away';
      person.since = this.now;
    }
    for (const person of first(away)) {
      person.presence = 'gone';
      person.since = this.now;
      for (const ticket of [...person.tickets]) appended.push(this.#expireTicket(ticket, 'timeout'));
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

  #open(id: string, kind: ModelRoom['kind'], name: string, capacity: number): ModelRoom {
    const room: ModelRoom = {
      id,
      kind,
      name,
      capacity,
      members: [],
      everIn: new Set(),
      messages: [],
      sent: new Map(),
      active: true,
      endedAt: Infinity,
      forgotten: false,
    };
    this.rooms.push(room);
    return room;
  }

  #admit(room: ModelRoom, person: Person): void {
    room.members.push(person);
    room.everIn.add(person.id);
    person.rooms.push(room);
  }

  #dismiss(room: ModelRoom, person: Person): void {
    room.members = room.members.filter((other) => other !== person);
    person.rooms = person.rooms.filter((other) => other !== room);
  }

  #unqueue(ticket: ModelTicket): void {
    ticket.waiting = false;
    ticket.owner.tickets = ticket.owner.tickets.filter((other) => other !== ticket);
  }

  #expireTicket(ticket: ModelTicket, reason: string): string {
    this.#unqueue(ticket);
    return this.#tell(ticket.owner, `queue.expired ${ticket.id} ${reason}`);
  }

  #leave(person: Person, room: ModelRoom, reason: string): string[] {
    this.#dismiss(room, person);
    const remaining = [...room.members];
    room.active = remaining.length >= (room.kind === 'match' ? 2 : 1);
    const appended = remaining.flatMap((other) => [
      this.#tell(other, `partner.disconnected ${room.id} ${reason} ${room.active} ${person.id}`),
      ...(room.active ? [] : [this.#tell(other, `room.closed ${room.id} partner_${reason}`)]),
    ]);
    if (room.active) return appended;
    for (const other of remaining) this.#dismiss(room, other);
    room.endedAt = this.now;
    this.#ended.push(room);
    const kept = this.#ended.filter((other) => !other.forgotten);
    if (kept.length > this.limits.endedRooms) kept[0]!.forgotten = true;
    return appended;
  }

  #forget(person: Person): void {
    this.people = this.people.filter((other) => other !== person);
  }
}
