import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.js';
import { describeStateStoreContract } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';

describeWith(['redis-server'], 'on a Redis', (program) => {
  let redis: TestRedis;
  const stores: RedisStateStore[] = [];
  let made = 0;

  beforeAll(async () => {
    redis = await TestRedis.start(program);
  }, 30_000);
  afterEach(() => stores.splice(0).forEach((store) => store.onApplicationShutdown()));
  afterAll(() => redis.stop());

  describeStateStoreContract('redis', async (limits) => {
    const store = await RedisStateStore.open({ url: redis.url, namespace: `case-${++made}` }, limits);
    stores.push(store);
    return store;
  });
});
