import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from '../../src/domain/token-bucket.js';

const rate = fc.record({ burst: fc.integer({ min: 1, max: 50 }), perMs: fc.integer({ min: 1, max: 100_000 }) });

describe('TokenBucket', () => {
  it('lets through no more than the burst and what was refilled since, in any window', () => {
    fc.assert(
      fc.property(rate, fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 }), ({ burst, perMs }, gaps) => {
        const bucket = new TokenBucket({ burst, perMs }, 0);
        let now = 0;
        const taken: number[] = [];
        for (const gap of gaps) {
          now += gap;
          if (bucket.take(now) === 0) taken.push(now);
        }
        for (let i = 0; i < taken.length; i++) {
          for (let j = i; j < taken.length; j++) {
            const refilled = ((taken[j]! - taken[i]!) * burst) / perMs;
            expect(j - i + 1).toBeLessThanOrEqual(burst + refilled + 1e-6);
          }
        }
      }),
    );
  });

  it('gives a token to whoever waits as long as it said, and to nobody who comes a millisecond too early', () => {
    fc.assert(
      fc.property(rate, fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 50 }), ({ burst, perMs }, gaps) => {
        const bucket = new TokenBucket({ burst, perMs }, 0);
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          const wait = bucket.take(now);
          if (wait === 0) continue;
          expect(Number.isInteger(wait)).toBe(true);
          if (wait > 1) expect(bucket.take(now + wait - 1)).toBeGreaterThan(0);
          expect(bucket.take(now + wait)).toBe(0);
          now += wait;
        }
      }),
    );
  });

  it('starts full, holds no more than the burst, and refuses nothing when the limit is lifted', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 0, max: 10_000_000 }), (given, idle) => {
        const bucket = new TokenBucket(given, 0);
        for (let i = 0; i < given.burst; i++) expect(bucket.take(idle)).toBe(0);
        expect(bucket.take(idle)).toBeGreaterThan(0);
        const lifted = new TokenBucket({ burst: 0, perMs: given.perMs }, 0);
        for (let i = 0; i < 100; i++) expect(lifted.take(0)).toBe(0);
      }),
    );
  });

  it('neither gives nor takes tokens when another clock is a little behind', () => {
    const bucket = new TokenBucket({ burst: 2, perMs: 2_000 }, 10_000);
    expect(bucket.take(10_000)).toBe(0);
    expect(bucket.take(9_000)).toBe(0);
    expect(bucket.take(9_000)).toBe(1_000);
    expect(bucket.take(10_999)).toBe(1);
    expect(bucket.take(11_000)).toBe(0);
  });
});
