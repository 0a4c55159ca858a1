import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RedisConnection } from '../../src/adapters/redis/redis-connection.js';
import { RedisWebhookStore } from '../../src/adapters/redis/webhooks/redis-webhook-store.js';
import type { NewSubscription } from '../../src/ports/webhook-store.js';
import { describeWebhookStoreContract } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { TestRedisCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';

const NOW = 1_795_000_000_000;

const wishOf = (id: string): NewSubscription => ({
  ...{ id, participantId: 'ann', logId: 'log', name: 'message.received', arguments: {}, codes: 'sep' },
  ...{ url: 'https://a.example/hook', endpoint: 'https://a.example', secret: 'sealed', seen: 0 },
  expiresAt: NOW + 60_000,
  previousSecretUntil: NOW,
});

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

  it('load their functions again where a server has lost them, and count on where it has lost its memory', async () => {
    const redis = await TestRedis.start(program);
    servers.push(redis);
    const connection = await RedisConnection.open(redis.url);
    connections.set('forgetful', connection);
    const store = new RedisWebhookStore(connection, 'forgetful');
    const subscribe = (id: string) => store.subscribe(wishOf(id), { perParticipant: 0, total: 0 }, NOW);
    await subscribe('s1');
    const before = await store.attend('me', 1_000);
    await redis.control.function('FLUSH');
    expect((await store.find('s1', NOW))?.id).toBe('s1');
    await redis.kill();
    await redis.run();
    await until('Redis', () => connection.isReady);

    expect(await store.counts()).toEqual({ subscriptions: 0, pending: 0 });
    await subscribe('s2');
    expect((await store.attend('me', 1_000)).newest).toBeGreaterThan(before.newest);
  });

  describeOn('redis', () => TestRedis.start(program));
  describeOn('redis cluster', () => TestRedisCluster.start(program));
});
