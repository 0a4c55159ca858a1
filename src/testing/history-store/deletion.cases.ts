import { deepEqual, equal } from 'node:assert/strict';
import type { HistoryCases } from './cases.js';

const DAY_MS = 86_400_000;

export const deletionCases: HistoryCases = (it) => {
  it('forgets what somebody wrote, and that they were there', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', 'of ann', 'more of ann');
    scene.say('room', 'ben', 'of ben');
    scene.open('other', ['ann', 'cat']);
    scene.say('other', 'ann', 'again of ann');
    await scene.append();
    equal(await scene.store.forget('ann'), 3);
    deepEqual(await scene.texts('ben', 'room'), ['of ben']);
    deepEqual(await scene.found('ben', 'ann'), []);
    deepEqual(await scene.found('cat', 'ann'), []);
    equal(await scene.page('ann', 'room'), undefined);
    equal(await scene.store.forget('ann'), 0);
    equal(await scene.store.forget('nobody'), 0);
  });

  it('does not take for a lag what was forgotten at the end of a room', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ben', 'of ben');
    scene.say('room', 'ann', 'of ann');
    await scene.append();
    await scene.store.forget('ann');
    equal((await scene.store.messages('ben', 'room', { limit: 10 }))?.lastSeq, 2);
  });

  it('takes in nothing more of somebody who was forgotten, however late it comes', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', 'of ann');
    scene.say('room', 'ben', 'of ben');
    await scene.append();
    await scene.store.forget('ann');
    scene.say('room', 'ann', 'late words of ann');
    await scene.store.append(scene.records);
    deepEqual(await scene.texts('ben', 'room'), ['of ben']);
    equal(await scene.page('ann', 'room'), undefined);
  });

  it('forgets by a record as well, also what comes in the same batch', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', 'of ann');
    scene.say('room', 'ben', 'of ben');
    scene.record('participant.forgotten', { user_id: 'ann' });
    await scene.append();
    deepEqual(await scene.texts('ben', 'room'), ['of ben']);
    await scene.store.append(scene.records);
    deepEqual(await scene.texts('ben', 'room'), ['of ben']);
    equal(await scene.page('ann', 'room'), undefined);
  });

  it('keeps what each pool allows, and says what is no longer there', async (scene) => {
    scene.open('short', ['ann', 'ben'], { pool: 'short' });
    scene.open('long', ['ann', 'ben'], { pool: 'long' });
    scene.open('ever', ['ann', 'ben'], { pool: 'ever' });
    scene.open('named', ['ann', 'ben'], { pool: 'short', named: true });
    const rooms = ['short', 'long', 'ever', 'named'];
    for (const room of rooms) scene.chat(room, 'ann', 2);
    scene.clock.advance(10 * DAY_MS);
    for (const room of rooms) scene.chat(room, 'ann', 1);
    await scene.append();
    const day = (days: number) => days * DAY_MS;
    const retention = new Map([
      ['', day(9)],
      ['short', day(5)],
      ['long', day(30)],
      ['ever', 0],
    ]);
    equal(await scene.store.prune(retention, scene.now), 4);
    equal(await scene.store.prune(retention, scene.now), 0);
    deepEqual(await scene.page('ben', 'short'), { seqs: [3], next: undefined, previous: undefined, truncated: true });
    deepEqual((await scene.page('ben', 'short', { before: 3 }))?.truncated, true);
    deepEqual((await scene.page('ben', 'named'))?.seqs, [3]);
    deepEqual((await scene.page('ben', 'long'))?.seqs, [1, 2, 3]);
    deepEqual((await scene.page('ben', 'ever'))?.truncated, false);
  });

  it('keeps everything where everything is kept for ever', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 3);
    scene.close('room');
    await scene.append();
    scene.clock.advance(10_000 * DAY_MS);
    equal(await scene.store.prune(new Map([['', 0]]), scene.now), 0);
    deepEqual((await scene.page('ben', 'room'))?.seqs, [1, 2, 3]);
  });

  it('lets go of a room that ended long ago, whole', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 3);
    scene.leave('room', 'ann');
    scene.close('room');
    await scene.append();
    scene.clock.advance(100 * DAY_MS);
    scene.open('new', ['ann', 'ben']);
    scene.chat('new', 'ann', 1);
    await scene.append();
    equal(await scene.store.prune(new Map([['', 40 * DAY_MS]]), scene.now), 3);
    equal(await scene.page('ann', 'room'), undefined);
    deepEqual((await scene.page('ann', 'new'))?.seqs, [1]);
    scene.say('new', 'ben', 'and on it goes');
    await scene.append();
    deepEqual((await scene.page('ann', 'new'))?.seqs, [1, 2]);
  });

  it('is done by one of two who begin at once', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 20);
    await scene.append();
    scene.clock.advance(10 * DAY_MS);
    const retention = new Map([['', DAY_MS]]);
    const [one, other] = await Promise.all([
      scene.store.prune(retention, scene.now),
      scene.store.prune(retention, scene.now),
    ]);
    equal(one + other + (await scene.store.prune(retention, scene.now)), 20);
  });
};
