import assert from 'node:assert/strict';
import type { GroupSize } from '../../domain/ticket.js';
import type { Cases } from './cases.js';

const range = (minimum: number, maximum: number, multiple = 1): GroupSize => ({
  ...{ minimum, maximum, multiple, patienceMs: 0 },
});

export const groupCases: Cases = (it) => {
  it('shows a ticket those of its pool with whom it shares a group size, longest waiting first', async (scene) => {
    const [ann, bob, cid, dan, eve] = await scene.people('Ann', 'Bob', 'Cid', 'Dan', 'Eve');
    await scene.wait(ann!, { groupSize: 3 });
    await scene.wait(bob!, { group: range(2, 4) });
    await scene.wait(cid!, { groupSize: 2 });
    await scene.wait(dan!, { group: range(2, 6, 2) });
    await scene.wait(eve!, { pool: 'mentors', group: range(2, 16) });

    assert.deepEqual(await scene.queue('default', 2), [bob, cid, dan]);
    assert.deepEqual(await scene.queue('default', 3), [ann, bob]);
    assert.deepEqual(await scene.queue('default', range(3, 5)), [ann, bob, dan]);
    assert.deepEqual(await scene.queue('default', range(3, 5, 3)), [ann, bob], 'of 3, 4 and 5, only 3 will do');
    assert.deepEqual(await scene.queue('default', range(7, 16)), []);
    assert.equal((await scene.view('default', range(2, 16))).size, 4);
  });

  it('keeps the order of seniority among groups of different sizes, however many wait', async (scene) => {
    const people: string[] = [];
    for (let i = 0; i < 30; i++) {
      const id = await scene.person(`P${i}`);
      await scene.wait(id, { group: range(2, 2 + (i % 4)) });
      people.push(id);
      if (i % 3 === 0) scene.clock.advance(10);
    }
    assert.deepEqual(await scene.queue('default', 2), people);
    const some = people.filter((_, i) => i % 4 >= 2);
    assert.deepEqual(await scene.queue('default', 4), some);
  });

  it('knows by its id whoever is to be seen, and nobody else', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const [seen, larger, elsewhere] = [
      await scene.wait(ann, { group: range(2, 4) }),
      await scene.wait(bob, { groupSize: 5 }),
      await scene.wait(cid, { pool: 'mentors' }),
    ];
    const view = await scene.view('default', 2);

    assert.deepEqual(view.get(seen.id), seen);
    assert.deepEqual([view.get(larger.id), view.get(elsewhere.id)], [undefined, undefined]);
  });

  it('lets somebody in by how long they have waited, not by when they came', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.wait(ann);
    await scene.wait(bob, { enqueuedAt: scene.now + 2_000 });
    await scene.wait(cid, { enqueuedAt: scene.now + 1_000 });

    assert.deepEqual(await scene.queue(), [ann, cid, bob]);
  });

  it('counts places and matches among tickets of the same range', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const tickets = [await scene.wait(ann, { group: range(2, 3) }), await scene.wait(bob, { groupSize: 2 })];
    await scene.wait(cid, { group: range(2, 3) });
    assert.deepEqual(
      (await scene.statuses(cid)).map(({ position, queueLength }) => [position, queueLength]),
      [[2, 2]],
    );

    assert.ok((await scene.claim(tickets)).commit);

    await scene.wait(dan, { groupSize: 2 });
    for (const id of [cid, dan]) {
      const [status] = await scene.statuses(id);
      assert.deepEqual([status?.position, status?.queueLength, status?.matchedAt], [1, 1, [scene.now]]);
    }
  });

  it('gives a room as many places as people came into it', async (scene) => {
    const people = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const tickets = [];
    for (const id of people) tickets.push(await scene.wait(id, { group: range(2, 8) }));
    const { roomId, commit } = await scene.claim(tickets);

    assert.deepEqual(commit?.participantIds, people);
    assert.equal((await scene.room(people[0], roomId)).capacity, 3);
  });
};
