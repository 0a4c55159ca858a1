import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ConnectionLost, type HeardEvent, HttpConnection, Refusal, ToolFailure } from '../../src/client/index.js';
import { connectV1 } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { startTestServer } from '../support/server.js';
import { until } from '../support/until.js';

const servers: Server[] = [];
const connections: HttpConnection[] = [];

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

function connection(url: URL | string, options: { bearerToken?: string; fetch?: typeof fetch } = {}): HttpConnection {
  const made = new HttpConnection({ url, ...options });
  connections.push(made);
  return made;
}

/** Something at an address that is not Parley. */
async function somethingElse(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
}

const answering = (status: number, body: string, type = 'application/json') =>
  somethingElse((request, response) => {
    request.resume();
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });

const rpcError = (code: number, message: string) =>
  JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => Promise.reject(new Error('should have failed')),
    (error: unknown) => error as Error,
  );
}

describe('HttpConnection', () => {
  const parley = useParley();

  it('tells what the server offers when it opens, calls tools and hears events', async () => {
    await parley.start({
      environment: {
        POOLS: JSON.stringify([{ name: 'mentors', description: 'Ask a mentor', max_group_size: 4 }]),
        MESSAGE_MAX_CHARACTERS: 77,
      },
    });
    const ann = connection(parley.server.url);
    expect(await ann.open()).toEqual({
      pools: [
        { name: 'default', min_group_size: 2, max_group_size: 16 },
        { name: 'mentors', description: 'Ask a mentor', min_group_size: 2, max_group_size: 4 },
      ],
      messageMaxCharacters: 77,
    });
    const entered = await ann.call('enter_queue', { display_name: 'Ann' });
    expect(entered).toMatchObject({ status: 'waiting', position: 1 });
    const heard: HeardEvent[] = [];
    const position = { participantToken: String(entered['participant_token']), cursor: String(entered['cursor']) };
    const following = await ann.follow(position, { event: (event) => heard.push(event) });
    const ben = await parley.client(connectV1);
    await ben.enter({ display_name: 'Ben' });
    await until('the match', () => heard.some(({ name }) => name === 'chatroom.found'));
    following.stop();
    await following.ended;
    await until('the stream to be closed', () => parley.server.streams === 1);
  });

  it('calls tools by their prefix', async () => {
    await parley.start({ environment: { TOOL_PREFIX: 'parley_' } });
    const ann = connection(parley.server.url);
    await ann.open();
    expect(await ann.call('enter_queue', {})).toMatchObject({ status: 'waiting' });
  });

  it('tells what a tool refuses, with the time to wait', async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 1, MESSAGE_RATE_SECONDS: 60 } });
    const ann = connection(parley.server.url);
    await ann.open();
    const unknown = await failure(ann.call('get_status', { participant_token: `pt_${'A'.repeat(43)}` }));
    expect(unknown).toBeInstanceOf(ToolFailure);
    expect(unknown).toMatchObject({
      message: 'Participant not found',
      code: 'participant_not_found',
      retryable: false,
    });
    const { participant_token, room_id } = await ann.call('join_room', { room_name: 'den' });
    await ann.call('send_message', { participant_token, room_id, message: 'one' });
    expect(await failure(ann.call('send_message', { participant_token, room_id, message: 'two' }))).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retryAfterSeconds: expect.any(Number),
    });
  });

  it('is lost with the server, and finds it again on the same object', async () => {
    const first = await startTestServer();
    const ann = connection(first.url);
    await ann.open();
    const { participant_token, cursor } = await ann.call('enter_queue', {});
    const following = await ann.follow(
      { participantToken: String(participant_token), cursor: String(cursor) },
      { event: () => undefined },
    );
    await first.close();
    await following.ended;
    expect(await failure(ann.call('get_status', { participant_token }))).toBeInstanceOf(ConnectionLost);
    const lost = await failure(ann.open());
    expect(lost).toBeInstanceOf(ConnectionLost);
    expect(lost.message).toContain(`${first.url.origin} cannot be reached (`);

    await parley.start({ environment: { PORT: first.url.port } });
    await ann.open();
    expect(await ann.call('enter_queue', {})).toMatchObject({ status: 'waiting' });
  });

  it('passes the bearer token, and never tells it', async () => {
    const seen: unknown[] = [];
    const url = await somethingElse((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    const refused = await failure(connection(url, { bearerToken: 's3cret' }).open());
    expect(seen).toEqual(['Bearer s3cret']);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({
      status: 401,
      message: expect.stringContaining('does not accept this bearer token'),
    });
    expect(refused.message).not.toContain('s3cret');
    expect((await failure(connection(url).open())).message).toContain('pass a bearer token');
  });

  it.each([
    [
      403,
      rpcError(4030, 'The Origin header names an origin that is not allowed'),
      'names an origin that is not allowed',
    ],
    [404, 'Cannot POST /mcp', 'is not an MCP endpoint (HTTP 404): check the address'],
    [405, '', 'is not an MCP endpoint (HTTP 405): check the address'],
    [200, '<h1>Welcome</h1>', 'is not an MCP endpoint of revision 2026-07-28: check the address'],
    [
      400,
      rpcError(-32600, 'Bad Request: No valid session ID provided'),
      'is not an MCP endpoint of revision 2026-07-28',
    ],
    [302, '', 'is not an MCP endpoint of revision 2026-07-28'],
  ])('is refused by an answer %i that is no Parley server’s', async (status, body, message) => {
    const refused = await failure(connection(await answering(status, body, 'text/html')).open());
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused.message).toContain(message);
  });

  it('is refused by an MCP server that is not Parley', async () => {
    const result = {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      ttlMs: 0,
      cacheScope: 'private',
    };
    const url = await somethingElse((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { id } = JSON.parse(body) as { id: string };
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
    expect(await failure(connection(url).open())).toMatchObject({
      name: 'Refusal',
      message: `${url.href} is an MCP server, but not Parley: check the address`,
    });
  });

  it.each([
    [503, rpcError(5030, 'The service is shutting down'), '(HTTP 503) (The service is shutting down)'],
    [502, 'Bad gateway', '(HTTP 502)'],
    [429, '', '(HTTP 429)'],
  ])('is lost while the answer is %i', async (status, body, message) => {
    const lost = await failure(connection(await answering(status, body)).open());
    expect(lost).toBeInstanceOf(ConnectionLost);
    expect(lost.message).toContain(message);
  });

  it('is lost when a call is not answered in time, and when it was never opened', async () => {
    await parley.start();
    const ann = connection(parley.server.url, {
      fetch: (input, init) => {
        if ((init?.body as string | undefined)?.includes('"tools/call"')) {
          return new Promise((_, reject) =>
            init!.signal!.addEventListener('abort', () => reject(new Error('aborted'))),
          );
        }
        return fetch(input, init);
      },
    });
    expect(await failure(ann.call('get_status', {}))).toBeInstanceOf(ConnectionLost);
    await ann.open();
    jest.useFakeTimers();
    try {
      const outcome = failure(ann.call('get_status', {}));
      await jest.advanceTimersByTimeAsync(20_000);
      expect(await outcome).toMatchObject({ name: 'ConnectionLost', message: expect.stringContaining('in time') });
    } finally {
      jest.useRealTimers();
    }
  });
});
