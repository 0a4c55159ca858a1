import { afterAll, beforeAll } from '@jest/globals';
import { RedisConnection } from '../../src/adapters/redis/redis-connection.js';
import { describeWith } from './programs.js';
import { TestRedis } from './redis.js';

/** What a suite has once its tests run. */
export interface OnRedis {
  readonly redis: TestRedis;
  readonly connection: RedisConnection;
}

/** A suite with a Redis of its own and one connection to it. */
export function describeOnRedis(title: string, body: (here: OnRedis) => void): void {
  describeWith(['redis-server'], title, (program) => {
    const here = {} as { -readonly [K in keyof OnRedis]: OnRedis[K] };
    beforeAll(async () => {
      here.redis = await TestRedis.start(program);
      here.connection = await RedisConnection.open(here.redis.url);
    }, 30_000);
    afterAll(async () => {
      here.connection.close();
      await here.redis.stop();
    });
    body(here);
  });
}
