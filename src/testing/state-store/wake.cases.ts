import assert from 'node:assert/strict';
import type { Cases } from './cases.js';

export const wakeCases: Cases = (it) => {
  it('hands out a ticket when its time has come, within the second and once', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    await scene.store.wakeAt(first.id, scene.now + 10_000);
    await scene.store.wakeAt(second.id, scene.now + 20_000);

    scene.clock.advance(9_000);
    assert.deepEqual(await scene.due(), []);
    scene.clock.advance(2_000);
    assert.deepEqual(await scene.due(), [first.id]);
    assert.deepEqual(await scene.due(), []);
    scene.clock.advance(10_000);
    assert.deepEqual(await scene.store.takeDue(scene.now, 10), [second]);
    assert.deepEqual(await scene.queue(), [ann, bob], 'to be looked at is not to be taken out');
  });

  it('hands out the longest due first, and no more than asked for', async (scene) => {
    const people = await scene.people('Ann', 'Bob', 'Cid');
    const tickets = [];
    for (const id of people) tickets.push(await scene.wait(id));
    for (const [i, ticket] of tickets.entries()) await scene.store.wakeAt(ticket.id, scene.now + 9_000 - i * 3_000);
    scene.clock.advance(10_000);

    const [latest, middle, earliest] = tickets.map(({ id }) => id);
    assert.deepEqual([await scene.due(2), await scene.due(2), await scene.due(2)], [[earliest, middle], [latest], []]);
  });

  it('goes by the last time that was set, and forgets one that was taken back', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    for (const { id } of [first, second]) await scene.store.wakeAt(id, scene.now + 5_000);
    await scene.store.wakeAt(first.id, scene.now + 50_000);
    await scene.store.wakeAt(second.id, undefined);

    scene.clock.advance(10_000);
    assert.deepEqual(await scene.due(), []);
    scene.clock.advance(50_000);
    assert.deepEqual(await scene.due(), [first.id]);
  });

  it('hands out no ticket that waits no more, and none that never was', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const tickets = [await scene.wait(ann), await scene.wait(bob)];
    const cancelled = await scene.wait(cid);
    const expired = await scene.wait(dan, {}, { ttlMs: 1_000 });
    for (const { id } of [...tickets, cancelled, expired]) await scene.store.wakeAt(id, scene.now + 5_000);
    await scene.store.wakeAt('never', scene.now);
    await scene.claim(tickets);
    await scene.store.cancel(cid, undefined, scene.now);
    await scene.pass(10_000);

    for (const { id } of [...tickets, cancelled, expired]) await scene.store.wakeAt(id, scene.now);
    assert.deepEqual(await scene.due(), []);
  });
};
