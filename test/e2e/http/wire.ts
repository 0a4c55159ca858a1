import { Agent, type IncomingHttpHeaders, type IncomingMessage, request, type RequestOptions } from 'node:http';

/** Plain HTTP against the service under test: no SDK, nothing hidden, every header as a test writes it. */

export type Headers = Readonly<Record<string, string | undefined>>;
export type Json = Readonly<Record<string, unknown>>;

export const STATELESS = '2026-07-28';
export const SESSION_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;
export const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
export const CLIENT_INFO_KEY = 'io.modelcontextprotocol/clientInfo';
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo';
export const SUBSCRIPTION_KEY = 'io.modelcontextprotocol/subscriptionId';
export const CHAT_EXTENSION = 'io.github.mcp-parley/chat';
export const EVENT_KEY = 'io.github.mcp-parley/event';

export const POST_HEADERS: Headers = {
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
};

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

export interface ToolResult extends Json {
  readonly structuredContent?: Json;
  readonly isError?: boolean;
  readonly content?: readonly { type: string; text: string }[];
}

export interface Rpc {
  readonly jsonrpc: '2.0';
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Json & { readonly _meta?: Json };
  readonly result?: ToolResult & { readonly _meta?: Json };
  readonly error?: RpcError;
}

/** A complete answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export const rpcOf = (answer: Answer): Rpc => JSON.parse(answer.text) as Rpc;
export const batchOf = (answer: Answer): Rpc[] => JSON.parse(answer.text) as Rpc[];

/** The error of an answer, which must be a JSON-RPC error. */
export function errorOf(answer: Answer): RpcError {
  const { error } = rpcOf(answer);
  if (!error) throw new Error(`expected an error, got ${answer.status} ${answer.text.slice(0, 300)}`);
  return error;
}

/** What a tool says is wrong. Fails when it is not a failure. */
export function failureOf(answer: Answer): Json {
  const result = rpcOf(answer).result;
  if (result?.isError !== true)
    throw new Error(`expected a tool failure, got ${answer.status} ${answer.text.slice(0, 300)}`);
  return result.structuredContent ?? {};
}

/** The structured content of a tool's result. */
export function structured(answer: Answer): Json {
  const content = rpcOf(answer).result?.structuredContent;
  if (!content) throw new Error(`expected a tool result, got ${answer.status} ${answer.text.slice(0, 300)}`);
  return content;
}

const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

const defined = (headers: Headers) =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<string, string>;

function open(url: URL, options: RequestOptions, body?: string | Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, ...options }, resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

export async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends one request and reads the whole answer. */
export async function send(
  url: URL,
  method: string,
  headers: Headers = {},
  body?: string | Buffer,
  options: RequestOptions = {},
): Promise<Answer> {
  const incoming = await open(url, { method, headers: defined(headers), ...options }, body);
  return { status: incoming.statusCode!, headers: incoming.headers, text: await textOf(incoming) };
}

/** One frame of an event stream. */
export interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  /** A line that begins with a colon. */
  readonly comment?: string;
}

/** An open event stream, read frame by frame. */
export class EventStream {
  readonly frames: Frame[] = [];
  /** The messages in them, in order. */
  readonly messages: Rpc[] = [];
  /** Settles when the stream ends or breaks, with whether it ended properly. */
  readonly ended: Promise<boolean>;
  #rest = '';
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(readonly incoming: IncomingMessage) {
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => this.#take(chunk));
    this.ended = new Promise((resolve) => {
      incoming.once('close', () => {
        this.#over = true;
        this.#notify();
        resolve(incoming.complete);
      });
    });
    incoming.on('error', () => undefined);
  }

  get status(): number {
    return this.incoming.statusCode!;
  }

  /** The first message that fits, now or later. Fails when the stream ends before. */
  async message(fits: (message: Rpc) => boolean): Promise<Rpc> {
    return this.#find(() => this.messages.find(fits));
  }

  async frame(fits: (frame: Frame) => boolean): Promise<Frame> {
    return this.#find(() => this.frames.find(fits));
  }

  /** Waits until this many messages have come that fit. */
  async count(wanted: number, fits: (message: Rpc) => boolean): Promise<Rpc[]> {
    return this.#find(() => {
      const found = this.messages.filter(fits);
      return found.length >= wanted ? found : undefined;
    });
  }

  /** Cuts the connection. */
  cut(): void {
    this.incoming.destroy();
  }

  async #find<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#over)
        throw new Error(`the stream ended without it: ${JSON.stringify(this.frames.slice(-5)).slice(0, 1_000)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #take(chunk: string): void {
    const parts = (this.#rest + chunk).split('\n\n');
    this.#rest = parts.pop()!;
    for (const part of parts) {
      const frame = parseFrame(part);
      this.frames.push(frame);
      if (frame.data) this.messages.push(JSON.parse(frame.data) as Rpc);
    }
    this.#notify();
  }

  #notify(): void {
    this.#waiting.splice(0).forEach((wake) => wake());
  }
}

function parseFrame(text: string): Frame {
  const frame: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) frame['comment'] = line.slice(1).trim();
    else frame[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
  }
  return frame;
}

/** A client of one era, speaking plain HTTP. */
export interface Peer {
  readonly url: URL;
  readonly revision: string;
  /** The headers for a message; tests add, change or drop (undefined) some. */
  headers(method?: string, params?: Json): Headers;
  /** The message of a request as this era has it. */
  message(method: string, params?: Json, id?: string | number): Json;
  /** Posts any body with this era's headers. */
  post(body: string | Buffer | object, headers?: Headers): Promise<Answer>;
  /** Sends a request. */
  rpc(method: string, params?: Json, id?: string | number): Promise<Answer>;
  /** Calls a tool. */
  call(tool: string, args?: Json, id?: string | number): Promise<Answer>;
  /** Opens the push stream of a participant. */
  listen(token: string, cursor?: string): Promise<EventStream>;
}

abstract class BasePeer implements Peer {
  #ids = 0;
  /** Sent with every request, when there is one. */
  bearer: string | undefined;

  constructor(
    readonly url: URL,
    readonly revision: string,
  ) {}

  abstract headers(method?: string, params?: Json): Headers;
  abstract message(method: string, params?: Json, id?: string | number): Json;

  protected get authorization(): Headers {
    return this.bearer === undefined ? {} : { Authorization: `Bearer ${this.bearer}` };
  }

  abstract listen(token: string, cursor?: string): Promise<EventStream>;

  post(body: string | Buffer | object, headers: Headers = {}): Promise<Answer> {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return send(this.url, 'POST', { ...POST_HEADERS, ...this.headers(), ...headers }, bytes);
  }

  rpc(method: string, params: Json = {}, id: string | number = ++this.#ids): Promise<Answer> {
    return this.post(this.message(method, params, id), this.headers(method, params));
  }

  call(tool: string, args: Json = {}, id?: string | number): Promise<Answer> {
    return this.rpc('tools/call', { name: tool, arguments: args }, id);
  }
}

/** Opens a stream and checks nothing but that there is one. */
export async function openStream(
  url: URL,
  method: string,
  headers: Headers,
  body?: string,
  options: RequestOptions = {},
): Promise<EventStream> {
  const incoming = await open(url, { method, headers: defined(headers), agent: false, ...options }, body);
  if (incoming.statusCode !== 200) throw new Error(`no stream: ${incoming.statusCode} ${await textOf(incoming)}`);
  return new EventStream(incoming);
}

export class SessionPeer extends BasePeer {
  private constructor(
    url: URL,
    revision: string,
    readonly sessionId: string,
  ) {
    super(url, revision);
  }

  static async open(url: URL, revision: string = SESSION_REVISIONS[0], bearer?: string): Promise<SessionPeer> {
    const answer = await initialize(url, revision, bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` });
    const id = answer.headers['mcp-session-id'];
    if (typeof id !== 'string') throw new Error(`no session: ${answer.status} ${answer.text.slice(0, 300)}`);
    const peer = new SessionPeer(url, revision, id);
    peer.bearer = bearer;
    return peer;
  }

  override headers(): Headers {
    return { 'Mcp-Session-Id': this.sessionId, 'MCP-Protocol-Version': this.revision, ...this.authorization };
  }

  override message(method: string, params: Json = {}, id: string | number = 1): Json {
    return { jsonrpc: '2.0', id, method, params };
  }

  /** The same session, asked for elsewhere. */
  at(url: URL): SessionPeer {
    const peer = new SessionPeer(url, this.revision, this.sessionId);
    peer.bearer = this.bearer;
    return peer;
  }

  /** The GET stream of this session. */
  stream(headers: Headers = {}): Promise<EventStream> {
    return openStream(this.url, 'GET', { Accept: 'text/event-stream', ...this.headers(), ...headers });
  }

  override async listen(token: string, cursor?: string): Promise<EventStream> {
    await this.call('get_status', { participant_token: token });
    return this.stream({ 'Last-Event-ID': cursor });
  }

  delete(): Promise<Answer> {
    return send(this.url, 'DELETE', this.headers());
  }
}

export class StatelessPeer extends BasePeer {
  constructor(url: URL, bearer?: string) {
    super(url, STATELESS);
    this.bearer = bearer;
  }

  override headers(method?: string, params: Json = {}): Headers {
    const name = params['name'] ?? params['uri'];
    return {
      'MCP-Protocol-Version': STATELESS,
      ...this.authorization,
      ...(method !== undefined && { 'Mcp-Method': method }),
      ...(typeof name === 'string' && { 'Mcp-Name': headerValue(name) }),
    };
  }

  override message(method: string, params: Json = {}, id: string | number = 1): Json {
    const meta = { [VERSION_KEY]: STATELESS, [CAPABILITIES_KEY]: {} };
    return { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...meta, ...(params['_meta'] as Json) } } };
  }

  /** The stream that answers `subscriptions/listen`. */
  subscribe(notifications: Json, id: string | number = 1): Promise<EventStream> {
    const method = 'subscriptions/listen';
    const body = JSON.stringify(this.message(method, { notifications }, id));
    return openStream(this.url, 'POST', { ...POST_HEADERS, ...this.headers(method) }, body);
  }

  /** The stream that answers `events/stream` for messages. */
  follow(token: string, cursor?: string, id: string | number = 1): Promise<EventStream> {
    const method = 'events/stream';
    const params = { name: 'message.received', arguments: { participant_token: token }, cursor };
    const body = JSON.stringify(this.message(method, params, id));
    return openStream(this.url, 'POST', { ...POST_HEADERS, ...this.headers(method) }, body);
  }

  override listen(token: string, cursor?: string): Promise<EventStream> {
    return this.subscribe({ [CHAT_EXTENSION]: { participant_token: token, ...(cursor !== undefined && { cursor }) } });
  }
}

/** A value as the 2026 headers carry it: as it is, or behind the Base64 sentinel. */
function headerValue(value: string): string {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)
    ? value
    : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

export function initialize(url: URL, revision: unknown, headers: Headers = {}): Promise<Answer> {
  const params = { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'wire', version: '1' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  return send(url, 'POST', { ...POST_HEADERS, ...headers }, body);
}

/** Both eras, for `describe.each`. */
export const ERAS: readonly { readonly era: string; readonly connect: (url: URL) => Promise<Peer> }[] = [
  { era: '2025-11-25', connect: (url) => SessionPeer.open(url) },
  { era: STATELESS, connect: async (url) => new StatelessPeer(url) },
];

/** A participant who has entered a queue or a room. */
export interface Seat {
  readonly token: string;
  readonly userId: string;
  readonly cursor: string;
  readonly roomId: string | undefined;
}

/** Enters a queue as somebody new. */
export async function enter(peer: Peer, args: Json = {}): Promise<Seat> {
  const content = structured(await peer.call('enter_queue', args));
  if (typeof content['participant_token'] !== 'string') throw new Error(`not entered: ${JSON.stringify(content)}`);
  return {
    token: content['participant_token'],
    userId: content['user_id'] as string,
    cursor: content['cursor'] as string,
    roomId: content['room_id'] as string | undefined,
  };
}

export interface Pair {
  readonly roomId: string;
  readonly first: Seat;
  readonly second: Seat;
}

/** Two participants in one room. Only one pair is made at a time. */
export async function pairUp(a: Peer, b: Peer, args: Json = {}): Promise<Pair> {
  const first = await enter(a, args);
  const second = await enter(b, args);
  if (second.roomId === undefined) throw new Error('not matched');
  return { roomId: second.roomId, first, second };
}

/** Sends a message and returns what the tool answered. */
export const say = (peer: Peer, { token }: Seat, roomId: string, message: string) =>
  peer.call('send_message', { participant_token: token, room_id: roomId, message });

/** The texts of the messages a participant has been sent, in order of its log, exactly as often as they are there. */
export async function heard(peer: Peer, { token }: Seat, cursor: string): Promise<string[]> {
  const texts: string[] = [];
  for (let at = cursor; ;) {
    const args = { participant_token: token, cursor: at, timeout_seconds: 0 };
    const content = structured(await peer.call('wait_for_message', args));
    if (content['timeout'] !== false) return texts;
    for (const { name, data } of content['events'] as { name: string; data: Json }[]) {
      if (name === 'message.received') texts.push(data['message'] as string);
    }
    at = content['cursor'] as string;
  }
}
