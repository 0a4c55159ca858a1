import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Backoff } from '../../../src/client/index.js';

describe('Backoff', () => {
  it('tries again at once-ish, then doubles the longest delay up to its bound', () => {
    const backoff = new Backoff({ random: () => 0.999999 });
    const delays = Array.from({ length: 8 }, () => backoff.next());
    expect(delays).toEqual([299, 599, 1199, 2399, 4799, 9599, 9999, 9999]);
  });

  it('spreads delays over everything below the longest', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(2000), (share, tries) => {
        const backoff = new Backoff({ random: () => share });
        for (let i = 0; i < tries; i++) backoff.next();
        const delay = backoff.next();
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(10_000);
      }),
    );
  });

  it('begins anew after a success', () => {
    const backoff = new Backoff({ random: () => 0.999999 });
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(299);
  });
});
