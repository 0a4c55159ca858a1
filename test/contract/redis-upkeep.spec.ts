import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.js';
import { UNANSWERED_MS } from '../../src/ports/state-store.js';
import { FakeClock, SequentialIds, stateLimits, ticketOf } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

describeWith(['redis-server'], 'upkeep of instances on one Redis', (program) => {
  let redis: TestRedis;
  let namespace = 0;
  const stores: RedisStateStore[] = [];
  const ids = new SequentialIds();
  const clock = new FakeClock();

  beforeAll(async () => {
    redis = await TestRedis.start(program);
  }, 30_000);
  afterEach(() => stores.splice(0).forEach((store) => store.onApplicationShutdown()));
  afterAll(() => redis.stop());

  /** Instances in a namespace of their own, the first of which has the lease. */
  async function open(count: number): Promise<RedisStateStore[]> {
    namespace++;
    for (let i = 0; i < count; i++) {
      stores.push(await RedisStateStore.open({ url: redis.url, namespace: `upkeep-${namespace}` }, stateLimits()));
      await stores[i]!.expire(clock.now());
    }
    return [...stores];
  }

  async function person(store: RedisStateStore): Promise<string> {
    const id = ids.uuid();
    const input = { logId: ids.secret(16), tokenDigest: `digest of ${id}`, principal: null, displayName: 'Ann' };
    await store.createParticipant({ ...input, id, provenance: 'human', attributes: {} }, clock.now());
    return id;
  }

  async function enqueue(store: RedisStateStore, participantId: string, ttlMs = 0): Promise<string> {
    const ticket = ticketOf(participantId, { id: ids.uuid(), enqueuedAt: clock.now() });
    await store.enqueue({ ticket, ttlMs, roomsPerPool: 0 }, clock.now());
    return ticket.id;
  }

  const due = async (store: RedisStateStore) => (await store.takeDue(clock.now(), 10)).map(({ id }) => id);
  const names = async (store: RedisStateStore) =>
    (await store.expire(clock.now())).appended.map(({ entry }) => entry.body.name);
  const upkeep = () => redis.control.hgetall(`{upkeep-${namespace}}:upkeep`);

  it('is one instance’s at a time, which keeps it for as long as it goes on', async () => {
    const [here, there] = (await open(2)) as [RedisStateStore, RedisStateStore];
    expect([here.leads, there.leads]).toEqual([true, false]);
    const ticket = await enqueue(there, await person(there), 1_000);
    clock.advance(UNANSWERED_MS + 1_000);
    const { token } = await upkeep();

    expect([await due(there), await names(there)]).toEqual([[], []]);
    expect([await due(here), await names(here)]).toEqual([[ticket], ['queue.expired']]);
    const started = performance.now();
    await until('more than the time of a lease', async () => {
      await Promise.all([here.expire(clock.now()), there.expire(clock.now())]);
      return performance.now() - started > 4_000;
    });
    expect([here.leads, there.leads]).toEqual([true, false]);
    expect((await upkeep())['token']).toBe(token);
  });

  it('goes to another within seconds when its holder is silent, and a holder that wakes up changes nothing', async () => {
    const [here, there] = (await open(2)) as [RedisStateStore, RedisStateStore];
    const looked = await enqueue(here, await person(here));
    clock.advance(UNANSWERED_MS + 1_000);
    expect(await due(here)).toEqual([looked]);
    const started = performance.now();
    await until('the other to take over', async () => {
      await there.expire(clock.now());
      return there.leads;
    });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect((await upkeep())['token']).toBe('2');
    const ann = await person(there);
    const [first] = [await enqueue(there, ann)];
    const expiring = await enqueue(there, await person(there), 1_000);
    clock.advance(UNANSWERED_MS + 1_000);

    // It had looked at this one, and comes to say so only now.
    await here.wakeAt(looked, undefined);
    expect(here.leads).toBe(true);
    expect(await due(here)).toEqual([]);
    expect(here.leads).toBe(false);
    expect(await names(here)).toEqual([]);
    expect((await upkeep())['token']).toBe('2');
    expect((await due(there)).sort()).toEqual([looked, first, expiring].sort());
    expect(await names(there)).toEqual(['queue.expired']);
  });

  it('goes to another at once when its holder stops', async () => {
    const [here, there] = (await open(2)) as [RedisStateStore, RedisStateStore];
    await here.beforeApplicationShutdown();
    await there.expire(clock.now());
    expect(there.leads).toBe(true);
    expect([await due(here), await names(here), here.leads]).toEqual([[], [], false]);
    expect((await upkeep())['token']).toBe('2');
  });

  it('looks again at a ticket whose instance is gone before its strategy was asked', async () => {
    const [here, there] = (await open(2)) as [RedisStateStore, RedisStateStore];
    const enqueued = await enqueue(here, await person(here));
    const looked = await enqueue(here, await person(here));
    clock.advance(UNANSWERED_MS + 1_000);
    expect((await due(here)).sort()).toEqual([enqueued, looked].sort());
    await there.wakeAt(looked, undefined);
    stores.shift()!.onApplicationShutdown();

    clock.advance(UNANSWERED_MS + 1_000);
    const found = await until('the ticket to be looked at', async () => {
      await there.expire(clock.now());
      const taken = await due(there);
      return taken.length > 0 && taken;
    });
    expect(found).toEqual([enqueued]);
  });

  it('is done once however many instances do it, and whoever does it', async () => {
    const [here, ...others] = (await open(3)) as [RedisStateStore, ...RedisStateStore[]];
    const tickets = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => enqueue(stores[i % 3]!, await person(here), 1_000)),
    );
    clock.advance(2_000);
    const all = await Promise.all([here, ...others, here, ...others].map((store) => store.expire(clock.now())));
    const told = all.flatMap(({ appended }) => appended.map(({ entry }) => entry.body.data as { ticket_id: string }));
    expect(told.map(({ ticket_id }) => ticket_id).sort()).toEqual([...tickets].sort());
  });
});
