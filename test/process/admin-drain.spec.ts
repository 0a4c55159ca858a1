import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  enter,
  errorOf,
  initialize,
  type Json,
  pairUp,
  say,
  send,
  SessionPeer,
  StatelessPeer,
  structured,
} from '../e2e/http/wire.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(60_000);

const ADMIN_TOKEN = 'an-admin-token-of-thirty-two-characters';

interface Instance {
  readonly id: string;
  readonly stage: string;
}
interface Instances {
  readonly this: Instance & { readonly streams: number; readonly waits: number };
  readonly others: readonly Instance[];
}

const ask = async (service: ServiceProcess, method: string, path: string) => {
  const answer = await send(new URL(`/admin${path}`, service.url), method, { Authorization: `Bearer ${ADMIN_TOKEN}` });
  return { status: answer.status, body: JSON.parse(answer.text) as Json };
};
const instances = async (service: ServiceProcess) =>
  (await ask(service, 'GET', '/instances')).body as unknown as Instances;
const stage = async (service: ServiceProcess) => (await instances(service)).this.stage;
const ready = async ({ url }: ServiceProcess) => (await send(new URL('/health/ready', url), 'GET')).status === 200;

/** Ends it by SIGTERM; what it says meanwhile must be nothing. */
async function goesFast(service: ServiceProcess): Promise<void> {
  const began = performance.now();
  service.kill('SIGTERM');
  expect(await service.exited).toBe(0);
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(service.complaints).toEqual([]);
}

describe('an instance that is drained by hand', () => {
  it('is not ready, answers waits, ends streams with a hint, refuses what comes, and stays until it is ended', async () => {
    const service = await ServiceProcess.start({ ADMIN_TOKEN, HISTORY_URL: 'memory:' });
    try {
      const [session, here] = [await SessionPeer.open(service.url), new StatelessPeer(service.url)];
      const { first, second, roomId } = await pairUp(session, here);
      await say(session, first, roomId, 'before');
      const waiter = await enter(here, { group_size: 7 });
      const [stream, listening] = [await session.stream(), await here.listen(second.token, second.cursor)];
      const waiting = here.call('wait_for_message', { participant_token: waiter.token, timeout_seconds: 50 });
      await until('everybody to listen', async () => {
        const { streams, waits } = (await instances(service)).this;
        return streams === 2 && waits === 1;
      });

      const begun = await ask(service, 'POST', '/drain');
      expect([begun.status, ['draining', 'drained'].includes(begun.body['stage'] as string)]).toEqual([202, true]);
      expect(await ready(service)).toBe(false);
      expect(structured(await waiting)).toMatchObject({ timeout: true, cursor: waiter.cursor });
      expect(await Promise.all([stream.ended, listening.ended])).toEqual([true, true]);
      expect(stream.frames.at(-1)).toEqual({ retry: '1000' });
      expect(listening.messages.at(-1)).toMatchObject({ result: { resultType: 'complete' } });
      await until('it to be drained', async () => (await stage(service)) === 'drained');

      const refused = await initialize(service.url, '2025-11-25');
      expect([refused.status, errorOf(refused).data]).toEqual([503, { retryable: true }]);
      expect((await say(here, second, roomId, 'after')).status).toBe(503);
      expect((await ask(service, 'POST', '/drain')).body['stage']).toBe('drained');
      expect((await ask(service, 'GET', '/overview')).status).toBe(200);
      await goesFast(service);
    } finally {
      await service.end();
    }
  });
});

describeWith(['redis-server'], 'instances that are drained by hand', (program) => {
  let redis: TestRedis;
  let services: ServiceProcess[];
  const start = async (DRAIN_SECONDS: string) => {
    const port = await freePort();
    const own = { PORT: `${port}`, INSTANCE_URL: `http://127.0.0.1:${port}`, DRAIN_SECONDS, SHUTDOWN_SECONDS: '60' };
    const service = await ServiceProcess.start({ STATE_URL: redis.url, ADMIN_TOKEN, ...own });
    services.push(service);
    return service;
  };

  beforeEach(async () => {
    services = [];
    redis = await TestRedis.start(program);
  });
  afterEach(async () => {
    await Promise.all(services.map((service) => service.end()));
    await redis.stop();
  });

  it('know each other; one is told by another, and its participants go on there', async () => {
    const [going, staying] = [await start('2'), await start('2')];
    const { this: own, others } = await instances(staying);
    const { id } = (await instances(going)).this;
    expect([own.stage, others]).toEqual(['serving', [expect.objectContaining({ id, stage: 'serving' })]]);
    const [here, there] = [new StatelessPeer(going.url), new StatelessPeer(staying.url)];
    const { first, second, roomId } = await pairUp(here, there);

    const begun = await ask(staying, 'POST', `/instances/${id}/drain`);
    expect([begun.status, begun.body]).toEqual([202, expect.objectContaining({ id })]);
    expect([await ready(going), await ready(staying)]).toEqual([false, true]);
    await until('the other to tell', async () => (await instances(staying)).others[0]?.stage === 'drained');
    expect((await say(here, first, roomId, 'here')).status).toBe(503);
    expect((await say(there, first, roomId, 'there')).status).toBe(200);
    expect((await say(there, second, roomId, 'too')).status).toBe(200);

    const { body } = await ask(staying, 'GET', '/audit?action=instance.drain');
    expect(body['entries']).toEqual([expect.objectContaining({ actor: 'admin-token', subject: id, outcome: 'done' })]);
    await goesFast(going);
    expect((await instances(staying)).others).toEqual([]);
    expect(await ask(staying, 'POST', `/instances/${id}/drain`)).toMatchObject({
      status: 404,
      body: { code: 'instance_not_found' },
    });
  });

  it('do not wait again for balancers when they are ended after that', async () => {
    const service = await start('8');
    await ask(service, 'POST', '/drain');
    await until('it to be drained', async () => (await stage(service)) === 'drained');
    const began = performance.now();
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(8_000);
  });
});
