import assert from 'node:assert/strict';
import type { Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

/** The defaults: a lease of 90 s, a grace of 30 s. What has become due is carried out within a second. */
const LEASE = 91_000;
const GRACE = 31_000;

/** Lets time pass in steps of a second; the people named go on listening all the while. */
async function passWith(scene: Scene, ms: number, ...listening: string[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    await scene.store.renew(listening, scene.now);
    await scene.pass(1_000);
  }
}

async function pair(scene: Scene) {
  const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
  return { ann, bob, room: await scene.match(ann, bob) };
}

export const presenceCases: Cases = (it) => {
  it('takes somebody silent beyond lease and grace out of their chat, and tells the partner', async (scene) => {
    const { ann, bob, room } = await pair(scene);

    await passWith(scene, LEASE + GRACE - 3_000, bob);
    assert.deepEqual(await scene.eventNames(bob), ['chatroom.found'], 'nobody is told while the grace runs');
    await passWith(scene, 4_000, bob);

    assert.deepEqual(await scene.told(bob, 'partner.disconnected'), [
      { room_id: room, partner: { user_id: ann, display_name: 'Ann' }, reason: 'timeout', room_active: false },
    ]);
    assert.deepEqual(await scene.told(bob, 'room.closed'), [{ room_id: room, reason: 'partner_timeout' }]);
    await refused('room_ended', () => scene.post(bob, room, 'hello?'), 'Chat has ended');
  });

  it('returns what it wrote when time ran out, for those who listen', async (scene) => {
    const { ann, bob, room } = await pair(scene);
    const written: string[] = [];
    for (let s = 0; s < 130; s++) {
      await scene.store.renew([bob], scene.now);
      const { appended } = await scene.pass(1_000);
      written.push(...appended.map(({ participantId, entry }) => `${participantId} ${entry.body.name}`));
    }
    assert.deepEqual(written, [`${bob} partner.disconnected`, `${bob} room.closed`]);
    await refused('room_ended', () => scene.post(ann, room, 'back'), 'Chat has ended');
  });

  it('keeps a larger room when one of its members is gone', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);
    await passWith(scene, LEASE + GRACE + 2_000, bob, cid);

    assert.deepEqual(
      (await scene.told(cid, 'partner.disconnected')).map(({ reason, room_active }) => [reason, room_active]),
      [['timeout', true]],
    );
    assert.equal((await scene.room(bob, room)).members.length, 2);
    await refused('not_in_room', () => scene.room(ann, room));
  });

  it('takes the tickets of somebody gone out of the queue, and tells so', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const ticket = await scene.wait(ann);
    await scene.wait(bob);

    await passWith(scene, LEASE + GRACE + 2_000, bob);

    assert.deepEqual(await scene.queue(), [bob]);
    assert.deepEqual(await scene.told(ann, 'queue.expired'), [
      { ticket_id: ticket.id, pool: 'default', reason: 'timeout' },
    ]);
  });

  it('keeps whoever makes any call, and whoever is listening', async (scene) => {
    const { ann, bob, room } = await pair(scene);
    const calls: (() => unknown)[] = [
      () => scene.head(ann),
      () => scene.rooms(ann),
      () => scene.room(ann, room),
      () => scene.page(ann, room),
      () => scene.say(ann, room, 'hello'),
      () => scene.store.tickets(ann, scene.now),
      () => scene.store.cancel(ann, undefined, scene.now),
      () => scene.store.updateProfile(ann, {}, scene.now),
      () => refused('offer_not_found', () => scene.respond(ann, true)),
      () => scene.join(ann, 'lobby'),
      () => scene.enqueue(ann, { pool: 'other' }),
      () => scene.store.block(ann, room, bob, scene.now),
      () => scene.store.report({ reporter: ann, userId: bob, roomId: room }, scene.now),
      () => refused('room_not_found', () => scene.leave(ann, 'no such room')),
    ];
    for (const call of calls) {
      await passWith(scene, 85_000, bob);
      await call();
    }

    assert.equal((await scene.room(bob, room)).members.length, 2);
    assert.deepEqual(await scene.told(bob, 'partner.disconnected'), []);
    assert.deepEqual(await scene.told(bob, 'partner.reconnected'), [], 'nobody was away');
  });

  it('does not take reading a log as a sign of life', async (scene) => {
    const { ann, bob, room } = await pair(scene);
    for (let s = 0; s < 130; s++) {
      await scene.read(ann);
      await passWith(scene, 1_000, bob);
    }
    await refused('room_ended', () => scene.post(bob, room, 'hello?'));
  });

  it('tells the partners when somebody comes back within the grace, and only then', async (scene) => {
    const { ann, bob, room } = await pair(scene);
    await passWith(scene, LEASE + 10_000, bob);

    const { appended } = await scene.store.participant(ann, scene.now);

    assert.deepEqual(
      appended.map(({ participantId, entry }) => [participantId, entry.body.name]),
      [[bob, 'partner.reconnected']],
    );
    assert.deepEqual(await scene.told(bob, 'partner.reconnected'), [
      { room_id: room, partner: { user_id: ann, display_name: 'Ann' } },
    ]);
    assert.deepEqual((await scene.store.participant(ann, scene.now)).appended, []);
    await passWith(scene, 60_000, bob);
    assert.equal((await scene.room(bob, room)).active, true, 'the lease began anew');
  });

  it('has listeners told that somebody came back, even when the call they came back with was refused', async (scene) => {
    const { ann, bob } = await pair(scene);
    await passWith(scene, LEASE + 10_000, bob);
    await refused('room_not_found', () => scene.leave(ann, 'no such room'));

    const { appended } = await scene.pass(1_000);

    assert.deepEqual(
      appended.map(({ participantId, entry }) => [participantId, entry.body.name]),
      [[bob, 'partner.reconnected']],
    );
    assert.equal((await scene.told(bob, 'partner.reconnected')).length, 1);
  });

  it('takes a stream that opens again within the grace as coming back', async (scene) => {
    const { ann, bob } = await pair(scene);
    await passWith(scene, LEASE + 10_000, bob);
    const { appended } = await scene.store.renew([ann, bob], scene.now);

    assert.deepEqual(
      appended.map(({ participantId, entry }) => [participantId, entry.body.name]),
      [[bob, 'partner.reconnected']],
    );
  });

  it('starts the grace at once when a lease is released', async (scene) => {
    const { ann, bob, room } = await pair(scene);
    await scene.store.release(ann, scene.now);

    await passWith(scene, GRACE - 3_000, bob);
    assert.equal((await scene.room(bob, room)).active, true);
    await passWith(scene, 6_000, bob);

    assert.deepEqual(
      (await scene.told(bob, 'partner.disconnected')).map(({ reason }) => reason),
      ['timeout'],
    );
  });

  it('forgives a release when somebody comes back within the grace', async (scene) => {
    const { ann, bob, room } = await pair(scene);
    await scene.store.release(ann, scene.now);
    await passWith(scene, 10_000, bob);
    await scene.head(ann);
    await passWith(scene, 60_000, bob);

    assert.equal((await scene.room(bob, room)).active, true);
    assert.equal((await scene.told(bob, 'partner.reconnected')).length, 1);
  });

  it('lets somebody gone come back to their log and start anew, without telling old partners', async (scene) => {
    const { ann, bob } = await pair(scene);
    await passWith(scene, LEASE + GRACE + 2_000, bob);

    assert.deepEqual((await scene.store.participant(ann, scene.now)).appended, []);
    assert.deepEqual(await scene.eventNames(ann), ['chatroom.found']);
    assert.equal((await scene.enqueue(ann, {}, { roomsPerPool: 1 })).status, 'waiting');
    await passWith(scene, 60_000, bob);
    assert.deepEqual(await scene.queue(), [ann], 'with a lease as long as any');
    assert.deepEqual(await scene.told(bob, 'partner.reconnected'), []);
  });

  it(
    'forgets somebody gone for the retention time, token and log included',
    async (scene) => {
      const { ann, bob } = await pair(scene);
      await passWith(scene, LEASE + GRACE + 2_000, bob);
      await passWith(scene, 50_000, bob);
      assert.equal(await scene.store.findParticipant(`digest-of-${ann}`, null), ann);

      await passWith(scene, 12_000, bob);

      assert.equal(await scene.store.findParticipant(`digest-of-${ann}`, null), undefined);
      await refused('participant_not_found', () => scene.read(ann));
      await refused('participant_not_found', () => scene.store.participant(ann, scene.now));
      assert.equal(await scene.store.findParticipant(`digest-of-${bob}`, null), bob);
    },
    { retentionMs: 60_000 },
  );

  it(
    'keeps everybody for good when presence is switched off',
    async (scene) => {
      const { ann, bob, room } = await pair(scene);
      await scene.store.release(ann, scene.now);
      for (let day = 0; day < 5; day++) await scene.pass(86_400_000);

      assert.equal((await scene.room(bob, room)).members.length, 2);
      assert.deepEqual(await scene.told(bob, 'partner.disconnected'), []);
    },
    { presenceMs: 0, eventLogAgeMs: 0 },
  );

  it('carries out nothing before it is due, and nothing twice', async (scene) => {
    const { bob } = await pair(scene);
    assert.deepEqual((await scene.pass(60_000)).appended, []);
    assert.deepEqual((await scene.store.expire(scene.now)).appended, []);
    await passWith(scene, LEASE + GRACE, bob);
    const events = await scene.events(bob);
    await scene.store.expire(scene.now);
    await scene.store.expire(scene.now);
    assert.deepEqual(await scene.events(bob), events);
  });
};
