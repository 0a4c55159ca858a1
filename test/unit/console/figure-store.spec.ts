import { describe, expect, it } from '@jest/globals';
import type { Figures } from '../../../web/src/console/api/answers.js';
import { extended, lineOf, NO_HISTORY, summed } from '../../../web/src/console/live/figure-store.js';

const MINUTE_MS = 60_000;
const answer = (at: readonly number[], ...series: Figures['series']): Figures => ({ interval_ms: 10_000, at, series });
const line = (name: string, of: string | null, values: readonly (number | null)[]) =>
  ({ name, of, unit: 'count', values }) as const;

describe('what happened lately', () => {
  it('grows by what is new, and takes nothing twice', () => {
    let history = extended(NO_HISTORY, answer([10, 20], line('streams', null, [1, 2])));
    history = extended(history, answer([20, 30], line('streams', null, [2, 3])));
    expect(history.at).toEqual([10, 20, 30]);
    expect(lineOf(history, 'streams')).toEqual([1, 2, 3]);
    expect(extended(history, answer([], line('streams', null, [])))).toBe(history);
  });

  it('knows of a line that comes later that it was not there before, and of one that ends that it has ended', () => {
    let history = extended(NO_HISTORY, answer([10], line('waiting', 'a', [1])));
    history = extended(history, answer([20], line('waiting', 'b', [2])));
    expect(lineOf(history, 'waiting', 'a')).toEqual([1, null]);
    expect(lineOf(history, 'waiting', 'b')).toEqual([null, 2]);
    expect(summed(history, 'waiting')).toEqual([1, 2]);
  });

  it('lets go of what is older than an hour', () => {
    let history = extended(NO_HISTORY, answer([0, MINUTE_MS], line('streams', null, [1, 2])));
    history = extended(history, answer([60 * MINUTE_MS], line('streams', null, [3])));
    expect(history.at).toEqual([MINUTE_MS, 60 * MINUTE_MS]);
    expect(lineOf(history, 'streams')).toEqual([2, 3]);
    history = extended(history, answer([600 * MINUTE_MS], line('streams', null, [4])));
    expect(lineOf(history, 'streams')).toEqual([4]);
  });

  it('takes what is counted for zero where nobody tells of it, and nothing else', () => {
    const history = extended(NO_HISTORY, answer([10], line('streams', null, [1])));
    expect([lineOf(history, 'messages'), lineOf(history, 'rooms')]).toEqual([[0], [null]]);
    expect(summed(history, 'errors', ['failed'])).toEqual([0]);
  });
});
