import assert from 'node:assert/strict';
import type { Cases } from './cases.js';
import { type Scene, texts } from './scene.js';

/** Ann and Bob in two rooms of their own; Ann speaks, Bob listens. */
async function twoRooms(scene: Scene) {
  const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
  const first = await scene.match(ann, bob);
  const second = await scene.match(ann, bob);
  await scene.store.acknowledge(bob, await scene.head(bob));
  return { bob, first, second, say: (room: string, ...said: string[]) => scene.say(ann, room, ...said) };
}

export const eventLogCases: Cases = (it) => {
  it('writes what a step returns, once and in order, with cursors and ids that never change', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const tickets = [await scene.wait(ann), await scene.wait(bob)];
    const { roomId, commit } = await scene.claim(tickets);
    const posted = await scene.post(ann, roomId, 'hello');
    const left = await scene.leave(ann, roomId);

    const returned = [commit, posted, left]
      .flatMap((step) => step?.appended ?? [])
      .filter(({ participantId }) => participantId === bob)
      .map(({ entry }) => entry.envelope);
    const read = await scene.events(bob);

    assert.deepEqual(read, returned);
    assert.deepEqual(await scene.events(bob), read);
    assert.deepEqual(
      (await scene.read(bob, { after: 0 })).entries.map(({ seq }) => seq),
      [1, 2, 3, 4],
    );
    assert.equal(new Set(read.flatMap(({ cursor, event_id }) => [cursor, event_id])).size, 8);
    assert.ok(read.every(({ timestamp }) => timestamp === new Date(scene.now).toISOString()));
    assert.equal(await scene.head(bob), 4);
  });

  it('reads from any position, at most as many as asked for, and says where to go on', async (scene) => {
    const { bob, first, say } = await twoRooms(scene);
    await say(first, 'a', 'b', 'c', 'd', 'e');
    const read = async (after: number, limit: number) => {
      const slice = await scene.read(bob, { after, limit });
      return [texts(slice), slice.position, slice.truncated];
    };

    assert.deepEqual(await read(2, 2), [['a', 'b'], 4, false]);
    assert.deepEqual(await read(4, 2), [['c', 'd'], 6, false]);
    assert.deepEqual(await read(6, 2), [['e'], 7, false]);
    assert.deepEqual(await read(7, 2), [[], 7, false]);
    assert.deepEqual(await read(2, 2), [['a', 'b'], 4, false], 'a position is not a pop');
  });

  it('reads the events of one room only, without losing its place among the others', async (scene) => {
    const { bob, first, second, say } = await twoRooms(scene);
    await say(first, 'a');
    await say(second, 'x', 'y');
    await say(first, 'b', 'c');
    await say(second, 'z');

    const page = await scene.read(bob, { after: 2, roomId: first, limit: 2 });
    assert.deepEqual(texts(page), ['a', 'b']);
    const rest = await scene.read(bob, { after: page.position, roomId: first, limit: 2 });
    assert.deepEqual([texts(rest), rest.position], [['c'], await scene.head(bob)]);
    const none = await scene.read(bob, { after: 2, roomId: 'no such room' });
    assert.deepEqual([none.entries, none.position], [[], await scene.head(bob)]);
  });

  it('finds the events of a quiet room behind hundreds of others', async (scene) => {
    const { bob, first, second, say } = await twoRooms(scene);
    await say(second, ...Array.from({ length: 700 }, (_, i) => `${i}`));
    await say(first, 'at last');

    assert.deepEqual(texts(await scene.read(bob, { after: 0, roomId: first })), ['at last']);
    assert.deepEqual(await scene.hear(bob, first), ['at last']);
  });

  it('goes on where the last acknowledged read ended, neither missing nor repeating anything', async (scene) => {
    const { bob, first, second, say } = await twoRooms(scene);
    await say(first, 'a', 'b');
    await say(second, 'c');

    assert.deepEqual(texts(await scene.read(bob)), ['a', 'b', 'c']);
    assert.deepEqual(await scene.hear(bob, undefined, 2), ['a', 'b'], 'a read that was not acknowledged reads again');
    await say(first, 'd');
    assert.deepEqual(await scene.hear(bob), ['c', 'd']);
    assert.deepEqual(await scene.hear(bob), []);
  });

  it('keeps a read position of each room beside the overall one', async (scene) => {
    const { bob, first, second, say } = await twoRooms(scene);
    await say(first, 'a1');
    await say(second, 'b1');
    await say(first, 'a2');

    assert.deepEqual(await scene.hear(bob, first), ['a1', 'a2']);
    assert.deepEqual(await scene.hear(bob, first), []);
    await say(first, 'a3');
    await say(second, 'b2');
    assert.deepEqual(await scene.hear(bob), ['b1', 'a3', 'b2'], 'what was heard of one room is not heard again');
    assert.deepEqual(
      [await scene.hear(bob), await scene.hear(bob, first), await scene.hear(bob, second)],
      [[], [], []],
    );
    await say(second, 'b3');
    await say(first, 'a4');
    assert.deepEqual(await scene.hear(bob, second), ['b3']);
    assert.deepEqual(await scene.hear(bob, first), ['a4']);
    assert.deepEqual(await scene.hear(bob), []);
  });

  it('hears each message once, however reads of rooms and of everything are mixed', async (scene) => {
    const { bob, first, second, say } = await twoRooms(scene);
    const heard: string[] = [];
    for (let i = 0; i < 60; i++) {
      await say(i % 3 ? first : second, `${i}`);
      if (i % 4 === 1) heard.push(...(await scene.hear(bob, first, 2)));
      if (i % 5 === 2) heard.push(...(await scene.hear(bob, undefined, 3)));
      if (i % 7 === 3) heard.push(...(await scene.hear(bob, second)));
    }
    heard.push(...(await scene.hear(bob)));

    assert.deepEqual(
      heard.map(Number).sort((a, b) => a - b),
      Array.from({ length: 60 }, (_, i) => i),
    );
  });

  it('never moves a read position back', async (scene) => {
    const { bob, first, say } = await twoRooms(scene);
    await say(first, 'a', 'b');
    await scene.hear(bob);
    await scene.store.acknowledge(bob, 1);
    await scene.store.acknowledge(bob, 3, first);

    assert.deepEqual(texts(await scene.read(bob)), []);
    assert.deepEqual(texts(await scene.read(bob, { roomId: first })), []);
  });

  it('lets an explicit position read what a room read has passed already', async (scene) => {
    const { bob, first, say } = await twoRooms(scene);
    await say(first, 'a');
    await scene.hear(bob, first);
    assert.deepEqual(texts(await scene.read(bob, { after: 2 })), ['a']);
    assert.deepEqual(texts(await scene.read(bob, { after: 2, roomId: first })), ['a']);
  });

  it(
    'drops the oldest entries first, gives a reader far behind all that is left, and says so',
    async (scene) => {
      const { bob, first, say } = await twoRooms(scene);
      await say(first, ...Array.from({ length: 1_000 }, (_, i) => `${i}`));

      const all = await scene.read(bob, { after: 0, limit: 1_000 });
      assert.equal(all.truncated, true);
      assert.deepEqual(
        texts(all),
        Array.from({ length: 40 }, (_, i) => `${960 + i}`),
      );
      const some = await scene.read(bob, { after: 0, limit: 3 });
      assert.deepEqual([texts(some), some.truncated], [['960', '961', '962'], true]);
      const next = await scene.read(bob, { after: some.position, limit: 3 });
      assert.deepEqual([texts(next), next.truncated], [['963', '964', '965'], false]);
      assert.equal((await scene.read(bob)).truncated, true);
      assert.equal((await scene.hear(bob)).length, 40);
      assert.equal((await scene.read(bob)).truncated, false);
    },
    { eventLogEntries: 40 },
  );

  it(
    'marks read only what was in reach of a read that had to skip lost entries',
    async (scene) => {
      const { bob, first, say } = await twoRooms(scene);
      await say(first, ...Array.from({ length: 60 }, (_, i) => `${i}`));
      await scene.store.acknowledge(bob, 10);

      assert.equal((await scene.room(bob, first)).unread, 60);
    },
    { eventLogEntries: 40 },
  );

  it(
    'drops entries that are too old, and says so',
    async (scene) => {
      const { bob, first, say } = await twoRooms(scene);
      await say(first, 'old');
      scene.clock.advance(60_001);
      await say(first, 'new');

      const slice = await scene.read(bob, { after: 0 });
      assert.deepEqual([texts(slice), slice.truncated], [['new'], true]);
      scene.clock.advance(60_001);
      const later = await scene.read(bob, { after: 0 });
      assert.deepEqual([later.entries, later.truncated, later.position], [[], true, 4]);
      await say(first, 'newer');
      assert.equal((await scene.read(bob, { after: 4 })).entries[0]?.seq, 5, 'positions go on');
    },
    { eventLogAgeMs: 60_000, presenceMs: 0 },
  );

  it('reads a position ahead of the head as the head, and says so', async (scene) => {
    const { bob, first, say } = await twoRooms(scene);
    const slice = await scene.read(bob, { after: 1_000 });
    assert.deepEqual([slice.entries, slice.position, slice.truncated], [[], 2, true]);
    await say(first, 'a');
    assert.deepEqual(texts(await scene.read(bob, { after: slice.position })), ['a']);
  });

  it('keeps the log of somebody who was told nothing empty', async (scene) => {
    const ann = await scene.person();
    const slice = await scene.read(ann);
    assert.deepEqual([slice.entries, slice.position, slice.truncated], [[], 0, false]);
  });
};
