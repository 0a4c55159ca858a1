import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.js';
import type { OutboxGroup, OutboxRecord, RecordData } from '../../src/ports/outbox.js';
import { SequentialIds, stateLimits } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';

describeWith(['redis-server'], 'the outbox in a Redis', (program) => {
  let redis: TestRedis;
  let namespace = 0;
  const stores: RedisStateStore[] = [];
  const ids = new SequentialIds();

  beforeAll(async () => {
    redis = await TestRedis.start(program);
  }, 30_000);
  afterEach(() => {
    stores.splice(0).forEach((store) => store.onApplicationShutdown());
    Logger.overrideLogger(false);
  });
  afterAll(() => redis.stop());

  async function open(groups: OutboxGroup[], records = 1_000): Promise<RedisStateStore> {
    const limits = stateLimits({ outbox: { groups, records } });
    const store = await RedisStateStore.open({ url: redis.url, namespace: `outbox-${namespace}` }, limits);
    stores.push(store);
    return store;
  }

  /** Somebody in a room of their own; returns how they say something. */
  async function talker(store: RedisStateStore) {
    const [participantId, roomId] = [ids.uuid(), ids.uuid()];
    const input = { logId: ids.secret(16), tokenDigest: participantId, principal: null, displayName: 'Ann' };
    await store.createParticipant({ ...input, id: participantId, provenance: 'human', attributes: {} }, Date.now());
    await store.join({ participantId, name: roomId, capacity: 2, roomId }, Date.now());
    return async (text: string, by = store) => {
      await by.post({ participantId, roomId, text, messageId: ids.uuid() }, Date.now());
    };
  }

  const take = async ({ outbox }: RedisStateStore, group: OutboxGroup, consumer = 'here', limit = 100) =>
    outbox.take(group, consumer, { limit, leaseMs: 10_000 }, Date.now());
  const texts = (records: readonly OutboxRecord[] = []) =>
    records.flatMap(({ kind, data }) =>
      kind === 'message.sent' ? [(data as RecordData['message.sent']).message] : [],
    );
  const key = () => `{outbox-${namespace}}:outbox`;

  /** What an operator sees of the readers. */
  async function groups(): Promise<Record<string, unknown>[]> {
    const replies = (await redis.control.call('XINFO', 'GROUPS', key())) as unknown[][];
    return replies.map((reply) => {
      const fact = (name: string) => reply[reply.indexOf(name) + 1];
      return { name: fact('name'), read: fact('entries-read'), lag: fact('lag') };
    });
  }

  it('is a stream whose groups tell operators how far they are behind, trimmed when all have read', async () => {
    namespace++;
    const store = await open(['history', 'events']);
    const say = await talker(store);
    await say('one');
    await say('two');
    expect(await groups()).toEqual([
      { name: 'events', read: 0, lag: 3 },
      { name: 'history', read: 0, lag: 3 },
    ]);
    const history = await take(store, 'history', 'here', 2);
    await store.outbox.acknowledge('history', 'here', history!.receipt);
    expect(await groups()).toEqual([
      { name: 'events', read: 0, lag: 3 },
      { name: 'history', read: 2, lag: 1 },
    ]);
    expect(await redis.control.xlen(key())).toBe(3);
    const events = await take(store, 'events');
    await store.outbox.acknowledge('events', 'here', events!.receipt);
    expect(await redis.control.xlen(key())).toBe(1);
    expect(texts((await take(store, 'history'))?.records)).toEqual(['two']);
  });

  it('begins for a reader that is new to a running namespace with what comes from then on', async () => {
    namespace++;
    const before = await open(['history']);
    const say = await talker(before);
    await say('before');
    const after = await open(['history', 'events']);
    expect(await after.outbox.state('events')).toEqual({ pending: 0, oldestAt: null, lost: 0 });
    await say('by the one that does not know the reader');
    await say('after', after);

    expect(texts((await take(after, 'events'))?.records)).toEqual([
      'by the one that does not know the reader',
      'after',
    ]);
    expect(texts((await take(before, 'history'))?.records)).toEqual([
      'before',
      'by the one that does not know the reader',
      'after',
    ]);
  });

  it('hands a batch to one of several instances, whatever they do at the same time', async () => {
    namespace++;
    const [here, there] = [await open(['history']), await open(['history'])];
    const say = await talker(here);
    const sent = Array.from({ length: 60 }, (_, i) => `${i}`);
    await Promise.all(sent.map((text, i) => say(text, i % 2 ? here : there)));
    const taken: OutboxRecord[] = [];
    while (taken.length < 61) {
      const batches = await Promise.all(
        [here, there, here, there].map((store, i) => take(store, 'history', `${i}`, 10)),
      );
      const out = batches.flatMap((batch) => batch ?? []);
      expect(out).toHaveLength(1);
      taken.push(...out[0]!.records);
      expect(await there.outbox.acknowledge('history', 'whoever', out[0]!.receipt)).toBe(true);
    }
    expect(texts(taken).sort()).toEqual([...sent].sort());
    const seqs = taken.flatMap(({ data }) => ('seq' in data ? [data.seq] : []));
    expect(seqs).toEqual(sent.map((_, i) => i + 1));
    expect(await redis.control.xlen(key())).toBe(0);
  });

  it('says that it is full, with how many records were dropped, and no more than once a minute', async () => {
    namespace++;
    const said: unknown[] = [];
    const quiet = () => undefined;
    Logger.overrideLogger({ log: quiet, error: quiet, warn: (entry: unknown) => void said.push(entry) });
    const store = await open(['history'], 5);
    const say = await talker(store);
    for (let i = 0; i < 10; i++) await say(`${i}`);
    const first = await take(store, 'history');
    await store.outbox.release('history', 'here', first!.receipt);
    await say('11');
    await take(store, 'history');

    expect(texts(first!.records)).toEqual(['5', '6', '7', '8', '9']);
    expect(said).toEqual([
      {
        msg: 'the outbox is full: its oldest records were dropped before they were taken',
        reader: 'history',
        ...{ holds: 5, dropped: 6, dropped_in_all: 6 },
      },
    ]);
    expect((await store.outbox.state('history')).lost).toBe(7);
  });
});
