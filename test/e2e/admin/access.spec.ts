import { request } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { FakeClock } from '../../../src/testing/index.js';
import { send, StatelessPeer } from '../http/wire.js';
import { startTestServer, type TestOverrides, type TestServer } from '../../support/server.js';
import { World } from './world.js';

jest.setTimeout(30_000);

const ADMIN_TOKEN = 'an-admin-token-of-thirty-two-characters';

describe('the door to /admin', () => {
  let server: TestServer | undefined;
  const start = async (overrides: TestOverrides = {}) => (server = await startTestServer(overrides));
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    fetch(new URL(`/admin${path}`, server!.url), { method, headers });
  const bearer = (token = ADMIN_TOKEN) => ({ Authorization: `Bearer ${token}` });
  const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('is closed to everybody where nobody is known as an operator, and says what to set', async () => {
    await start();
    const response = await ask('/pools', bearer());
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      error: 'Nobody is known as an operator here',
      code: 'not_configured',
      hint: expect.stringMatching(/ADMIN_TOKEN.*AUTH_MODE/),
    });
  });

  it('is not there with ADMIN=false', async () => {
    await start({ environment: { ADMIN: 'false', ADMIN_TOKEN } });
    expect((await ask('/pools', bearer())).status).toBe(404);
  });

  it('opens to ADMIN_TOKEN without any authentication, and to nothing else', async () => {
    await start({ environment: { ADMIN_TOKEN } });
    const overview = (await (await ask('/overview', bearer())).json()) as { caller: object };
    expect(overview.caller).toEqual({ principal: 'admin-token', scopes: ['parley:moderate', 'parley:admin'] });
    for (const headers of [{}, bearer(`${ADMIN_TOKEN}x`), { Authorization: `Basic ${ADMIN_TOKEN}` }] as object[]) {
      const response = await ask('/pools', headers as Record<string, string>);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringMatching(/^Bearer/),
      ]);
    }
  });

  it('takes no token from the address', async () => {
    await start({ environment: { ADMIN_TOKEN } });
    expect((await ask(`/pools?access_token=${ADMIN_TOKEN}`)).status).toBe(401);
    expect((await ask(`/pools?access_token=${ADMIN_TOKEN}`, bearer())).status).toBe(401);
  });

  it('opens to ADMIN_TOKEN beside the tokens of an authority, and the endpoint does not', async () => {
    const world = await World.start({ ADMIN_TOKEN });
    try {
      expect((await world.ask('GET /pools', {}, ADMIN_TOKEN)).status).toBe(200);
      expect((await new StatelessPeer(world.server.url, ADMIN_TOKEN).rpc('tools/list')).status).toBe(401);
    } finally {
      await world.close();
    }
  });

  it('refuses an address that shows too many wrong tokens for a while, but never ADMIN_TOKEN', async () => {
    const clock = new FakeClock(Date.now());
    await start({ environment: { ADMIN_TOKEN }, clock });
    for (let i = 0; i < 10; i++) expect((await ask('/pools', bearer(`wrong-${i}`))).status).toBe(401);
    const refused = await ask('/pools', bearer('wrong-10'));
    expect([refused.status, refused.headers.get('retry-after'), await codeOf(refused)]).toEqual([
      429,
      '6',
      'rate_limited',
    ]);
    expect((await ask('/pools', bearer())).status).toBe(200);
    clock.advance(6_000);
    expect((await ask('/pools', bearer('wrong-11'))).status).toBe(401);
    expect((await ask('/pools', bearer('wrong-12'))).status).toBe(429);
  });

  it('does not count who has no token yet', async () => {
    await start({ environment: { ADMIN_TOKEN } });
    for (let i = 0; i < 12; i++) expect((await ask('/pools')).status).toBe(401);
  });

  it('refuses hosts and origins as the endpoint does', async () => {
    await start({ environment: { ADMIN_TOKEN } });
    const rebound = await send(new URL('/admin/pools', server!.url), 'GET', { ...bearer(), Host: 'evil.example' });
    expect([rebound.status, JSON.parse(rebound.text)]).toEqual([403, expect.objectContaining({ code: 'not_allowed' })]);
    const foreign = await ask('/pools', { ...bearer(), Origin: 'https://evil.example' });
    expect([foreign.status, await codeOf(foreign)]).toEqual([403, 'not_allowed']);
    const own = await ask('/pools', { ...bearer(), Origin: server!.url.origin });
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  it('answers whoever may not come in before it has read what they send', async () => {
    await start({ environment: { ADMIN_TOKEN } });
    const status = await new Promise<number>((resolve, reject) => {
      const url = new URL('/admin/sanctions', server!.url);
      const headers = { 'Content-Type': 'application/json', 'Content-Length': '1000' };
      const outgoing = request(url, { method: 'POST', headers }, (incoming) => {
        resolve(incoming.statusCode!);
        outgoing.destroy();
      });
      outgoing.on('error', reject);
      outgoing.write('{');
    });
    expect(status).toBe(401);
  });

  it.each([
    ['invalid_body', 400, 'application/json', '{"mode":'],
    ['invalid_body', 400, 'application/json', '["mode"]'],
    ['invalid_body', 400, 'application/json', '{"mode":"paused","__proto__":{"x":1}}'],
    ['unsupported_media_type', 415, 'application/x-www-form-urlencoded', 'mode=paused'],
    ['body_too_large', 413, 'application/json', `{"mode":"${'x'.repeat(300_000)}"}`],
  ])('refuses a body that is none: %s (%i)', async (code, status, type, body) => {
    await start({ environment: { ADMIN_TOKEN } });
    const url = new URL('/admin/pools/default', server!.url);
    const response = await fetch(url, { method: 'PATCH', headers: { ...bearer(), 'Content-Type': type }, body });
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
  });

  it('keeps a short ADMIN_TOKEN from starting, and does not repeat it', async () => {
    const starting = start({ environment: { ADMIN_TOKEN: 'too-short' } });
    await expect(starting).rejects.toThrow(/ADMIN_TOKEN must have 32 to 512/);
    await expect(starting).rejects.not.toThrow(/too-short/);
  });
});
