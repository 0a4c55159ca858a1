import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Diagnosis, Finding } from '../../src/cli/doctor/findings.js';
import { connectV2 } from '../support/clients.js';
import { HttpProxy, type ProxyFaults } from '../support/http-proxy.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(90_000);

type Environment = Readonly<Record<string, string>>;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ environment: { STREAM_KEEPALIVE_SECONDS: 2 } });
});
afterAll(() => server.close());

const opened: { close(): unknown }[] = [];
const running: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.end()));
  for (const each of opened.splice(0)) await each.close();
});

/** What the command says, as a person sees it in a pipe. */
async function doctor(args: readonly string[], env: Environment = {}) {
  const command = ServiceProcess.run(env, 'dist/cli/parley.js', 'doctor', ...args);
  running.push(command);
  const code = await command.exited;
  return { code, text: command.stdout, stderr: command.stderr };
}

/** What it found, by check; for the hearing, in both eras. */
async function diagnosis(url: URL | string, env?: Environment, ...flags: string[]) {
  const { code, text } = await doctor([String(url), '--json', ...flags], env);
  const found = JSON.parse(text) as Diagnosis & { readonly ok: boolean };
  const findings = new Map<string, readonly Finding[]>([
    ...found.endpoint.map(({ check, finding }) => [check, [finding]] as const),
    ...found.hearing.map(({ check, eras }) => [check, Object.values(eras)] as const),
  ]);
  const outcomes = (check: string) => findings.get(check)?.map(({ outcome }) => outcome);
  const said = (check: string) =>
    findings
      .get(check)
      ?.map(({ detail, advice }) => `${detail}. ${advice}`)
      .join('\n');
  return { code, found, outcomes, said };
}

async function behind(faults: ProxyFaults): Promise<URL> {
  const proxy = await HttpProxy.start(server.url, faults);
  opened.push(proxy);
  return proxy.url;
}

async function serve(listener: RequestListener): Promise<string> {
  const other = createServer(listener);
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  opened.push(other);
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
}

const BOTH = (outcome: Finding['outcome']) => [outcome, outcome];

describe('parley doctor', () => {
  it('finds a service well, in words and marks, without colours in a pipe', async () => {
    const { code, text, stderr } = await doctor([server.url.href]);
    expect([code, stderr]).toEqual([0, '']);
    expect(text).toContain(`${server.url.href} (parley `);
    expect(text).toMatch(/events are pushed on a stream +✓ \d+ ms +✓ \d+ ms/);
    expect(text).toContain('All is well.');
    expect(text).not.toContain('✗');
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/\u001b/);
  });

  it('measures each way of hearing in both eras, and leaves nobody behind', async () => {
    const { code, found, outcomes } = await diagnosis(server.url);
    expect([code, found.ok]).toEqual([0, true]);
    for (const check of ['push', 'resources', 'uncompressed', 'resumption', 'poll', 'long-poll']) {
      expect([check, outcomes(check)]).toEqual([check, BOTH('yes')]);
    }
    expect(outcomes('idle')).toEqual(BOTH('none'));
    const push = found.hearing.find(({ check }) => check === 'push')!;
    for (const { ms } of Object.values(push.eras)) expect(ms).toBeGreaterThan(0);
    expect(server.streams).toBe(0);
  });

  it('takes a URL without scheme and path', async () => {
    const { code, found } = await diagnosis(server.url.host);
    expect([code, found.url]).toEqual([0, server.url.href]);
  });

  it('colours where colours are forced', async () => {
    const { text } = await doctor([server.url.href], { FORCE_COLOR: '1' });
    expect(text).toContain('\u001b[32m✓');
  });

  it('waits for keep-alives when it is patient', async () => {
    const { code, outcomes, said } = await diagnosis(server.url, {}, '--patient');
    expect([code, outcomes('idle')]).toEqual([0, BOTH('yes')]);
    expect(said('idle')).toContain('keep-alives seen');
  });
});

describe('parley doctor, where something is wrong, tells', () => {
  it('that nothing listens', async () => {
    const url = await serve(() => undefined);
    await opened.splice(0)[0]!.close();
    const { code, text } = await doctor([url]);
    expect(code).toBe(3);
    expect(text).toContain(`${url}/mcp cannot be reached: nothing listens there (ECONNREFUSED)`);
  });

  it('that it is not MCP', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Welcome</h1>');
    });
    const { code, text } = await doctor([`${url}/page`]);
    expect(code).toBe(3);
    expect(text).toContain('answers, but not with MCP (200)');
    expect(text).toContain('/mcp');
  });

  it('that it has moved', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(308, { Location: 'https://parley.example.org/mcp' }).end();
    });
    const { code, text } = await doctor([url]);
    expect(code).toBe(3);
    expect(text).toContain('redirects (308) to https://parley.example.org/mcp');
  });

  it('that TLS is not spoken there', async () => {
    const { code, text } = await doctor([`https://${server.url.host}`]);
    expect(code).toBe(3);
    expect(text).toContain('does not speak TLS');
    expect(text).toContain(`Use ${server.url.href}`);
  });

  it('that MCP is there, and Parley is not', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { id, method } = (body === '' ? {} : JSON.parse(body)) as { id?: number; method?: string };
        if (id === undefined) return response.writeHead(request.method === 'POST' ? 202 : 405).end();
        const result = {
          'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
          'tools/list': { tools: [], ttlMs: 0, cacheScope: 'public' },
          initialize: {
            protocolVersion: '2025-11-25',
            capabilities: { tools: {} },
            serverInfo: { name: 'x', version: '1' },
          },
        }[method!];
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(
          JSON.stringify({
            jsonrpc: '2.0',
            id,
            result: { resultType: 'complete', ttlMs: 0, cacheScope: 'public', ...result },
          }),
        );
      });
    });
    const { code, said, outcomes } = await diagnosis(url);
    expect([code, outcomes('catalogue')]).toEqual([1, ['no']]);
    expect(said('catalogue')).toContain('not Parley');
  });

  it('which variable to set for a bearer token', async () => {
    const url = await behind({ bearer: 'very-secret' });
    const without = await diagnosis(url);
    expect([without.code, without.outcomes('authentication')]).toEqual([1, ['no']]);
    expect(without.said('authentication')).toContain('PARLEY_BEARER_TOKEN');
    const wrong = await doctor([url.href], { PARLEY_BEARER_TOKEN: 'very-wrong' });
    expect([wrong.code, wrong.text]).toEqual([1, expect.stringContaining('does not accept the bearer token')]);
    expect(wrong.text).not.toContain('very-wrong');
    const right = await doctor([url.href], { PARLEY_BEARER_TOKEN: 'very-secret' });
    expect([right.code, right.text]).toEqual([0, expect.stringContaining('the bearer token is accepted')]);
    expect(right.text).not.toContain('very-secret');
  });

  it('which variable lets a host in', async () => {
    const url = await behind({ host: 'parley.example.org' });
    const { code, outcomes, said } = await diagnosis(url);
    expect([code, outcomes('door')]).toEqual([1, ['no']]);
    expect(said('door')).toContain('ALLOWED_HOSTS');
  });

  it('that streams are buffered, while polls still hear', async () => {
    const { code, outcomes, said } = await diagnosis(await behind({ buffers: true }));
    expect([code, outcomes('push')]).toEqual([1, BOTH('no')]);
    expect(said('push')).toContain('proxy_buffering off');
    expect([outcomes('poll'), outcomes('long-poll')]).toEqual([BOTH('yes'), BOTH('yes')]);
  });

  it('that streams are compressed', async () => {
    const { code, outcomes, said } = await diagnosis(await behind({ compresses: true }));
    expect([code, outcomes('uncompressed'), outcomes('push')]).toEqual([1, BOTH('no'), BOTH('yes')]);
    expect(said('uncompressed')).toContain('gzip');
  });

  it('that Last-Event-ID is lost on the way', async () => {
    const { code, outcomes, said } = await diagnosis(await behind({ strips: ['last-event-id'] }));
    expect([code, outcomes('resumption')]).toEqual([1, ['no', 'yes']]);
    expect(said('resumption')).toContain('Last-Event-ID');
  });

  it('that headers of a revision are lost on the way', async () => {
    const { code, outcomes, said } = await diagnosis(await behind({ strips: ['mcp-method'] }));
    expect([code, outcomes('revisions'), outcomes('push')]).toEqual([1, ['no'], ['yes', 'none']]);
    expect(said('revisions')).toContain('2026-07-28 cannot be spoken');
    expect(said('revisions')).toContain('Mcp-Method');
  });

  it('that the service is full', async () => {
    const full = await startTestServer({ environment: { PARTICIPANTS_MAX: 1 } });
    opened.push(full);
    const { code, outcomes, said } = await diagnosis(full.url);
    expect([code, outcomes('room')]).toEqual([1, ['no']]);
    expect(said('room')).toContain('Limit reached');
  });

  it('that idle streams are cut', async () => {
    const quiet = await startTestServer();
    opened.push(quiet);
    const proxy = await HttpProxy.start(quiet.url, { cutsIdleAfterMs: 3_000 });
    opened.unshift(proxy);
    const { code, outcomes, said } = await diagnosis(proxy.url, {}, '--patient');
    expect([code, outcomes('idle')]).toEqual([1, BOTH('no')]);
    expect(said('idle')).toContain('proxy_read_timeout');
  });

  it.each([
    [['--nope'], /--nope/],
    [['ftp://example.org'], /not the URL/],
    [['http://a', 'http://b'], /one url is enough/],
  ])('what is wrong with %j', async (args, words) => {
    const { code, stderr, text } = await doctor(args);
    expect([code, text]).toEqual([2, '']);
    expect(stderr).toMatch(words);
  });
});

it('the service is as it was before the doctor came', async () => {
  const client = await connectV2(server.url);
  const { queue_length } = await client.become('enter_queue');
  await client.close();
  expect(queue_length).toBe(1);
});
