import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryFigureLog } from '../../src/adapters/memory/memory-figure-log.js';
import { RedisFigureLog } from '../../src/adapters/redis/operations/redis-figure-log.js';
import { type FigureLog, FIGURES_KEPT_MS, type Sample } from '../../src/ports/figure-log.js';
import { describeOnRedis } from '../support/on-redis.js';

const NOW = Date.UTC(2026, 0, 1);
const sample = (instance: string, seconds: number, figures: Sample['figures'] = { messages: 1 }): Sample => ({
  instance,
  at: NOW + seconds * 1000,
  figures,
});

function describeContract(make: () => FigureLog) {
  let log: FigureLog;
  beforeEach(() => {
    log = make();
  });

  it('gives the samples of all instances later than a moment, oldest first', async () => {
    const [a, b, c] = [sample('a', 10), sample('b', 10, { 'waiting/default': 2.5 }), sample('a', 20)];
    for (const each of [c, a, b]) await log.add(each);
    const all = await log.since(0);
    expect(all.map(({ at }) => at)).toEqual([a.at, b.at, c.at]);
    expect(all).toEqual(expect.arrayContaining([a, b, c]));
    expect(await log.since(a.at)).toEqual([c]);
    expect(await log.since(c.at)).toEqual([]);
  });

  it('keeps an hour', async () => {
    await log.add(sample('a', 0));
    await log.add(sample('a', 10));
    await log.add(sample('b', FIGURES_KEPT_MS / 1000));
    expect((await log.since(0)).map(({ at }) => at)).toEqual([NOW + 10_000, NOW + FIGURES_KEPT_MS]);
  });
}

describe('MemoryFigureLog', () => describeContract(() => new MemoryFigureLog()));

describeOnRedis('RedisFigureLog', (here) => {
  let namespaces = 0;

  describeContract(() => new RedisFigureLog(here.connection, `n${++namespaces}`));

  it('counts a sample once that was sent twice', async () => {
    const log = new RedisFigureLog(here.connection, 'twice');
    await log.add(sample('a', 0));
    await log.add(sample('a', 0));
    expect(await log.since(0)).toHaveLength(1);
  });

  it('keeps namespaces apart, and no key for ever', async () => {
    const [one, other] = ['a', 'b'].map((namespace) => new RedisFigureLog(here.connection, namespace));
    await one!.add(sample('a', 0));
    expect(await other!.since(0)).toEqual([]);
    expect(await here.redis.control.pttl('{a}:figures')).toBeGreaterThan(0);
  });
});
