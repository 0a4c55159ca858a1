import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createApiKey } from '../../../src/auth/index.js';
import { StateStore } from '../../../src/ports/state-store.js';
import { Authority } from '../../support/authority.js';
import { parseExposition } from '../../support/prometheus.js';
import { audienceOf, tenantsFile, type TestTenant, TestTenants } from '../../support/tenants.js';
import { until } from '../../support/until.js';
import { CHAT_EXTENSION, errorOf, POST_HEADERS, rpcOf, send, StatelessPeer, structured } from '../http/wire.js';

jest.setTimeout(30_000);

let tenants: TestTenants | undefined;
afterEach(async () => {
  await tenants?.close();
  tenants = undefined;
});
const start = async (environment: Record<string, string> = {}, list?: readonly TestTenant[], way = {}) =>
  (tenants = await TestTenants.start(environment, list, way));

describe('the front of tenants', () => {
  it.each(['GET', 'POST', 'DELETE'])(
    'knows no more of a tenant that is not there than of any path: %s',
    async (method) => {
      const { front } = bound(await start());
      const unlike = (text: string, path: string) => text.replaceAll(path, '…');
      const [nothing, ...others] = await Promise.all(
        [
          '/nothing',
          '/t/nobody/mcp',
          '/t/nobody',
          '/t/',
          '/t',
          '/t/ACME/mcp',
          '/t/%61cme/mcp',
          '/t//acme/mcp',
          '/mcp',
        ].map(async (path) => {
          const body = method === 'POST' ? '{}' : undefined;
          const { status, headers, text } = await send(front(path), method, body ? POST_HEADERS : {}, body);
          return { status, type: headers['content-type'], text: unlike(text, path) };
        }),
      );
      expect(nothing!.status).toBe(404);
      for (const other of others) expect(other).toEqual(nothing);
    },
  );

  it('serves the page of each tenant below its path, and sends whoever forgets the last slash there', async () => {
    const { at } = bound(await start({}, [{ name: 'acme' }, { name: 'globex', variables: { WEB_PAGE: false } }]));
    const page = await send(at('acme', '/'), 'GET');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const [, script] = /src="([^"]+\.js)"/.exec(page.text)!;
    expect((await send(new URL(script!, at('acme', '/')), 'GET')).status).toBe(200);
    const away = await send(at('acme', '?x=1'), 'GET');
    expect([away.status, new URL(away.headers.location!, at('acme', '?x=1')).href]).toEqual([
      308,
      at('acme', '/?x=1').href,
    ]);
    expect((await send(at('globex', '/'), 'GET')).status).toBe(404);
  });

  it('is ready while every tenant has its state, and not from when it goes', async () => {
    const { server, front } = bound(await start());
    const ready = async () => (await send(front('/health/ready'), 'GET')).status;
    expect([(await send(front('/health/live'), 'GET')).status, await ready()]).toEqual([200, 200]);
    const state = server.tenants.get('globex')!.get<StateStore>(StateStore, { strict: false });
    Object.assign(state, { sharing: { reachable: false } });
    expect(await ready()).toBe(503);
    Object.assign(state, { sharing: { reachable: true } });
    expect(await ready()).toBe(200);
    await server.drain();
    expect(await ready()).toBe(503);
  });

  it('tells the figures of all tenants in one text, and those of the process once', async () => {
    const { front, at } = bound(await start());
    await new StatelessPeer(at('acme', '/mcp')).call('enter_queue');
    const all = parseExposition((await send(front('/metrics'), 'GET')).text);
    const { series } = all.get('parley_tool_calls_total')!;
    expect([...series.keys()]).toEqual(['parley_tool_calls_total{outcome="ok",tenant="acme",tool="enter_queue"}']);
    expect(all.get('parley_http_requests_total')!.series.get(MCP_POSTS)).toBe(1);
    expect(all.get('parley_http_responses_total')!.series.size).toBeGreaterThan(0);
    expect(all.get('process_cpu_user_seconds_total')!.series.size).toBe(1);
    const own = parseExposition((await send(at('globex', '/metrics'), 'GET')).text);
    expect(own.get('parley_sessions')!.series).toEqual(new Map([['parley_sessions', 0]]));
    expect([...own.keys()].filter((name) => !name.startsWith('parley_'))).toEqual([]);
  });

  it('answers whoever waits when it closes, at every tenant', async () => {
    const { at, server } = bound(await start());
    const waits = await Promise.all(
      ['acme', 'globex'].map(async (tenant) => {
        const peer = new StatelessPeer(at(tenant, '/mcp'));
        const { participant_token } = structured(await peer.call('enter_queue'));
        const stream = await peer.subscribe({ [CHAT_EXTENSION]: { participant_token } });
        const waiting = peer.call('wait_for_message', { participant_token, timeout_seconds: 40 });
        return { waiting, stream };
      }),
    );
    await until('all to wait', async () => {
      const { text } = await send(tenants!.front('/metrics'), 'GET');
      const { series } = parseExposition(text).get('parley_waits')!;
      return [...series.values()].every((value) => value === 1);
    });
    const closing = server.close();
    for (const { waiting, stream } of waits) {
      expect(structured(await waiting)['timeout']).toBe(true);
      expect(await stream.ended).toBe(true);
    }
    await closing;
  });

  it('does not start when one tenant cannot, and says which', async () => {
    const wrong: TestTenant[] = [
      { name: 'acme' },
      { name: 'globex', variables: { MATCHING_STRATEGY: './nowhere.js' } },
    ];
    await expect(start({}, wrong)).rejects.toThrow(/^tenant "globex" \(TENANTS_FILE\): MATCHING_STRATEGY/);
    await expect(start({ TENANT_FROM: 'claim' })).rejects.toThrow('TENANT_FROM must be path when AUTH_MODE is none');
  });
});

const MCP_POSTS = 'parley_http_requests_total{method="POST",route="/mcp",tenant="acme"}';

/** Methods that may be taken out of the object. */
function bound(started: TestTenants) {
  const { server } = started;
  return { server, front: started.front.bind(started), at: started.at.bind(started) };
}

describe('tokens at tenants', () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await Authority.start();
  });
  afterAll(() => authority.close());

  const ask = async (url: URL, token?: string) => new StatelessPeer(url, token).rpc('tools/list');

  it('are found by clients at the tenant’s own metadata, and are for that tenant alone', async () => {
    const started = await start({}, undefined, { way: 'path and audience', authority });
    const refused = await ask(started.at('acme', '/mcp'));
    const place = 'https://parley.example.org/.well-known/oauth-protected-resource/t/acme/mcp';
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      `Bearer resource_metadata="${place}", scope="parley:chat"`,
    ]);
    const metadata = await send(started.front(new URL(place).pathname), 'GET');
    expect(JSON.parse(metadata.text)).toMatchObject({
      resource: audienceOf('acme'),
      authorization_servers: [authority.issuer],
    });
    for (const path of ['', '/mcp', '/t/nobody/mcp']) {
      expect((await send(started.front(`/.well-known/oauth-protected-resource${path}`), 'GET')).status).toBe(404);
    }
    const [acme, claimed] = [await started.token('acme', 'ann'), await authority.token('ann', { tenant: 'acme' })];
    const verdicts = [
      await ask(started.at('acme', '/mcp'), acme),
      await ask(started.at('globex', '/mcp'), acme),
      // Not meant for either address, whatever it claims.
      await ask(started.at('acme', '/mcp'), claimed),
    ];
    expect(verdicts.map(({ status }) => status)).toEqual([200, 401, 401]);
    expect(errorOf(verdicts[1]!).message).toBe('The token is not for this service');
    expect(errorOf(verdicts[2]!)).toEqual(errorOf(verdicts[1]!));
    expect(verdicts[1]!.text).not.toContain('acme');
  });

  it('say by a claim which tenant the one endpoint is', async () => {
    const started = await start({}, undefined, { way: 'claim', authority });
    const mcp = started.front('/mcp');
    expect((await ask(mcp, await started.token('acme', 'ann'))).status).toBe(200);
    for (const claims of [{}, { tenant: 'nobody' }, { tenant: 7 as unknown as string }]) {
      const answer = await ask(mcp, await authority.token('ann', claims));
      expect([answer.status, errorOf(answer).message]).toEqual([403, 'The token names no tenant of this service']);
    }
    const without = await ask(mcp);
    expect([without.status, without.headers['www-authenticate']]).toEqual([
      401,
      'Bearer resource_metadata="https://parley.example.org/.well-known/oauth-protected-resource/mcp", scope="parley:chat"',
    ]);
    const metadata = await send(started.front('/.well-known/oauth-protected-resource/mcp'), 'GET');
    expect(JSON.parse(metadata.text)).toMatchObject({ resource: 'https://parley.example.org/mcp' });
    const rebound = { Host: 'evil.example', Authorization: `Bearer ${await started.token('acme', 'ann')}` };
    expect((await send(mcp, 'POST', { ...POST_HEADERS, ...rebound })).status).toBe(403);
    const preflight = await send(mcp, 'OPTIONS', { Origin: 'http://localhost:5173' });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([
      204,
      'http://localhost:5173',
    ]);
  });

  it('are asked about once, at the front, when only the authority can read them', async () => {
    const environment = { ...authority.introspection, TENANT_FROM: 'claim' };
    const started = await start(environment);
    const mcp = started.front('/mcp');
    const token = await authority.token('ann', { tenant: 'acme' });
    for (let i = 0; i < 3; i++) expect((await ask(mcp, token)).status).toBe(200);
    expect(authority.countOf('/introspect')).toBe(1);
  });

  it('must agree with the path where there are both', async () => {
    const started = await start({}, undefined, { way: 'claim', authority });
    const acme = await started.token('acme', 'ann');
    expect((await ask(started.at('acme', '/mcp'), acme)).status).toBe(200);
    const other = await ask(started.at('globex', '/mcp'), acme);
    expect([other.status, errorOf(other).message]).toEqual([401, 'The token is not for this service']);
  });

  it('open an operator API only of the tenant that they are for', async () => {
    const started = await start({}, undefined, { way: 'claim', authority });
    const Authorization = `Bearer ${await started.token('acme', 'ops', 'parley:admin')}`;
    const at = async (tenant: string) =>
      (await send(started.at(tenant, '/admin/pools'), 'GET', { Authorization })).status;
    expect([await at('acme'), await at('globex')]).toEqual([200, 401]);
  });

  it('are verified with keys that are fetched once for all tenants', async () => {
    const started = await start({}, undefined, { way: 'path and audience', authority });
    const before = authority.countOf('/jwks');
    for (const tenant of ['acme', 'globex']) await (await started.peer(tenant, 'ann')).rpc('tools/list');
    expect(authority.countOf('/jwks') - before).toBe(1);
  });

  it('may be keys of a file, each for its tenant, which end when they are taken out', async () => {
    const keys = ['acme', 'globex'].map((tenant) =>
      createApiKey({ principal: 'bot', scopes: ['parley:chat'], tenant }),
    );
    const unbound = createApiKey({ principal: 'bot', scopes: ['parley:chat'] });
    const lines = [...keys, unbound].map(({ line }) => line);
    const { file, remove } = tenantsFile(lines.join('\n'));
    try {
      const started = await start({ AUTH_MODE: 'api-key', API_KEYS_FILE: file });
      const verdicts = async (key: string) =>
        Promise.all(['acme', 'globex'].map(async (tenant) => (await ask(started.at(tenant, '/mcp'), key)).status));
      expect(await Promise.all([...keys, unbound].map(({ key }) => verdicts(key)))).toEqual([
        [200, 401],
        [401, 200],
        [401, 401],
      ]);
      const streams = await Promise.all(
        keys.map(async ({ key }, i) => {
          const peer = new StatelessPeer(started.at(['acme', 'globex'][i]!, '/mcp'), key);
          await peer.call('enter_queue');
          return peer.subscribe({ [CHAT_EXTENSION]: {} });
        }),
      );
      writeFileSync(file, lines[1]!);
      expect(await streams[0]!.ended).toBe(true);
      expect(await verdicts(keys[0]!.key)).toEqual([401, 401]);
      expect(await verdicts(keys[1]!.key)).toEqual([401, 200]);
      expect(streams[1]!.incoming.complete).toBe(false);
      streams[1]!.cut();
    } finally {
      remove();
    }
  });
});

describe('quotas of tenants', () => {
  it('are of requests in a second: too many are refused, and nobody else’s', async () => {
    const { at } = bound(await start({}, [{ name: 'acme', requests_per_second: 3 }, { name: 'globex' }]));
    const flood = (tenant: string) =>
      Promise.all(Array.from({ length: 30 }, () => new StatelessPeer(at(tenant, '/mcp')).rpc('tools/list')));
    const [flooded, other] = await Promise.all([flood('acme'), flood('globex')]);
    expect(other.filter(({ status }) => status !== 200)).toEqual([]);
    const refused = flooded.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(flooded.length - refused.length).toBeGreaterThanOrEqual(3);
    expect(errorOf(refused[0]!)).toEqual({
      code: 4290,
      message: 'Limit reached: 3 requests per second',
      data: { limit: 3, retryable: true },
    });
    expect(refused[0]!.headers['retry-after']).toBe('1');
    const browser = await send(at('acme', '/mcp'), 'GET', { Origin: 'http://localhost:5173' });
    if (browser.status === 429) expect(browser.headers['access-control-allow-origin']).toBe('http://localhost:5173');
    const exposed = parseExposition((await send(tenants!.front('/metrics'), 'GET')).text);
    const { series } = exposed.get('parley_tenant_requests_refused_total')!;
    expect(series.get('parley_tenant_requests_refused_total{tenant="acme"}')).toBeGreaterThanOrEqual(refused.length);
    expect(series.get('parley_tenant_requests_refused_total{tenant="globex"}')).toBe(0);
  });

  it('are of whatever a tenant has otherwise than others: streams, participants', async () => {
    const { at } = bound(
      await start({}, [{ name: 'acme', variables: { STREAMS_MAX: 1, PARTICIPANTS_MAX: 2 } }, { name: 'globex' }]),
    );
    const reach = async (tenant: string) => {
      const peer = new StatelessPeer(at(tenant, '/mcp'));
      const seats = [];
      for (let i = 0; i < 3; i++) seats.push(rpcOf(await peer.call('enter_queue')).result!.structuredContent!);
      const token = seats[0]!['participant_token'];
      const first = await peer.subscribe({ [CHAT_EXTENSION]: { participant_token: token } });
      const second = await peer.subscribe({ [CHAT_EXTENSION]: { participant_token: token } }).then(
        (stream) => (stream.cut(), 'served'),
        (error: Error) => error.message,
      );
      first.cut();
      return { codes: seats.map(({ code }) => code), second };
    };
    expect(await reach('globex')).toEqual({ codes: [undefined, undefined, undefined], second: 'served' });
    const acme = await reach('acme');
    expect(acme.codes).toEqual([undefined, undefined, 'too_many_participants']);
    expect(acme.second).toMatch(/^no stream: 429 .*Limit reached: 1 streams at this instance/);
  });

  it('leave others their latency while one tenant is flooded', async () => {
    const { at } = bound(await start({}, [{ name: 'acme', requests_per_second: 20 }, { name: 'globex' }]));
    let flooding = true;
    let sent = 0;
    const flood = Promise.all(
      Array.from({ length: 20 }, async () => {
        const peer = new StatelessPeer(at('acme', '/mcp'));
        while (flooding) {
          await peer.call('enter_queue', { display_name: 'x'.repeat(60) });
          sent++;
        }
      }),
    );
    const peer = new StatelessPeer(at('globex', '/mcp'));
    const times: number[] = [];
    await until('a flood', () => sent > 100);
    for (let i = 0; i < 50; i++) {
      const before = performance.now();
      expect((await peer.rpc('tools/list')).status).toBe(200);
      times.push(performance.now() - before);
    }
    flooding = false;
    await flood;
    // Generous: the flood itself is made in this very process.
    expect(times.sort((a, b) => a - b)[25]).toBeLessThan(500);
  });
});
