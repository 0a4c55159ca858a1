import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { MatchingEngine } from '../../src/matching/index.js';
import { type StateStore as State, StateStore } from '../../src/ports/state-store.js';
import { QueueService } from '../../src/queue/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const PEOPLE = 80;

describeWith(['redis-server'], 'two instances that match in one pool', (program) => {
  let redis: TestRedis;
  let servers: TestServer[] = [];
  beforeAll(async () => {
    redis = await TestRedis.start(program);
  }, 60_000);
  afterAll(() => redis.stop());
  afterEach(() => Promise.all(servers.map((server) => server.close())), 60_000);

  it('bring together all who come at once, each with one other, and suspend nobody', async () => {
    const environment = { STATE_URL: redis.url, STATE_NAMESPACE: 'burst', JOIN_RATE_COUNT: '0' };
    servers = await Promise.all([startTestServer({ environment }), startTestServer({ environment })]);
    const states = servers.map(({ app }) => app.get<State>(StateStore, { strict: false }));
    const queues = servers.map(({ app }) => app.get(QueueService, { strict: false }));
    const newcomer = { principal: null, displayName: 'Somebody', provenance: 'human' as const, attributes: {} };
    for (let round = 0; round < 3; round++) {
      const people = Array.from({ length: PEOPLE }, (_, i) => `p${round}-${i}`);
      for (const id of people) {
        const input = { ...newcomer, id, logId: `log-${id}`, tokenDigest: `digest-${id}` };
        await states[0]!.createParticipant(input, Date.now());
      }
      await Promise.all(people.map((id, i) => queues[i % 2]!.enter(id)));

      const found = async () => Promise.all(people.map(async (id) => (await states[0]!.rooms(id, Date.now())).rooms));
      await until('everybody is in a room', async () => (await found()).every((rooms) => rooms.length === 1), 2_000);
      const rooms = (await found()).map(([room]) => room!);
      expect(rooms.map(({ members }) => members.length)).toEqual(people.map(() => 2));
      expect(new Set(rooms.map(({ roomId }) => roomId)).size).toBe(PEOPLE / 2);
    }
    for (const { app } of servers) {
      const [pool] = app.get(MatchingEngine, { strict: false }).statistics();
      expect([pool?.suspended, pool?.failures]).toEqual([false, expect.objectContaining({ budget: 0, refused: 0 })]);
    }
  }, 60_000);
});
