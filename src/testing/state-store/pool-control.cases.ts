import assert from 'node:assert/strict';
import type { Ticket } from '../../domain/ticket.js';
import { type PoolMode, STRATEGY_SETTLES_MS } from '../../ports/operator-steps.js';
import { type Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

const control = (scene: Scene, mode: PoolMode, pool = 'default') =>
  scene.store.controlPool(pool, { mode, strategy: null }, scene.now);

const pairOf = async (scene: Scene, groupSize = 2): Promise<readonly [Ticket, Ticket]> => {
  const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
  return [await scene.wait(ann, { groupSize }), await scene.wait(bob, { groupSize })];
};

export const poolControlCases: Cases = (it) => {
  it('remembers what operators say of pools, until they are as configured again', async (scene) => {
    assert.equal((await scene.store.poolControls()).size, 0);
    const strategy = { strategy: 'skills', options: { skill: 'go', 'a b': [1, null] } };
    await scene.store.controlPool('default', { mode: 'paused', strategy }, scene.now);
    await control(scene, 'draining', 'mentors');
    assert.deepEqual(Object.fromEntries(await scene.store.poolControls()), {
      default: { mode: 'paused', strategy },
      mentors: { mode: 'draining', strategy: null },
    });
    await control(scene, 'open');
    await control(scene, 'open', 'mentors');
    assert.equal((await scene.store.poolControls()).size, 0);
  });

  it('lets nobody into a pool that drains, and has those matched who are there', async (scene) => {
    const tickets = await pairOf(scene);
    const cid = await scene.person('Cid');
    await control(scene, 'draining');
    const { message } = await refused('pool_closed', () => scene.enqueue(cid));
    assert.match(message, /"default"/);
    assert.equal((await scene.enqueue(tickets[0].participantId)).status, 'already_waiting');
    assert.equal((await scene.enqueue(cid, { pool: 'mentors' })).status, 'waiting', 'other pools are open');
    assert.ok((await scene.claim(tickets)).commit);
  });

  it('matches nobody and offers nobody a match in a paused pool, which people may enter', async (scene) => {
    const tickets = await pairOf(scene);
    await control(scene, 'paused');
    assert.equal((await scene.claim(tickets)).commit, undefined);
    assert.equal((await scene.offer(tickets)).commit, undefined);
    assert.equal((await scene.enqueue(await scene.person('Cid'))).status, 'waiting');
    await control(scene, 'open');
    assert.ok((await scene.claim(tickets)).commit, 'the tickets are as they were');
  });

  it('hands out nothing of a paused pool, and everything when it is no longer paused', async (scene) => {
    const [first, second] = await pairOf(scene);
    await scene.store.wakeAt(first.id, scene.now + 1_000);
    const other = await scene.wait(await scene.person('Cid'), { pool: 'mentors' });
    await scene.store.wakeAt(other.id, scene.now + 1_000);
    await control(scene, 'paused');
    scene.clock.advance(60_000);
    assert.deepEqual(await scene.due(), [other.id]);
    await scene.store.wakeAt(other.id, undefined);
    scene.clock.advance(60_000);
    const late = await scene.enqueue(await scene.person('Dan'));
    await control(scene, 'draining');
    const due: string[] = [];
    for (let i = 0; i < 3; i++) due.push(...(await scene.due(1)));
    assert.ok('ticket' in late);
    assert.deepEqual(due.sort(), [first.id, second.id, late.ticket.id].sort());
  });

  it('does not let what waits in a paused pool hold up the others', async (scene) => {
    for (let i = 0; i < 30; i++) {
      const { id } = await scene.wait(await scene.person(`P${i}`));
      await scene.store.wakeAt(id, scene.now + 1_000);
    }
    const other = await scene.wait(await scene.person('Cid'), { pool: 'mentors' });
    await scene.store.wakeAt(other.id, scene.now + 2_000);
    await control(scene, 'paused');
    scene.clock.advance(3_000);
    assert.deepEqual(await scene.due(1), [other.id]);
  });

  it('looks at all who wait again when the strategy has changed, once instances go by it', async (scene) => {
    const [first, second] = await pairOf(scene, 3);
    const open = await scene.matchOpen(...(await scene.people('Eve', 'Fay', 'Gil')));
    const [eve] = (await scene.store.roomFacts(open))!.members;
    await scene.leave(eve!.user_id, open);
    await scene.due();
    await scene.store.wakeAt(open, undefined);
    const strategy = { strategy: 'priority', options: {} };
    await scene.store.controlPool('default', { mode: 'open', strategy }, scene.now);
    assert.deepEqual(await scene.due(), []);
    scene.clock.advance(STRATEGY_SETTLES_MS + 1_000);
    const due: string[] = [];
    for (let i = 0; i < 4; i++) due.push(...(await scene.due(2)));
    assert.deepEqual(due.sort(), [first.id, second.id, open].sort());
    await scene.store.controlPool('default', { mode: 'draining', strategy }, scene.now);
    assert.deepEqual(await scene.due(), [], 'nothing that concerns those who wait has changed');
  });
};
