import { describe, expect, it } from '@jest/globals';
import type { Entry } from '../../../src/client/index.js';
import { firstUnread, rowsOf } from '../../../web/src/ui/rows.js';

const NOON = new Date(2026, 4, 12, 12).getTime();
const MINUTE = 60_000;
const BEN = { userId: 'ub', displayName: 'Ben', provenance: 'human' };
const CY = { userId: 'uc', displayName: 'Cy', provenance: 'human' };

const mine = (key: string, at: number): Entry => ({ kind: 'message', key, text: key, mine: true, at });
const from = (sender: typeof BEN, key: string, at: number): Entry => ({
  kind: 'message',
  key,
  text: key,
  mine: false,
  sender,
  at,
});
const left = (key: string, at: number): Entry => ({ kind: 'happening', key, what: 'left', who: CY, at });

/** Rows as short words. */
const shape = (entries: readonly Entry[], unread?: string) =>
  rowsOf(entries, unread).map((row) =>
    row.kind === 'group' ? row.messages.map(({ key }) => key).join('+') : row.kind,
  );

describe('the rows of a log', () => {
  it('put messages of one sender together until another one writes, something happens or time passes', () => {
    const entries = [
      from(BEN, 'a', NOON),
      from(BEN, 'b', NOON + MINUTE),
      from(CY, 'c', NOON + 2 * MINUTE),
      mine('d', NOON + 3 * MINUTE),
      left('e', NOON + 4 * MINUTE),
      mine('f', NOON + 4 * MINUTE),
      mine('g', NOON + 9 * MINUTE),
    ];
    expect(shape(entries)).toEqual(['day', 'a+b', 'c', 'd', 'happening', 'f', 'g']);
  });

  it('say where a day begins', () => {
    const night = new Date(2026, 4, 12, 23, 59).getTime();
    expect(shape([mine('a', night), mine('b', night + 2 * MINUTE)])).toEqual(['day', 'a', 'day', 'b']);
  });

  it('say where what is not read yet begins', () => {
    const entries = [from(BEN, 'a', NOON), from(BEN, 'b', NOON), from(BEN, 'c', NOON)];
    expect(shape(entries, 'b')).toEqual(['day', 'a', 'unread', 'b+c']);
  });

  it('are none without entries', () => {
    expect(rowsOf([])).toEqual([]);
  });
});

describe('the first unread message', () => {
  const entries = [from(BEN, 'a', NOON), mine('b', NOON), from(CY, 'c', NOON), from(BEN, 'd', NOON)];

  it('counts partners’ messages only, from the end', () => {
    expect([1, 2, 3].map((unread) => firstUnread(entries, unread))).toEqual(['d', 'c', 'a']);
  });

  it('is none when all is read, and the first known when more are unread than are here', () => {
    expect(firstUnread(entries, 0)).toBeUndefined();
    expect(firstUnread(entries, 9)).toBe('a');
  });
});
