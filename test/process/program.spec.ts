import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Headers, rpcOf, send, StatelessPeer } from '../e2e/http/wire.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

/** What proc(5) calls nice: the 19th field, the 17th after the name in brackets. */
function niceness(pid: number, thread: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

const running: ServiceProcess[] = [];
const run = (...args: Parameters<typeof ServiceProcess.run>) => {
  const service = ServiceProcess.run(...args);
  running.push(service);
  return service;
};
afterEach(() => Promise.all(running.splice(0).map((service) => service.end())));

describe('the program', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    service = await ServiceProcess.start();
  });
  afterAll(() => service.end());

  it('says in three lines where it is and how to connect, and the curl line works', async () => {
    const { url, stderr } = service;
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
    expect(url.pathname).toBe('/mcp');
    expect(stderr).toContain(`people in a browser at ${new URL('/', url).href}\n`);
    expect(stderr).toContain(`claude mcp add --transport http parley ${url.href}`);
    expect(stderr).toContain(`new URL('${url.href}')`);

    const curl = stderr.split('\n')[2]!;
    const headers = [...curl.matchAll(/-H '([^:']+): ([^']*)'/g)].map(([, name, value]) => [name, value]);
    const [, body] = /-d '([^']+)'/.exec(curl) ?? [];
    const answer = await send(url, 'POST', Object.fromEntries(headers) as Headers, body);
    expect(answer.status).toBe(200);
    expect(rpcOf(answer).result?.['supportedVersions']).toContain('2026-07-28');
  });

  it('listens where HOST and PORT say', async () => {
    const port = await freePort();
    const elsewhere = run({ HOST: '127.0.0.2', PORT: String(port) });
    await elsewhere.announced();
    const { url } = elsewhere;
    expect(url.host).toBe(`127.0.0.2:${port}`);
    expect((await send(new URL('/health/live', url), 'GET')).status).toBe(200);
  });

  it('is alive and ready', async () => {
    const { url } = service;
    for (const probe of ['live', 'ready']) {
      const answer = await send(new URL(`/health/${probe}`, url), 'GET');
      expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { status: 'ok' }]);
    }
  });

  // Elsewhere threads have no priority of their own, and no /proc says so.
  const onLinux = process.platform === 'linux' ? it : it.failing;
  onLinux('serves in a thread that goes before those of V8', () => {
    const pid = service.child.pid!;
    const own = niceness(pid, pid);
    const threads = readdirSync(`/proc/${pid}/task`).map(Number);
    const lower = threads.filter((thread) => niceness(pid, thread) === own + 10);
    expect(niceness(process.pid, process.pid)).toBe(own);
    expect(lower).toHaveLength(5);
  });

  it('does not listen where everybody can connect without asking who they are, unless it is meant', async () => {
    const open = run({ HOST: '0.0.0.0' });
    expect(await open.exited).toBe(1);
    expect(open.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        /^Configuration: AUTH_MODE must not be none when HOST is 0\.0\.0\.0: .*AUTH_NONE_ON_PUBLIC_ADDRESS=true/,
      ),
    ]);
    expect(open.stdout).toBe('');
    const meant = run({ HOST: '0.0.0.0', AUTH_NONE_ON_PUBLIC_ADDRESS: 'true' });
    await meant.announced();
  });

  it('makes an API key that lets its bearer in, and shows it once', async () => {
    const made = run({}, 'dist/cli/parley.js', 'api-key', 'create', '--principal', 'ann');
    expect(await made.exited).toBe(0);
    const [, key] = /^Key, shown only this once: {2}(\S+)$/m.exec(made.stdout)!;
    const [, line] = /^Line for API_KEYS_FILE: {5}(.*)$/m.exec(made.stdout)!;
    const folder = mkdtempSync(join(tmpdir(), 'parley-keys-'));
    try {
      const file = join(folder, 'keys.jsonl');
      writeFileSync(file, `${line}\n`);
      const guarded = run({ AUTH_MODE: 'api-key', API_KEYS_FILE: file, LOG_LEVEL: 'debug' });
      await guarded.announced();
      expect((await new StatelessPeer(guarded.url).rpc('tools/list')).status).toBe(401);
      expect((await new StatelessPeer(guarded.url, key).rpc('tools/list')).status).toBe(200);
      expect((await new StatelessPeer(guarded.url, `${key}x`).rpc('tools/list')).status).toBe(401);
      expect(guarded.stderr).toContain('-H "Authorization: Bearer $PARLEY_BEARER_TOKEN"');
      writeFileSync(file, `${line}\nnonsense`);
      await until('the service to look at the file', () => guarded.stderr.includes('API keys not read'), 15_000);
      expect((await new StatelessPeer(guarded.url, key).rpc('tools/list')).status).toBe(200);
      expect(guarded.stdout + guarded.stderr).not.toContain(key);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [['api-key'], 'create is the only thing to do'],
    [['api-key', 'create'], '--principal is required'],
    [['api-key', 'create', '--principal', 'a b'], 'principal must be 1 to 128'],
    [['api-key', 'create', '--principal', 'a', '--scopes', 'chat'], 'scopes must list some of parley:chat'],
    [['api-key', 'create', '--principal', 'a', '--for', 'ever'], "Unknown option '--for'"],
  ])('says what is wrong with parley %j', async (args, why) => {
    const failed = run({}, 'dist/cli/parley.js', ...args);
    expect(await failed.exited).toBe(2);
    expect([failed.stdout, failed.stderr]).toEqual(['', expect.stringContaining(`parley api-key: ${why}`)]);
  });

  it('serves nothing but MCP, its health and the page for people', async () => {
    const { url } = service;
    for (const path of ['/index.html', '/mcp/', '/mcp/x', '/health', '/favicon.ico', '/%', '/mcp%00', '//mcp']) {
      const answer = await send(url, 'GET', {}, undefined, { path });
      expect([400, 404]).toContain(answer.status);
      expect(answer.text).not.toMatch(/\bat .*\.js/);
    }
  });

  it.each([
    ['PORT', 'xyzzy', /whole number/],
    ['LOG_LEVEL', 'xyzzy', /error, warn, info or debug/],
    ['STREAM_STALL_SECONDS', '0.555', /whole number/],
    ['POOLS', '{"xyzzy', /JSON/],
    ['POOLS', '[{"name":"XYZZY!"}]', /name/],
  ])('does not start with a wrong %s, says what it must be and repeats no value', async (name, value, must) => {
    const failed = run({ [name]: value });
    expect(await failed.exited).toBe(1);
    expect(failed.stderr).toMatch(/^Configuration: /);
    expect(failed.stderr).toContain(name);
    expect(failed.stderr).toMatch(must);
    expect(failed.stderr).not.toContain(value);
    expect(failed.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('names every wrong variable at once', async () => {
    const failed = run({ PORT: 'x', LOG_LEVEL: 'y', WAIT_MAX_SECONDS: 'z' });
    expect(await failed.exited).toBe(1);
    for (const name of ['PORT', 'LOG_LEVEL', 'WAIT_MAX_SECONDS']) expect(failed.stderr).toContain(name);
  });

  it('says that the port is in use, and what to set', async () => {
    const { url } = service;
    const second = run({ PORT: url.port });
    expect(await second.exited).toBe(1);
    expect(second.stderr).toMatch(/port is in use.*PORT/);
    expect(second.stderr).not.toMatch(/\bat .*\.js/);
    expect((await new StatelessPeer(url).rpc('tools/list')).status).toBe(200);
  });
});

describe('parley, the command', () => {
  const cli = 'dist/cli/parley.js';
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };

  it('says its version', async () => {
    const command = run({}, cli, '--version');
    expect([await command.exited, command.stdout, command.stderr]).toEqual([0, `${version}\n`, '']);
  });

  it('helps', async () => {
    const command = run({}, cli, '--help');
    expect([await command.exited, command.stderr]).toEqual([0, '']);
    for (const word of ['serve', '--version', '--help', 'PORT']) expect(command.stdout).toContain(word);
  });

  it.each([[['nope']], [['serve', 'nope']], [['--nope']]])('refuses %j by name and shows how', async (args) => {
    const command = run({}, cli, ...args);
    expect(await command.exited).toBe(2);
    expect(command.stderr).toContain(JSON.stringify(args.join(' ')));
    expect(command.stderr).toContain('parley [serve]');
    expect(command.stdout).toBe('');
  });

  it.each([[[]], [['serve']]])('serves, called with %j', async (args) => {
    const command = run({}, cli, ...args);
    await command.announced();
    expect((await new StatelessPeer(command.url).rpc('tools/list')).status).toBe(200);
    command.kill('SIGTERM');
    expect(await command.exited).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.2', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
