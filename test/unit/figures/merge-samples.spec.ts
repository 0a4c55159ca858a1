import { describe, expect, it } from '@jest/globals';
import { mergeSamples } from '../../../src/figures/merge-samples.js';

const INTERVAL_MS = 10_000;
const at = (n: number) => Date.UTC(2026, 0, 1) + n * INTERVAL_MS;
const merged = (...samples: (readonly [instance: string, n: number, figures: Record<string, number>])[]) =>
  mergeSamples(
    samples.map(([instance, n, figures]) => ({ instance, at: at(n), figures })),
    INTERVAL_MS,
  );
const valuesOf = ({ series }: ReturnType<typeof merged>, name: string, of: string | null = null) =>
  series.find((one) => one.name === name && one.of === of)?.values;

describe('samples of several instances', () => {
  it('add up what each counted, per minute', () => {
    const table = merged(['a', 1, { messages: 3 }], ['b', 1, { messages: 4 }], ['a', 2, { messages: 1 }]);
    expect(table.at).toEqual([at(1), at(2)]);
    expect(valuesOf(table, 'messages')).toEqual([42, 6]);
  });

  it('say nothing happened where a count is missing, and that nothing is known where another figure is', () => {
    const table = merged(['a', 1, { messages: 1, 'waiting/default': 2 }], ['a', 2, {}]);
    expect(valuesOf(table, 'messages')).toEqual([6, 0]);
    expect(valuesOf(table, 'waiting', 'default')).toEqual([2, null]);
  });

  it('count once what all share, though two of them tell', () => {
    const table = merged(['a', 1, { 'waiting/a/b': 5, streams: 2 }], ['b', 1, { 'waiting/a/b': 4, streams: 3 }]);
    expect(valuesOf(table, 'waiting', 'a/b')).toEqual([5]);
    expect(valuesOf(table, 'streams')).toEqual([5]);
  });

  it('have percentiles of all durations together', () => {
    const table = merged(
      ['a', 1, { 'wait#0:1': 5 }],
      ['b', 1, { 'wait#1:2': 4, 'wait#5:10': 1 }],
      ['a', 2, { messages: 1 }],
    );
    expect(valuesOf(table, 'wait_p50')).toEqual([1, null]);
    expect(valuesOf(table, 'wait_p95')).toEqual([7.5, null]);
  });

  it('may hold what a later version counts', () => {
    expect(merged(['a', 1, { sunshine: 1, 'toString/x': 2, 'sunshine#0:1': 3 }]).series).toEqual([]);
  });

  it('make an empty table when there are none', () => {
    expect(merged()).toEqual({ intervalMs: INTERVAL_MS, at: [], series: [] });
  });
});
