import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { Json } from '../e2e/http/wire.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

const ADMIN_TOKEN = 'an-admin-token-of-thirty-two-characters';

describeWith(['redis-server'], 'operators of instances that share a Redis', (program) => {
  let redis: TestRedis;
  let servers: TestServer[];
  const start = async () => {
    const environment = { STATE_URL: redis.url, ADMIN_TOKEN, POOLS: '[{"name":"default"}]' };
    const server = await startTestServer({ environment });
    servers.push(server);
    return server;
  };
  const ask = async (server: TestServer, method: string, path: string, body?: object) => {
    const response = await fetch(new URL(`/admin${path}`, server.url), {
      method,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  };

  beforeEach(async () => {
    servers = [];
    redis = await TestRedis.start(program);
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await redis.stop();
  });

  it('see at each what was done at any', async () => {
    const [one, other] = [await start(), await start()];
    await ask(one, 'PATCH', '/pools/default', { mode: 'paused', strategy: 'priority' });
    const expected = { mode: 'paused', strategy: { name: 'priority', options: {}, by_operator: true } };
    expect((await ask(other, 'GET', '/pools/default')).body).toMatchObject(expected);
    const { body } = await ask(other, 'GET', '/audit');
    expect(body['entries']).toEqual([expect.objectContaining({ action: 'pool.pause', subject: 'default' })]);
    const { others } = (await ask(one, 'GET', '/instances')).body as unknown as { others: { url: null }[] };
    expect(others).toEqual([expect.objectContaining({ url: null, stage: 'serving' })]);
  });

  it('are told to come back while the Redis is away, and are served when it is there again', async () => {
    const server = await start();
    await redis.kill();
    const looked = await ask(server, 'GET', '/overview');
    expect([looked.status, looked.headers.get('retry-after'), looked.body['code']]).toEqual([503, '2', 'unavailable']);
    const acted = await ask(server, 'PATCH', '/pools/default', { mode: 'paused' });
    // Not 503, by which a balancer would know that nothing has been done.
    expect([acted.status, acted.headers.get('retry-after'), acted.body['code']]).toEqual([504, null, 'unavailable']);
    expect(acted.body['hint']).toMatch(/look before you try again/);
    await redis.run();
    await until('operators to be served', async () => (await ask(server, 'GET', '/overview')).status === 200);
  });
});
