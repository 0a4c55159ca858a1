import { describe, expect, it } from '@jest/globals';
import { FifoStrategy } from '../../src/matching/index.js';
import { describeStrategyContract, type MakeStrategy, type TestApi } from '../../src/testing/index.js';
import { BROKEN } from './broken-strategies/broken-strategies.js';

/** Runs the contract at once and tells which promises are broken. */
async function brokenPromises(make: MakeStrategy): Promise<{ broken: Record<string, string>; kept: string[] }> {
  const cases: [string, () => Promise<void>][] = [];
  const api: TestApi = { describe: (_, body) => body(), it: (name, body) => cases.push([name, body]) };
  // What is slow here is slower by far; the rest need not be fast on a busy machine.
  describeStrategyContract('x', make, { budgetMs: 250 }, api);
  const broken: Record<string, string> = {};
  const kept: string[] = [];
  for (const [name, body] of cases) {
    await body().then(
      () => kept.push(name),
      (error: Error) => (broken[name] = error.message),
    );
  }
  return { broken, kept };
}

describe('the contract of strategies', () => {
  it('has for each promise a strategy that breaks it, and is kept whole by first in, first out', async () => {
    const { broken, kept } = await brokenPromises(() => new FifoStrategy());
    expect(broken).toEqual({});
    expect(new Set(Object.values(BROKEN).map(({ breaks }) => breaks))).toEqual(new Set(kept));
  });

  it.each(Object.entries(BROKEN))('finds out a strategy that %s, by that alone', async (_, { breaks, make }) => {
    const { broken } = await brokenPromises(make);
    expect(Object.keys(broken)).toEqual([breaks]);
  });
});
