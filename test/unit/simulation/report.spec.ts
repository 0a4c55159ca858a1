import { describe, expect, it } from '@jest/globals';
import { percentile, summarise, waitingOverTime } from '../../../src/simulation/report.js';
import type { Visit } from '../../../src/simulation/simulator.js';
import { clock } from '../../../src/simulation/units.js';

const visit = (at: number, waitMs: number, group = 'all'): Visit => ({
  at,
  waitMs,
  outcome: 'matched',
  quality: undefined,
  group,
});

describe('a report', () => {
  it('tells how many waited on average in each part of the time', () => {
    expect(waitingOverTime([visit(0, 100), visit(50, 100), visit(390, 500)], 400, 4)).toEqual([1.5, 0.5, 0, 0.1]);
  });

  it('takes percentiles that are among the values', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect([0.1, 0.5, 0.9, 0.99, 1].map((part) => percentile(values, part))).toEqual([1, 5, 9, 10, 10]);
    expect(percentile([7], 0.5)).toBe(7);
  });

  it('tells at most eight groups apart and counts the smallest together', () => {
    const visits = Array.from({ length: 78 }, (_, i) => visit(i, 10, `t${Math.floor(Math.sqrt(2 * i))}`));
    const { groups } = summarise({ strategy: 's', visits, rooms: 0, failures: 0, tookMs: 0 }).fairness;
    expect(groups).toHaveLength(8);
    expect(groups.at(-1)!.name).toBe('others');
    expect(groups.reduce((sum, { arrivals }) => sum + arrivals, 0)).toBe(78);
  });

  it('compares no group with itself', () => {
    const { fairness } = summarise({ strategy: 's', visits: [visit(0, 5)], rooms: 0, failures: 0, tookMs: 0 });
    expect(fairness).toEqual({
      ratio: undefined,
      groups: [{ name: 'all', arrivals: 1, matchedShare: 1, meanWaitMs: 5 }],
    });
  });

  it('leaves groups too small to say anything out of the ratio', () => {
    const visits = [
      ...Array.from({ length: 1_000 }, (_, i) => visit(i, i % 2 === 0 ? 10 : 20, `t${i % 2}`)),
      visit(2_000, 9_000, 't2'),
    ];
    expect(summarise({ strategy: 's', visits, rooms: 0, failures: 0, tookMs: 0 }).fairness.ratio).toBe(2);
  });

  it.each([
    [0, '0:00.0'],
    [3_240, '0:03.2'],
    [9_949, '0:09.9'],
    [9_951, '0:10'],
    [59_600, '1:00'],
    [3_725_000, '62:05'],
  ])('writes %d ms as %s', (ms, text) => expect(clock(ms)).toBe(text));
});
