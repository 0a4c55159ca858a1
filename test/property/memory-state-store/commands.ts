import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryStateStore } from '../../../src/adapters/memory/memory-state-store.js';
import { ChatError, type ChatErrorCode } from '../../../src/domain/errors.js';
import type { EventData } from '../../../src/domain/event.js';
import { FifoStrategy, MatchingEngine } from '../../../src/matching/index.js';
import type { Appended, Commit, StateLimits } from '../../../src/ports/state-store.js';
import { FakeClock, SequentialIds, ticketOf } from '../../../src/testing/index.js';
import { describeEntry, type Expected, type Model, type ModelRoom, type ModelTicket, type Person } from './model.js';

export class Real {
  readonly clock = new FakeClock();
  readonly ids = new SequentialIds();
  readonly store: MemoryStateStore;
  readonly engine = new MatchingEngine(new FifoStrategy(), this.clock, this.ids);

  constructor(limits: StateLimits) {
    this.store = new MemoryStateStore(limits);
  }

  get now(): number {
    return this.clock.now();
  }
}

type Step = fc.Command<Model, Real>;

export const POOLS = ['default', 'mentors'];
export const SIZES = [2, 3];
const ROOM_NAMES = ['lobby', 'den'];

const events = (appended: readonly Appended[]) =>
  appended.map(({ participantId, entry }) => `${participantId}: ${describeEntry(entry)}`);

/** Takes a step and compares all it did with what the model says. */
function taken<T extends Commit>(step: () => T, expected: Expected, outcomeOf: (result: T) => unknown): T | undefined {
  let refused: ChatErrorCode | undefined;
  let result: T | undefined;
  try {
    result = step();
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

/** What must hold after every step, looked at without renewing anybody's presence. */
function checkInvariants(model: Model, { store }: Real): void {
  for (const pool of POOLS) {
    for (const size of SIZES) {
      const seniority = model.queue(pool, size).map((ticket) => ticket.id);
      assert.deepEqual(
        [...store.waiting(pool, size).tickets()].map((ticket) => ticket.id),
        seniority,
      );
      assert.deepEqual(
        store.front(pool, size, 3).map(({ ticket }) => ticket.id),
        seniority.slice(0, 3),
      );
    }
  }
  const ended = model.kept.filter((room) => !room.active);
  const { ticketTtls, ...sizes } = store.sizes();
  assert.deepEqual(sizes, {
    participants: model.people.length,
    tokens: model.people.length,
    leases: model.limits.presenceMs > 0 ? model.people.length : 0,
    waiting: model.waiting.length,
    rooms: model.kept.length,
    named: model.kept.filter((room) => room.kind === 'named' && room.active).length,
    ended: ended.length,
  });
  assert.equal(ticketTtls, model.waiting.filter((ticket) => ticket.expiresAt !== Infinity).length);
  const { participants, endedRooms, roomsPerParticipant, ticketsPerParticipant } = model.limits;
  if (participants > 0) assert.ok(sizes.participants <= participants);
  assert.ok(sizes.ended <= endedRooms);
  assert.ok(sizes.waiting <= sizes.participants * ticketsPerParticipant);
  for (const person of model.people) assert.ok(person.rooms.length <= roomsPerParticipant);
  for (const room of model.kept) {
    if (room.kind === 'match') assert.equal(new Set(room.members).size, room.members.length);
  }
}

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

abstract class PersonStep implements Step {
  constructor(protected readonly who: number) {}

  check(model: Readonly<Model>): boolean {
    return model.people.length > 0;
  }

  run(model: Model, real: Real): void {
    this.act(model, real, at(model.people, this.who));
    checkInvariants(model, real);
  }

  abstract act(model: Model, real: Real, person: Person): void;
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

class Create implements Step {
  check = () => true;

  run(model: Model, real: Real): void {
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
      real.store.createParticipant(input, real.now);
    } catch (error) {
      refused = error;
    }
    const forgotten = (person: Person) => real.store.findParticipant(`digest-of-${person.id}`, null) === undefined;
    const expected = model.create(id, (longestGone) => {
      const chosen = longestGone.find(forgotten);
      if (!chosen) throw new Error('none of those longest gone was forgotten');
      return chosen;
    });
    assert.equal((refused as ChatError | undefined)?.code, expected.refused);
    checkInvariants(model, real);
  }

  toString = () => 'create';
}

/** Enters a queue; the engine then matches the arrival, as the service does. */
class Enter extends PersonStep {
  constructor(
    who: number,
    private readonly pool: string,
    private readonly size: number,
    private readonly ttlMs: number,
    private readonly roomsPerPool: number,
  ) {
    super(who);
  }

  override act(model: Model, real: Real, person: Person): void {
    const { pool, size: groupSize, ttlMs, roomsPerPool } = this;
    const ticket = ticketOf(person.id, { id: real.ids.uuid(), pool, groupSize, enqueuedAt: real.now });
    const expected = model.enqueue(person, ticket.id, pool, groupSize, ttlMs, roomsPerPool);
    const head = person.log.length;
    const result = taken(
      () => real.store.enqueue({ ticket, ttlMs, roomsPerPool }, real.now),
      expected,
      (entered) => entered.status,
    );
    if (!result) return;
    assert.equal(result.position, head);
    if (result.status === 'waiting') this.#match(model, real, model.tickets.at(-1)!);
  }

  #match(model: Model, real: Real, subject: ModelTicket): void {
    const ticket = ticketOf(subject.owner.id, { id: subject.id, pool: subject.pool, groupSize: subject.size });
    const fifo = model.fifo(subject)?.map(({ id }) => id);
    const view = real.store.waiting(subject.pool, subject.size);
    const proposed = real.engine.proposals('enqueue', ticket, view).next().value as
      { tickets: readonly { id: string; version: number }[] } | undefined;
    assert.deepEqual(
      proposed?.tickets.map(({ id }) => id),
      fifo,
    );
    if (proposed) claim(model, real, subject.pool, proposed.tickets);
  }

  override toString = () =>
    `enter(${this.who}, ${this.pool}, ${this.size}, ttl ${this.ttlMs}, per pool ${this.roomsPerPool})`;
}

function claim(model: Model, real: Real, pool: string, tickets: readonly { id: string; version: number }[]): void {
  const roomId = real.ids.uuid();
  const owners = tickets.map(({ id }) => model.tickets.find((ticket) => ticket.id === id)!.owner);
  const blocked = owners.some((a) => owners.some((b) => a !== b && model.apart(a, b)));
  const expected = model.claim(roomId, pool, tickets);
  const claimed = real.store.claim({ pool, roomId, tickets, reasons: [] }, real.now);
  assert.equal(claimed !== undefined, expected.outcome);
  if (!claimed) return;
  assert.equal(blocked, false);
  assert.deepEqual(
    claimed.participantIds,
    owners.map(({ id }) => id),
  );
  assert.deepEqual(events(claimed.appended), expected.appended);
  for (const { id } of tickets) model.ended(id, 'matched');
}

/** A claim of any tickets that ever were, as a strategy on another instance might have seen them. */
class Claim implements Step {
  constructor(
    private readonly which: readonly number[],
    private readonly version: number,
  ) {}

  check(model: Readonly<Model>): boolean {
    return model.tickets.length > 0;
  }

  run(model: Model, real: Real): void {
    // Mostly those still waiting, so that claims succeed, too.
    const waiting = model.waiting;
    const tickets = this.which.map((n) =>
      n % 4 === 0 || waiting.length === 0 ? at(model.tickets, n) : at(waiting, n),
    );
    const named = tickets.map(({ id }, i) => ({ id, version: i === 0 ? this.version : 1 }));
    claim(model, real, tickets[0]!.pool, named);
    checkInvariants(model, real);
  }

  toString = () => `claim(${this.which.join(', ')}, version ${this.version})`;
}

class Cancel extends PersonStep {
  constructor(
    who: number,
    private readonly pool: string | undefined,
  ) {
    super(who);
  }

  override act(model: Model, real: Real, person: Person): void {
    const expected = model.cancel(person, this.pool);
    const cancel = () => real.store.cancel(person.id, this.pool, real.now);
    const result = taken(cancel, expected, ({ cancelled }) => cancelled.map(({ id }) => id));
    for (const { id } of result?.cancelled ?? []) model.ended(id, 'cancelled');
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

  override act(model: Model, real: Real, person: Person): void {
    const name = this.name ?? this.room(model, person).id;
    const roomId = real.ids.uuid();
    const head = person.log.length;
    const expected = model.join(person, name, this.capacity, roomId);
    const input = { participantId: person.id, name, capacity: this.capacity, roomId };
    const join = () => real.store.join(input, real.now);
    const result = taken(join, expected, ({ status, room }) => `${status} ${room.roomId}`);
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

  override act(model: Model, real: Real, person: Person): void {
    const { text, clientMessageId } = this;
    const room = this.room(model, person);
    const expected = model.post(person, room, text, clientMessageId);
    const input = { participantId: person.id, roomId: room.id, messageId: real.ids.uuid(), text, clientMessageId };
    const post = () => real.store.post(input, real.now);
    taken(post, expected, ({ message: { seq, sender, text: stored }, duplicate }) => ({
      seq,
      sender: sender.user_id,
      text: stored,
      duplicate,
    }));
  }

  override toString = () => `post(${this.who}, room ${this.which}, ${this.text}, ${this.clientMessageId ?? 'no id'})`;
}

class Leave extends RoomStep {
  override act(model: Model, real: Real, person: Person): void {
    const room = this.room(model, person);
    taken(
      () => real.store.leave(person.id, room.id, real.now),
      model.leave(person, room),
      () => undefined,
    );
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

  override act(model: Model, real: Real, person: Person): void {
    const room = this.room(model, person);
    const userId = at(model.people, this.whom).id;
    const expected = model.block(person, room, userId);
    taken(
      () => real.store.block(person.id, room.id, userId, real.now),
      expected,
      () => undefined,
    );
  }

  override toString = () => `block(${this.who}, room ${this.which}, ${this.whom})`;
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

  override act(model: Model, real: Real, person: Person): void {
    const roomId = this.everything ? undefined : this.room(model, person).id;
    const { entries, position } = real.store.readEvents(person.id, { roomId, limit: this.limit }, real.now);
    assert.ok(entries.length <= this.limit);
    if (!this.delivered) return;
    real.store.acknowledge(person.id, position, roomId);
    for (const entry of entries) {
      if (roomId !== undefined) assert.equal((entry.body.data as { room_id?: string }).room_id, roomId);
      person.heard.push(`${entry.seq} ${describeEntry(entry)}`);
    }
  }

  override toString = () =>
    `hear(${this.who}, ${this.everything ? 'all' : `room ${this.which}`}, ${this.limit}, ${this.delivered})`;
}

class Release extends PersonStep {
  override act(model: Model, real: Real, person: Person): void {
    model.release(person);
    real.store.release(person.id, real.now);
  }

  override toString = () => `release(${this.who})`;
}

class Renew extends PersonStep {
  override act(model: Model, real: Real, person: Person): void {
    assert.deepEqual(events(real.store.renew([person.id], real.now).appended), model.renew(person));
  }

  override toString = () => `renew(${this.who})`;
}

class Pass implements Step {
  constructor(private readonly seconds: number) {}

  check = () => true;

  run(model: Model, real: Real): void {
    model.now = real.clock.advance(this.seconds * 1_000);
    // What coming back wrote may be told again; the invariants see that it stands in the logs once.
    const { appended: told } = real.store.expire(real.now);
    const appended = told.filter(({ entry }) => entry.body.name !== 'partner.reconnected');
    const expired = appended.filter(({ entry }) => entry.body.name === 'queue.expired');
    const ticketIds = expired.map(({ entry }) => (entry.body.data as EventData['queue.expired']).ticket_id);
    for (const id of ticketIds) model.ended(id, 'expired');

    // The store chooses who of several is gone first: whoever is first named by an event.
    const named = appended.map(({ participantId, entry }) =>
      entry.body.name === 'queue.expired'
        ? participantId
        : (entry.body.data as EventData['partner.disconnected']).partner?.user_id,
    );
    const place = (index: number) => (index < 0 ? Infinity : index);
    const byPlace =
      <T>(placeOf: (item: T) => number) =>
      (items: readonly T[]) =>
        [...items].sort((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
    const expected = model.expire(
      byPlace((person) => place(timedOut(appended, named).indexOf(person.id))),
      byPlace((ticket) => place(ticketIds.indexOf(ticket.id))),
    );
    assert.deepEqual(events(appended), expected.appended);
    checkInvariants(model, real);
  }

  toString = () => `pass(${this.seconds} s)`;
}

/** Whom the events of a lost presence name, in order; tickets whose own time was up say nothing about presence. */
function timedOut(appended: readonly Appended[], named: readonly (string | undefined)[]): (string | undefined)[] {
  return named.filter((_, i) => (appended[i]!.entry.body.data as { reason?: string }).reason !== 'ticket_ttl');
}

const index = fc.nat({ max: 999 });
const roomsPerPool = fc.constantFrom(0, 0, 1);
const ttlMs = fc.constantFrom(0, 0, 20_000, 100_000);
const clientMessageId = fc.option(fc.constantFrom('m1', 'm2'), { nil: undefined, freq: 3 });
const limit = fc.constantFrom(1, 2, 5, 50);

/** Commands and how often each is drawn. */
export const commands = (max: number) => {
  const drawn: [number, fc.Arbitrary<Step>][] = [
    [3, fc.constant(new Create())],
    [
      8,
      fc
        .tuple(index, fc.constantFrom(...POOLS), fc.constantFrom(2, 2, 3), ttlMs, roomsPerPool)
        .map((of) => new Enter(...of)),
    ],
    [
      4,
      fc
        .tuple(fc.array(index, { minLength: 1, maxLength: 3 }), fc.constantFrom(1, 1, 1, 2))
        .map((of) => new Claim(...of)),
    ],
    [2, fc.tuple(index, fc.option(fc.constantFrom(...POOLS), { nil: undefined })).map((of) => new Cancel(...of))],
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
    [10, fc.tuple(index, index, fc.stringMatching(/^[a-z]{1,3}$/), clientMessageId).map((of) => new Post(...of))],
    [3, fc.tuple(index, index).map((of) => new Leave(...of))],
    [3, fc.tuple(index, index, index).map((of) => new Block(...of))],
    [
      4,
      fc
        .tuple(index, index, fc.boolean(), limit, fc.constantFrom(true, true, true, false))
        .map((of) => new Hear(...of)),
    ],
    [1, fc.tuple(index).map((of) => new Release(...of))],
    [2, fc.tuple(index).map((of) => new Renew(...of))],
    [3, fc.constantFrom(1, 5, 12, 31, 60, 95, 300).map((seconds) => new Pass(seconds))],
  ];
  const weighted = drawn.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));
  return fc.commands(weighted, { maxCommands: max, size: 'max' });
};
