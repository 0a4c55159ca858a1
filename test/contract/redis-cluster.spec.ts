import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.js';
import type { Appended } from '../../src/ports/state-store.js';
import { describeStateStoreContract, SequentialIds, stateLimits } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedisCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';

/** On a busy machine, in milliseconds. */
const PATIENCE_MS = 15_000;

describeWith(['redis-server'], 'on a Redis Cluster', (program) => {
  let cluster: TestRedisCluster;
  const stores: RedisStateStore[] = [];
  let made = 0;

  beforeAll(async () => {
    cluster = await TestRedisCluster.start(program);
  }, 60_000);
  afterEach(() => stores.splice(0).forEach((store) => store.onApplicationShutdown()));
  afterAll(() => cluster.stop());

  async function open(namespace: string, limits = stateLimits()): Promise<RedisStateStore> {
    const store = await RedisStateStore.open({ url: cluster.url, namespace }, limits);
    stores.push(store);
    return store;
  }

  describeStateStoreContract('redis cluster', async (limits) => open(`case-${++made}`, limits));

  it('keeps a namespace in one slot and spreads namespaces over the nodes', async () => {
    const ids = new SequentialIds();
    const namespaces = Array.from({ length: 12 }, (_, i) => `spread-${i}`);
    for (const namespace of namespaces) {
      const store = await open(namespace);
      const input = { logId: ids.secret(16), tokenDigest: ids.secret(16), principal: null, displayName: 'Ann' };
      await store.createParticipant({ ...input, id: ids.uuid(), provenance: 'human', attributes: {} }, Date.now());
    }
    const kept = await Promise.all(cluster.nodes.map(({ control }) => control.keys('{spread-*')));
    const nodesOf = (namespace: string) => kept.filter((keys) => keys.some((key) => key.startsWith(`{${namespace}}`)));
    for (const namespace of namespaces) expect(nodesOf(namespace)).toHaveLength(1);
    expect(kept.filter((keys) => keys.length > 0).length).toBeGreaterThan(1);
  });

  it('tells instances of what others write, by sharded publish and subscribe, and by the feed after a cut', async () => {
    const ids = new SequentialIds();
    for (const namespace of ['a', 'b', 'c', 'd']) {
      const [here, there] = [await open(namespace), await open(namespace)];
      const heard: Appended[] = [];
      const live: string[] = [];
      await there.listen({
        appended: (appended) => void heard.push(...appended),
        live: (participantId) => void live.push(participantId),
        missed: () => undefined,
      });
      await here.listen({ appended: () => undefined, live: () => undefined, missed: () => undefined });
      const [ann, bob] = [ids.uuid(), ids.uuid()];
      for (const id of [ann, bob]) {
        const input = { logId: ids.secret(16), tokenDigest: ids.secret(16), principal: null, displayName: 'Ann' };
        await here.createParticipant({ ...input, id, provenance: 'human', attributes: {} }, Date.now());
      }
      const join = { name: 'lobby', capacity: 2, roomId: ids.uuid() };
      await here.join({ ...join, participantId: ann }, Date.now());
      await here.join({ ...join, participantId: bob }, Date.now());
      const post = (text: string) =>
        here.post({ participantId: ann, roomId: join.roomId, text, messageId: ids.uuid() }, Date.now());
      await post('one');
      await until('the first message', () => heard.length === 2, PATIENCE_MS);
      for (const { control } of cluster.nodes) await control.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await post('two');
      await until('the second message', () => heard.length === 3, PATIENCE_MS);
      const partner = { user_id: ann, display_name: 'Ann' };
      await until(
        'something live',
        () => {
          here.live(bob, 'partner.typing', { room_id: join.roomId, partner, typing: true });
          return live.length > 0;
        },
        PATIENCE_MS,
      );
      expect(heard.map(({ entry }) => entry.body.name)).toEqual([
        'partner.joined',
        'message.received',
        'message.received',
      ]);
    }
  }, 90_000);
});
