import { deepEqual, equal } from 'node:assert/strict';
import type { HistoryCases } from './cases.js';

export const searchCases: HistoryCases = (it) => {
  it('finds words in any order and of any case, newest first', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', 'The quick brown fox', 'the lazy dog', 'A FOX, quick!');
    await scene.append();
    deepEqual(await scene.found('ben', 'fox quick'), ['A FOX, quick!', 'The quick brown fox']);
    deepEqual(await scene.found('ben', 'fox dog'), []);
    deepEqual(await scene.found('ben', 'fo'), []);
  });

  it('knows phrases, exclusions and alternatives', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', 'quick brown fox', 'brown quick dog', 'slow cat');
    await scene.append();
    deepEqual(await scene.found('ann', '"quick brown"'), ['quick brown fox']);
    deepEqual(await scene.found('ann', 'quick -dog'), ['quick brown fox']);
    deepEqual(await scene.found('ann', 'dog or cat'), ['slow cat', 'brown quick dog']);
  });

  it('finds words of many languages', async (scene) => {
    const texts = ['Größe zählt', 'где находится библиотека', 'πού είναι ο σταθμός', 'שלום עולם', 'café à la carte'];
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', ...texts);
    await scene.append();
    for (const [index, word] of ['GRÖSSE OR größe', 'Библиотека', 'σταθμός', 'שלום', 'CAFÉ'].entries()) {
      deepEqual(await scene.found('ben', word), [texts[index]]);
    }
  });

  it('searches only what one may read', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.open('other', ['ann', 'cat']);
    scene.say('room', 'ann', 'secret one');
    scene.leave('room', 'ben');
    scene.say('room', 'ann', 'secret two');
    scene.say('other', 'cat', 'secret three');
    scene.join('other', 'dan');
    scene.say('other', 'cat', 'secret four');
    await scene.append();
    deepEqual(await scene.found('ann', 'secret'), ['secret four', 'secret three', 'secret two', 'secret one']);
    deepEqual(await scene.found('ben', 'secret'), ['secret one']);
    deepEqual(await scene.found('dan', 'secret'), ['secret four']);
    deepEqual(await scene.found('eve', 'secret'), []);
  });

  it('can be of one room, which must be one of their own', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.open('other', ['ann', 'cat']);
    scene.say('room', 'ann', 'tea here');
    scene.say('other', 'ann', 'tea there');
    await scene.append();
    deepEqual(await scene.found('ann', 'tea', { roomId: 'other' }), ['tea there']);
    equal(await scene.found('ben', 'tea', { roomId: 'other' }), undefined);
    equal(await scene.found('ben', 'tea', { roomId: 'nowhere' }), undefined);
  });

  it('goes on page by page, over rooms and over messages of the same moment', async (scene) => {
    scene.open('a', ['ann', 'ben']);
    scene.open('b', ['ann', 'ben']);
    for (let round = 0; round < 3; round++) {
      scene.say('a', 'ann', `tea a${round}`);
      scene.clock.advance(-1_000);
      scene.say('b', 'ann', `tea b${round}`);
    }
    await scene.append();
    const texts: string[] = [];
    let before: string | undefined;
    do {
      const page = await scene.store.search('ben', { text: 'tea', limit: 2, ...(before !== undefined && { before }) });
      texts.push(...page!.messages.map(({ text }) => text));
      before = page!.next;
    } while (before !== undefined);
    deepEqual(texts, ['tea b2', 'tea a2', 'tea b1', 'tea a1', 'tea b0', 'tea a0']);
    for (const none of ['x', 'W10', 'WzEsImEiXQ', Buffer.from('[1e99,"a",1]').toString('base64url')]) {
      deepEqual(await scene.found('ben', 'tea', { before: none }), []);
    }
  });

  it('takes whatever is typed as words, not as commands', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', `Robert'); drop table students; --`, 'quite harmless');
    await scene.append();
    const typed = [
      `'); delete from messages; --`,
      `a & | ! ( :* <-> b`,
      '"',
      '-',
      'or',
      '%',
      '\\',
      '😀',
      '"open phrase',
    ];
    for (const text of typed) deepEqual(await scene.found('ben', text), []);
    deepEqual(await scene.found('ben', `robert'); drop`), [`Robert'); drop table students; --`]);
    equal((await scene.texts('ben', 'room'))?.length, 2);
  });
};
