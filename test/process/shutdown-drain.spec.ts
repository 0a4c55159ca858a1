import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import {
  enter,
  errorOf,
  initialize,
  pairUp,
  say,
  send,
  SessionPeer,
  StatelessPeer,
  structured,
} from '../e2e/http/wire.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(60_000);

describeWith(['redis-server'], 'an instance that is told to stop', (program) => {
  let redis: TestRedis;
  let services: ServiceProcess[];
  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const service = await ServiceProcess.start({ STATE_URL: redis.url, SHUTDOWN_SECONDS: '30', ...environment });
    services.push(service);
    return service;
  };
  const ready = async ({ url }: ServiceProcess) => (await send(new URL('/health/ready', url), 'GET')).status === 200;

  beforeEach(async () => {
    services = [];
    redis = await TestRedis.start(program);
  });
  afterEach(async () => {
    await Promise.all(services.map((service) => service.end()));
    await redis.stop();
  });

  it('serves on until balancers have noticed, opens no session, and leaves its participants to the others', async () => {
    const [going, staying] = [await start({ DRAIN_SECONDS: '4' }), await start()];
    const session = await SessionPeer.open(going.url);
    const [here, there] = [new StatelessPeer(going.url), new StatelessPeer(staying.url)];
    const { first, second, roomId } = await pairUp(session, here);
    const waiter = await enter(here, { group_size: 7 });
    const stream = await session.stream();
    const listening = await here.listen(second.token, second.cursor);
    const waiting = here.call('wait_for_message', { participant_token: waiter.token, timeout_seconds: 50 });

    going.kill('SIGTERM');
    await until('the instance to be no longer ready', async () => !(await ready(going)));
    const refused = await initialize(going.url, '2025-11-25');
    expect([refused.status, errorOf(refused).data]).toEqual([503, { retryable: true }]);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    const served = await say(session, first, roomId, 'by the session');
    expect([served.status, served.headers.connection]).toEqual([200, 'close']);
    expect((await say(here, second, roomId, 'without one')).status).toBe(200);
    await stream.message(({ params }) => params?.['message'] === 'without one');
    await listening.message(({ params }) => params?.['message'] === 'by the session');

    expect(structured(await waiting)).toMatchObject({ timeout: true, cursor: waiter.cursor });
    expect(await Promise.all([stream.ended, listening.ended])).toEqual([true, true]);
    expect(stream.incoming.headers['content-type']).toBe('text/event-stream');
    expect(stream.frames.at(-1)).toEqual({ retry: '1000' });
    expect(listening.messages.at(-1)).toMatchObject({ result: { resultType: 'complete' } });
    expect(await going.exited).toBe(0);
    expect(going.complaints).toEqual([]);

    const { events } = structured(
      await there.call('wait_for_message', {
        participant_token: first.token,
        cursor: first.cursor,
        timeout_seconds: 0,
      }),
    );
    expect((events as { name: string }[]).map(({ name }) => name)).toEqual(['chatroom.found', 'message.received']);
    expect((await say(there, first, roomId, 'go on')).status).toBe(200);
    const place = structured(await there.call('get_status', { participant_token: waiter.token }));
    expect(place['tickets']).toHaveLength(1);
  });

  it('goes at once when it is interrupted by hand', async () => {
    const service = await start({ DRAIN_SECONDS: '25' });
    const began = performance.now();
    service.kill('SIGINT');
    expect(await service.exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('goes at once when it shares its state with nobody', async () => {
    const service = await start({ DRAIN_SECONDS: '25', STATE_URL: '' });
    const began = performance.now();
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
