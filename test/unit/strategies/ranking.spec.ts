import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BestFirst, candidates } from '../../../src/matching/strategies/ranking.js';
import { ticketOf } from '../../../src/testing/index.js';
import { contextOf } from '../../support/strategies.js';

describe('BestFirst', () => {
  it('gives the best first and the earliest of equals, however often it is gone through', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.nat(20), (scores, few) => {
        const best = new BestFirst();
        scores.forEach((score, i) => best.add(ticketOf(`${i}`), score));
        const sorted = scores.map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score || a.i - b.i);
        const expected = sorted.map(({ i }) => `${i}`);

        const some: string[] = [];
        for (const { participantId } of best) if (some.push(participantId) >= few) break;
        expect(some).toEqual(expected.slice(0, some.length));
        expect(Array.from(best, ({ participantId }) => participantId)).toEqual(expected);
        expect(Array.from(best, ({ participantId }) => participantId)).toEqual(expected);
      }),
    );
  });

  it('drops those of no use behind the first, and keeps the order of the others', () => {
    const scores = Array.from({ length: 300 }, (_, i) => (i * 7_919) % 101);
    const best = new BestFirst(({ priority }) => priority % 2 === 0);
    scores.forEach((score, i) => best.add(ticketOf(`${i}`, { priority: score }), score));
    const sorted = scores.toSorted((a, b) => b - a);
    const expected = [...sorted.slice(0, 64), ...sorted.slice(64).filter((score) => score % 2 === 0)];
    expect(Array.from(best, ({ priority }) => priority)).toEqual(expected);
  });
});

describe('candidates', () => {
  const waiting = Array.from({ length: 7_000 }, (_, i) => ticketOf(`${i}`));
  const seen = (seed: number) =>
    Array.from(candidates(contextOf(waiting, { seed })), ({ participantId }) => Number(participantId));

  it('are all who wait, but not the subject, while they are not too many', () => {
    expect([...candidates(contextOf(waiting.slice(0, 5_000)))]).toEqual(waiting.slice(0, 4_999));
  });

  it('are at most five thousand, those who wait longest among them', () => {
    const places = seen(1);
    expect(places.length).toBeLessThanOrEqual(5_000);
    expect(places.slice(0, 4_000)).toEqual(Array.from({ length: 4_000 }, (_, i) => i));
    expect(places.at(-1)).toBeGreaterThan(6_900);
  });

  it('leave nobody out of sight for good', () => {
    const all = new Set(Array.from({ length: 20 }, (_, seed) => seen(seed)).flat());
    expect(all.size).toBe(waiting.length - 1);
  });

  it('end when the time of the run is up', () => {
    expect([...candidates(contextOf(waiting, { budgetMs: 0 }))].length).toBeLessThan(100);
  });
});
