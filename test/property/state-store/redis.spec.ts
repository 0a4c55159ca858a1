import { afterAll, beforeAll } from '@jest/globals';
import type { Redis } from 'ioredis';
import { RedisStateStore } from '../../../src/adapters/redis/redis-state-store.js';
import { describeWith } from '../../support/programs.js';
import { TestRedis } from '../../support/redis.js';
import type { Sizes } from './commands.js';
import { itKeepsToTheModel } from './steps.js';

describeWith(['redis-server'], 'RedisStateStore under any sequence of steps', (program) => {
  let redis: TestRedis;
  let store: RedisStateStore | undefined;
  let made = 0;

  beforeAll(async () => {
    redis = await TestRedis.start(program);
  }, 30_000);
  afterAll(async () => {
    store?.onApplicationShutdown();
    await redis.stop();
  });

  itKeepsToTheModel(async (limits) => {
    store?.onApplicationShutdown();
    await redis.control.flushdb();
    const namespace = `run-${++made}`;
    store = await RedisStateStore.open({ url: redis.url, namespace }, limits);
    return { store, sizes: () => sizesOf(redis.control, `{${namespace}}`) };
  }, 30);
});

/** What is really there, by the names of keys. */
async function sizesOf(control: Redis, tag: string): Promise<Sizes> {
  const keys = (await control.keys('*')).map((key) => key.slice(tag.length + 1));
  const count = (kind: string) => keys.filter((key) => new RegExp(`^${kind}:[^:]+$`).test(key)).length;
  const pools = keys.filter((key) => /^pool:[^:]+$/.test(key));
  const hash = (name: string) => control.hlen(`${tag}:${name}`);
  const list = (name: string) => control.zcard(`${tag}:${name}`);
  const queues = await Promise.all(pools.map(hash));
  return {
    participants: count('p'),
    rooms: count('r'),
    tickets: count('k'),
    offers: count('o'),
    tokens: await hash('tokens'),
    named: await hash('named'),
    gathering: await hash('gathering'),
    ended: await list('ended'),
    leases: await list('due:lease'),
    wakes: await list('due:wake'),
    ticketTtls: await list('due:ttl'),
    queues: queues.reduce((sum, each) => sum + each, 0),
  };
}
