import { afterEach, describe, expect, it } from '@jest/globals';
import type { RequestListener, ServerResponse } from 'node:http';
import type { EgressSettings } from '../../../src/config/index.js';
import { type Egress, EgressError, EgressThrottled } from '../../../src/mcp-events/egress/index.js';
import { SystemNetwork } from '../../../src/mcp-events/egress/outbound-network.js';
import { FakeClock } from '../../../src/testing/index.js';
import {
  egressFor,
  FakeResolver,
  PUBLIC_ADDRESS,
  type Receiver,
  receiver,
  SpyNetwork,
} from '../../support/outbound.js';
import { until } from '../../support/until.js';

const URL_ = 'https://receiver.example/hook?key=1';
const REQUEST = { headers: { 'Content-Type': 'application/json' }, body: '{"a":1}', timeoutMs: 30_000 };
const DEVELOPMENT = { allowLoopback: true };

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(
  listener: RequestListener,
  options: { secure?: boolean; host?: string } = {},
): Promise<Receiver> {
  const started = await receiver(listener, options);
  closers.push(() => started.close());
  return started;
}

function closing(egress: Egress): Egress {
  closers.push(() => egress.onApplicationShutdown());
  return egress;
}

/** A way out to a receiver with TLS at a public name, and what it sees. */
async function outTo(
  listener: RequestListener,
  settings: Partial<EgressSettings> = {},
  resolver = new FakeResolver([PUBLIC_ADDRESS]),
) {
  const server = await listening(listener);
  const network = new SpyNetwork(server.port);
  const clock = new FakeClock();
  return { server, network, clock, resolver, egress: closing(egressFor(network, resolver, settings, clock)) };
}

/** A way out to a receiver on loopback, as in development. */
async function outToLoopback(listener: RequestListener, settings: Partial<EgressSettings> = {}) {
  const server = await listening(listener, { secure: false });
  const clock = new FakeClock();
  const egress = closing(egressFor(new SystemNetwork(), new FakeResolver([]), { ...DEVELOPMENT, ...settings }, clock));
  return { server, clock, egress, url: `http://127.0.0.1:${server.port}/hook` };
}

const ok: RequestListener = (request, response) => {
  request.resume().once('end', () => response.end('{}'));
};

async function faultOf(outcome: Promise<unknown>): Promise<string> {
  const error = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EgressError);
  return (error as EgressError).category;
}

describe('a request', () => {
  it('arrives as it was meant: method, path and query, host, headers and body', async () => {
    const seen: unknown[] = [];
    const { egress, network } = await outTo((request, response) => {
      const { method, url, headers } = request;
      request.setEncoding('utf8').on('data', (body: string) => {
        seen.push({
          method,
          url,
          body,
          host: headers.host,
          type: headers['content-type'],
          length: headers['content-length'],
        });
        response.writeHead(202).end('{"challenge":"x"}');
      });
    });

    const { status, body, retryAfterMs } = await egress.post(URL_, REQUEST);

    expect({ status, body: body.toString(), retryAfterMs }).toEqual({
      status: 202,
      body: '{"challenge":"x"}',
      retryAfterMs: undefined,
    });
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/hook?key=1',
        body: '{"a":1}',
        host: 'receiver.example',
        type: 'application/json',
        length: '7',
      },
    ]);
    expect(network.attempts).toEqual([PUBLIC_ADDRESS]);
  });

  it.each([301, 302, 303, 307, 308])('is not repeated where a %i points', async (code) => {
    let requests = 0;
    const { egress, network } = await outTo((_, response) => {
      requests++;
      response.writeHead(code, { Location: 'https://127.0.0.1/admin' }).end();
    });

    expect((await egress.post(URL_, REQUEST)).status).toBe(code);
    expect({ requests, attempts: network.attempts }).toEqual({ requests: 1, attempts: [PUBLIC_ADDRESS] });
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('is told of a Retry-After of %j', async (header, expected) => {
    const { egress } = await outTo((_, response) => {
      response.writeHead(429, { 'Retry-After': header }).end();
    });

    expect(await egress.post(URL_, REQUEST)).toMatchObject({ status: 429, retryAfterMs: expected });
  });

  it('goes to loopback without TLS when development allows it, by IPv6 too', async () => {
    const server = await listening(ok, { secure: false });
    // Dials for it, so that the machine needs no IPv6.
    const network = new SpyNetwork(server.port);
    const egress = closing(egressFor(network, new FakeResolver([]), DEVELOPMENT));

    expect((await egress.post(`http://[::1]:${server.port}/`, REQUEST)).status).toBe(200);
    expect(network.attempts).toEqual(['::1']);
  });
});

describe('an address', () => {
  it('is not connected to when it is private, although something listens there', async () => {
    const server = await listening(ok);
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::1']) {
      const egress = egressFor(new SystemNetwork(), new FakeResolver([address]), { ports: [server.port] });
      expect(await faultOf(egress.post(`https://receiver.example:${server.port}/`, REQUEST))).toBe(
        'connection_refused',
      );
    }
    expect(server.connections()).toBe(0);
  });

  it('stays private in development for any name, with TLS or without', async () => {
    const server = await listening(ok, { secure: false });
    const settings = { ...DEVELOPMENT, ports: [server.port] };
    const egress = egressFor(new SystemNetwork(), new FakeResolver(['127.0.0.1']), settings);

    expect(await faultOf(egress.post(`https://receiver.example:${server.port}/`, REQUEST))).toBe('connection_refused');
    await expect(egress.post(`http://localhost:${server.port}/`, REQUEST)).rejects.toThrow('must be https, or http on');
    expect(server.connections()).toBe(0);
  });

  it('is not connected to when only one of several is private', async () => {
    for (const addresses of [
      [PUBLIC_ADDRESS, '10.0.0.1'],
      ['fd00::1', PUBLIC_ADDRESS],
    ]) {
      const { egress, network } = await outTo(ok, {}, new FakeResolver(addresses));
      expect(await faultOf(egress.post(URL_, REQUEST))).toBe('connection_refused');
      expect(network.attempts).toEqual([]);
    }
  });

  it('is the very one that was checked, when a name server changes its mind between check and connection', async () => {
    const { egress, network, resolver } = await outTo(ok, {}, new FakeResolver([PUBLIC_ADDRESS], ['127.0.0.1']));

    expect((await egress.post(URL_, REQUEST)).status).toBe(200);
    expect({ lookups: resolver.lookups, attempts: network.attempts }).toEqual({
      lookups: 1,
      attempts: [PUBLIC_ADDRESS],
    });
  });

  it('is checked again for the next connection of the same name', async () => {
    const close: RequestListener = (_, response) => response.writeHead(200, { Connection: 'close' }).end();
    const { egress, network } = await outTo(close, {}, new FakeResolver([PUBLIC_ADDRESS], ['169.254.169.254']));

    await egress.post(URL_, REQUEST);
    expect(await faultOf(egress.post(URL_, REQUEST))).toBe('connection_refused');
    expect(network.attempts).toEqual([PUBLIC_ADDRESS]);
  });

  it('gives way to the next of the name when it cannot be reached', async () => {
    const { egress, network, server } = await outTo(ok, {}, new FakeResolver(['1.1.1.1', PUBLIC_ADDRESS]));
    const port = server.port;
    network.port = 1;
    const connect = network.connect.bind(network);
    network.connect = (address, at) => {
      network.port = address === PUBLIC_ADDRESS ? port : 1;
      return connect(address, at);
    };

    expect((await egress.post(URL_, REQUEST)).status).toBe(200);
    expect(network.attempts).toEqual(['1.1.1.1', PUBLIC_ADDRESS]);
  });

  it('is tried at most four times over for one name', async () => {
    const many = ['1.1.1.1', '1.0.0.1', '8.8.8.8', '8.8.4.4', '9.9.9.9'];
    const network = new SpyNetwork(1);

    expect(await faultOf(egressFor(network, new FakeResolver(many)).post(URL_, REQUEST))).toBe('connection_refused');
    expect(network.attempts).toEqual(many.slice(0, 4));
  });
});

describe('a fault', () => {
  it.each([Object.assign(new Error('queryA ENOTFOUND receiver.example'), { code: 'ENOTFOUND' }), []])(
    'is a refused connection when the name leads nowhere, and says nothing of it (%#)',
    async (answer) => {
      const outcome = egressFor(new SpyNetwork(), new FakeResolver(answer)).post(URL_, REQUEST);

      expect(await faultOf(outcome)).toBe('connection_refused');
      await expect(outcome).rejects.not.toThrow('receiver.example');
    },
  );

  it('is a refused connection when nobody listens, or the server closes without a word', async () => {
    expect(await faultOf(egressFor(new SpyNetwork(1)).post(URL_, REQUEST))).toBe('connection_refused');
    const { egress, url } = await outToLoopback((request) => request.socket.destroy());
    expect(await faultOf(egress.post(url, REQUEST))).toBe('connection_refused');
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'X-Filler: 0123456789\r\n'.repeat(10_000)}`],
  ])('is a refused connection when the server answers with %s', async (_, answer) => {
    const { egress, url } = await outToLoopback((request) => request.socket.end(answer));

    expect(await faultOf(egress.post(url, REQUEST))).toBe('connection_refused');
  });

  it('is one of TLS when nobody vouches for the certificate, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    const { egress, network, server } = await outTo(ok);
    network.trusted = undefined;
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await faultOf(egress.post(URL_, REQUEST))).toBe('tls_error');
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
    await until('the connection to be closed', () => server.sockets.size === 0);
  });

  it('is one of TLS when the certificate is for another name', async () => {
    const { egress } = await outTo(ok);

    expect(await faultOf(egress.post('https://other.example/hook', REQUEST))).toBe('tls_error');
  });

  it('is one of TLS when the server speaks none', async () => {
    const plain = await listening(ok, { secure: false });

    expect(await faultOf(egressFor(new SpyNetwork(plain.port)).post(URL_, REQUEST))).toBe('tls_error');
  });

  it('is none when the certificate names the address, or the name with a dot at its end', async () => {
    const { egress } = await outTo(ok);

    expect((await egress.post(`https://${PUBLIC_ADDRESS}/hook`, REQUEST)).status).toBe(200);
    expect((await egress.post('https://receiver.example./hook', REQUEST)).status).toBe(200);
  });
});

describe('a timeout', () => {
  it('ends a look-up that nobody answers', async () => {
    const resolver = { resolve: () => new Promise<never>(() => undefined) };
    const egress = egressFor(new SpyNetwork(), resolver, { connectTimeoutMs: 50 });

    expect(await faultOf(egress.post(URL_, REQUEST))).toBe('timeout');
  });

  it('ends a TLS handshake that does not go on', async () => {
    const server = await listening(ok);
    server.server.removeAllListeners('connection');
    const network = new SpyNetwork(server.port);
    server.server.on('connection', (socket) => closers.push(() => void socket.destroy()));

    expect(await faultOf(egressFor(network, undefined, { connectTimeoutMs: 50 }).post(URL_, REQUEST))).toBe('timeout');
  });

  it('ends the wait for a server that says nothing, and closes the connection', async () => {
    const { egress, url, server } = await outToLoopback(() => undefined);

    expect(await faultOf(egress.post(url, { ...REQUEST, timeoutMs: 50 }))).toBe('timeout');
    await until('the connection to be closed', () => server.sockets.size === 0);
  });

  it('ends a head that comes in drips', async () => {
    const { egress, url, server } = await outToLoopback((request) => {
      const drip = setInterval(() => request.socket.write('H'), 5);
      request.socket.once('close', () => clearInterval(drip));
      request.socket.write('HTTP/1.1 200 OK\r\nX-Drip: ');
    });

    expect(await faultOf(egress.post(url, { ...REQUEST, timeoutMs: 60 }))).toBe('timeout');
    await until('the connection to be closed', () => server.sockets.size === 0);
  });

  it('ends a body that comes in drips; the status counts, with what came of the body', async () => {
    const { egress, url, server } = await outToLoopback(
      (_, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 5);
        response.once('close', () => clearInterval(drip));
      },
      { bodyTimeoutMs: 60 },
    );

    const { status, body } = await egress.post(url, REQUEST);

    expect(status).toBe(200);
    expect(body.length).toBeLessThan(30);
    await until('the connection to be closed', () => server.sockets.size === 0);
  });
});

describe('a body', () => {
  const flood = (response: ServerResponse, sent: { bytes: number }) => {
    const chunk = Buffer.alloc(65_536, 'x');
    const write = () => {
      while (!response.destroyed && response.write(chunk)) sent.bytes += chunk.length;
    };
    response.on('drain', write).on('error', () => undefined);
    write();
  };

  it('of a gigabyte is read up to the bound and no further', async () => {
    const sent = { bytes: 0 };
    const { egress, url, server } = await outToLoopback((_, response) => flood(response.writeHead(200), sent), {
      responseMaxBytes: 1_000,
    });

    const { status, body } = await egress.post(url, REQUEST);

    expect({ status, read: body.length }).toEqual({ status: 200, read: 1_000 });
    await until('the connection to be closed', () => server.sockets.size === 0);
    expect(sent.bytes).toBeLessThan(16_000_000);
  });

  it('that announces a gigabyte is not read at all', async () => {
    const { egress, url, server } = await outToLoopback((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000000000' }).write('x');
    });

    expect(await egress.post(url, REQUEST)).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    await until('the connection to be closed', () => server.sockets.size === 0);
  });

  it('that breaks off counts as far as it came', async () => {
    const { egress, url } = await outToLoopback((request, response) => {
      response
        .writeHead(200, { 'Content-Length': '10' })
        .write('half', () => setImmediate(() => request.socket.destroy()));
    });

    const { status, body } = await egress.post(url, REQUEST);
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: 'half' });
  });
});

describe('a connection', () => {
  it('is used again for the same host', async () => {
    const { egress, server, resolver } = await outTo(ok);

    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    for (let i = 0; i < 15; i++) await egress.post(URL_, REQUEST);
    await new Promise(setImmediate);
    process.off('warning', warned);

    expect({ connections: server.connections(), lookups: resolver.lookups }).toEqual({ connections: 1, lookups: 1 });
    // Of listeners that are never removed, Node would warn.
    expect(warnings).toEqual([]);
  });

  it('is not used again for another host at the same address', async () => {
    const { egress, server } = await outTo(ok);

    await egress.post(URL_, REQUEST);
    expect(await faultOf(egress.post('https://other.example/hook', REQUEST))).toBe('tls_error');
    expect(server.connections()).toBe(2);
  });

  it('that the server closed meanwhile costs no attempt', async () => {
    const { egress, url, server } = await outToLoopback(ok);
    const requests = Promise.all([egress.post(url, REQUEST), egress.post(url, REQUEST)]);
    expect((await requests).map(({ status }) => status)).toEqual([200, 200]);
    // From now on, a request on a connection that has served one is answered by a reset.
    for (const socket of server.sockets) socket.removeAllListeners('data').once('data', () => socket.resetAndDestroy());

    expect((await egress.post(url, REQUEST)).status).toBe(200);
    expect(server.connections()).toBe(3);
  });

  it('is not kept beyond the bound on idle ones', async () => {
    const { egress, url, server } = await outToLoopback(ok, { connections: 2 });
    const others = [await listening(ok, { secure: false }), await listening(ok, { secure: false })];

    await egress.post(url, REQUEST);
    for (const { port } of others) await egress.post(`http://127.0.0.1:${port}/`, REQUEST);

    await until('the third connection to be closed', () => others[1]!.sockets.size === 0);
    expect([server.sockets.size, others[0]!.sockets.size]).toEqual([1, 1]);
  });

  it('is closed, and its request left to be tried later, when the service stops', async () => {
    const { egress, url, server } = await outToLoopback(() => undefined);
    const outcome = egress.post(url, REQUEST).catch((error: unknown) => error);
    await until('the request', () => server.sockets.size === 1);

    egress.onApplicationShutdown();

    expect(await outcome).toBeInstanceOf(EgressThrottled);
    await until('the connection to be closed', () => server.sockets.size === 0);
  });
});

describe('a host', () => {
  it('is asked no more often than the rate allows; others are not held up by that', async () => {
    const hostRate = { burst: 2, perMs: 2_000 };
    const one = await outToLoopback(ok, { hostRate });
    const other = await listening(ok, { secure: false });

    for (let i = 0; i < 2; i++) await one.egress.post(one.url, REQUEST);
    await expect(one.egress.post(one.url, REQUEST)).rejects.toMatchObject({ retryAfterMs: 1_000 });
    expect((await one.egress.post(`http://127.0.0.1:${other.port}/`, REQUEST)).status).toBe(200);
    one.clock.advance(1_000);
    expect((await one.egress.post(one.url, REQUEST)).status).toBe(200);
  });

  it('is asked by several instances together no more than by one', async () => {
    const held: ServerResponse[] = [];
    const hostRate = { burst: 4, perMs: 2_000 };
    const listener: RequestListener = (_, response) => held.push(response);
    const { egress, url } = await outToLoopback(listener, { hostRate, hostConnections: 2 });
    egress.shareAmong(2);

    const first = egress.post(url, REQUEST);
    await expect(egress.post(url, REQUEST)).rejects.toBeInstanceOf(EgressThrottled);
    await until('the first request', () => held.length === 1);
    held[0]!.end();
    await first;
    const second = egress.post(url, REQUEST);
    await until('the second request', () => held.length === 2);
    held[1]!.end();
    await second;
    await expect(egress.post(url, REQUEST)).rejects.toBeInstanceOf(EgressThrottled);

    egress.shareAmong(1);
    const both = [egress.post(url, REQUEST), egress.post(url, REQUEST)];
    await until('two at a time', () => held.length === 4);
    held.forEach((response) => response.end());
    await Promise.all(both);
  });

  it('has those who were refused come again one after the other', async () => {
    const { egress, url } = await outToLoopback(ok, { hostRate: { burst: 1, perMs: 1_000 } });
    await egress.post(url, REQUEST);

    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      const error: unknown = await egress.post(url, REQUEST).catch((reason: unknown) => reason);
      waits.push((error as EgressThrottled).retryAfterMs);
    }

    expect(waits).toEqual([1_000, 2_000, 3_000, 4_000]);
  });

  it('counts as one by its address, whatever names it has', async () => {
    const close: RequestListener = (_, response) => response.writeHead(200, { Connection: 'close' }).end();
    const { egress, network } = await outTo(close, { hostRate: { burst: 2, perMs: 2_000 } });

    for (const name of ['a', 'b']) {
      expect(await faultOf(egress.post(`https://${name}.evil.example/`, REQUEST))).toBe('tls_error');
    }
    await expect(egress.post('https://c.evil.example/', REQUEST)).rejects.toBeInstanceOf(EgressThrottled);
    expect(network.attempts).toHaveLength(2);
  });

  it('has at most so many requests under way', async () => {
    const held: ServerResponse[] = [];
    const { egress, url } = await outToLoopback((_, response) => held.push(response), { hostConnections: 2 });
    const two = [egress.post(url, REQUEST), egress.post(url, REQUEST)];

    await expect(egress.post(url, REQUEST)).rejects.toBeInstanceOf(EgressThrottled);
    await until('both requests', () => held.length === 2);
    held.forEach((response) => response.end());
    await Promise.all(two);
    const third = egress.post(url, REQUEST);
    await until('the third request', () => held.length === 3);
    held[2]!.end();
    expect((await third).status).toBe(200);
  });

  it('that is healthy finds a way out however many others stall', async () => {
    const healthy = await outToLoopback(ok, { connections: 64, hostConnections: 32 });
    const stalling = await Promise.all(Array.from({ length: 20 }, () => listening(() => undefined, { secure: false })));
    const stalled: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round++) {
      for (const { port } of stalling) {
        stalled.push(healthy.egress.post(`http://127.0.0.1:${port}/`, REQUEST).catch((error: unknown) => error));
      }
    }

    expect((await healthy.egress.post(healthy.url, REQUEST)).status).toBe(200);
    healthy.egress.onApplicationShutdown();
    expect(await Promise.all(stalled)).toHaveLength(200);
  });
});
