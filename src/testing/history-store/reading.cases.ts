import { deepEqual, equal } from 'node:assert/strict';
import type { HistoryCases } from './cases.js';

export const readingCases: HistoryCases = (it) => {
  it('is for those who are or were there, and for nobody else', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.open('elsewhere', ['eve', 'fay']);
    scene.chat('room', 'ann', 2);
    await scene.append();
    deepEqual((await scene.page('ben', 'room'))?.seqs, [1, 2]);
    equal(await scene.page('eve', 'room'), undefined);
    equal(await scene.page('ann', 'nowhere'), undefined);
    equal(await scene.page('ann', 'a\0b'), undefined);
  });

  it('shows who comes later only what is said from then on', async (scene) => {
    scene.open('room', ['ann', 'ben'], { named: true });
    scene.chat('room', 'ann', 3);
    scene.join('room', 'cat');
    scene.chat('room', 'ann', 2);
    await scene.append();
    deepEqual(await scene.page('cat', 'room'), {
      seqs: [4, 5],
      next: undefined,
      previous: undefined,
      truncated: false,
    });
    deepEqual((await scene.page('cat', 'room', { before: 4 }))?.seqs, []);
    deepEqual((await scene.page('cat', 'room', { after: 0 }))?.seqs, [4, 5]);
  });

  it('shows who has left nothing of what is said afterwards, until they are back', async (scene) => {
    scene.open('room', ['ann', 'ben', 'cat']);
    scene.chat('room', 'ann', 3);
    scene.leave('room', 'ben');
    scene.chat('room', 'ann', 3);
    await scene.append();
    deepEqual(await scene.page('ben', 'room'), {
      seqs: [1, 2, 3],
      next: undefined,
      previous: undefined,
      truncated: false,
    });
    scene.join('room', 'ben');
    scene.chat('room', 'cat', 2);
    scene.leave('room', 'ben');
    scene.chat('room', 'ann', 1);
    await scene.append();
    deepEqual((await scene.page('ben', 'room'))?.seqs, [1, 2, 3, 7, 8]);
    deepEqual((await scene.page('ben', 'room', { before: 8, limit: 2 }))?.seqs, [3, 7]);
  });

  it('gives pages back and forth, without gap or repetition', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 10);
    await scene.append();
    const pages = async (first: object, way: 'previous' | 'next') => {
      const seqs: number[][] = [];
      let page = await scene.page('ben', 'room', { limit: 4, ...first });
      while (page) {
        seqs.push(page.seqs);
        const position = page[way];
        if (position === undefined) break;
        page = await scene.page('ben', 'room', { limit: 4, [way === 'previous' ? 'before' : 'after']: position });
      }
      return seqs;
    };
    deepEqual(await pages({}, 'previous'), [
      [7, 8, 9, 10],
      [3, 4, 5, 6],
      [1, 2],
    ]);
    deepEqual(await pages({ after: 0 }, 'next'), [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10],
    ]);
    const middle = await scene.page('ben', 'room', { before: 7, limit: 2 });
    deepEqual(middle, { seqs: [5, 6], next: 6, previous: 5, truncated: false });
    deepEqual((await scene.page('ben', 'room', { after: 10 }))?.seqs, []);
    deepEqual((await scene.page('ben', 'room', { before: 1 }))?.seqs, []);
  });
};
