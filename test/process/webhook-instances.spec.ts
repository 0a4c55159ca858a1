import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Clock } from '../../src/ports/clock.js';
import { ClientPool, connectV2, type V2Client } from '../support/clients.js';
import { own, request } from '../support/events.js';
import { describeWith } from '../support/programs.js';
import { type Receiver, SECRET, signaturesBy, useReceivers } from '../support/receiver.js';
import { TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { ServiceProcess } from './service.js';

/** A lease lasts a minute longer than an attempt may. */
const LEASE_MS = 80_000;
/** Nobody goes away meanwhile. */
const ENVIRONMENT = {
  WEBHOOKS_WITHOUT_AUTH: 'true',
  WEBHOOKS_ALLOW_LOOPBACK: 'true',
  WEBHOOKS_TIMEOUT_SECONDS: '15',
  WEBHOOKS_BODY_TIMEOUT_MS: '100',
  PRESENCE_TTL_SECONDS: '0',
  LOG_LEVEL: 'warn',
};

describeWith(['redis-server'], 'webhooks of instances that are killed', (program) => {
  const newReceiver = useReceivers();
  const clients = new ClientPool();
  const processes: ServiceProcess[] = [];
  const servers: TestServer[] = [];
  let redis: TestRedis;

  beforeEach(async () => {
    redis = await TestRedis.start(program, ['--appendonly', 'yes', '--appendfsync', 'always']);
  }, 30_000);
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all([...processes.splice(0).map((one) => one.end()), ...servers.splice(0).map((one) => one.close())]);
    await redis.stop();
  }, 30_000);

  async function start(environment = {}): Promise<ServiceProcess> {
    const service = await ServiceProcess.start({ ...ENVIRONMENT, STATE_URL: redis.url, ...environment });
    processes.push(service);
    return service;
  }

  async function startHere(clock: Clock): Promise<TestServer> {
    const server = await startTestServer({ environment: { ...ENVIRONMENT, STATE_URL: redis.url }, clock });
    servers.push(server);
    return server;
  }

  /** Somebody who is told by webhook what a partner says, both by way of one service. */
  async function pair(url: URL, receiver: Receiver, room: string) {
    const [ann, ben] = [await clients.add(connectV2(url)), await clients.add(connectV2(url))];
    await ann.become('join_room', { room_name: room, display_name: 'Ann' });
    const { room_id: roomId } = await ben.become('join_room', { room_name: room, display_name: 'Ben' });
    await request(ann, 'events/subscribe', {
      name: 'message.received',
      arguments: own(ann),
      delivery: { mode: 'webhook', url: receiver.url(), secret: SECRET },
    });
    return { ann, ben, roomId };
  }

  /** The same participant by way of another service. */
  async function as({ token }: V2Client, url: URL): Promise<V2Client> {
    const client = await clients.add(connectV2(url));
    client.token = token;
    return client;
  }

  it('make a delivery that was under way again when its lease is over, with the same id', async () => {
    const receiver = await newReceiver();
    receiver.answer = () => new Promise(() => undefined);
    const first = await start();
    const { ben, roomId } = await pair(first.url, receiver, 'lobby');
    await ben.say(roomId, 'hello');
    const before = await receiver.gets();
    first.kill('SIGKILL');
    await first.exited;
    receiver.answer = () => 204;

    let ahead = 0;
    await startHere({ now: () => Date.now() + ahead });
    expect(receiver.events).toHaveLength(1);
    ahead = LEASE_MS;
    const again = await receiver.gets(2);
    expect(again.headers['webhook-id']).toBe(before.headers['webhook-id']);
    expect(again.body).toEqual(before.body);
    expect(signaturesBy(SECRET, again)).toBe(1);
  });

  it('go on at the others, whoever looked after them', async () => {
    const receiver = await newReceiver();
    const [first, second] = [await start(), await start()];
    const rooms = Array.from({ length: 8 }, (_, i) => `room ${i}`);
    const pairs = await Promise.all(rooms.map((room) => pair(first.url, receiver, room)));
    first.kill('SIGKILL');
    await first.exited;
    for (const { ben, roomId } of pairs) await (await as(ben, second.url)).say(roomId, roomId);

    await receiver.gets(rooms.length);
    expect([...receiver.messages].sort()).toEqual(pairs.map(({ roomId }) => roomId).sort());
  });

  it('go on at the others while one is paused, which does nothing twice when it wakes up', async () => {
    const receiver = await newReceiver();
    const [first, second] = [await start(), await start()];
    const rooms = Array.from({ length: 8 }, (_, i) => `room ${i}`);
    const pairs = await Promise.all(rooms.map((room) => pair(first.url, receiver, room)));
    first.kill('SIGSTOP');
    const there = await Promise.all(pairs.map(({ ben }) => as(ben, second.url)));
    for (const [i, { roomId }] of pairs.entries()) await there[i]!.say(roomId, `paused ${i}`);
    await receiver.gets(rooms.length);
    first.kill('SIGCONT');
    for (const [i, { ben, roomId }] of pairs.entries()) await ben.say(roomId, `awake ${i}`);

    await receiver.gets(2 * rooms.length);
    const said = pairs.flatMap((_, i) => [`awake ${i}`, `paused ${i}`]);
    expect([...receiver.messages].sort()).toEqual(said.sort());
  });

  it('say where the key is when none is configured, and that two have different ones', async () => {
    const warnings = ({ log }: ServiceProcess) =>
      log.filter(({ context }) => context === 'Events').map(({ message }) => (message as { msg: string }).msg);
    expect(warnings(await start())).toEqual([
      'EVENTS_KEY is not set, so the key is kept in Redis: who reads Redis can read webhook secrets',
    ]);
    expect(warnings(await start({ EVENTS_KEY: 'k'.repeat(32) }))).toEqual([
      'EVENTS_KEY is not that of the instance started before; all must have the same',
    ]);
    expect(warnings(await start({ EVENTS_KEY: 'k'.repeat(32) }))).toEqual([]);
  });
});
