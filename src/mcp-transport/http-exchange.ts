import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Grant, GrantEnd } from '../auth/index.js';
import { Code, RpcError } from './protocol.js';
import { writeSoon, type Writer } from './turn-end.js';

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};

/** What a client may call its request: visible ASCII. */
const REQUEST_ID = /^[\x21-\x7e]{1,100}$/;

/** One HTTP request and its answer, written straight to the socket. */
export class HttpExchange implements Writer {
  #streaming = false;
  #body: string | undefined;
  /** Of the body, in bytes. */
  #length = 0;
  #requestId: string | undefined;
  /** What the request's bearer token allows; null when nobody is asked for one. */
  grant: Grant | null = null;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** Headers that every answer of this exchange carries (CORS). */
    public headers: Readonly<Record<string, string>> | undefined,
  ) {}

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** Names this exchange in the log: what the client calls it, else something new. */
  get requestId(): string {
    const given = this.header('x-request-id');
    return (this.#requestId ??= given !== undefined && REQUEST_ID.test(given) ? given : randomUUID());
  }

  /** Whether the client has gone, or has been answered. */
  get closed(): boolean {
    return this.#body !== undefined || this.response.destroyed || this.response.writableEnded;
  }

  /** Calls back when the exchange is over; `aborted` tells that the client went away before its answer was complete. */
  onClose(callback: (aborted: boolean) => void): void {
    const over = () => callback(!this.response.writableFinished);
    // The client may have gone while its caller was looked up.
    if (this.response.closed) over();
    else this.response.on('close', over);
  }

  /** Who asks; null when nobody is asked who they are. */
  get principal(): string | null {
    return this.grant?.identity.principal ?? null;
  }

  /** Calls back when the request's token is no longer any good, as long as the exchange lasts. */
  onGrantEnd(end: GrantEnd): void {
    const forget = this.grant?.onEnd(this.request, end);
    if (forget) this.response.once('close', forget);
  }

  /**
   * The whole body; pending for ever if the client goes away. By a promise, because what follows belongs to the asynchronous
   * context of whoever asks (a tenant, a span), and events of the request do not.
   *
   * @throws RpcError when it is longer than `maxBytes`
   */
  readBody(maxBytes: number): Promise<Buffer> {
    const { request } = this;
    return new Promise((resolve, reject) => {
      const refuse = () => {
        request.removeAllListeners('data').removeAllListeners('end').resume();
        const limit = { limit: maxBytes };
        reject(new RpcError(Code.InvalidRequest, `The body is larger than ${maxBytes} bytes`, limit, 413));
      };
      if (Number(request.headers['content-length'] ?? 0) > maxBytes) return refuse();
      let first: Buffer | undefined;
      let chunks: Buffer[] | undefined;
      let length = 0;
      request.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBytes) refuse();
        else if (first === undefined) first = chunk;
        else (chunks ??= [first]).push(chunk);
      });
      request.on('end', () => resolve(chunks ? Buffer.concat(chunks) : (first ?? Buffer.alloc(0))));
    });
  }

  json(status: number, body: string, headers?: Readonly<Record<string, string>>): void {
    if (this.closed) return;
    const length = Buffer.byteLength(body);
    this.response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': length,
      ...this.headers,
      ...headers,
    });
    this.#body = body;
    this.#length = length;
    writeSoon(this);
  }

  /** Writes the answer that was given to `json`; the end of the turn does. */
  flush(): void {
    const body = this.#body!;
    // To Node, ASCII is quicker to write as Latin-1.
    this.response.end(body, this.#length === body.length ? 'latin1' : 'utf8');
  }

  /** Answers without a body; a stream there is already just ends. */
  empty(status: number, headers?: Readonly<Record<string, string>>): void {
    if (this.closed) return;
    if (!this.#streaming) this.response.writeHead(status, { 'Content-Length': 0, ...this.headers, ...headers });
    this.response.end();
  }

  /** Turns the answer into an event stream; further calls do nothing. */
  openStream(): void {
    if (this.#streaming) return;
    this.#streaming = true;
    this.request.socket.setNoDelay(true);
    this.response.writeHead(200, { ...STREAM_HEADERS, ...this.headers });
    this.response.flushHeaders();
  }

  /** Writes one message to the answer's event stream, opening it first if need be. */
  frame(json: string): void {
    if (this.closed) return;
    this.openStream();
    this.response.write(`event: message\ndata: ${json}\n\n`);
  }

  /** Ends the exchange without an answer, as a cancelled request wants it. */
  abandon(): void {
    if (this.#streaming) this.response.end();
    else this.empty(202);
  }

  /** Answers a request: as JSON, or as the last message of the stream if there is one. */
  answer(status: number, json: string, headers?: Readonly<Record<string, string>>): void {
    if (!this.#streaming) return this.json(status, json, headers);
    this.frame(json);
    this.response.end();
  }
}
