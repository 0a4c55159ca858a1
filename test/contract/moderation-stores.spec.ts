import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryAuditLog } from '../../src/adapters/memory/memory-audit-log.js';
import { MemoryCaseStore } from '../../src/adapters/memory/memory-case-store.js';
import { MemoryWatchList } from '../../src/adapters/memory/memory-watch-list.js';
import { RedisAuditLog } from '../../src/adapters/redis/operations/redis-audit-log.js';
import { RedisCaseStore } from '../../src/adapters/redis/operations/redis-case-store.js';
import { RedisWatchList } from '../../src/adapters/redis/operations/redis-watch-list.js';
import { RedisConnection } from '../../src/adapters/redis/redis-connection.js';
import type { WatchList } from '../../src/ports/watch-list.js';
import { describeAuditLogContract, describeCaseStoreContract } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { TestRedisCluster } from '../support/redis-cluster.js';

function describeWatchListContract(name: string, make: () => WatchList): void {
  describe(`WatchList contract: ${name}`, () => {
    it('names the watches that are over, the longest over first, until they have ended', async () => {
      const list = make();
      await list.keep('b', 20);
      await list.keep('a', 10);
      await list.keep('c', 30);
      expect(await list.over(9)).toEqual([]);
      expect(await list.over(20)).toEqual(['a', 'b']);
      await list.keep('a', 40);
      await list.end('b');
      await list.end('nobody');
      expect(await list.over(30)).toEqual(['c']);
    });
  });
}

describeCaseStoreContract('memory', (max) => new MemoryCaseStore(max), { describe, it });
describeAuditLogContract('memory', (max) => new MemoryAuditLog(max), { describe, it });
describeWatchListContract('memory', () => new MemoryWatchList());

describeWith(['redis-server'], 'what operators keep in Redis', (program) => {
  const closing: (() => unknown)[] = [];
  afterAll(() => Promise.all(closing.map((close) => close())));

  function describeOn(name: string, start: () => Promise<{ readonly url: string; stop(): Promise<void> }>): void {
    let connection: RedisConnection;
    let made = 0;
    const namespace = () => `case-${++made}`;
    beforeAll(async () => {
      const server = await start();
      connection = await RedisConnection.open(server.url);
      closing.push(() => (connection.close(), server.stop()));
    }, 60_000);
    describeCaseStoreContract(name, (max) => new RedisCaseStore(connection, namespace(), max), { describe, it });
    describeAuditLogContract(name, (max) => new RedisAuditLog(connection, namespace(), max), { describe, it });
    describeWatchListContract(name, () => new RedisWatchList(connection, namespace()));
  }

  describeOn('redis', () => TestRedis.start(program));
  describeOn('redis cluster', () => TestRedisCluster.start(program));
});
