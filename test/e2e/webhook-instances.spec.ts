import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { WebhookStore } from '../../src/ports/webhook-store.js';
import { ClientPool, connectV2, type V2Client } from '../support/clients.js';
import { openStream, own, poll, request } from '../support/events.js';
import { describeWith } from '../support/programs.js';
import { type Receiver, SECRET, signaturesBy, useReceivers } from '../support/receiver.js';
import { TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

/** Nobody goes away by being slow. */
const DEVELOPMENT = { WEBHOOKS_WITHOUT_AUTH: 'true', WEBHOOKS_ALLOW_LOOPBACK: 'true', PRESENCE_TTL_SECONDS: '0' };

describeWith(['redis-server'], 'webhooks of services on one Redis', (program) => {
  const newReceiver = useReceivers();
  const clients = new ClientPool();
  let redis: TestRedis;
  const services: TestServer[] = [];
  let namespace = 0;

  beforeAll(async () => {
    redis = await TestRedis.start(program, ['--appendonly', 'yes', '--appendfsync', 'always']);
  }, 30_000);
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all(services.splice(0).map((service) => service.close()));
    namespace++;
  });
  afterAll(() => redis.stop());

  async function start(environment = {}): Promise<TestServer> {
    const STATE = { STATE_URL: redis.url, STATE_NAMESPACE: `hooks-${namespace}` };
    const service = await startTestServer({ environment: { ...DEVELOPMENT, ...STATE, ...environment } });
    services.push(service);
    return service;
  }
  const connect = ({ url }: TestServer) => clients.add(connectV2(url));

  async function stopAll(): Promise<void> {
    await clients.closeAll();
    await Promise.all(services.splice(0).map((service) => service.close()));
  }

  /** The same participant by way of another service. */
  async function as({ token }: { token: string | undefined }, service: TestServer): Promise<V2Client> {
    const client = await connect(service);
    client.token = token;
    return client;
  }

  /** Somebody on one service and a partner on the other, who have met. */
  async function pair(here: TestServer, there: TestServer, room = 'lobby') {
    const [ann, ben] = [await connect(here), await connect(there)];
    await ann.become('join_room', { room_name: room, display_name: 'Ann' });
    const { room_id: roomId } = await ben.become('join_room', { room_name: room, display_name: 'Ben' });
    return { ann, ben, roomId };
  }

  const subscribe = (client: V2Client, receiver: Receiver, path?: string) =>
    request<{ id: string; cursor: string; deliveryStatus?: object }>(client, 'events/subscribe', {
      name: 'message.received',
      arguments: own(client),
      delivery: { mode: 'webhook', url: receiver.url(path), secret: SECRET },
    });

  const counts = ({ app }: TestServer) => app.get<WebhookStore>(WebhookStore, { strict: false }).counts();
  const settled = (service: TestServer) =>
    until('everything to be delivered', async () => (await counts(service)).pending === 0);

  it('deliver once what is caused at one to subscriptions taken at the other', async () => {
    const [here, there] = [await start(), await start()];
    const receiver = await newReceiver();
    const rooms = ['a', 'b', 'c', 'd', 'e', 'f'];
    const pairs = await Promise.all(rooms.map((room) => pair(here, there, room)));
    for (const { ann } of pairs) await subscribe(ann, receiver);
    const texts = [];
    for (let round = 1; round <= 10; round++) {
      for (const [i, { ben, roomId }] of pairs.entries()) {
        texts.push(`${rooms[i]} ${round}`);
        await ben.say(roomId, texts.at(-1)!);
      }
    }

    await receiver.gets(texts.length);
    await settled(here);
    expect([...receiver.messages].sort()).toEqual(texts.sort());
    for (const post of receiver.events) expect(signaturesBy(SECRET, post)).toBe(1);
  });

  it('ask an endpoint once, refresh at either, and end a subscription for both', async () => {
    const [here, there] = [await start(), await start()];
    const receiver = await newReceiver();
    const { ann, ben, roomId } = await pair(here, there);
    const first = await subscribe(ann, receiver);
    const again = await subscribe(await as(ann, there), receiver);

    expect(again.id).toBe(first.id);
    expect(again.deliveryStatus).toMatchObject({ active: true });
    expect(receiver.challenges).toHaveLength(1);
    await request(await as(ann, there), 'events/unsubscribe', {
      name: 'message.received',
      arguments: own(ann),
      delivery: { url: receiver.url() },
    });
    await ben.say(roomId, 'unheard');
    expect(await counts(here)).toEqual({ subscriptions: 0, pending: 0 });
  });

  it('bound handshakes together', async () => {
    const [here, there] = [await start(), await start()];
    const receiver = await newReceiver();
    receiver.agrees = false;
    const { ann } = await pair(here, there);
    const sides = [ann, await as(ann, there)];
    for (let i = 0; i < 64; i++) await expect(subscribe(sides[i % 2]!, receiver, `/${i}`)).rejects.toThrow();
    expect(receiver.challenges).toHaveLength(60);
  });

  it('keep subscriptions and secrets while all of them are restarted, and a key that nobody has configured', async () => {
    const receiver = await newReceiver();
    const [here, there] = [await start(), await start()];
    const { ann, ben, roomId } = await pair(here, there);
    const { id, cursor } = await subscribe(ann, receiver);
    await stopAll();

    const anew = await start();
    await (await as(ben, anew)).say(roomId, 'after the restart');
    const post = await receiver.gets();
    expect(post.headers['x-mcp-subscription-id']).toBe(id);
    expect(signaturesBy(SECRET, post)).toBe(1);
    const { events, truncated } = await poll(await as(ann, anew), 'message.received', { cursor });
    expect([events.map(({ data }) => data['message']), truncated]).toEqual([['after the restart'], false]);
  });

  it('go on when Redis is back, and do not repeat what was acknowledged meanwhile', async () => {
    const receiver = await newReceiver();
    const [here, there] = [await start(), await start()];
    const { ann, ben, roomId } = await pair(here, there);
    await subscribe(ann, receiver);
    const acknowledge = new Promise<(status: number) => void>((known) => {
      receiver.answer = () => new Promise((resolve) => known(resolve));
    });
    await ben.say(roomId, 'before');
    await receiver.gets();
    await redis.kill();
    receiver.answer = () => 204;
    (await acknowledge)(204);
    await redis.run();

    const message = { room_id: roomId, message: 'after', client_message_id: 'after' };
    await until('the state', async () => !(await ben.call('send_message', message)).isError);
    await receiver.gets(2);
    await settled(there);
    expect(receiver.messages).toEqual(['before', 'after']);
  });

  it('understand each other’s cursors, in polls and streams', async () => {
    const [here, there] = [await start(), await start()];
    const { ann, ben, roomId } = await pair(here, there);
    const annThere = await as(ann, there);
    const { cursor } = await poll(ann, 'message.received');
    await ben.say(roomId, 'one');
    const polled = await poll(annThere, 'message.received', { cursor });
    expect([polled.events.map(({ data }) => data['message']), polled.truncated]).toEqual([['one'], false]);

    for (const client of [ann, annThere]) {
      const stream = await openStream(client, 'message.received', { cursor });
      await stream.hears('event');
      expect([stream.of('active')[0]?.params['truncated'], stream.messages]).toEqual([false, ['one']]);
      await stream.close();
    }
    const streams = [
      await openStream(ann, 'message.received', { cursor: polled.cursor }),
      await openStream(annThere, 'message.received', { cursor: polled.cursor }),
    ];
    await ben.say(roomId, 'two');
    for (const stream of streams) {
      await stream.hears('event');
      expect(stream.messages).toEqual(['two']);
      await stream.close();
    }
  });
});
