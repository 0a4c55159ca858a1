import {
  Client as ClientV2,
  type OAuthClientProvider as OAuthProviderV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import type { OAuthClientProvider as OAuthProviderV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { until } from './until.js';

export const CHAT_EXTENSION = 'io.github.mcp-parley/chat';
export const EVENT_META = 'io.github.mcp-parley/event';
export const TOKEN_META = 'io.github.mcp-parley/participant_token';

export type Era = '2025-11-25' | '2026-07-28';

export interface Profile {
  readonly user_id: string;
  readonly display_name: string;
}

/** An event as tool results and `_meta` of resource updates carry it. */
export interface Envelope {
  readonly event_id: string;
  readonly name: string;
  readonly timestamp: string;
  readonly cursor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A notification as the SDK hands it to an application. */
export interface Heard {
  readonly method: string;
  /** Without `_meta`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  /** What stands under Parley's event key in `_meta`, if anything does. */
  readonly event: Envelope | undefined;
}

export interface Message {
  readonly message_id: string;
  readonly seq: number;
  readonly message: string;
  readonly sender: Profile & { readonly provenance: string };
  readonly timestamp: string;
}

export interface ReasonFacts {
  readonly code: string;
  readonly text: string;
}

export interface OfferFacts {
  readonly offer_id: string;
  readonly group_size: number;
  readonly reasons: readonly ReasonFacts[];
  readonly expires_at: string;
  readonly accepted: boolean;
}

export interface TicketFacts {
  readonly ticket_id: string;
  readonly pool: string;
  readonly group_size: number;
  readonly min_group_size?: number;
  readonly position: number | null;
  readonly queue_length: number;
  readonly estimated_wait_seconds: number | null;
  readonly enqueued_at: string;
  readonly reasons: readonly ReasonFacts[];
  readonly party_missing?: number;
  readonly offer?: OfferFacts;
}

export interface RoomFacts {
  readonly room_id: string;
  readonly pool?: string;
  readonly room_name?: string;
  readonly partners: readonly Profile[];
  readonly unread: number;
  readonly last_seq: number;
}

/** `structuredContent` of any tool: which of these are there is for the tool's output schema to say. */
export interface Facts {
  readonly status: string;
  readonly success: boolean;
  readonly user_id: string;
  readonly display_name: string;
  readonly participant_token: string;
  readonly cursor: string;
  readonly ticket_id: string;
  readonly position: number | null;
  readonly queue_length: number;
  readonly estimated_wait_seconds: number | null;
  readonly party_missing?: number;
  readonly offer?: OfferFacts;
  readonly waiting?: boolean;
  readonly room_id: string;
  readonly capacity: number;
  readonly partner: Profile;
  readonly partners: readonly Profile[];
  readonly reasons: readonly ReasonFacts[];
  readonly message_id: string;
  readonly seq: number;
  readonly timestamp: string;
  readonly message: string;
  readonly events: readonly Envelope[];
  readonly timeout: boolean;
  readonly truncated?: boolean;
  readonly messages: readonly Message[];
  readonly next: number | null;
  readonly previous: number | null;
  readonly pools: readonly string[];
  readonly tickets: readonly TicketFacts[];
  readonly rooms: readonly RoomFacts[];
}

/** `structuredContent` of a tool result with `isError`. */
export interface Failure {
  readonly error: string;
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly limit?: number;
  readonly retry_after_seconds?: number;
}

export interface ToolReply {
  readonly facts: Facts;
  readonly text: string;
  readonly isError: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number; total?: number; message?: string }) => void;
}

interface RawToolResult {
  readonly content?: unknown;
  readonly structuredContent?: unknown;
  readonly isError?: unknown;
}

export interface ResourceText {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text: string;
}

/** A JSON-RPC error as the SDKs report it. */
export interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A real SDK client that remembers all it hears, and who it is. The same face for both eras. */
export abstract class TestClient {
  abstract readonly era: Era;
  readonly heard: Heard[] = [];
  token: string | undefined;
  userId = '';
  /** The cursor that `enter_queue` or `join_room` returned last. */
  cursor = '';

  /** Whether calls must name the participant, because no session remembers it. */
  abstract readonly mustNameItself: boolean;

  protected abstract rawCall(
    name: string,
    args: Record<string, unknown>,
    options: CallOptions | undefined,
  ): Promise<RawToolResult>;
  protected abstract rawRead(uri: string, meta: Record<string, unknown>): Promise<{ contents: unknown[] }>;
  /** Opens whatever this era needs to hear custom notifications from a cursor on. */
  abstract listen(cursor?: string): Promise<void>;
  /** Subscribes to resources; returns those that the server honours. @throws the SDK's error in the 2025 era */
  abstract subscribe(...uris: string[]): Promise<readonly string[]>;
  abstract close(): Promise<void>;

  /** Calls a tool, as the participant this client is. */
  async call(name: string, args: object = {}, options?: CallOptions): Promise<ToolReply> {
    const who = this.mustNameItself && this.token !== undefined ? { participant_token: this.token } : {};
    const result = await this.rawCall(name, { ...who, ...args }, options);
    const content = result.content as { type: string; text: string }[];
    return {
      facts: result.structuredContent as Facts,
      text: content.map(({ text }) => text).join('\n'),
      isError: result.isError === true,
    };
  }

  /** The facts of a call that must succeed. */
  async ok(name: string, args?: object, options?: CallOptions): Promise<Facts> {
    const { facts, text, isError } = await this.call(name, args, options);
    if (isError) throw new Error(`${name} failed: ${text}`);
    return facts;
  }

  /** The failure of a call that must fail, with the text that a model reads. */
  async refused(name: string, args?: object): Promise<Failure & { readonly text: string }> {
    const { facts, text, isError } = await this.call(name, args);
    if (!isError) throw new Error(`${name} should have failed, but said: ${text}`);
    return { ...(facts as unknown as Failure), text };
  }

  /** Calls `enter_queue` or `join_room` and remembers who that makes this client. */
  async become(tool: 'enter_queue' | 'join_room', args: object = {}): Promise<Facts> {
    const facts = await this.ok(tool, args);
    this.token = facts.participant_token;
    this.userId = facts.user_id;
    this.cursor = facts.cursor;
    return facts;
  }

  /** Enters a queue and listens from just before. */
  async enter(args: object = {}): Promise<Facts> {
    const facts = await this.become('enter_queue', args);
    await this.listen(facts.cursor);
    return facts;
  }

  /** Joins a named room and listens from just before. */
  async join(roomName: string, args: object = {}): Promise<Facts> {
    const facts = await this.become('join_room', { room_name: roomName, ...args });
    await this.listen(facts.cursor);
    return facts;
  }

  async say(roomId: string, message: string, args: object = {}): Promise<Facts> {
    return this.ok('send_message', { room_id: roomId, message, ...args });
  }

  /** Reads a resource, as the participant this client is. */
  async read(uri: string): Promise<ResourceText> {
    const meta = this.mustNameItself && this.token !== undefined ? { [TOKEN_META]: this.token } : {};
    const { contents } = await this.rawRead(uri, meta);
    return contents[0] as ResourceText;
  }

  /** All notifications of a method, so far. */
  all(method: string): Heard[] {
    return this.heard.filter((notification) => notification.method === method);
  }

  /** The texts of all messages heard by push, in the order of arrival. */
  get messagesHeard(): unknown[] {
    return this.all('message.received').map(({ params }) => params['message']);
  }

  /** Waits for the `count`th notification of a method. */
  async hears(method: string, count = 1): Promise<Heard> {
    return until(`${method} number ${count}`, () => this.all(method)[count - 1]);
  }

  /** Waits for a message of that text. */
  async hearsMessage(message: string): Promise<Heard> {
    return until(`the message ${JSON.stringify(message)}`, () =>
      this.all('message.received').find(({ params }) => params['message'] === message),
    );
  }

  /** Waits for the message of that id. */
  async hearsMessageId(messageId: string): Promise<Heard> {
    return until(`the message ${messageId}`, () =>
      this.all('message.received').find(({ params }) => params['message_id'] === messageId),
    );
  }

  protected readonly record = async (notification: { method: string; params?: object }): Promise<void> => {
    const { _meta: meta = {}, ...params } = (notification.params ?? {}) as Record<string, unknown>;
    const event = (meta as Record<string, unknown>)[EVENT_META] as Envelope | undefined;
    this.heard.push({ method: notification.method, params, meta: meta as Record<string, unknown>, event });
  };
}

const INFO = { name: 'parley-test', version: '1.0.0' };

/** SDK 1.x, revision 2025-11-25: a session that remembers its participant, and a GET stream. */
export class V1Client extends TestClient {
  readonly era = '2025-11-25';
  readonly mustNameItself = false;
  readonly client = new ClientV1(INFO);

  constructor(readonly transport: TransportV1) {
    super();
    this.client.fallbackNotificationHandler = this.record;
  }

  async connect(): Promise<void> {
    await this.client.connect(this.transport);
    // Only tools that were listed have their results checked against the output schema.
    await this.client.listTools();
  }

  protected rawCall(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<RawToolResult> {
    return this.client.callTool({ name, arguments: args }, undefined, options) as Promise<RawToolResult>;
  }

  protected rawRead(uri: string): Promise<{ contents: unknown[] }> {
    return this.client.readResource({ uri });
  }

  async listen(): Promise<void> {}

  async subscribe(...uris: string[]): Promise<readonly string[]> {
    for (const uri of uris) await this.client.subscribeResource({ uri });
    return uris;
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

/** SDK 2.x, revision 2026-07-28: every call names its participant, `subscriptions/listen` hears. */
export class V2Client extends TestClient {
  readonly era = '2026-07-28';
  readonly mustNameItself = true;
  readonly client = new ClientV2(INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } });

  constructor(readonly transport: TransportV2) {
    super();
    this.client.fallbackNotificationHandler = this.record;
    this.client.setNotificationHandler('notifications/resources/updated', this.record);
  }

  async connect(): Promise<void> {
    await this.client.connect(this.transport);
    await this.client.listTools();
  }

  protected rawCall(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<RawToolResult> {
    return this.client.callTool({ name, arguments: args }, options);
  }

  protected rawRead(uri: string, meta: Record<string, unknown>): Promise<{ contents: unknown[] }> {
    return this.client.readResource({ uri, _meta: meta });
  }

  /** Settles when the stream that `listen` opened last has ended, with the way it did. */
  listening: Promise<'local' | 'graceful' | 'remote'> | undefined;

  async listen(cursor?: string): Promise<void> {
    ({ closed: this.listening } = await this.openListen({
      [CHAT_EXTENSION]: { participant_token: this.token, cursor },
    }));
  }

  async subscribe(...uris: string[]): Promise<readonly string[]> {
    const { honoredFilter } = await this.openListen({
      resourceSubscriptions: uris,
      ...(this.token !== undefined && { [CHAT_EXTENSION]: { participant_token: this.token } }),
    });
    return honoredFilter.resourceSubscriptions ?? [];
  }

  /** `subscriptions/listen` with any filter. */
  openListen(filter: Record<string, unknown>) {
    return this.client.listen(filter);
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

export interface ConnectOptions {
  /** Replaces `fetch`, for a test that must see or refuse single requests. */
  readonly fetch?: typeof fetch;
  /** Gets it tokens, as an application would. */
  readonly authProvider?: OAuthProviderV1 & OAuthProviderV2;
  /** Sent with every request. */
  readonly bearer?: string;
  /** How long the 1.x client waits before it reconnects a lost stream, in milliseconds. */
  readonly reconnectMs?: number;
}

const withBearer = (bearer: string | undefined) =>
  bearer === undefined ? undefined : { headers: { Authorization: `Bearer ${bearer}` } };

export async function connectV1(
  url: URL,
  { fetch, authProvider, bearer, reconnectMs = 20 }: ConnectOptions = {},
): Promise<V1Client> {
  const transport = new TransportV1(url, {
    fetch,
    authProvider,
    requestInit: withBearer(bearer),
    reconnectionOptions: {
      initialReconnectionDelay: reconnectMs,
      maxReconnectionDelay: reconnectMs,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 2,
    },
  });
  const client = new V1Client(transport);
  await client.connect();
  return client;
}

export async function connectV2(url: URL, { fetch, authProvider, bearer }: ConnectOptions = {}): Promise<V2Client> {
  const client = new V2Client(new TransportV2(url, { fetch, authProvider, requestInit: withBearer(bearer) }));
  await client.connect();
  return client;
}

export interface EraCase {
  readonly era: Era;
  readonly connect: (url: URL, options?: ConnectOptions) => Promise<TestClient>;
}

/** For `describe.each`: what is promised in both eras is shown in both. */
export const ERAS: readonly EraCase[] = [
  { era: '2025-11-25', connect: connectV1 },
  { era: '2026-07-28', connect: connectV2 },
];

/** The JSON-RPC error that a request must end with. */
export async function rpcFailure(request: Promise<unknown>): Promise<RpcFailure> {
  const outcome = await request.then(
    () => undefined,
    (error: unknown) => error as RpcFailure,
  );
  if (outcome === undefined) throw new Error('The request should have failed');
  const { code, message, data } = outcome;
  return { code, message, data };
}

/** Opens clients and closes them all together. */
export class ClientPool {
  readonly #clients: TestClient[] = [];

  async add<T extends TestClient>(client: Promise<T>): Promise<T> {
    const opened = await client;
    this.#clients.push(opened);
    return opened;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close()));
  }
}
