import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.js';
import type { Appended, Elsewhere, StateLimits } from '../../src/ports/state-store.js';
import { SequentialIds, stateLimits, ticketOf } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

/** On a busy machine, in milliseconds. */
const PATIENCE_MS = 15_000;

/** One instance, with what it heard from elsewhere. */
class Instance implements Elsewhere {
  readonly heard: Appended[] = [];
  readonly lively: string[] = [];
  misses = 0;
  #store: RedisStateStore | undefined;

  static async start(url: string, namespace: string, limits: Partial<StateLimits> = {}): Promise<Instance> {
    const instance = new Instance();
    instance.#store = await RedisStateStore.open({ url, namespace }, stateLimits(limits));
    await instance.#store.listen(instance);
    return instance;
  }

  get store(): RedisStateStore {
    return this.#store!;
  }

  appended(appended: readonly Appended[]): void {
    this.heard.push(...appended);
  }

  live(participantId: string, name: string): void {
    this.lively.push(`${participantId} ${name}`);
  }

  missed(): void {
    this.misses++;
  }

  /** The texts of messages that came from elsewhere. */
  get texts(): string[] {
    return this.heard.flatMap(({ entry: { body } }) => ('message' in body.data ? [body.data.message] : []));
  }

  async hears(...texts: string[]): Promise<void> {
    await until(
      `"${texts.join('", "')}"`,
      () => JSON.stringify(this.texts) === JSON.stringify(texts),
      PATIENCE_MS,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; heard "${this.texts.join('", "')}"`);
    });
  }

  stop(): void {
    this.#store?.onApplicationShutdown();
  }
}

describeWith(['redis-server'], 'instances on one Redis', (program) => {
  let redis: TestRedis;
  let namespace = 0;
  const instances: Instance[] = [];
  const proxies: TcpProxy[] = [];
  const ids = new SequentialIds();

  beforeAll(async () => {
    redis = await TestRedis.start(program, ['--appendonly', 'yes', '--appendfsync', 'always']);
  }, 30_000);
  afterEach(async () => {
    instances.splice(0).forEach((instance) => instance.stop());
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  });
  afterAll(() => redis.stop());

  async function instance(url = redis.url): Promise<Instance> {
    const started = await Instance.start(url, `shared-${namespace}`);
    instances.push(started);
    return started;
  }

  async function network(): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(new URL(redis.url));
    proxies.push(proxy);
    return proxy;
  }

  const addressOf = (proxy: TcpProxy) => `redis://127.0.0.1:${proxy.url.port}`;

  async function person({ store }: Instance, displayName = 'Ann'): Promise<string> {
    const id = ids.uuid();
    const input = { logId: ids.secret(16), tokenDigest: `digest of ${id}`, principal: null, displayName };
    await store.createParticipant({ ...input, id, provenance: 'human', attributes: {} }, Date.now());
    return id;
  }

  /** Two people in a room, the first by way of one instance, the second by way of the other. */
  async function pair(here: Instance, there: Instance) {
    const [ann, bob] = [await person(here), await person(there, 'Bob')];
    const name = ids.uuid();
    const join = ({ store }: Instance, participantId: string) =>
      store.join({ participantId, name, capacity: 2, roomId: ids.uuid() }, Date.now());
    const { room } = await join(here, ann);
    await join(there, bob);
    return { ann, bob, roomId: room.roomId };
  }

  const say = ({ store }: Instance, participantId: string, roomId: string, text: string, clientMessageId?: string) =>
    store.post({ participantId, roomId, text, clientMessageId, messageId: ids.uuid() }, Date.now());

  /** Two instances and a pair on them, in a namespace of their own. */
  async function scene(urls: readonly [here?: string, there?: string] = []) {
    namespace++;
    const [here, there] = [await instance(urls[0]), await instance(urls[1])];
    return { here, there, ...(await pair(here, there)) };
  }

  it('hear what the others write, in order and once, and of their own nothing', async () => {
    const { here, there, ann, roomId } = await scene();
    const texts = Array.from({ length: 50 }, (_, i) => `message ${i}`);
    for (const text of texts) await say(here, ann, roomId, text);

    await there.hears(...texts);
    expect(here.texts).toEqual([]);
    expect([here.misses, there.misses]).toEqual([0, 0]);
  });

  it('hear what the others tell live', async () => {
    const { here, there, bob, roomId } = await scene();
    const partner = { user_id: 'ann', display_name: 'Ann' };
    here.store.live(bob, 'partner.typing', { room_id: roomId, partner, typing: true });

    await until('the typing', () => there.lively.length > 0, PATIENCE_MS);
    expect([there.lively, here.lively]).toEqual([[`${bob} partner.typing`], []]);
  });

  it('match people who came by different instances, each ticket once', async () => {
    const { here, there } = await scene();
    const people = await Promise.all(Array.from({ length: 20 }, (_, i) => person(i % 2 ? here : there, `P${i}`)));
    const rooms = await Promise.all(
      people.map(async (participantId, i) => {
        const { store } = i % 2 ? here : there;
        const ticket = ticketOf(participantId, { id: ids.uuid(), enqueuedAt: Date.now() });
        await store.enqueue({ ticket, ttlMs: 0, roomsPerPool: 0 }, Date.now());
        for (const other of (await store.waiting(ticket)).tickets()) {
          if (other.id === ticket.id) continue;
          const claim = { pool: 'default', roomId: ids.uuid(), groups: [{ tickets: [other, ticket], reasons: [] }] };
          const claimed = await store.claim(claim, Date.now());
          if (claimed) return claimed.roomId;
        }
        return undefined;
      }),
    );
    const waiting = (await here.store.waiting(ticketOf(''))).size;
    expect(rooms.filter((room) => room !== undefined).length * 2 + waiting).toBe(people.length);
    for (const id of people) {
      expect((await there.store.rooms(id, Date.now())).rooms.length).toBeLessThanOrEqual(1);
    }
  });

  it('carry out once what is due, however many look after it', async () => {
    namespace++;
    const limits = { presenceMs: 1_000, graceMs: 1_000 };
    for (let i = 0; i < 3; i++) {
      instances.push(await Instance.start(redis.url, `shared-${namespace}`, limits));
    }
    const [here, there, elsewhere] = instances as [Instance, Instance, Instance];
    const { bob, roomId } = await pair(here, there);
    const later = Date.now() + 5_000;
    for (let s = 0; s < 4; s++) {
      await there.store.renew([bob], later + s * 1_000);
      await Promise.all([here, there, elsewhere].map(({ store }) => store.expire(later + s * 1_000)));
    }
    const { entries } = await there.store.readEvents(bob, { after: 0, limit: 100 }, later);
    expect(entries.map(({ body }) => body.name)).toEqual(['partner.disconnected']);
    expect(entries.every(({ body }) => 'room_id' in body.data && body.data.room_id === roomId)).toBe(true);
  });

  it('lose nothing and repeat nothing when a subscription is cut', async () => {
    const proxy = await network();
    const { here, there, ann, roomId } = await scene([undefined, addressOf(proxy)]);
    const texts: string[] = [];
    for (let i = 0; i < 30; i++) {
      if (i % 10 === 5) proxy.cut();
      texts.push(`message ${i}`);
      await say(here, ann, roomId, texts.at(-1)!);
    }
    await there.hears(...texts);
    expect(there.misses).toBe(0);
  });

  it('are told that something was missed when the feed no longer has it', async () => {
    const proxy = await network();
    const { here, there, ann, roomId } = await scene([undefined, addressOf(proxy)]);
    proxy.hold();
    proxy.cut();
    for (let i = 0; i < 5; i++) await say(here, ann, roomId, `message ${i}`);
    await redis.control.xtrim(`{shared-${namespace}}:feed`, 'MAXLEN', 1);
    proxy.release();

    await until('the miss', () => there.misses > 0, PATIENCE_MS);
    await there.hears('message 4');
  });

  it('refuse a step whose answer is lost, and hear what it wrote all the same', async () => {
    const proxy = await network();
    const { here, ann, bob, roomId } = await scene([addressOf(proxy)]);
    await redis.control.client('PAUSE', 300, 'WRITE');
    const posting = say(here, ann, roomId, 'hello', 'm1');
    setTimeout(() => proxy.cut({ halfOpen: true }), 100).unref();

    await expect(posting).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await here.hears('hello');
    const again = await say(here, ann, roomId, 'hello', 'm1');
    expect([again.duplicate, again.message.seq]).toEqual([true, 1]);
    const { entries } = await here.store.readEvents(bob, { after: 0, limit: 10 }, Date.now());
    expect(entries.length).toBe(1);
  });

  it('go on after a restart of Redis with everything it had written', async () => {
    const { here, there, ann, bob, roomId } = await scene();
    await say(here, ann, roomId, 'before');
    await there.hears('before');
    await redis.kill();
    const refused = await say(here, ann, roomId, 'meanwhile').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'unavailable' });
    expect(here.store.reachable).toBe(false);
    await redis.run();
    await until(
      'the state to be back',
      () =>
        say(here, ann, roomId, 'after', 'm1').then(
          () => true,
          () => false,
        ),
      PATIENCE_MS,
    );

    expect(here.store.reachable).toBe(true);
    await there.hears('before', 'after');
    const { page } = await there.store.messages(bob, roomId, { limit: 10 }, Date.now());
    expect(page.messages.map(({ text }) => text)).toEqual(['before', 'after']);
  }, 40_000);

  it('load their functions again wherever they are gone, and leave those of other versions alone', async () => {
    const { here, there, ann, roomId } = await scene();
    const other = "#!lua name=parley_other\nredis.register_function('parley_other', function() return 'other' end)";
    await redis.control.function('LOAD', other);
    await say(here, ann, roomId, '1');
    await redis.control.function('DELETE', 'parley_other');
    await redis.control.function('FLUSH');
    await redis.control.script('FLUSH');
    await Promise.all([say(here, ann, roomId, '2'), say(here, ann, roomId, '3')]);
    await redis.control.function('LOAD', other);

    await there.hears('1', '2', '3');
    expect(await redis.control.fcall('parley_other', 0)).toBe('other');
  });

  it('keep to the limits of each, also where they are told to many others', async () => {
    const { here, ann, roomId } = await scene();
    for (let i = 0; i < 20; i++) {
      const other = await Instance.start(redis.url, `limits-${i}`, { roomHistory: i + 1 });
      instances.push(other);
      await other.store.expire(Date.now());
    }
    const strict = await Instance.start(redis.url, `shared-${namespace}`, { messageRate: { burst: 1, perMs: 60_000 } });
    instances.push(strict);
    await say(strict, ann, roomId, '1');
    await expect(say(strict, ann, roomId, '2')).rejects.toMatchObject({ code: 'rate_limited' });
    await say(here, ann, roomId, '3');
  });

  it('keep and show as much of a log as its bound says, whatever else there still is', async () => {
    const bounds = { roomHistory: 100, eventLogEntries: 100 };
    const here = await Instance.start(redis.url, `shared-${++namespace}`, bounds);
    const there = await Instance.start(redis.url, `shared-${namespace}`, bounds);
    instances.push(here, there);
    const { ann, bob, roomId } = await pair(here, there);
    const said = Array.from({ length: 250 }, (_, i) => `${i}`);
    for (const text of said) await say(here, ann, roomId, text);
    const { page } = await there.store.messages(bob, roomId, { after: 0, limit: 500 }, Date.now());
    const { entries } = await there.store.readEvents(bob, { after: 0, limit: 500 }, Date.now());
    expect(page.messages.map(({ text }) => text)).toEqual(said.slice(-100));
    expect(entries.map(({ body }) => ('message' in body.data ? body.data.message : ''))).toEqual(said.slice(-100));
    expect(await redis.control.llen(`{shared-${namespace}}:r-log:${roomId}`)).toBeLessThan(164);
    expect(await redis.control.llen(`{shared-${namespace}}:p-log:${bob}`)).toBeLessThan(164);
  });

  it('keep what another version has written into a record', async () => {
    const { here, ann } = await scene();
    await here.store.participant(ann, Date.now());
    const key = `{shared-${namespace}}:p:${ann}`;
    const front = '48';
    const add = `local raw = redis.call('GET', KEYS[1])
      local p = cmsgpack.unpack(string.sub(raw, ARGV[1] + 1))
      p.later = 'kept'
      redis.call('SET', KEYS[1], string.sub(raw, 1, ARGV[1]) .. cmsgpack.pack(p))`;
    await redis.control.eval(add, 1, key, front);
    await here.store.updateProfile(ann, { displayName: 'Anna' }, Date.now());

    const read = `local p = cmsgpack.unpack(string.sub(redis.call('GET', KEYS[1]), ARGV[1] + 1))
      return { p.later, p.name }`;
    expect(await redis.control.eval(read, 1, key, front)).toEqual(['kept', 'Anna']);
  });

  it('see what another version has written into a record since they read it', async () => {
    const { here, ann } = await scene();
    const key = `{shared-${namespace}}:p:${ann}`;
    const nameOf = async () => (await here.store.participant(ann, Date.now())).participant.displayName;
    const before = await redis.control.getBuffer(key);
    await here.store.updateProfile(ann, { displayName: 'Anna' }, Date.now());
    expect(await nameOf()).toBe('Anna');

    await redis.control.set(key, before!);
    expect(await nameOf()).not.toBe('Anna');
  });

  it('give a principal one participant without a token, whoever of them makes it', async () => {
    const { here, there } = await scene();
    const own = () => ({ logId: ids.secret(16), tokenDigest: null, principal: 'owner', displayName: 'Cleo' });
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        [here, there][i % 2]!.store.createParticipant(
          { ...own(), id: ids.uuid(), provenance: 'human', attributes: {} },
          Date.now(),
        ),
      ),
    );

    expect(new Set(made.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await there.store.participantsOf('owner')).toEqual([made[0]!.id]);
  });

  it('leave nothing behind but counters when everybody is forgotten', async () => {
    const { here, there, ann, bob, roomId } = await scene();
    for (const tokenDigest of [null, 'of another']) {
      const input = { logId: ids.secret(16), tokenDigest, principal: 'owner', displayName: 'Cleo' };
      await here.store.createParticipant({ ...input, id: ids.uuid(), provenance: 'human', attributes: {} }, Date.now());
    }
    await say(here, ann, roomId, 'hello', 'm1');
    await there.store.acknowledge(bob, 1, roomId);
    await here.store.block(ann, roomId, bob, Date.now());
    const ticket = ticketOf(ann, { id: ids.uuid(), enqueuedAt: Date.now() });
    await here.store.enqueue({ ticket, ttlMs: 0, roomsPerPool: 0 }, Date.now());
    const { presenceMs, graceMs, retentionMs, endedRoomAgeMs } = stateLimits();
    let now = Date.now();
    for (const ms of [presenceMs, graceMs, endedRoomAgeMs, retentionMs]) await here.store.expire((now += ms + 2_000));

    const keys = (await redis.control.keys(`{shared-${namespace}}:*`)).map((key) => key.split('}:')[1]);
    expect(keys.sort()).toEqual(['feed', 'meta', 'pool:default', 'pool:default:changes', 'upkeep']);
    expect(await redis.control.pttl(`{shared-${namespace}}:feed`)).toBeGreaterThan(0);
  });

  describe('a Redis that cannot be used', () => {
    const open = async (url: string) =>
      RedisStateStore.open({ url, namespace: 'unused' }, stateLimits()).then(
        (store) => {
          store.onApplicationShutdown();
          return 'opened';
        },
        (error: Error) => error.message,
      );

    it('stops the start with a line that says where it is looked for', async () => {
      const port = await freePort();
      expect(await open(`redis://somebody:secret@127.0.0.1:${port}`)).toBe(
        `STATE_URL: Redis at 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
      );
    });

    it.each(['redis://', 'redis://a,b', 'redis://a/b', 'redis+sentinel://a', 'redis+cluster://a/1', 'redis://a:99999'])(
      'says what an address must be instead of %s',
      async (url) => expect(await open(url)).toMatch(/^STATE_URL must be redis:\/\//),
    );

    it('says that it does not let one in, and repeats no password', async () => {
      const locked = await TestRedis.start(program);
      try {
        await locked.control.config('SET', 'requirepass', 'right');
        const message = await open(locked.url.replace('//', '//:wrong@'));
        expect(message).toMatch(/^STATE_URL: Redis at 127\.0\.0\.1:\d+ .*(WRONGPASS|NOAUTH)/);
        expect(message).not.toContain('wrong@');
        expect(await open(locked.url.replace('//', '//:right@'))).toBe('opened');
      } finally {
        await locked.stop();
      }
    });
  });

  it('hear of each other where Redis speaks RESP2 alone', async () => {
    const old = await TestRedis.start(program, ['--rename-command', 'HELLO', '']);
    try {
      const { here, there, ann, roomId } = await scene([old.url, old.url]);
      await say(here, ann, roomId, 'hello');
      await there.hears('hello');
    } finally {
      await old.stop();
    }
  });
});
