import assert from 'node:assert/strict';
import { UNANSWERED_MS } from '../../ports/state-store.js';
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
    await scene.store.wakeAt(first.id, undefined);
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

  it('hands out a ticket about which nobody says what the strategy has answered', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { id: asked } = await scene.wait(bob);
    const entered = await scene.enqueue(ann);
    assert.ok(entered.status === 'waiting');
    const { id } = entered.ticket;
    assert.deepEqual(await scene.due(), []);
    for (let i = 0; i < 2; i++) {
      scene.clock.advance(UNANSWERED_MS + 1_000);
      assert.deepEqual(await scene.due(), [id], 'as often as nobody answers');
      assert.deepEqual(await scene.due(), []);
    }
    await scene.store.wakeAt(id, scene.now + 60_000);
    scene.clock.advance(59_000);
    assert.deepEqual(await scene.due(), []);
    scene.clock.advance(2_000);
    assert.deepEqual(await scene.due(), [id]);
    await scene.store.wakeAt(id, undefined);
    scene.clock.advance(3_600_000);
    assert.deepEqual(await scene.due(), []);
    assert.deepEqual(await scene.queue(), [bob, ann]);
    assert.notEqual(asked, id);
  });

  it('hands out a party when nobody says what the strategy has answered, once it is complete', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const party = { name: 'friends', size: 2 };
    await scene.enqueue(ann, { groupSize: 3 }, { party });
    scene.clock.advance(UNANSWERED_MS + 1_000);
    assert.deepEqual(await scene.due(), []);
    const entered = await scene.enqueue(bob, { groupSize: 3 }, { party });
    assert.ok(entered.status === 'waiting');
    scene.clock.advance(UNANSWERED_MS + 1_000);
    assert.deepEqual(await scene.due(), [entered.ticket.id]);
  });

  it('hands out a free seat and a ticket given back again until it is known what came of them', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const room = await scene.matchOpen(ann, bob, cid);
    await scene.leave(cid, room);
    const { id } = await scene.wait(dan);
    const eve = await scene.wait(await scene.person('Eve'));
    await scene.offer([(await scene.statuses(dan))[0]!.ticket, eve]);
    await scene.respond(eve.participantId, false);
    scene.clock.advance(1_000);
    assert.deepEqual(await scene.due(), [room, id]);
    scene.clock.advance(UNANSWERED_MS + 1_000);
    assert.deepEqual(await scene.due(), [room, id]);
    await scene.store.wakeAt(id, undefined);
    await scene.leave(ann, room);
    scene.clock.advance(UNANSWERED_MS + 1_000);
    assert.deepEqual(await scene.due(), []);
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
