import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { constants, createGzip } from 'node:zlib';

/** What a proxy does to what passes through it. */
export interface ProxyFaults {
  /** Keeps event streams back until they are over. */
  readonly buffers?: boolean;
  /** Compresses event streams. */
  readonly compresses?: boolean;
  /** Request headers that do not get through, in lower case. */
  readonly strips?: readonly string[];
  /** Ends event streams on which nothing has happened for as long, in milliseconds. */
  readonly cutsIdleAfterMs?: number;
  /** Lets nobody in without this bearer token. */
  readonly bearer?: string;
  /** The Host header that the service sees, instead of its own. */
  readonly host?: string;
}

/** An HTTP proxy before a service, with the faults that proxies have. */
export class HttpProxy {
  private constructor(private readonly server: Server) {}

  static async start(target: URL, faults: ProxyFaults = {}): Promise<HttpProxy> {
    const server = createServer((incoming, outgoing) => forward(target, faults, incoming, outgoing));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HttpProxy(server);
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

function forward(target: URL, faults: ProxyFaults, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { bearer, strips = [], host = target.host } = faults;
  if (bearer !== undefined && incoming.headers.authorization !== `Bearer ${bearer}`) {
    outgoing.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="test"' }).end();
    return;
  }
  const kept = Object.entries(incoming.headers).filter(([name]) => !strips.includes(name));
  const { port, hostname } = target;
  const { method, url: path } = incoming;
  const upstream = request({ port, hostname, method, path, headers: { ...Object.fromEntries(kept), host } });
  upstream.on('response', (response) => {
    const { statusCode = 502, headers } = response;
    if (!headers['content-type']?.startsWith('text/event-stream')) {
      response.pipe(outgoing.writeHead(statusCode, headers));
      return;
    }
    const { cutsIdleAfterMs: idle } = faults;
    if (idle !== undefined) outgoing.socket!.setTimeout(idle, () => outgoing.destroy());
    if (faults.compresses) {
      outgoing.writeHead(statusCode, { ...headers, 'content-encoding': 'gzip' }).flushHeaders();
      response.pipe(createGzip({ flush: constants.Z_SYNC_FLUSH })).pipe(outgoing);
    } else if (faults.buffers) {
      response.pipe(untilTheEnd()).pipe(outgoing);
    } else {
      outgoing.writeHead(statusCode, headers).flushHeaders();
      response.pipe(outgoing);
    }
  });
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function untilTheEnd(): Transform {
  const kept: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      kept.push(chunk);
      next();
    },
    flush(done) {
      done(null, Buffer.concat(kept));
    },
  });
}
