import { afterAll, beforeAll } from '@jest/globals';
import { RedisConnection } from '../../src/adapters/redis/redis-connection.js';
import { RedisWebhookStore } from '../../src/adapters/redis/webhooks/redis-webhook-store.js';
import { describeWebhookStoreContract } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { TestRedisCluster } from '../support/redis-cluster.js';

describeWith(['redis-server'], 'webhooks in Redis', (program) => {
  const servers: { readonly url: string; stop(): Promise<void> }[] = [];
  const connections = new Map<string, RedisConnection>();
  let made = 0;

  afterAll(async () => {
    connections.forEach((connection) => connection.close());
    await Promise.all(servers.map((server) => server.stop()));
  });

  function describeOn(name: string, start: () => Promise<{ readonly url: string; stop(): Promise<void> }>): void {
    beforeAll(async () => {
      const server = await start();
      servers.push(server);
      connections.set(name, await RedisConnection.open(server.url));
    }, 60_000);
    describeWebhookStoreContract(name, () => new RedisWebhookStore(connections.get(name)!, `case-${++made}`));
  }

  describeOn('redis', () => TestRedis.start(program));
  describeOn('redis cluster', () => TestRedisCluster.start(program));
});
