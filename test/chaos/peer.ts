import { Agent, type IncomingMessage, request } from 'node:http';
import type { Envelope, Era, Facts, Failure } from '../support/clients.js';
import {
  CAPABILITIES_KEY,
  CHAT_EXTENSION,
  EVENT_KEY,
  type Headers,
  type Json,
  POST_HEADERS,
  type Rpc,
  STATELESS,
  textOf,
  VERSION_KEY,
} from '../e2e/http/wire.js';

/** How a call ended. `lost`: nobody knows whether the service has carried it out. */
export type Outcome =
  | { readonly kind: 'done'; readonly facts: Facts }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'lost'; readonly why: string };

/** Where the instances are at this moment, a proxy before them included. */
export type Places = () => readonly URL[];

export interface PeerOptions {
  readonly era: Era;
  readonly places: Places;
  /** Which of the places to begin at. */
  readonly first: number;
  /** Longest that an answer is waited for beyond what was asked for, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * An MCP client as careful ones are: it gives up on an answer that does not come, goes to the next instance, and opens a
 * new session when its old one is gone. It never sends a call again by itself.
 */
export class Peer {
  readonly #options: PeerOptions;
  readonly #agent = new Agent({ keepAlive: true });
  #at: number;
  #session: { readonly url: string; readonly id: string } | undefined;
  #ids = 0;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#at = options.first;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Calls a tool once. @param waitMs how long the tool itself may take */
  async call(tool: string, args: Json, waitMs = 0): Promise<Outcome> {
    const url = this.#url;
    try {
      const signal = AbortSignal.timeout(this.#options.patienceMs + waitMs);
      const params = { name: tool, arguments: args };
      const incoming = await this.#post(url, 'tools/call', params, signal);
      const answer = await textOf(incoming);
      if (incoming.statusCode !== 200) throw this.#refusal(incoming, answer);
      const { result, error } = JSON.parse(answer) as Rpc;
      if (error) throw new Error(`${tool}: ${error.code} ${error.message}`);
      const content = result!.structuredContent as unknown;
      if (!result!.isError) return { kind: 'done', facts: content as Facts };
      const failure = content as Failure;
      if (failure.code === 'unavailable') this.#goOn();
      return { kind: 'refused', failure };
    } catch (error) {
      this.#goOn();
      return { kind: 'lost', why: String(error) };
    }
  }

  /** Hears events behind a cursor by push until the stream ends or `signal` says so. Never rejects. */
  async listen(token: string, cursor: string, hear: (event: Envelope) => void, signal: AbortSignal): Promise<void> {
    const url = this.#url;
    try {
      const incoming =
        this.#options.era === STATELESS
          ? await this.#subscribe(url, token, cursor, signal)
          : await this.#follow(url, token, cursor, signal);
      incoming.setEncoding('utf8');
      // The service says something every second or so, or it is not there.
      incoming.setTimeout(this.#options.patienceMs, () => incoming.destroy());
      let rest = '';
      for await (const chunk of incoming as AsyncIterable<string>) {
        const frames = (rest + chunk).split('\n\n');
        rest = frames.pop()!;
        for (const frame of frames) {
          const event = eventIn(frame);
          if (event) hear(event);
        }
      }
    } catch {
      // The next one hears what this one did not.
    }
    if (!signal.aborted) this.#goOn();
  }

  async #subscribe(url: URL, token: string, cursor: string, signal: AbortSignal): Promise<IncomingMessage> {
    const notifications = { [CHAT_EXTENSION]: { participant_token: token, cursor } };
    return this.#opened(this.#post(url, 'subscriptions/listen', { notifications }, signal));
  }

  async #follow(url: URL, token: string, cursor: string, signal: AbortSignal): Promise<IncomingMessage> {
    const adopting = AbortSignal.any([signal, AbortSignal.timeout(this.#options.patienceMs)]);
    const params = { name: 'get_status', arguments: { participant_token: token } };
    await textOf(await this.#opened(this.#post(url, 'tools/call', params, adopting)));
    const headers = { Accept: 'text/event-stream', ...this.#sessionHeaders(), 'Last-Event-ID': cursor };
    return this.#opened(this.#send(url, 'GET', headers, undefined, signal));
  }

  /** An answer that has to come and be a success. */
  async #opened(sending: Promise<IncomingMessage>): Promise<IncomingMessage> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no answer')), this.#options.patienceMs).unref();
    });
    const incoming = await Promise.race([sending, late]);
    if (incoming.statusCode !== 200) throw this.#refusal(incoming, await textOf(incoming));
    return incoming;
  }

  async #post(url: URL, method: string, params: Json, signal: AbortSignal): Promise<IncomingMessage> {
    const id = ++this.#ids;
    if (this.#options.era === STATELESS) {
      const meta = { [VERSION_KEY]: STATELESS, [CAPABILITIES_KEY]: {} };
      const name = params['name'] as string | undefined;
      const headers = { 'MCP-Protocol-Version': STATELESS, 'Mcp-Method': method, 'Mcp-Name': name };
      const body = { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } };
      return this.#send(url, 'POST', { ...POST_HEADERS, ...headers }, body, signal);
    }
    if (this.#session?.url !== url.href) await this.#initialize(url, signal);
    const body = { jsonrpc: '2.0', id, method, params };
    return this.#send(url, 'POST', { ...POST_HEADERS, ...this.#sessionHeaders() }, body, signal);
  }

  async #initialize(url: URL, signal: AbortSignal): Promise<void> {
    const params = {
      protocolVersion: this.#options.era,
      capabilities: {},
      clientInfo: { name: 'chaos', version: '1' },
    };
    const body = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
    const incoming = await this.#send(url, 'POST', POST_HEADERS, body, signal);
    const answer = await textOf(incoming);
    const id = incoming.headers['mcp-session-id'];
    if (typeof id !== 'string') throw this.#refusal(incoming, answer);
    this.#session = { url: url.href, id };
  }

  #sessionHeaders(): Headers {
    return { 'Mcp-Session-Id': this.#session?.id, 'MCP-Protocol-Version': this.#options.era };
  }

  #send(
    url: URL,
    method: string,
    headers: Headers,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const defined = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { agent: this.#agent, method, headers: defined, signal });
      outgoing.once('response', resolve).on('error', reject);
      outgoing.end(body && JSON.stringify(body));
    });
  }

  /** What a status says: without its session a client has to open another. */
  #refusal({ statusCode }: IncomingMessage, answer: string): Error {
    if (statusCode === 404) this.#session = undefined;
    return new Error(`${statusCode} ${answer.slice(0, 200)}`);
  }

  get #url(): URL {
    const places = this.#options.places();
    return places[this.#at % places.length]!;
  }

  #goOn(): void {
    this.#at++;
    this.#session = undefined;
  }
}

/** The event that a frame of either era carries, if it does. */
function eventIn(frame: string): Envelope | undefined {
  const data = frame.split('\n').find((line) => line.startsWith('data: {'));
  if (data === undefined) return undefined;
  const { params } = JSON.parse(data.slice('data: '.length)) as Rpc;
  const { _meta: meta, ...facts } = params ?? {};
  const identity = meta?.[EVENT_KEY] as Omit<Envelope, 'data'> | undefined;
  return identity && { ...identity, data: facts };
}
