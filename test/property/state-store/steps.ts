import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Awaitable } from '../../../src/ports/awaitable.js';
import type { StateLimits, StateStore } from '../../../src/ports/state-store.js';
import { stateLimits, ticketOf } from '../../../src/testing/index.js';
import { anything, Create, POOLS, Real, seeking, type Sizes } from './commands.js';
import { describeEntry, Model } from './model.js';
import { checkReplay } from './replay.js';

/** Somebody reads the outbox, and nothing is dropped from it in so short a time. */
const outbox: StateLimits['outbox'] = { groups: ['history'], records: 100_000 };
/** Nothing is dropped in so short a time. */
const ROOMY = stateLimits({ retentionMs: 200_000, outbox });
/** Nearly everything is dropped soon. */
const TIGHT = stateLimits({
  outbox,
  participants: 5,
  ticketsPerParticipant: 2,
  roomsPerParticipant: 3,
  eventLogEntries: 4,
  roomHistory: 3,
  endedRoomAgeMs: 60_000,
  retentionMs: 100_000,
});
/** Ended rooms are forgotten soon, and nobody goes by themselves: of those going at once, which room ends first is open. */
const FORGETFUL = stateLimits({ outbox, presenceMs: 0, endedRooms: 2, endedRoomAgeMs: 100_000 });

/** A fresh, empty store with the given limits, and a way to look how much it keeps. */
export type MakeStore = (
  limits: StateLimits,
) => Awaitable<{ readonly store: StateStore; readonly sizes: () => Awaitable<Sizes> }>;

async function setup(make: MakeStore, limits: StateLimits) {
  const { store, sizes } = await make(limits);
  const real = new Real(store, sizes);
  const model = new Model(limits);
  model.now = real.now;
  return { real, model };
}

/** What can be said only when all is done. */
async function checkTheWhole(model: Model, real: Real): Promise<void> {
  const { store, now } = real;
  const { eventLogEntries, roomHistory } = model.limits;
  for (const person of model.people) {
    const { entries, position, truncated } = await store.readEvents(person.id, { after: 0, limit: 100_000 }, now);
    expect(entries.map(describeEntry)).toEqual(person.log.slice(-eventLogEntries));
    expect(entries.map(({ seq }) => seq)).toEqual(person.log.map((_, i) => i + 1).slice(-eventLogEntries));
    expect([position, truncated]).toEqual([person.log.length, person.log.length > eventLogEntries]);
    expect(new Set(person.heard).size).toBe(person.heard.length);
  }
  await checkHeard(model, real);
  await checkReplay(model, store);
  await checkTickets(model, real);
  await checkRelations(model, real);
  await checkLists(model, real);
  for (const person of model.people) {
    expect((await store.rooms(person.id, now)).rooms.map(({ roomId }) => roomId)).toEqual(
      person.rooms.map(({ id }) => id),
    );
    for (const room of person.rooms) {
      const { page } = await store.messages(person.id, room.id, { limit: 100_000 }, now);
      const kept = room.messages.slice(-roomHistory).filter(({ seq }) => seq >= (page.messages[0]?.seq ?? Infinity));
      expect(page.messages.map(({ seq, text, sender }) => [seq, text, sender.user_id])).toEqual(
        kept.map(({ seq, text, sender }) => [seq, text, sender]),
      );
    }
  }
}

/** Whoever hears to the end has heard every message that was still kept, and each once. */
async function checkHeard(model: Model, { store, now }: Real): Promise<void> {
  for (const person of model.people) {
    const { entries } = await store.readEvents(person.id, { limit: 100_000 }, now);
    const heard = [...person.heard, ...entries.map((entry) => `${entry.seq} ${describeEntry(entry)}`)];
    expect(new Set(heard).size).toBe(heard.length);
    if (person.log.length > model.limits.eventLogEntries) continue;
    expect(new Set(heard)).toEqual(new Set(person.log.map((event, i) => `${i + 1} ${event}`)));
  }
}

/** Every ticket of somebody stands where it should; those that have ended, each in one way, are nowhere. */
async function checkTickets(model: Model, { store, now }: Real): Promise<void> {
  for (const person of model.people) {
    const { tickets } = await store.tickets(person.id, now);
    expect(
      tickets.map(({ ticket, position, missing, offer }) => [ticket.id, position, missing, offer?.offerId]),
    ).toEqual(
      person.tickets.map((ticket) => [
        ticket.id,
        ticket.state === 'waiting' ? model.position(ticket) : null,
        ticket.state === 'gathering' ? ticket.party!.size - ticket.owners.length : 0,
        model.offers.find((offer) => offer.tickets.includes(ticket))?.id,
      ]),
    );
  }
}

/** Operators see everything there is, each once. */
async function checkLists(model: Model, { store }: Real): Promise<void> {
  const active = model.kept.filter((room) => room.active);
  expect(await store.totals()).toEqual({
    participants: model.people.length,
    activeRooms: active.length,
    tickets: model.live.length,
  });
  const rooms = (await store.listRooms({ limit: 500 })).items;
  expect(rooms.map(({ roomId }) => roomId).sort()).toEqual(active.map(({ id }) => id).sort());
  const figures = await store.poolFigures(POOLS);
  for (const [i, pool] of POOLS.entries()) {
    const listed = (await store.listTickets(pool, { limit: 500 })).items;
    const live = model.live.filter((ticket) => ticket.pool === pool);
    const shown = listed.map(({ ticketId, state }) => `${ticketId} ${state}`);
    expect(shown.sort()).toEqual(live.map(({ id, state }) => `${id} ${state}`).sort());
    const times = listed.map(({ enqueuedAt }) => enqueuedAt);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const waiting = live.filter(({ state, room }) => state === 'waiting' && !room);
    const oldestAt = waiting.length === 0 ? null : Math.min(...waiting.map(({ enqueuedAt }) => enqueuedAt));
    expect(figures[i]).toEqual({ pool, waiting: waiting.length, oldestAt });
  }
}

/** Everybody remembers whom they have met. */
async function checkRelations(model: Model, { store }: Real): Promise<void> {
  for (const person of model.people) {
    const { met, blocked } = (await store.waiting(ticketOf(person.id))).relations(person.id);
    expect(Object.fromEntries(met)).toEqual(Object.fromEntries(person.met));
    expect(new Set(blocked)).toEqual(person.blocked);
  }
}

/** @param numRuns how many sequences are tried of each kind */
export function itKeepsToTheModel(make: MakeStore, numRuns: number): void {
  it.each([
    ['with room for everything', ROOMY, anything],
    ['with people, logs and histories bounded tightly', TIGHT, anything],
    ['with few ended rooms kept', FORGETFUL, anything],
    ['while people do little but seek each other', ROOMY, seeking],
  ])(
    'loses, repeats and misorders nothing, and keeps within its bounds, %s',
    async (_, limits, commands) => {
      await fc.assert(
        fc.asyncProperty(commands, async (steps) => {
          const { real, model } = await setup(make, limits);
          for (let i = 0; i < 6; i++) await new Create().run(model, real);
          await fc.asyncModelRun(() => ({ real, model }), steps);
          await checkTheWhole(model, real);
        }),
        { numRuns, endOnFailure: false, interruptAfterTimeLimit: 60_000 },
      );
    },
    120_000,
  );
}
