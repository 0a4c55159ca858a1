import assert from 'node:assert/strict';
import type { Cases } from './cases.js';
import { refused } from './scene.js';

export const queueCases: Cases = (it) => {
  it('shows tickets that nobody can change', async (scene) => {
    const ticket = await scene.wait(await scene.person(), { attributes: { interests: ['chess'] } });
    const [shown] = (await scene.store.waiting(ticket)).tickets();
    assert.ok(shown);
    for (const part of [
      shown,
      shown.attributes,
      shown.attributes['interests'],
      shown.group,
      shown.party,
      shown.avoid,
    ]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it('shows whoever begins to wait all who came before', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.wait(ann);
    await scene.wait(cid, { groupSize: 3 });
    const entered = await scene.enqueue(bob);
    assert.ok(entered.status === 'waiting');
    const { view, ticket } = entered;
    assert.deepEqual(
      Array.from(view.tickets(), ({ participantId }) => participantId),
      [ann, bob],
    );
    assert.deepEqual([view.size, view.get(ticket.id)], [2, ticket]);
  });

  it('shows who waits after any number of changes', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    for (let i = 0; i < 550; i++) {
      await scene.wait(ann);
      await scene.store.cancel(ann, undefined, scene.now);
      if (i % 100 === 0) assert.deepEqual(await scene.queue(), []);
    }
    await scene.wait(bob);
    assert.deepEqual(await scene.queue(), [bob]);
  });

  it('lines people up in the order they came and tells each its place', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    for (const id of [ann, bob, cid]) await scene.wait(id);

    assert.deepEqual(await scene.queue(), [ann, bob, cid]);
    const { tickets } = await scene.store.tickets(bob, scene.now);
    assert.deepEqual(
      tickets.map(({ position, queueLength, matchedAt }) => [position, queueLength, matchedAt]),
      [[2, 3, []]],
    );
    const front = await scene.store.front(tickets[0]!.ticket, 2);
    assert.deepEqual(
      front.map(({ ticket, position, queueLength }) => [ticket.participantId, position, queueLength]),
      [
        [ann, 1, 3],
        [bob, 2, 3],
      ],
    );
  });

  it('keeps the first ticket and its place when somebody enters a pool twice', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const first = await scene.wait(ann);
    await scene.wait(bob);

    const again = await scene.enqueue(ann);

    assert.equal(again.status, 'already_waiting');
    assert.deepEqual('ticket' in again && again.ticket, first);
    assert.deepEqual(await scene.queue(), [ann, bob]);
  });

  it('keeps pools and group sizes apart', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.wait(ann);
    await scene.wait(ann, { pool: 'mentors' });
    await scene.wait(bob, { groupSize: 3 });
    await scene.wait(cid, { pool: 'mentors' });

    assert.deepEqual(await scene.queue(), [ann]);
    assert.deepEqual(await scene.queue('default', 3), [bob]);
    assert.deepEqual(await scene.queue('mentors'), [ann, cid]);
    assert.deepEqual(await scene.queue('nobody-here'), []);
    assert.equal((await scene.store.tickets(ann, scene.now)).tickets.length, 2);
  });

  it('shows a queue as a view that knows its size, its tickets and who has blocked whom', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.store.block(ann, await scene.match(ann, bob), bob, scene.now);
    for (const id of [ann, bob]) await scene.wait(id);
    const ticket = await scene.wait(cid);

    const view = await scene.store.waiting(ticket);

    assert.equal(view.size, 3);
    assert.deepEqual(view.get(ticket.id), ticket);
    assert.equal(view.get('unheard of'), undefined);
    assert.deepEqual([...view.relations(ann).blocked], [bob]);
    assert.deepEqual([...view.relations(bob).blocked], []);
    assert.deepEqual([...view.relations('unheard of').blocked], []);
  });

  it('takes somebody out of one pool, or of all, and says what was waiting', async (scene) => {
    const ann = await scene.person();
    const first = await scene.wait(ann);
    const second = await scene.wait(ann, { pool: 'mentors' });
    const third = await scene.wait(ann, { pool: 'experts' });
    const cancel = async (pool?: string) => (await scene.store.cancel(ann, pool, scene.now)).cancelled;

    assert.deepEqual(await cancel('mentors'), [second]);
    assert.deepEqual(await cancel('mentors'), []);
    assert.deepEqual(await cancel(), [first, third]);
    assert.deepEqual((await scene.store.tickets(ann, scene.now)).tickets, []);
    assert.deepEqual(await scene.queue(), []);
  });

  it('keeps the order of the others when somebody in front leaves', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    for (const id of [ann, bob, cid]) await scene.wait(id);

    await scene.store.cancel(bob, 'default', scene.now);
    await scene.wait(bob);

    assert.deepEqual(await scene.queue(), [ann, cid, bob]);
  });

  it('sends somebody who is in a chat of the pool back to it, as far as the pool says so', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const lobby = await scene.join(ann, 'default');
    const room = await scene.match(ann, bob);

    const refusedEntry = await scene.enqueue(ann, {}, { roomsPerPool: 1 });
    assert.equal(refusedEntry.status, 'already_in_chat');
    assert.equal('room' in refusedEntry && refusedEntry.room.roomId, room);

    assert.equal((await scene.enqueue(ann, { pool: 'mentors' }, { roomsPerPool: 1 })).status, 'waiting');
    assert.equal((await scene.enqueue(ann, {}, { roomsPerPool: 2 })).status, 'waiting');
    assert.equal((await scene.enqueue(bob, {}, { roomsPerPool: 0 })).status, 'waiting');
    assert.equal(lobby.status, 'room_created');
  });

  it('lets somebody wait again once their chat of the pool has ended', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.leave(bob, await scene.match(ann, bob));

    assert.equal((await scene.enqueue(ann, {}, { roomsPerPool: 1 })).status, 'waiting');
  });

  it('returns the log position just before the call took effect', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.say(bob, await scene.match(ann, bob), 'one', 'two');

    assert.equal((await scene.enqueue(ann)).position, 3);
    assert.equal((await scene.enqueue(ann)).position, 3);
  });

  it(
    'refuses a ticket beyond the limit until one is given back',
    async (scene) => {
      const ann = await scene.person();
      await scene.wait(ann, { pool: 'a' });
      await scene.wait(ann, { pool: 'b' });

      const error = await refused('too_many_tickets', () => scene.enqueue(ann, { pool: 'c' }));
      assert.equal(error.details.limit, 2);
      assert.equal((await scene.enqueue(ann, { pool: 'a' })).status, 'already_waiting');
      await scene.store.cancel(ann, 'a', scene.now);
      await scene.wait(ann, { pool: 'c' });
    },
    { ticketsPerParticipant: 2 },
  );

  it(
    'takes any number of tickets and rooms when the limits are lifted',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      for (let i = 0; i < 30; i++) await scene.wait(ann, { pool: `pool-${i}` });
      for (let i = 0; i < 30; i++) await scene.join(bob, `room-${i}`);

      assert.equal((await scene.store.tickets(ann, scene.now)).tickets.length, 30);
      assert.equal((await scene.rooms(bob)).length, 30);
    },
    { ticketsPerParticipant: 0, roomsPerParticipant: 0 },
  );

  it(
    'counts waiting tickets as rooms to come, so that no match exceeds the limit of rooms',
    async (scene) => {
      const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
      const first = await scene.wait(ann, { pool: 'a' });
      await scene.join(ann, 'lobby');

      await refused('too_many_rooms', () => scene.enqueue(ann, { pool: 'b' }));
      await refused('too_many_rooms', () => scene.join(ann, 'den'));

      const { commit } = await scene.claim([first, await scene.wait(bob, { pool: 'a' })], 'a');
      assert.ok(commit);
      assert.equal((await scene.rooms(ann)).length, 2);
      await refused('too_many_rooms', () => scene.join(ann, 'den'));
      assert.equal((await scene.join(ann, 'lobby')).status, 'joined');
      assert.equal((await scene.join(cid, 'den')).status, 'room_created');
    },
    { roomsPerParticipant: 2 },
  );

  it(
    'lets somebody join only so often, and says when they may again',
    async (scene) => {
      const ann = await scene.person();
      await scene.wait(ann);
      assert.equal((await scene.enqueue(ann)).status, 'already_waiting');
      await scene.join(ann, 'lobby');
      assert.equal((await scene.join(ann, 'lobby')).status, 'joined');

      const error = await refused('rate_limited', () => scene.enqueue(ann, { pool: 'mentors' }));
      assert.equal(error.retryable, true);
      assert.equal(error.details.retry_after_seconds, 30);
      await refused('rate_limited', () => scene.join(ann, 'den'));

      scene.clock.advance(30_000);
      await scene.join(ann, 'den');
      await refused('rate_limited', () => scene.enqueue(ann, { pool: 'mentors' }));
    },
    { joinRate: { burst: 2, perMs: 60_000 } },
  );

  it('ends a ticket that has waited its time, and tells so', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const ticket = await scene.wait(ann, {}, { ttlMs: 20_000 });
    await scene.wait(bob, { pool: 'other' });

    await scene.pass(19_000);
    assert.deepEqual(await scene.queue(), [ann]);
    const { appended } = await scene.pass(2_000);

    assert.deepEqual(await scene.queue(), []);
    assert.deepEqual(await scene.told(ann, 'queue.expired'), [
      { ticket_id: ticket.id, pool: 'default', reason: 'ticket_ttl' },
    ]);
    assert.deepEqual(
      appended.map(({ participantId, entry }) => [participantId, entry.body.name]),
      [[ann, 'queue.expired']],
    );
    assert.equal((await scene.claim([ticket, await scene.wait(bob)])).commit, undefined);
    assert.deepEqual(await scene.queue('other'), [bob], 'a ticket without a lifetime stays');
  });

  it('expires no ticket that was matched or cancelled in time', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const tickets = [await scene.wait(ann, {}, { ttlMs: 20_000 }), await scene.wait(bob, {}, { ttlMs: 20_000 })];
    await scene.claim(tickets);
    await scene.wait(cid, {}, { ttlMs: 20_000 });
    await scene.store.cancel(cid, undefined, scene.now);

    assert.deepEqual((await scene.pass(22_000)).appended, []);
  });
};
