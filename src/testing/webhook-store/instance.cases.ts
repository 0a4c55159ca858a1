import assert from 'node:assert/strict';
import type { WebhookCases } from './cases.js';

const MINUTE_MS = 60_000;

export const instanceCases: WebhookCases = (it) => {
  it('knows who is there, in the same order for everybody', async ({ store, now }) => {
    await store.attend('b', MINUTE_MS, now);
    const seen = await store.attend('a', MINUTE_MS, now);
    assert.deepEqual([...seen.workers], (await store.attend('b', MINUTE_MS, now)).workers);
    assert.deepEqual([...seen.workers].sort(), ['a', 'b']);
    await store.leave('a');
    assert.deepEqual((await store.attend('b', MINUTE_MS, now)).workers, ['b']);
  });

  it('forgets a worker that is not heard of in time', async ({ store, now }) => {
    await store.attend('a', 0, now);
    assert.deepEqual((await store.attend('b', MINUTE_MS, now)).workers, ['b']);
  });

  it('tells when somebody has come, and who', async (scene) => {
    const attend = () => scene.store.attend('me', MINUTE_MS, scene.now);
    await scene.subscribe('s1');
    const before = await attend();
    assert.equal(before.participants, 1);
    await scene.subscribe('s2');
    assert.deepEqual(await attend(), before, 'somebody who was there before');
    await scene.subscribe('s3', { participantId: 'ben' });
    const after = await attend();
    assert.ok(after.newest > before.newest);
    assert.equal(after.participants, 2);
    const since = async (number: number) => (await scene.store.participants(number, 10, scene.now)).participantIds;
    assert.deepEqual(await since(before.newest), ['ben']);
    assert.deepEqual(await since(after.newest), []);

    await scene.store.unsubscribe('s3', scene.now);
    await scene.subscribe('s3', { participantId: 'ben' });
    assert.deepEqual(await since(after.newest), ['ben'], 'who comes again is new');
  });

  it('grants of each key what a rate allows, and more as time goes by', async ({ store, clock }) => {
    const rate = { burst: 2, perMs: 1_000 };
    const take = (key = 'k') => store.take(key, rate, clock.now());
    assert.deepEqual([await take(), await take(), await take()], [0, 0, 500]);
    assert.equal(await take('other'), 0);
    clock.advance(499);
    assert.equal(await take(), 1);
    clock.advance(1);
    assert.deepEqual([await take(), await take()], [0, 500]);
    clock.advance(-400);
    assert.equal(await take(), 500, 'a clock that runs behind refills nothing');
  });

  it('has one secret for all: the first that was proposed', async ({ store }) => {
    assert.equal(await store.sharedKey('first'), 'first');
    assert.equal(await store.sharedKey('second'), 'first');
  });

  it('remembers which key was in use last', async ({ store }) => {
    assert.equal(await store.noteKey('one'), undefined);
    assert.equal(await store.noteKey('two'), 'one');
    assert.equal(await store.noteKey('two'), 'two');
  });
};
