import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChatError, type ChatErrorCode } from '../../../src/domain/errors.js';
import type { EventData } from '../../../src/domain/event.js';
import { exactly, type GroupSize, membersOf, type Ticket } from '../../../src/domain/ticket.js';
import type { Awaitable } from '../../../src/ports/awaitable.js';
import type { Appended, Commit, DeclinerPolicy, StateStore } from '../../../src/ports/state-store.js';
import { FakeClock, SequentialIds, ticketOf } from '../../../src/testing/index.js';
import {
  admits,
  describeEntry,
  type Expected,
  type Model,
  type ModelRoom,
  type ModelTicket,
  type Person,
} from './model.js';

/** How much a store keeps of everything. */
export interface Sizes {
  readonly participants: number;
  readonly tokens: number;
  readonly leases: number;
  readonly rooms: number;
  readonly named: number;
  readonly ended: number;
  readonly tickets: number;
  readonly gathering: number;
  readonly offers: number;
  readonly wakes: number;
  readonly ticketTtls: number;
  /** Ranges of group sizes, those remembered included. */
  readonly queues: number;
}

export class Real {
  readonly clock = new FakeClock();
  readonly ids = new SequentialIds();

  constructor(
    readonly store: StateStore,
    readonly sizes: () => Awaitable<Sizes>,
  ) {}

  get now(): number {
    return this.clock.now();
  }
}

type Step = fc.AsyncCommand<Model, Real>;

export const POOLS = ['default', 'mentors'];
const range = (minimum: number, maximum: number, multiple = 1): GroupSize => ({
  ...{ minimum, maximum, multiple, patienceMs: 0 },
});
const GROUPS: readonly GroupSize[] = [exactly(2), exactly(3), range(2, 3), range(2, 4, 2), range(3, 5), range(2, 5)];
const PARTIES = [
  { name: 'friends', size: 2 },
  { name: 'friends', size: 3 },
  { name: 'others', size: 2 },
];
const ROOM_NAMES = ['lobby', 'den'];

const events = (appended: readonly Appended[]) =>
  appended.map(({ participantId, entry }) => `${participantId}: ${describeEntry(entry)}`);

/** Takes a step and compares all it did with what the model says. */
async function taken<T extends Commit>(
  step: () => Awaitable<T>,
  expected: Expected,
  outcomeOf: (result: T) => unknown,
): Promise<T | undefined> {
  let refused: ChatErrorCode | undefined;
  let result: T | undefined;
  try {
    result = await step();
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    refused = error.code;
  }
  assert.equal(refused, expected.refused);
  if (!result) return undefined;
  assert.deepEqual(events(result.appended), expected.appended);
  assert.deepEqual(outcomeOf(result), expected.outcome);
  return result;
}

/** What there is to know of a waiting ticket, as store and model say it. */
const shown = ({ id, version, enqueuedAt, avoid }: Ticket | ModelTicket, owners: readonly string[]) =>
  `${id} v${version} ${enqueuedAt} of ${owners.join('+')} avoids ${avoid.join('+')}`;
const shownTicket = (ticket: Ticket) =>
  shown(
    ticket,
    membersOf(ticket).map((member) => member.participantId),
  );
const shownModel = (ticket: ModelTicket) =>
  shown(
    ticket,
    ticket.owners.map((owner) => owner.id),
  );

/** What must hold after every step, looked at without renewing anybody's presence. */
async function checkInvariants(model: Model, real: Real): Promise<void> {
  const { store } = real;
  for (const pool of POOLS) {
    for (const group of GROUPS) {
      const subject = ticketOf('', { pool, group });
      const seniority = model.queue(pool, group);
      const view = await store.waiting(subject);
      assert.deepEqual([...view.tickets()].map(shownTicket), seniority.map(shownModel));
      assert.equal(view.size, seniority.length);
      const same = seniority.filter((ticket) => sameRange(ticket.group, group));
      assert.deepEqual(
        (await store.front(subject, 3)).map(({ ticket }) => ticket.id),
        same.slice(0, 3).map(({ id }) => id),
      );
    }
  }
  const { live, people, offers, limits } = model;
  const ended = model.kept.filter((room) => !room.active);
  const isHeldBack = ({ state, expiresAt }: ModelTicket) => state === 'offered' && expiresAt <= model.now;
  const { queues, ticketTtls, ...sizes } = await real.sizes();
  assert.deepEqual(sizes, {
    participants: people.length,
    tokens: people.length,
    leases: limits.presenceMs > 0 ? people.length : 0,
    rooms: model.kept.length,
    named: model.kept.filter((room) => room.kind === 'named' && room.active).length,
    ended: ended.length,
    tickets: live.length,
    gathering: live.filter(({ state }) => state === 'gathering').length,
    offers: offers.length,
    wakes: live.filter(({ due }) => due).length,
  });
  // A ticket whose time came during an offer, given back and offered again at once, may still be on the list.
  const timed = live.filter(({ expiresAt }) => expiresAt !== Infinity);
  assert.ok(ticketTtls <= timed.length);
  assert.ok(ticketTtls >= timed.filter((ticket) => !isHeldBack(ticket)).length);
  const { participants, endedRooms, roomsPerParticipant, ticketsPerParticipant } = limits;
  if (participants > 0) assert.ok(sizes.participants <= participants);
  assert.ok(queues <= POOLS.length * 32);
  assert.ok(sizes.ended <= endedRooms);
  assert.ok(sizes.tickets <= sizes.participants * ticketsPerParticipant + sizes.rooms);
  assert.ok(sizes.offers <= sizes.tickets);
  for (const person of people) assert.ok(person.rooms.length + person.tickets.length <= roomsPerParticipant);
  for (const room of model.kept) {
    if (room.kind !== 'match') continue;
    assert.equal(new Set(room.members).size, room.members.length);
    assert.ok(room.members.length <= room.capacity);
  }
}

const sameRange = (a: GroupSize, b: GroupSize) =>
  a.minimum === b.minimum && a.maximum === b.maximum && a.multiple === b.multiple;

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

abstract class PersonStep implements Step {
  constructor(protected readonly who: number) {}

  check(model: Readonly<Model>): boolean {
    return model.people.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real, at(model.people, this.who));
    await checkInvariants(model, real);
  }

  abstract act(model: Model, real: Real, person: Person): Promise<void>;
}

/** A step about a room: one that is, was, or never will be the person's. */
abstract class RoomStep extends PersonStep {
  constructor(
    who: number,
    protected readonly which: number,
  ) {
    super(who);
  }

  override check(model: Readonly<Model>): boolean {
    return super.check(model) && model.rooms.length > 0;
  }

  /** Mostly one of the person's own, so that something happens. */
  protected room(model: Model, person: Person): ModelRoom {
    const own = model.rooms.filter((room) => room.everIn.has(person.id) && !room.forgotten);
    return this.which % 5 === 0 || own.length === 0 ? at(model.rooms, this.which) : at(own, this.which);
  }
}

export class Create implements Step {
  check = () => true;

  async run(model: Model, real: Real): Promise<void> {
    const id = real.ids.uuid();
    const input = {
      id,
      logId: real.ids.secret(16),
      tokenDigest: `digest-of-${id}`,
      principal: null,
      displayName: 'Ann',
      provenance: 'human' as const,
      attributes: {},
    };
    let refused: unknown;
    try {
      await real.store.createParticipant(input, real.now);
    } catch (error) {
      refused = error;
    }
    const forgotten = new Set<Person>();
    for (const person of model.people) {
      const found = await real.store.findParticipant(`digest-of-${person.id}`, null);
      if (found === undefined) forgotten.add(person);
    }
    const expected = model.create(id, (longestGone) => {
      const chosen = longestGone.find((person) => forgotten.has(person));
      if (!chosen) throw new Error('none of those longest gone was forgotten');
      return chosen;
    });
    assert.equal((refused as ChatError | undefined)?.code, expected.refused);
    await checkInvariants(model, real);
  }

  toString = () => 'create';
}

/** How a group is brought together. */
interface Manner {
  readonly backfill: boolean;
  /** Given, everybody is asked, and has this many seconds. */
  readonly offer?: { readonly seconds: number; readonly decliner: DeclinerPolicy };
}

/** Enters a queue, alone or with a party; the arrival is then matched with those waiting, if that is wanted. */
class Enter extends PersonStep {
  constructor(
    who: number,
    private readonly pool: string,
    /** A range of sizes, or whatever suits an open room that waits. */
    private readonly group: GroupSize | 'room',
    /** A party by name, or whichever gathers already. */
    private readonly party: { readonly name: string; readonly size: number } | 'any' | undefined,
    private readonly options: { readonly ttlMs: number; readonly roomsPerPool: number },
    private readonly manner: Manner | undefined,
  ) {
    super(who);
  }

  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const { options, manner } = this;
    const gathering = this.party === 'any' ? model.live.find(({ state }) => state === 'gathering') : undefined;
    const seat = this.group === 'room' ? model.waiting.find(({ room }) => room) : undefined;
    const pool = gathering?.pool ?? seat?.pool ?? this.pool;
    const wanted = this.group === 'room' ? range(2, seat?.group.maximum ?? 5) : this.group;
    const group = gathering?.group ?? wanted;
    const party = this.party === 'any' ? gathering?.party : this.party;
    const ticket = ticketOf(person.id, { id: real.ids.uuid(), pool, group, enqueuedAt: real.now });
    const expected = model.enqueue(person, ticket, { ...options, party });
    const head = person.log.length;
    const enqueue = () => real.store.enqueue({ ticket, ...options, party }, real.now);
    const result = await taken(enqueue, expected, (entered) => entered.status);
    if (!result) return;
    assert.equal(result.position, head);
    if (result.status !== 'waiting' || !manner) return;
    const tickets = model.group(model.live.find(({ id }) => id === result.ticket.id)!);
    if (!tickets) return;
    const size = tickets.flatMap(({ owners }) => owners).length;
    assert.ok(tickets.every((one) => admits(one.group, size)));
    assert.ok(
      await bring(model, real, tickets[0]!.pool, [tickets], manner),
      'those who suit each other can be brought together',
    );
  }

  override toString = () => {
    const [group, party] = [JSON.stringify(this.group), JSON.stringify(this.party ?? 'alone')];
    const { ttlMs, roomsPerPool } = this.options;
    const facts = [this.who, this.pool, group, party, `ttl ${ttlMs}`];
    return `enter(${facts.join(', ')}, per pool ${roomsPerPool}, ${JSON.stringify(this.manner)})`;
  };
}

/** Claims a group of tickets or offers it a match, and compares what came of it; returns whether anything did. */
async function bring(
  model: Model,
  real: Real,
  pool: string,
  groups: readonly (readonly { id: string; version: number }[])[],
  { backfill, offer }: Manner,
): Promise<boolean> {
  const named = groups.map((group) => group.map(({ id, version }) => ({ id, version })));
  const claim = { pool, roomId: real.ids.uuid(), backfill };
  const wanted = { ...claim, groups: named.map((tickets) => ({ tickets, reasons: [] })) };
  const had = named.map((tickets) => tickets.map(({ id }) => model.live.find((ticket) => ticket.id === id)));
  const apart = had.map((tickets) => {
    const owners = tickets.flatMap((ticket) => (ticket ? [ticket.owners] : []));
    return owners.some((some, i) =>
      owners.slice(i + 1).some((others) => some.some((a) => others.some((b) => a === b || model.apart(a, b)))),
    );
  });
  const rooms = had.map((tickets) => tickets.find((ticket) => ticket?.room)?.room);
  let commit: (Commit & { readonly choice: number }) | undefined;
  let expected: Expected;
  if (offer) {
    const asked = { expiresAt: real.now + offer.seconds * 1_000, decliner: offer.decliner };
    const id = real.ids.uuid();
    expected = model.offer({ ...claim, groups: named, ...asked, id });
    commit = await real.store.offer({ ...wanted, ...asked, offerId: id }, real.now);
  } else {
    expected = model.claim({ ...claim, groups: named });
    const claimed = await real.store.claim(wanted, real.now);
    if (claimed) {
      const { id, members } = rooms[claimed.choice] ?? model.rooms.at(-1)!;
      assert.deepEqual([claimed.roomId, claimed.participantIds], [id, members.map((member) => member.id)]);
    }
    commit = claimed;
  }
  assert.equal(commit?.choice, expected.outcome);
  if (!commit) return false;
  assert.equal(apart[commit.choice], false);
  assert.deepEqual(events(commit.appended), expected.appended);
  return true;
}

/** Brings together any tickets that ever were, as a hostile strategy or one on another instance might. */
class Bring implements Step {
  constructor(
    private readonly which: readonly number[],
    private readonly stale: boolean,
    private readonly manner: Manner,
  ) {}

  check(model: Readonly<Model>): boolean {
    return model.tickets.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    // Mostly those still waiting, so that it succeeds, too.
    const waiting = model.waiting;
    const tickets = this.which.map((n) =>
      n % 5 === 0 || waiting.length === 0 ? at(model.tickets, n) : at(waiting, n),
    );
    const named = tickets.map(({ id, version }, i) => ({ id, version: this.stale && i === 0 ? version - 1 : version }));
    // Should they not all do, then those without the first.
    await bring(model, real, tickets[0]!.pool, [named, named.slice(1)], this.manner);
    await checkInvariants(model, real);
  }

  toString = () => `bring(${this.which.join(', ')}, stale ${this.stale}, ${JSON.stringify(this.manner)})`;
}

/** Answers an offer: mostly one of the person's own. */
class Respond extends PersonStep {
  constructor(
    who: number,
    private readonly which: number | undefined,
    private readonly accept: boolean,
  ) {
    super(who);
  }

  override check(model: Readonly<Model>): boolean {
    return super.check(model) && model.offers.length > 0;
  }

  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const { which, accept } = this;
    const asked = model.people.filter(({ tickets }) => tickets.some(({ state }) => state === 'offered'));
    const somebody = this.who % 7 === 0 || asked.length === 0 ? person : at(asked, this.who);
    const offerId = which === undefined ? undefined : at(model.offers, which).id;
    const expected = model.respond(somebody, offerId, accept);
    const respond = () => real.store.respond({ participantId: somebody.id, offerId, accept }, real.now);
    await taken(respond, expected, (answer) => {
      if (answer.status === 'declined') return `declined ${answer.waiting}`;
      return answer.status === 'accepted' ? `accepted ${answer.offer.offerId}` : `matched ${answer.roomId}`;
    });
  }

  override toString = () => `respond(${this.who}, offer ${this.which ?? 'unnamed'}, ${this.accept})`;
}

class WakeAt implements Step {
  constructor(
    private readonly which: number,
    private readonly seconds: number | undefined,
  ) {}

  check(model: Readonly<Model>): boolean {
    return model.live.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const ticket = at(model.live, this.which);
    const time = this.seconds === undefined ? undefined : real.now + this.seconds * 1_000;
    model.wakeAt(ticket, time);
    await real.store.wakeAt(ticket.id, time);
    await checkInvariants(model, real);
  }

  toString = () => `wakeAt(${this.which}, ${this.seconds ?? 'never'})`;
}

class TakeDue implements Step {
  constructor(private readonly limit: number) {}

  check = () => true;

  async run(model: Model, real: Real): Promise<void> {
    assert.deepEqual(
      (await real.store.takeDue(real.now, this.limit)).map(shownTicket),
      model.takeDue(this.limit).map(shownModel),
    );
    await checkInvariants(model, real);
  }

  toString = () => `takeDue(${this.limit})`;
}

class Cancel extends PersonStep {
  constructor(
    who: number,
    private readonly pool: string | undefined,
  ) {
    super(who);
  }

  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const expected = model.cancel(person, this.pool);
    const cancel = () => real.store.cancel(person.id, this.pool, real.now);
    await taken(cancel, expected, ({ cancelled }) => cancelled.map(({ id }) => id));
  }

  override toString = () => `cancel(${this.who}, ${this.pool ?? 'all'})`;
}

class Join extends RoomStep {
  constructor(
    who: number,
    which: number,
    private readonly name: string | undefined,
    private readonly capacity: number,
  ) {
    super(who, which);
  }

  override check(model: Readonly<Model>): boolean {
    return model.people.length > 0 && (this.name !== undefined || model.rooms.length > 0);
  }

  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const name = this.name ?? this.room(model, person).id;
    const roomId = real.ids.uuid();
    const head = person.log.length;
    const expected = model.join(person, name, this.capacity, roomId);
    const input = { participantId: person.id, name, capacity: this.capacity, roomId };
    const join = () => real.store.join(input, real.now);
    const result = await taken(join, expected, ({ status, room }) => `${status} ${room.roomId}`);
    if (result) assert.equal(result.position, head);
  }

  override toString = () => `join(${this.who}, ${this.name ?? `room ${this.which}`}, ${this.capacity})`;
}

class Post extends RoomStep {
  constructor(
    who: number,
    which: number,
    private readonly text: string,
    private readonly clientMessageId: string | undefined,
  ) {
    super(who, which);
  }

  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const { text, clientMessageId } = this;
    const room = this.room(model, person);
    const expected = model.post(person, room, text, clientMessageId);
    const input = { participantId: person.id, roomId: room.id, messageId: real.ids.uuid(), text, clientMessageId };
    const post = () => real.store.post(input, real.now);
    await taken(post, expected, ({ message: { seq, sender, text: stored }, duplicate }) => ({
      seq,
      sender: sender.user_id,
      text: stored,
      duplicate,
    }));
  }

  override toString = () => `post(${this.who}, room ${this.which}, ${this.text}, ${this.clientMessageId ?? 'no id'})`;
}

class Leave extends RoomStep {
  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const room = this.room(model, person);
    await taken(
      () => real.store.leave(person.id, room.id, real.now),
      model.leave(person, room),
      () => undefined,
    );
  }

  /** Mostly the one with most people, which goes on without them. */
  protected override room(model: Model, person: Person): ModelRoom {
    const [largest] = [...person.rooms].sort((a, b) => b.members.length - a.members.length);
    return largest && this.which % 3 > 0 ? largest : super.room(model, person);
  }

  override toString = () => `leave(${this.who}, room ${this.which})`;
}

class Block extends RoomStep {
  constructor(
    who: number,
    which: number,
    private readonly whom: number,
  ) {
    super(who, which);
  }

  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const room = this.room(model, person);
    const userId = at(model.people, this.whom).id;
    const expected = model.block(person, room, userId);
    await taken(
      () => real.store.block(person.id, room.id, userId, real.now),
      expected,
      () => undefined,
    );
  }

  override toString = () => `block(${this.who}, room ${this.which}, ${this.whom})`;
}

/** A step of an operator about a ticket, mostly one that has not ended. */
abstract class TicketStep implements Step {
  constructor(private readonly which: number) {}

  check = (model: Readonly<Model>) => model.tickets.length > 0;

  async run(model: Model, real: Real): Promise<void> {
    const ticket = this.which % 5 > 0 && model.live.length > 0 ? model.live : model.tickets;
    await this.act(model, real, at(ticket, this.which));
    await checkInvariants(model, real);
  }

  abstract act(model: Model, real: Real, ticket: ModelTicket): Promise<void>;

  toString(): string {
    return `${this.constructor.name}(ticket ${this.which})`;
  }
}

class RemoveTicket extends TicketStep {
  override async act(model: Model, real: Real, ticket: ModelTicket): Promise<void> {
    const remove = () => real.store.removeTicket(ticket.id, real.now);
    await taken(remove, model.removeTicket(ticket.id), (result) => result.ticket.ticketId);
  }
}

class MoveTicket extends TicketStep {
  constructor(
    which: number,
    private readonly to: { readonly pool: string; readonly group: GroupSize; readonly ttlMs: number },
  ) {
    super(which);
  }

  override async act(model: Model, real: Real, ticket: ModelTicket): Promise<void> {
    const { pool, group, ttlMs } = this.to;
    const move = () => real.store.moveTicket(ticket.id, this.to, real.now);
    await taken(move, model.moveTicket(ticket.id, pool, group, ttlMs), (result) => result.ticket.ticketId);
  }

  override toString = () => `${super.toString()} to ${JSON.stringify(this.to)}`;
}

class CloseRoom extends RoomStep {
  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const room = this.room(model, person);
    await taken(
      () => real.store.closeRoom(room.id, real.now),
      model.closeRoom(room),
      () => undefined,
    );
  }

  override toString = () => `closeRoom(${this.who}, room ${this.which})`;
}

class Dismiss extends PersonStep {
  override async act(model: Model, real: Real, person: Person): Promise<void> {
    await taken(
      () => real.store.dismiss(person.id, real.now),
      model.dismiss(person),
      () => undefined,
    );
  }

  override toString = () => `dismiss(${this.who})`;
}

/** Reads on from where the last read ended, and acknowledges unless the answer was lost on its way. */
class Hear extends RoomStep {
  constructor(
    who: number,
    which: number,
    private readonly everything: boolean,
    private readonly limit: number,
    private readonly delivered: boolean,
  ) {
    super(who, which);
  }

  override async act(model: Model, real: Real, person: Person): Promise<void> {
    const roomId = this.everything ? undefined : this.room(model, person).id;
    const { entries, position } = await real.store.readEvents(person.id, { roomId, limit: this.limit }, real.now);
    assert.ok(entries.length <= this.limit);
    if (!this.delivered) return;
    await real.store.acknowledge(person.id, position, roomId);
    for (const entry of entries) {
      if (roomId !== undefined) assert.equal((entry.body.data as { room_id?: string }).room_id, roomId);
      person.heard.push(`${entry.seq} ${describeEntry(entry)}`);
    }
  }

  override toString = () =>
    `hear(${this.who}, ${this.everything ? 'all' : `room ${this.which}`}, ${this.limit}, ${this.delivered})`;
}

class Release extends PersonStep {
  override async act(model: Model, real: Real, person: Person): Promise<void> {
    model.release(person);
    await real.store.release(person.id, real.now);
  }

  override toString = () => `release(${this.who})`;
}

class Renew extends PersonStep {
  override async act(model: Model, real: Real, person: Person): Promise<void> {
    assert.deepEqual(events((await real.store.renew([person.id], real.now)).appended), model.renew(person));
  }

  override toString = () => `renew(${this.who})`;
}

class Pass implements Step {
  constructor(private readonly seconds: number) {}

  check = () => true;

  async run(model: Model, real: Real): Promise<void> {
    model.now = real.clock.advance(this.seconds * 1_000);
    // What coming back wrote may be told again; the invariants see that it stands in the logs once.
    const { appended: told } = await real.store.expire(real.now);
    const appended = told.filter(({ entry }) => entry.body.name !== 'partner.reconnected');
    // The store chooses the order of what is due at once: whoever an event is about first was first.
    const about = appended.map(({ participantId, entry: { body } }) => {
      const data = body.data as Partial<EventData['queue.expired'] & EventData['match.withdrawn']> &
        Partial<EventData['partner.disconnected']>;
      if (body.name === 'match.withdrawn') return data.offer_id;
      if (body.name !== 'queue.expired') return data.partner?.user_id;
      return { ticket_ttl: data.ticket_id, timeout: participantId, party_broken: undefined }[data.reason as 'timeout'];
    });
    const place = (id: string) => (about.includes(id) ? about.indexOf(id) : Infinity);
    const inOrder = <T extends { readonly id: string }>(items: readonly T[]) =>
      [...items].sort((a, b) => (place(a.id) === place(b.id) ? 0 : place(a.id) - place(b.id)));
    const expected = model.expire({ offers: inOrder, tickets: inOrder, people: inOrder });
    assert.deepEqual(events(appended), expected.appended);
    await checkInvariants(model, real);
  }

  toString = () => `pass(${this.seconds} s)`;
}

const index = fc.nat({ max: 999 });
const pool = fc.constantFrom('default', 'default', 'default', ...POOLS);
const group = fc.constantFrom(exactly(2), ...GROUPS, 'room' as const, 'room' as const);
const party = fc.constantFrom(undefined, undefined, undefined, undefined, 'any' as const, 'any' as const, ...PARTIES);
const options = fc.record({
  ttlMs: fc.constantFrom(0, 0, 20_000, 100_000),
  roomsPerPool: fc.constantFrom(0, 0, 1),
});
const manner: fc.Arbitrary<Manner> = fc.record({
  backfill: fc.constantFrom(true, true, false),
  offer: fc.option(fc.record({ seconds: fc.constantFrom(5, 30), decliner: fc.constantFrom('requeue', 'remove') }), {
    nil: undefined,
    freq: 2,
  }),
});
const clientMessageId = fc.option(fc.constantFrom('m1', 'm2'), { nil: undefined, freq: 3 });
const limit = fc.constantFrom(1, 2, 5, 50);

type Drawn = readonly [often: number, step: fc.Arbitrary<Step>];

/** What people do to find each other. */
const SEEKING: readonly Drawn[] = [
  [
    10,
    fc
      .tuple(index, pool, group, party, options, fc.option(manner, { freq: 3, nil: undefined }))
      .map((of) => new Enter(...of)),
  ],
  [
    4,
    fc
      .tuple(fc.array(index, { minLength: 1, maxLength: 3 }), fc.constantFrom(false, false, false, true), manner)
      .map((of) => new Bring(...of)),
  ],
  [
    6,
    fc
      .tuple(index, fc.option(index, { nil: undefined, freq: 2 }), fc.constantFrom(true, true, true, false))
      .map((of) => new Respond(...of)),
  ],
  [1, fc.tuple(index, fc.constantFrom(0, 5, 40, undefined)).map((of) => new WakeAt(...of))],
  [1, fc.constantFrom(1, 3, 100).map((most) => new TakeDue(most))],
  [2, fc.tuple(index, fc.option(fc.constantFrom(...POOLS), { nil: undefined })).map((of) => new Cancel(...of))],
  [4, fc.tuple(index, index).map((of) => new Leave(...of))],
  [2, fc.constantFrom(1, 5, 12, 31).map((seconds) => new Pass(seconds))],
];

/** What else they do. */
const TALKING: readonly Drawn[] = [
  [3, fc.constant(new Create())],
  [
    4,
    fc
      .tuple(
        index,
        index,
        fc.option(fc.constantFrom(...ROOM_NAMES), { nil: undefined, freq: 2 }),
        fc.integer({ min: 2, max: 4 }),
      )
      .map((of) => new Join(...of)),
  ],
  [8, fc.tuple(index, index, fc.stringMatching(/^[a-z]{1,3}$/), clientMessageId).map((of) => new Post(...of))],
  [3, fc.tuple(index, index, index).map((of) => new Block(...of))],
  [
    4,
    fc.tuple(index, index, fc.boolean(), limit, fc.constantFrom(true, true, true, false)).map((of) => new Hear(...of)),
  ],
  [1, fc.tuple(index).map((of) => new Release(...of))],
  [2, fc.tuple(index).map((of) => new Renew(...of))],
  [2, fc.constantFrom(60, 95, 300).map((seconds) => new Pass(seconds))],
];

/** What operators do meanwhile. */
const OPERATING: readonly Drawn[] = [
  [1, fc.tuple(index).map((of) => new RemoveTicket(...of))],
  [
    2,
    fc
      .tuple(
        index,
        fc.record({
          pool: fc.constantFrom(...POOLS),
          group: fc.constantFrom(...GROUPS),
          ttlMs: fc.constantFrom(0, 20_000),
        }),
      )
      .map((of) => new MoveTicket(...of)),
  ],
  [1, fc.tuple(index, index).map((of) => new CloseRoom(...of))],
  [1, fc.tuple(index).map((of) => new Dismiss(...of))],
];

const ofThese = (drawn: readonly Drawn[]) => {
  const weighted = drawn.flatMap(([often, step]) => Array.from({ length: often }, () => step));
  return fc.commands(weighted, { maxCommands: 120, size: 'max' });
};

/** Whatever people do. */
export const anything = ofThese([...SEEKING, ...TALKING, ...OPERATING]);
/** Much seeking and little else. */
export const seeking = ofThese([
  ...SEEKING,
  ...OPERATING,
  [2, fc.tuple(index, index, fc.constant(undefined), fc.constant(2)).map((of) => new Join(...of))],
  [1, fc.tuple(index, index, index).map((of) => new Block(...of))],
]);
