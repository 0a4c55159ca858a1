import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.js';
import type { Elsewhere, StateLimits } from '../../src/ports/state-store.js';
import { SequentialIds, stateLimits, ticketOf } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const NOBODY: Elsewhere = { appended: () => undefined, live: () => undefined, missed: () => undefined };

describeWith(['redis-server'], 'an instance whose Redis is at fault', (program) => {
  let redis: TestRedis;
  let namespace = 0;
  let said: string[] = [];
  const stores: RedisStateStore[] = [];
  const ids = new SequentialIds();

  beforeAll(async () => {
    redis = await TestRedis.start(program);
  }, 30_000);
  beforeEach(() => {
    said = [];
    const note = (entry: { msg: string } | string) => void said.push(typeof entry === 'string' ? entry : entry.msg);
    Logger.overrideLogger({ log: note, warn: note, error: note });
  });
  afterEach(() => {
    stores.splice(0).forEach((store) => store.onApplicationShutdown());
    Logger.overrideLogger(false);
  });
  afterAll(() => redis.stop());

  async function open(
    steady?: () => number,
    limits: Partial<StateLimits> = {},
    { url = redis.url, elsewhere = NOBODY } = {},
  ): Promise<RedisStateStore> {
    const options = { url, namespace: `faults-${namespace}`, steady };
    const store = await RedisStateStore.open(options, stateLimits(limits));
    stores.push(store);
    await store.listen(elsewhere);
    return store;
  }

  async function person(store: RedisStateStore): Promise<string> {
    const id = ids.uuid();
    const input = { logId: ids.secret(16), tokenDigest: `digest of ${id}`, principal: null, displayName: 'Ann' };
    await store.createParticipant({ ...input, id, provenance: 'human', attributes: {} }, store.clock.now());
    return id;
  }

  /** Somebody talks to somebody. */
  async function talk(store: RedisStateStore): Promise<void> {
    const [ann, bob] = [await person(store), await person(store)];
    const room = { name: ids.uuid(), capacity: 2, roomId: ids.uuid() };
    for (const participantId of [ann, bob]) await store.join({ ...room, participantId }, store.clock.now());
    const post = { participantId: ann, roomId: room.roomId, text: 'hello', messageId: ids.uuid() };
    await store.post(post, store.clock.now());
  }

  const isLoss = (line: string) => line.startsWith('Redis has lost');

  it('says once that Redis has lost its memory, and goes on, its outbox included', async () => {
    namespace++;
    const store = await open(undefined, { outbox: { groups: ['history'], records: 100 } });
    await talk(store);
    await redis.kill();
    await redis.run();
    await until('the state to be back', () =>
      talk(store).then(
        () => true,
        () => false,
      ),
    );
    await until('a line in the log', () => said.some(isLoss));
    await talk(store);
    await until('the next look', () => store.expire(store.clock.now()).then(() => true));

    expect(said.filter(isLoss)).toEqual([
      'Redis has lost its memory: participants, tickets, rooms and messages of before are gone',
    ]);
    const query = { limit: 100, leaseMs: 10_000 };
    const batch = await store.outbox.take('history', 'here', query, store.clock.now());
    const kinds = batch!.records.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'message.sent').length).toBeGreaterThanOrEqual(2);
    expect(store.leads).toBe(true);
  }, 60_000);

  it('says that Redis has lost its latest writes, as by a fail-over to a replica that was behind', async () => {
    namespace++;
    const store = await open();
    await talk(store);
    await store.listen(NOBODY);
    await redis.control
      .multi()
      .del(`{faults-${namespace}}:feed`)
      .hincrby(`{faults-${namespace}}:meta`, 'feed', -2)
      .exec();
    await until('a line in the log', () => said.some(isLoss));
    expect(said.filter(isLoss)).toEqual(['Redis has lost its latest writes: events and what came with them are gone']);
  });

  it('survives that its connection is lost again while it subscribes', async () => {
    namespace++;
    const proxy = await TcpProxy.start(new URL(redis.url));
    const heard: string[] = [];
    const live: Elsewhere['live'] = (id) => void heard.push(id);
    const url = proxy.url.href;
    const [, other] = [await open(undefined, {}, { url, elsewhere: { ...NOBODY, live } }), await open()];
    let lost = 0;
    const isSubscribing = (call: Buffer) => call.includes('subscribe') && ++lost > 0;
    for (let i = 0; i < 3; i++) {
      proxy.breakNext('after the call', isSubscribing);
      if (i === 0) proxy.cut();
      await until('the subscription', () => lost > i);
    }
    const data = { room_id: 'room', partner: { user_id: 'bob', display_name: 'Bob' }, typing: true };
    await until('something live', async () => {
      other.live('ann', 'partner.typing', data);
      return heard.includes('ann');
    });
    await proxy.close();
  });

  it('agrees with others on the time, whatever their own clocks say', async () => {
    namespace++;
    const [ahead, behind] = [await open(() => performance.now() + 30_000), await open()];
    const [first, second] = [ahead.clock.now(), behind.clock.now()];
    expect(Math.abs(first - second)).toBeLessThan(1_000);
    expect(Math.abs(first - Date.now())).toBeLessThan(5_000);

    const enqueue = async (store: RedisStateStore) => {
      const ticket = ticketOf(await person(store), { id: ids.uuid(), enqueuedAt: store.clock.now() });
      await store.enqueue({ ticket, ttlMs: 0, roomsPerPool: 0 }, store.clock.now());
      return ticket;
    };
    const tickets = [];
    for (const store of [ahead, behind, ahead]) {
      tickets.push(await enqueue(store));
      const { time } = { time: store.clock.now() };
      await until('the next moment', () => Math.min(ahead.clock.now(), behind.clock.now()) > time + 20);
    }
    const senior = [...(await behind.waiting(ticketOf(''))).tickets()].map(({ id }) => id);
    expect(senior).toEqual(tickets.map(({ id }) => id));
    await ahead.expire(ahead.clock.now());
    expect((await behind.tickets(tickets[1]!.participantId, behind.clock.now())).tickets).toHaveLength(1);
  });
});
