import assert from 'node:assert/strict';
import type { Cases } from './cases.js';
import type { Scene } from './scene.js';

/** Whom somebody has met, and when. */
async function met(scene: Scene, participantId: string): Promise<Record<string, number>> {
  return Object.fromEntries((await scene.relations(participantId)).met);
}

export const relationCases: Cases = (it) => {
  it('knows nothing of somebody who has blocked and met nobody, or was never there', async (scene) => {
    const ann = await scene.person();
    for (const id of [ann, 'unheard of']) {
      const { blocked, met: partners } = await scene.relations(id);
      assert.deepEqual([blocked.size, partners.size], [0, 0]);
    }
  });

  it('knows who has blocked whom, and not the other way round', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.store.block(ann, await scene.match(ann, bob), bob, scene.now);

    assert.deepEqual([...(await scene.relations(ann)).blocked], [bob]);
    assert.deepEqual([...(await scene.relations(bob)).blocked], []);
  });

  it('remembers of everybody in a matched room when they were last together', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const start = scene.now;
    const room = await scene.match(ann, bob, cid);
    assert.deepEqual(await met(scene, ann), { [bob]: start, [cid]: start });

    scene.clock.advance(5_000);
    await scene.leave(bob, room);
    assert.deepEqual(await met(scene, ann), { [cid]: start, [bob]: start + 5_000 });
    assert.deepEqual(await met(scene, bob), { [ann]: start + 5_000, [cid]: start + 5_000 });

    scene.clock.advance(5_000);
    await scene.leave(cid, room);
    assert.deepEqual(await met(scene, ann), { [bob]: start + 5_000, [cid]: start + 10_000 });
  });

  it('takes no named room for a meeting', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { room } = await scene.join(ann, 'lobby');
    await scene.join(bob, 'lobby');
    await scene.leave(bob, room.roomId);

    assert.deepEqual(await met(scene, ann), {});
  });

  it('remembers the hundred somebody met last', async (scene) => {
    const ann = await scene.person();
    const others = await scene.people(...Array.from({ length: 102 }, (_, i) => `P${i}`));
    for (const other of others) {
      scene.clock.advance(10);
      await scene.leave(other, await scene.match(ann, other));
    }
    assert.deepEqual(new Set(Object.keys(await met(scene, ann))), new Set(others.slice(2)));
  });
};
