import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(300_000);

const PATIENCE_MS = 60_000;
const PROGRAM = fileURLToPath(new URL('../../dist/cli/parley.js', import.meta.url));

/** `parley chat` with pipes at all its ends. */
class Chat {
  out = '';
  err = '';
  readonly ended: Promise<number | null>;

  constructor(
    readonly child: ChildProcess,
    input: string | undefined,
  ) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    // Whoever ends early does not read the rest.
    child.stdin!.on('error', () => undefined);
    this.ended = once(child, 'close').then(([code]) => code as number | null);
    if (input !== undefined) child.stdin!.end(input);
  }

  says(text: string | RegExp): Promise<true> {
    const isSaid = () => new RegExp(text).test(this.out + this.err);
    return until(`${text}`, isSaid, PATIENCE_MS).catch(() => {
      throw new Error(`Waited in vain for ${text} in:\n${this.out}\n${this.err}`);
    });
  }
}

describe('parley chat through pipes', () => {
  const open: { end(): unknown }[] = [];
  afterEach(async () => void (await Promise.all(open.splice(0).map((each) => each.end()))));

  async function serve(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const service = await ServiceProcess.start(environment);
    open.push(service);
    return service;
  }

  function chat(url: URL | string, flags: readonly string[], input?: string, env: Record<string, string> = {}): Chat {
    const child = spawn(process.execPath, [PROGRAM, 'chat', String(url), ...flags], {
      env: { PATH: process.env['PATH'], TZ: 'UTC', ...env },
    });
    const started = new Chat(child, input);
    open.push({
      end: () => {
        child.kill('SIGKILL');
        return started.ended;
      },
    });
    return started;
  }

  it('lets two programs talk, and both end well', async () => {
    const { url } = await serve();
    const ann = chat(url, ['--name', 'Ann', '--linger', '60'], 'hi\n\n\u001b[31mred\u001b[0m\n');
    await ann.says('Looking for somebody in default: 1st of 1.');
    const ben = chat(url.origin, ['--name', 'Ben'], undefined, { FORCE_COLOR: '1' });
    await ben.says('Ann: ‹U');
    ben.child.stdin!.end('ho\nbye');
    expect(await ben.ended).toBe(0);
    expect(await ann.ended).toBe(0);
    expect(ben.out).toMatch(/^\d\d:\d\d:\d\d Ann: hi\n\d\d:\d\d:\d\d Ann: ‹U\+001B›\[31mred‹U\+001B›\[0m\n$/);
    expect(ann.out).toMatch(/^\d\d:\d\d:\d\d Ben: ho\n\d\d:\d\d:\d\d Ben: bye\n$/);
    expect(ann.err.split('\n').slice(1)).toEqual([
      expect.stringContaining('You are talking to Ben.'),
      '* Ben left.',
      '',
    ]);
  });

  it('tells programs what happens as JSON, on the output alone', async () => {
    const { url } = await serve();
    const ann = chat(url, ['--name', 'Ann', '--room', 'lounge', '--json', '--linger', '60']);
    await ann.says('"opened"');
    const ben = chat(url, ['--name', 'Ben', '--room', 'lounge'], 'one\n');
    await ann.says('"left"');
    expect(await ben.ended).toBe(0);
    const events = ann.out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event }) => event)).toEqual(['opened', 'joined', 'message', 'left']);
    expect(events[2]).toMatchObject({ text: 'one', mine: false, seq: 1, sender: { display_name: 'Ben' } });
    ann.child.kill('SIGINT');
    expect(await ann.ended).toBe(130);
    expect(ann.err).toBe('');
  });

  it('says what was wrong with where it should connect', async () => {
    const wrong = chat('http://127.0.0.1:1', ['--name', 'Ann'], 'hi\n');
    expect(await wrong.ended).toBe(1);
    expect(wrong.err).toMatch(/^\* http:\/\/127\.0\.0\.1:1 cannot be reached.*\n$/);

    const { url } = await serve();
    const elsewhere = chat(new URL('/nope', url), [], 'hi\n');
    expect(await elsewhere.ended).toBe(1);
    expect(elsewhere.err).toMatch(/\/nope is not an MCP endpoint.*\n$/);

    const nowhere = chat(url, ['--pool', 'nihgt'], 'hi\n');
    expect(await nowhere.ended).toBe(1);
    expect(nowhere.err).toMatch(/^\* .*nihgt.*\n$/);

    const usage = chat('ftp://x', []);
    expect(await usage.ended).toBe(2);
    expect(usage.err).toContain('See parley chat --help');
  });

  it('sends a bearer token from the environment, and never shows it', async () => {
    const seen: (string | undefined)[] = [];
    const door = createServer(({ headers }, response) => {
      seen.push(headers.authorization);
      response.writeHead(401).end();
    }).listen(0, '127.0.0.1');
    await once(door, 'listening');
    open.push({ end: () => door.close() });
    const { port } = door.address() as AddressInfo;
    const ann = chat(`http://127.0.0.1:${port}`, [], 'hi\n', { PARLEY_BEARER_TOKEN: 'open-sesame' });
    expect(await ann.ended).toBe(1);
    expect(new Set(seen)).toEqual(new Set(['Bearer open-sesame']));
    expect(ann.out + ann.err).not.toContain('sesame');
  });

  it('waits for a service that is gone as long as it is told', async () => {
    const service = await serve();
    const ann = chat(service.url, ['--name', 'Ann', '--retry', '0.2'], 'hi\n');
    await ann.says('1st of 1');
    await service.end();
    expect(await ann.ended).toBe(1);
    expect(ann.err).toContain('* The service did not come back.\n');
  });

  it('is in the queue again after the service was restarted', async () => {
    const first = await serve();
    const ann = chat(first.url, ['--name', 'Ann'], 'hi\n');
    await ann.says('1st of 1');
    await first.end();
    await ann.says('Trying again');
    const { url } = await serve({ PORT: first.url.port });
    await ann.says('Connected again');
    const ben = chat(url, ['--name', 'Ben'], undefined);
    await ben.says('Ann: hi');
    expect(await ann.ended).toBe(0);
    expect(await ben.ended).toBe(0);
  });

  it('is lost when a restarted service has forgotten the conversation', async () => {
    const first = await serve();
    const ann = chat(first.url, ['--name', 'Ann']);
    const ben = chat(first.url, ['--name', 'Ben']);
    await Promise.all([ann.says('talking to Ben'), ben.says('talking to Ann')]);
    await first.end();
    await serve({ PORT: first.url.port });
    expect(await Promise.all([ann.ended, ben.ended])).toEqual([1, 1]);
    expect(ann.err).toContain('The service has forgotten this conversation.');
  });
});
