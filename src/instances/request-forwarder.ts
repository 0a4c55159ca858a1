import { Agent as HttpAgent, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { endToEnd } from './hop-by-hop.js';

/** How long a connection to another instance may take to stand, in milliseconds. */
const CONNECT_MS = 2_000;
/** Idle connections kept to each instance. */
const IDLE_CONNECTIONS = 64;

export interface Destination {
  /** Where the instance is reached, without a path. */
  readonly origin: URL;
  readonly path: string;
  /** For the log of the other end, and so that the request goes no further. */
  readonly forwardedBy: readonly [header: string, value: string];
}

/**
 * `unreachable`: nobody took the request, whose body has not been touched. `unanswered`: it was taken, perhaps carried
 * out, and nothing was answered. In both cases nothing has been written to the client.
 */
export type Forwarded =
  { readonly outcome: 'answered' } | { readonly outcome: 'unreachable' | 'unanswered'; readonly reason: string };

/**
 * Passes HTTP requests on as they are, both ways at once and without holding anything back. It ends with its client:
 * who takes nothing is sent nothing, and who goes away is gone for the other instance, too.
 */
export class RequestForwarder {
  readonly #http = new HttpAgent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
  readonly #https = new HttpsAgent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
  /** How to end each event stream that is passed on. */
  readonly #streams = new Set<() => void>();
  #underWay = 0;

  /** @param idleMs how long nothing may pass before the other instance counts as gone */
  constructor(private readonly idleMs: number) {}

  /** Requests that are being passed on. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Ends what would last: clients come back for their streams elsewhere. */
  close(): void {
    for (const end of [...this.#streams]) end();
    this.#http.destroy();
    this.#https.destroy();
  }

  async forward(destination: Destination, request: IncomingMessage, response: ServerResponse): Promise<Forwarded> {
    this.#underWay++;
    try {
      return await this.#pass(destination, request, response);
    } finally {
      this.#underWay--;
    }
  }

  #pass({ origin, path, forwardedBy }: Destination, request: IncomingMessage, response: ServerResponse) {
    const secure = origin.protocol === 'https:';
    const host = origin.hostname.replace(/^\[(.*)\]$/, '$1');
    const outgoing = (secure ? httpsRequest : httpRequest)({
      agent: secure ? this.#https : this.#http,
      host,
      port: origin.port,
      // Not what `Host` says: that is the name by which the client knows the service.
      ...(secure && isIP(host) === 0 && { servername: host }),
      method: request.method,
      path,
      headers: [...endToEnd(request.rawHeaders), ...forwardedBy],
    });
    return new Promise<Forwarded>((resolve) => {
      let connected = false;
      const limit = setTimeout(() => outgoing.destroy(new Error('no connection in time')), CONNECT_MS);
      const begin = () => {
        connected = true;
        clearTimeout(limit);
        outgoing.setNoDelay(true);
        outgoing.setTimeout(this.idleMs, () => outgoing.destroy(new Error('no sign of life')));
        request.pipe(outgoing);
      };
      outgoing.once('socket', (socket) => {
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', begin);
        else begin();
      });
      outgoing.on('response', (incoming) => this.#answer(incoming, request, response));
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(limit);
        request.unpipe(outgoing);
        if (response.headersSent) return;
        resolve({ outcome: connected ? 'unanswered' : 'unreachable', reason: error.code ?? error.message });
      });
      const over = () => {
        clearTimeout(limit);
        outgoing.destroy();
        resolve({ outcome: 'answered' });
      };
      if (response.closed) over();
      else response.once('close', over);
    });
  }

  #answer(incoming: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(incoming.statusCode!, endToEnd(incoming.rawHeaders));
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    // A body that the other instance did not want to read to its end.
    incoming.once('end', () => request.resume());
    // Cut off there, it must not look complete here.
    incoming.once('close', () => {
      if (!incoming.complete) response.destroy();
    });
    incoming.on('error', () => response.destroy());
    incoming.pipe(response);
    if (request.method !== 'GET') return;
    const end = () => {
      incoming.unpipe(response);
      response.end();
    };
    this.#streams.add(end);
    response.once('close', () => this.#streams.delete(end));
  }
}
