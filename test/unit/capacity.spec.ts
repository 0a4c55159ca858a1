import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BASE, capacity, table } from '../../bench/capacity.mjs';

describe('the capacity model', () => {
  it('says what docs/scaling.md says', () => {
    expect(readFileSync(new URL('../../docs/scaling.md', import.meta.url), 'utf8')).toContain(table());
  });

  it('never needs less for more', () => {
    const loads = [1, 3, 10, 30, 100, 300, 1_000, 3_000].map((times) => capacity({ users: BASE.users * times }));
    for (const what of ['posts', 'shards', 'instances'] as const) {
      const needed = loads.map((load) => load[what]);
      expect(needed).toEqual([...needed].sort((a, b) => a - b));
    }
  });

  it('keeps at least two instances, and a share of every shard free', () => {
    expect(capacity({ users: 1 })).toMatchObject({ shards: 1, instances: 2 });
    for (const users of [1e3, 1e4, 1e5, 1e6, 1e7]) {
      const { redisCores, gib, gbit } = capacity({ users });
      expect(redisCores).toBeLessThanOrEqual(BASE.share);
      expect(gib).toBeLessThanOrEqual(BASE.share * BASE.redisGiB);
      expect(gbit).toBeLessThanOrEqual(BASE.share * BASE.redisGbit);
    }
  });

  it('names the limit that sets the number of shards', () => {
    const vast = { users: 1e6, redisGiB: 10_000 };
    expect(capacity(vast).limit).toBe('Redis core');
    expect(capacity({ ...vast, redisGiB: 16 }).limit).toBe('Redis memory');
    expect(capacity({ ...vast, textBytes: 8_000, redisGbit: 0.5 }).limit).toBe('Redis network');
  });
});
