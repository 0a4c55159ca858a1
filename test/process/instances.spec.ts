import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { send } from '../e2e/http/wire.js';
import { ClientPool, connectV1, connectV2, type TestClient } from '../support/clients.js';
import type { Connect } from '../support/parley.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

/** On a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000;

const PAIRS: readonly { pair: string; first: Connect; second: Connect }[] = [
  { pair: 'two 2025-11-25 clients', first: connectV1, second: connectV1 },
  { pair: 'a 2025-11-25 and a 2026-07-28 client', first: connectV1, second: connectV2 },
  { pair: 'two 2026-07-28 clients', first: connectV2, second: connectV2 },
];

describeWith(['redis-server'], 'two services on one Redis', (program) => {
  const clients = new ClientPool();
  let redis: TestRedis;
  let services: ServiceProcess[] = [];

  const start = async () => {
    const service = await ServiceProcess.start({ STATE_URL: redis.url, LOG_LEVEL: 'warn' });
    services.push(service);
    return service;
  };
  const ready = async ({ url }: ServiceProcess) => (await send(new URL('/health/ready', url), 'GET')).status;
  const heard = (client: TestClient, message: string) =>
    until(`"${message}"`, () => client.messagesHeard.includes(message), PATIENCE_MS);

  beforeEach(async () => {
    redis = await TestRedis.start(program, ['--appendonly', 'yes', '--appendfsync', 'always']);
    await Promise.all([start(), start()]);
  }, 60_000);
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all(services.map((service) => service.end()));
    services = [];
    await redis.stop();
  }, 30_000);

  /** Ann on one service, Ben on the other, who have met. */
  async function meet(first: Connect, second: Connect) {
    const [here, there] = services as [ServiceProcess, ServiceProcess];
    const ann = await clients.add(first(here.url));
    const ben = await clients.add(second(there.url));
    await ann.enter({ display_name: 'Ann' });
    const found = await ben.enter({ display_name: 'Ben' });
    expect(found.status).toBe('matched');
    return { ann, ben, here, there, roomId: found.room_id };
  }

  it.each(PAIRS)(
    'bring $pair together, who talk, type and part',
    async ({ first, second }) => {
      const { ann, ben, roomId } = await meet(first, second);
      await until('the match', () => ann.all('chatroom.found').length === 1, PATIENCE_MS);
      for (let i = 1; i <= 20; i++) await (i % 2 ? ann : ben).say(roomId, `message ${i}`);
      await Promise.all([heard(ann, 'message 20'), heard(ben, 'message 19')]);
      expect(ann.messagesHeard).toEqual(Array.from({ length: 10 }, (_, i) => `message ${2 * i + 2}`));
      expect(ben.messagesHeard).toEqual(Array.from({ length: 10 }, (_, i) => `message ${2 * i + 1}`));
      await ann.ok('set_typing', { room_id: roomId });
      await until('the typing', () => ben.all('partner.typing').length > 0, PATIENCE_MS);
      await ann.ok('leave_chat', { room_id: roomId });
      await until('the end', () => ben.all('room.closed').length === 1, PATIENCE_MS);
    },
    60_000,
  );

  it('end a long poll on one by what is said on the other', async () => {
    const { ann, ben, roomId } = await meet(connectV2, connectV2);
    await until('the match', () => ann.all('chatroom.found').length === 1, PATIENCE_MS);
    const before = await ann.ok('get_status');
    const waiting = ann.ok('wait_for_message', { cursor: before.cursor, timeout_seconds: 20 });
    await ben.say(roomId, 'hello');

    const { events, timeout } = await waiting;
    expect(timeout).toBe(false);
    expect(events.map(({ data }) => data['message'])).toEqual(['hello']);
  }, 60_000);

  it('let somebody go on at the other when one is killed', async () => {
    const { ann, ben, here, there, roomId } = await meet(connectV2, connectV2);
    await ben.say(roomId, 'before');
    await heard(ann, 'before');
    here.kill('SIGKILL');
    await here.exited;
    await ben.say(roomId, 'meanwhile');

    const again = await clients.add(connectV2(there.url));
    again.token = ann.token;
    again.userId = ann.userId;
    await again.listen(ann.cursor);
    await until('both messages', () => again.messagesHeard.length === 2, PATIENCE_MS);
    expect(again.messagesHeard).toEqual(['before', 'meanwhile']);
    await again.say(roomId, 'here I am');
    await heard(ben, 'here I am');
  }, 60_000);

  it('say that the state is away while it is, and go on when it is back', async () => {
    const { ann, ben, here, there, roomId } = await meet(connectV2, connectV2);
    await redis.kill();
    const failure = await ann.refused('send_message', { room_id: roomId, message: 'lost', client_message_id: 'm1' });
    expect(failure).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await ready(here)).toBe(503);
    await redis.run();
    const post = () => ann.call('send_message', { room_id: roomId, message: 'back', client_message_id: 'm2' });
    await until('the state', async () => !(await post()).isError, PATIENCE_MS);
    expect(await ready(here)).toBe(200);

    const { events } = await ben.ok('wait_for_message', { cursor: ben.cursor, timeout_seconds: 5 });
    expect(events.map(({ data }) => data['message']).filter((text) => text !== undefined)).toEqual(['back']);
    for (const service of [here, there]) {
      service.kill('SIGTERM');
      expect(await service.exited).toBe(0);
      expect(service.complaints).toEqual([]);
    }
  }, 60_000);
});

describeWith(['redis-server'], 'a service whose Redis is not there', () => {
  it('does not start, says why in one line, and repeats no password', async () => {
    const port = await freePort();
    const service = ServiceProcess.run({ STATE_URL: `redis://parley:secret@127.0.0.1:${port}` });
    expect(await service.exited).toBe(1);
    expect(service.stderr.trim()).toBe(
      `Start failed: STATE_URL: Redis at 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
    );
    expect(service.stdout).not.toContain('secret');
  }, 30_000);
});

describeWith(['redis-server'], 'a service with a Redis, whose other engines are not there', (program) => {
  it.each(['HISTORY_URL=postgres://parley@', 'EVENTS_URL=nats://'])(
    'ends at once: %s…',
    async (setting) => {
      const [name, address] = setting.split('=') as [string, string];
      const redis = await TestRedis.start(program);
      const service = ServiceProcess.run({ STATE_URL: redis.url, [name]: `${address}127.0.0.1:${await freePort()}` });
      try {
        await until('its end', () => service.child.exitCode !== null, PATIENCE_MS);
        expect(await service.exited).toBe(1);
        expect(service.stderr).toContain(`Start failed: ${name}`);
      } finally {
        await service.end();
        await redis.stop();
      }
    },
    60_000,
  );
});
