import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '../../support/server.js';
import {
  type Answer,
  ERAS,
  errorOf,
  type Headers,
  type Peer,
  POST_HEADERS,
  rpcOf,
  send,
  StatelessPeer,
} from './wire.js';

const LIMIT = 4_096;
const discover = (headers: Headers) => ({ ...POST_HEADERS, ...headers });

/** Writes raw bytes to the service and reads until it closes the connection or has said `enough`. */
function raw(url: URL, bytes: string, enough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(url.port), url.hostname, () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (enough(text)) socket.destroy();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('the door of a server on loopback', () => {
  let server: TestServer;
  let port: string;
  let peer: StatelessPeer;
  const knock = (headers: Headers, method = 'server/discover') =>
    peer.post(peer.message(method), { ...peer.headers(method), ...headers });

  beforeAll(async () => {
    server = await startTestServer({
      environment: {
        BODY_MAX_BYTES: LIMIT,
        ALLOWED_HOSTS: 'chat.example, API.example:8443',
        ALLOWED_ORIGINS: 'https://App.example',
      },
    });
    port = server.url.port;
    peer = new StatelessPeer(server.url);
  });
  afterAll(() => server.close());

  it.each(['localhost', '127.0.0.1', '127.8.9.10', '[::1]', 'LOCALHOST', 'chat.example', 'Chat.Example'])(
    'lets a request to %s in, with and without a port',
    async (host) => {
      expect((await knock({ Host: host })).status).toBe(200);
      expect((await knock({ Host: `${host}:${port}` })).status).toBe(200);
    },
  );

  it('takes an allowed host with a port for that port alone', async () => {
    expect((await knock({ Host: 'api.example:8443' })).status).toBe(200);
    expect((await knock({ Host: 'api.example:9000' })).status).toBe(403);
    expect((await knock({ Host: 'api.example' })).status).toBe(403);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'chat.example.evil',
    '10.0.0.1',
    '[::2]',
  ])('refuses a request to %s with 403 and an error without an id', async (host) => {
    const answer = await knock({ Host: host });
    expect(answer.status).toBe(403);
    expect(rpcOf(answer)).not.toHaveProperty('id');
    expect(errorOf(answer).message).toMatch(/Host/);
    expect(answer.text).not.toContain(host);
  });

  it('refuses a request without any Host', async () => {
    const text = await raw(server.url, 'POST /mcp HTTP/1.0\r\nContent-Type: application/json\r\n\r\n', () => false);
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
  });

  it.each([
    'http://localhost',
    'https://localhost:8080',
    'http://127.0.0.1:5173',
    'http://[::1]:3000',
    'https://app.example',
  ])('lets a page of %s in and tells its browser so', async (origin) => {
    const { status, headers } = await knock({ Origin: origin });
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(headers.vary).toMatch(/origin/i);
    expect(headers['access-control-expose-headers']).toMatch(/mcp-session-id/i);
  });

  it.each([
    'https://evil.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil',
    'null',
    'file://',
    'localhost',
    'https://app.example.evil',
    'http://app.example',
  ])('refuses a page of %s with 403 and an error without an id, before it looks at anything else', async (origin) => {
    for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS', 'PUT']) {
      const answer = await send(server.url, method, { Origin: origin }, method === 'POST' ? '{' : undefined);
      expect(answer.status).toBe(403);
      expect(rpcOf(answer)).not.toHaveProperty('id');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('answers a CORS preflight with what a browser client of either era needs', async () => {
    const { status, headers, text } = await send(server.url, 'OPTIONS', {
      Origin: 'https://app.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type, mcp-method, mcp-name, mcp-protocol-version',
    });
    expect(status).toBe(204);
    expect(text).toBe('');
    expect(headers['access-control-allow-origin']).toBe('https://app.example');
    for (const method of ['GET', 'POST', 'DELETE']) expect(headers['access-control-allow-methods']).toContain(method);
    const allowed = headers['access-control-allow-headers']!.toLowerCase();
    for (const name of [
      'content-type',
      'accept',
      'authorization',
      'mcp-session-id',
      'mcp-protocol-version',
      'mcp-method',
      'mcp-name',
      'last-event-id',
    ]) {
      expect(allowed).toContain(name);
    }
  });

  it('shows refusals to an allowed page too', async () => {
    const answer = await send(server.url, 'POST', discover({ Origin: 'https://app.example' }), '{');
    expect(answer.status).toBe(400);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json-patch+json',
    'text/json',
    'application',
    '/',
    ';',
    'garbage garbage',
    '',
    undefined,
  ])('refuses a body of type %j with 415', async (type) => {
    const answer = await peer.post(peer.message('server/discover'), {
      'Content-Type': type,
      'Mcp-Method': 'server/discover',
    });
    expect(answer.status).toBe(415);
    expect(errorOf(answer).message).toMatch(/application\/json/);
    expect(rpcOf(answer)).not.toHaveProperty('id');
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/json;charset=UTF-8',
  ])('takes a body of type %s', async (type) => {
    expect((await knock({ 'Content-Type': type })).status).toBe(200);
  });

  it.each(['application/json', 'text/event-stream', 'text/html', 'image/png, text/event-stream', undefined])(
    'refuses a POST that accepts %j with 406',
    async (accept) => {
      const answer = await knock({ Accept: accept });
      expect(answer.status).toBe(406);
      expect(errorOf(answer).message).toMatch(/text\/event-stream/);
    },
  );

  it.each([
    '*/*',
    'text/event-stream, application/json',
    'application/*, text/*',
    'application/json;q=0.9,text/event-stream;q=1',
  ])('takes a POST that accepts %s', async (accept) => {
    expect((await knock({ Accept: accept })).status).toBe(200);
  });

  it.each(['PUT', 'PATCH', 'HEAD'])('answers %s with 405 and the methods there are', async (method) => {
    const { status, headers } = await send(server.url, method, POST_HEADERS, method === 'HEAD' ? undefined : '{}');
    expect(status).toBe(405);
    for (const allowed of ['GET', 'POST', 'DELETE']) expect(headers.allow).toContain(allowed);
  });

  it('serves a path with a query, which goes through Fastify, as it does the path alone', async () => {
    const asked = new StatelessPeer(new URL('/mcp?from=here', server.url));
    const ask = (host: string) =>
      asked.post(asked.message('server/discover'), { ...asked.headers('server/discover'), Host: host });
    expect((await ask('localhost')).status).toBe(200);
    expect((await ask('evil.example')).status).toBe(403);
  });

  it.each(['GET', 'DELETE'])('answers %s in revision 2026-07-28 with 405', async (method) => {
    const headers = { Accept: 'text/event-stream', 'MCP-Protocol-Version': '2026-07-28' };
    const answer = await send(server.url, method, headers);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toContain('POST');
  });

  describe('a body that is too large', () => {
    const sane = async () => expect((await knock({})).status).toBe(200);
    const tooLarge = (answer: Answer) => {
      expect(answer.status).toBe(413);
      expect(rpcOf(answer)).not.toHaveProperty('id');
      expect(errorOf(answer).message).toContain(String(LIMIT));
    };

    it.each(ERAS)('is refused with 413 and the limit, by its announced length ($era)', async ({ connect: meet }) => {
      const client: Peer = await meet(server.url);
      tooLarge(await client.post(Buffer.alloc(LIMIT + 1, ' ')));
      await sane();
    });

    it('is refused even when most of it is still being sent', async () => {
      for (let round = 0; round < 10; round++) tooLarge(await peer.post(Buffer.alloc(LIMIT * 1_000, ' ')));
      await sane();
    });

    it('is refused when it comes in chunks without a length', async () => {
      const chunk = ' '.repeat(1_000);
      const head =
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nTransfer-Encoding: chunked\r\n\r\n';
      const body = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(1_000);
      const text = await raw(server.url, head + body, (said) => said.includes('\r\n\r\n{'));
      expect(text).toMatch(/^HTTP\/1\.1 413 /);
      await sane();
    });

    it('may be exactly as long as the limit', async () => {
      const json = JSON.stringify(peer.message('server/discover'));
      const answer = await peer.post(json.padEnd(LIMIT, ' '), peer.headers('server/discover'));
      expect(answer.status).toBe(200);
    });

    it('does not end the connection of a client that was refused for another reason', async () => {
      const refused = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 3000\r\n\r\n${'x'.repeat(3_000)}`;
      const next = 'OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n';
      const text = await raw(server.url, refused + next, (said) => said.includes('HTTP/1.1 204'));
      expect(text).toMatch(/^HTTP\/1\.1 415 /);
      expect(text).toContain('HTTP/1.1 204');
    });
  });

  it('gives a client a bounded time to send its request', () => {
    const { requestTimeout, headersTimeout } = server.app.getHttpServer();
    expect(requestTimeout).toBeGreaterThan(0);
    expect(headersTimeout).toBeGreaterThan(0);
  });

  it('survives a client that hangs up in the middle of its body', async () => {
    const head =
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: 100\r\n\r\n{"jsonrpc"';
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), server.url.hostname, () => socket.write(head, () => socket.destroy()));
      socket.once('close', () => resolve());
    });
    expect((await knock({})).status).toBe(200);
  });
});

describe('the door of a server bound to every address', () => {
  let open: TestServer;
  beforeAll(async () => {
    open = await startTestServer({ environment: { HOST: '0.0.0.0', AUTH_NONE_ON_PUBLIC_ADDRESS: 'true' } });
  });
  afterAll(() => open.close());
  const at = () => new URL(`http://127.0.0.1:${open.url.port}/mcp`);

  it('serves any host until hosts are configured, and no browser until origins are', async () => {
    const peer = new StatelessPeer(at());
    const ask = (headers: Headers) =>
      peer.post(peer.message('server/discover'), { 'Mcp-Method': 'server/discover', ...headers });
    expect((await ask({ Host: 'chat.corp.example' })).status).toBe(200);
    expect((await ask({ Origin: 'http://localhost:3000' })).status).toBe(403);
    expect((await ask({ Origin: 'https://chat.corp.example' })).status).toBe(403);
  });

  it('serves only the hosts configured', async () => {
    const strict = await startTestServer({
      environment: {
        HOST: '0.0.0.0',
        AUTH_NONE_ON_PUBLIC_ADDRESS: 'true',
        ALLOWED_HOSTS: 'chat.corp.example',
        ALLOWED_ORIGINS: '*',
      },
    });
    try {
      const peer = new StatelessPeer(new URL(`http://127.0.0.1:${strict.url.port}/mcp`));
      const ask = (headers: Headers) =>
        peer.post(peer.message('server/discover'), { 'Mcp-Method': 'server/discover', ...headers });
      expect((await ask({ Host: 'chat.corp.example:80' })).status).toBe(200);
      expect((await ask({ Host: 'localhost' })).status).toBe(403);
      const page = await ask({ Host: 'chat.corp.example', Origin: 'https://anything.example' });
      expect(page.status).toBe(200);
      expect(page.headers['access-control-allow-origin']).toBe('https://anything.example');
    } finally {
      await strict.close();
    }
  });
});
