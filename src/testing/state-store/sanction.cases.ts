import assert from 'node:assert/strict';
import type { Sanction, SanctionSubject } from '../../ports/operator-steps.js';
import type { Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

let made = 0;

const sanction = (
  scene: Scene,
  kind: Sanction['kind'],
  subject: SanctionSubject,
  until: number | null = null,
): Sanction => ({ id: `sanction-${++made}`, kind, subject, reason: 'rude', by: 'ops', at: scene.now, until });

const impose = async (scene: Scene, ...given: [Sanction['kind'], SanctionSubject, (number | null)?]) => {
  const imposed = sanction(scene, ...given);
  return { imposed, ...(await scene.store.impose(imposed, scene.now)) };
};

const of = (participantId: string) => ({ participantId });
const ANN = 'ann@example';
const byName = (subject: string) => ({ principal: subject });

/** Everything a participant can do. */
const deeds = (scene: Scene, id: string, roomId: string): (() => unknown)[] => [
  () => scene.store.participant(id, scene.now),
  () => scene.store.updateProfile(id, { displayName: 'Other' }, scene.now),
  () => scene.enqueue(id),
  () => scene.store.cancel(id, undefined, scene.now),
  () => scene.store.tickets(id, scene.now),
  () => scene.respond(id, true),
  () => scene.join(id, 'den'),
  () => scene.post(id, roomId, 'hello'),
  () => scene.leave(id, roomId),
  () => scene.store.room(id, roomId, scene.now),
  () => scene.store.rooms(id, scene.now),
  () => scene.page(id, roomId),
  () => scene.store.block(id, roomId, 'somebody', scene.now),
  () => scene.store.report({ reporter: id, userId: 'somebody', roomId }, scene.now),
];

export const sanctionCases: Cases = (it) => {
  it('takes somebody who is banned out of everything, and refuses whatever they do', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    await scene.wait(ann);
    const { appended } = await impose(scene, 'ban', of(ann));
    assert.equal(appended.length, 4);
    assert.deepEqual(await scene.queue(), []);
    const [gone] = await scene.told(bob, 'partner.disconnected');
    assert.equal(gone!.reason, 'removed');
    for (const deed of deeds(scene, ann, roomId)) await refused('banned', deed, 'You have been excluded');
    assert.deepEqual((await scene.eventNames(ann)).slice(1).sort(), ['queue.expired', 'room.closed'], 'it may read on');
    assert.equal(await scene.store.findParticipant(`digest-of-${ann}`, null), ann);
    await scene.store.release(ann, scene.now);
  });

  it('ends a ban when its time is over, without anybody doing anything', async (scene) => {
    const ann = await scene.person('Ann');
    const until = scene.now + 60_000;
    await impose(scene, 'ban', of(ann), until);
    scene.clock.advance(59_999);
    const error = await refused('banned', () => scene.enqueue(ann));
    assert.equal(error.message, `You have been excluded until ${new Date(until).toISOString()}`);
    scene.clock.advance(1);
    assert.equal((await scene.enqueue(ann)).status, 'waiting');
    assert.deepEqual((await scene.store.sanctions({ limit: 10 }, scene.now)).items, []);
    assert.deepEqual((await scene.store.participantFacts(ann, scene.now))?.sanctions, []);
  });

  it('renews the presence of nobody who is banned', async (scene) => {
    const ann = await scene.person('Ann');
    await impose(scene, 'ban', of(ann));
    await scene.pass(80_000);
    await scene.store.renew([ann], scene.now);
    await scene.pass(40_000);
    await scene.pass(30_000);
    assert.equal((await scene.store.participantFacts(ann, scene.now))?.presence, 'gone');
  });

  it('lets somebody who is muted read and leave, and not write', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    await scene.post(ann, roomId, 'first', 'c-1');
    const { appended } = await impose(scene, 'mute', of(ann), scene.now + 1_000);
    assert.deepEqual(appended, []);
    await refused('muted', () => scene.post(ann, roomId, 'second'));
    assert.equal((await scene.post(ann, roomId, 'first', 'c-1')).duplicate, true, 'what was sent was sent');
    await scene.post(bob, roomId, 'hello');
    assert.equal((await scene.page(ann, roomId)).messages.length, 2);
    scene.clock.advance(1_000);
    await scene.post(ann, roomId, 'second');
    await impose(scene, 'mute', of(ann));
    await refused('muted', () => scene.post(ann, roomId, 'third'), 'You may not write');
    await scene.leave(ann, roomId);
  });

  it('lifts a sanction, and leaves the others', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const roomId = await scene.match(ann, bob);
    const [short, long] = [
      (await impose(scene, 'mute', of(ann), scene.now + 1_000)).imposed,
      (await impose(scene, 'mute', of(ann), scene.now + 2_000)).imposed,
    ];
    const { imposed: ban } = await impose(scene, 'ban', of(cid));
    assert.deepEqual((await scene.store.participantFacts(ann, scene.now))?.sanctions.length, 2);
    const { message } = await refused('muted', () => scene.post(ann, roomId, 'x'));
    assert.match(message, new RegExp(new Date(long.until!).toISOString()), 'the longest counts');
    assert.equal(await scene.store.lift(long.id), true);
    assert.equal(await scene.store.lift(long.id), false);
    const shorter = await refused('muted', () => scene.post(ann, roomId, 'x'));
    assert.match(shorter.message, new RegExp(new Date(short.until!).toISOString()));
    assert.equal(await scene.store.lift(short.id), true);
    await scene.post(ann, roomId, 'x');
    await refused('banned', () => scene.enqueue(cid));
    await scene.store.lift(ban.id);
    assert.equal((await scene.enqueue(cid)).status, 'waiting');
  });

  it('bans a principal with all it has and will have', async (scene) => {
    const [first, second] = [
      await scene.person('A1', { principal: ANN }),
      await scene.person('A2', { principal: ANN }),
    ];
    const bob = await scene.person('Bob', { principal: 'bob@example' });
    await scene.wait(first);
    const roomId = await scene.match(second, bob);
    const { imposed } = await impose(scene, 'ban', byName(ANN));
    assert.deepEqual(await scene.queue(), []);
    assert.deepEqual(await scene.told(bob, 'room.closed'), [{ room_id: roomId, reason: 'partner_removed' }]);
    for (const id of [first, second]) await refused('banned', () => scene.enqueue(id));
    await refused('banned', () => scene.person('A3', { principal: ANN }));
    assert.equal(await scene.store.findParticipant(`digest-of-${first}`, ANN), first);
    assert.deepEqual((await scene.store.participantFacts(second, scene.now))?.sanctions, [imposed]);
    await scene.store.lift(imposed.id);
    assert.equal((await scene.enqueue(first)).status, 'waiting');
    await scene.person('A3', { principal: ANN });
  });

  it('mutes participants that a principal has yet to create, and holds for one whom nobody knows', async (scene) => {
    const { imposed } = await impose(scene, 'mute', byName(ANN), scene.now + 60_000);
    const [ann, bob] = [await scene.person('Ann', { principal: ANN, tokenDigest: null }), await scene.person('Bob')];
    const roomId = await scene.match(ann, bob);
    await refused('muted', () => scene.post(ann, roomId, 'x'));
    const ban = await impose(scene, 'ban', byName(ANN), scene.now + 1_000);
    assert.deepEqual(
      (await scene.store.sanctions({ limit: 10 }, scene.now)).items,
      [ban.imposed, imposed],
      'newest first',
    );
    scene.clock.advance(60_000);
    const { room } = await scene.join(ann, 'den');
    await scene.post(ann, room.roomId, 'free');
  });

  it('lists what is in force page by page, and drops what is over', async (scene) => {
    const people = await scene.people('A', 'B', 'C', 'D', 'E');
    const ids: string[] = [];
    for (const [i, id] of people.entries()) {
      ids.unshift((await impose(scene, 'mute', of(id), i === 2 ? scene.now + 1_000 : null)).imposed.id);
    }
    const page = await scene.store.sanctions({ limit: 2 }, scene.now);
    assert.deepEqual(
      page.items.map(({ id }) => id),
      ids.slice(0, 2),
    );
    await scene.pass(2_000);
    const rest = await scene.store.sanctions({ limit: 3, after: page.next! }, scene.now);
    assert.deepEqual([rest.items.map(({ id }) => id), rest.next], [ids.slice(3), undefined]);
    assert.equal(await scene.store.lift(ids[2]!), false, 'it is over');
    await refused('invalid_arguments', () => scene.store.sanctions({ limit: 1, after: 'x' }, scene.now));
  });

  it('is refused for somebody who is not known, and goes with them', async (scene) => {
    await refused('participant_not_found', () => impose(scene, 'ban', of('nobody')));
    const ann = await scene.person('Ann');
    const { imposed } = await impose(scene, 'ban', of(ann));
    await scene.store.forget(ann, scene.now);
    assert.deepEqual((await scene.store.sanctions({ limit: 10 }, scene.now)).items, []);
    assert.equal(await scene.store.lift(imposed.id), false);
  });

  it('keeps at most 10,000, and says so', async (scene) => {
    for (let i = 0; i < 10_000; i++) {
      await scene.store.impose(sanction(scene, 'mute', byName(`p${i}`), i === 0 ? scene.now + 1_000 : null), scene.now);
    }
    const error = await refused('too_many_sanctions', () => impose(scene, 'ban', byName('one-more')));
    assert.match(error.message, /10000 bans and mutes/);
    scene.clock.advance(2_000);
    await impose(scene, 'ban', byName('one-more'));
  });
};
