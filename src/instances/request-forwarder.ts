import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { endToEnd } from './hop-by-hop.js';

/** How long a connection to another instance may take to stand, in milliseconds. */
const CONNECT_MS = 2_000;
/** Idle connections kept to each instance. */
const IDLE_CONNECTIONS = 64;

/** A notification that has a session's waits answered at once with what is there, as if their time were over. */
export const ANSWER_NOW = 'notifications/io.github.mcp-parley/answer_now';
const ANSWER_NOW_BODY = JSON.stringify({ jsonrpc: '2.0', method: ANSWER_NOW });
/** What a request says about its own body. */
const ABOUT_THE_BODY: ReadonlySet<string> = new Set(['content-length', 'content-type', 'content-encoding']);

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
  /** How to bring each stream and each call that is passed on to its end. */
  readonly #lasting = new Set<() => void>();
  #underWay = 0;

  /** @param idleMs how long nothing may pass before the other instance counts as gone */
  constructor(private readonly idleMs: number) {}

  /** Requests that are being passed on. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Brings to an end what would last: streams, for which clients come back elsewhere, and calls that wait. */
  finish(): void {
    for (const finish of [...this.#lasting]) finish();
  }

  /** Gives up what has not ended. */
  close(): void {
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

  #pass(destination: Destination, request: IncomingMessage, response: ServerResponse): Promise<Forwarded> {
    const secure = destination.origin.protocol === 'https:';
    const outgoing = this.#send(destination, request.method!, endToEnd(request.rawHeaders));
    return new Promise<Forwarded>((resolve) => {
      let connected = false;
      const limit = setTimeout(() => outgoing.destroy(new Error('no connection in time')), CONNECT_MS);
      const begin = () => {
        connected = true;
        clearTimeout(limit);
        outgoing.setNoDelay(true);
        outgoing.setTimeout(this.idleMs, () => outgoing.destroy(new Error('no sign of life')));
        request.pipe(outgoing);
        if (request.method !== 'POST') return;
        this.#untilClosed(response, () => this.#askForAnswer(destination, request));
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
    this.#untilClosed(response, () => {
      incoming.unpipe(response);
      response.end();
    });
  }

  /** On behalf of the same client, so that the other instance checks the same. */
  #askForAnswer(destination: Destination, { rawHeaders }: IncomingMessage): void {
    const headers = endToEnd(rawHeaders, ABOUT_THE_BODY);
    headers.push('Content-Type', 'application/json', 'Content-Length', `${Buffer.byteLength(ANSWER_NOW_BODY)}`);
    this.#send(destination, 'POST', headers)
      .on('response', (incoming: IncomingMessage) => incoming.resume())
      // The call is then cut off with everything else.
      .on('error', () => undefined)
      .end(ANSWER_NOW_BODY);
  }

  #untilClosed(response: ServerResponse, finish: () => void): void {
    this.#lasting.add(finish);
    response.once('close', () => this.#lasting.delete(finish));
  }

  #send({ origin, path, forwardedBy }: Destination, method: string, headers: readonly string[]): ClientRequest {
    const secure = origin.protocol === 'https:';
    const host = origin.hostname.replace(/^\[(.*)\]$/, '$1');
    return (secure ? httpsRequest : httpRequest)({
      agent: secure ? this.#https : this.#http,
      host,
      port: origin.port,
      // Not what `Host` says: that is the name by which the client knows the service.
      ...(secure && isIP(host) === 0 && { servername: host }),
      method,
      path,
      headers: [...headers, ...forwardedBy],
    });
  }
}
