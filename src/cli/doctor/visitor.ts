import { Client, type McpSubscription, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ANOTHER_PARTICIPANT, CHAT_EXTENSION } from '../../client/index.js';
import { PRODUCT } from '../product.js';
import type { Era } from './findings.js';
import { StreamWatch } from './stream-watch.js';

const EVENT_META_KEY = 'io.github.mcp-parley/event';

/** How long any single request may take, in milliseconds. */
const REQUEST_MS = 15_000;
/** How long a stream may take to open. */
const OPEN_MS = 5_000;
/** How long a session waits before it opens its lost stream again. */
const REOPEN_MS = 50;

export type Facts = Readonly<Record<string, unknown>>;

interface Heard {
  readonly method: string;
  readonly params: Facts;
}

/** Any result will do: what is in it is for the check to say. */
const ANYTHING = {
  '~standard': { version: 1 as const, vendor: 'parley', validate: (value: unknown) => ({ value }) },
};

/** A participant for a moment: the official client in one era, and all that it hears. */
export class Visitor {
  readonly watch = new StreamWatch();
  readonly #client: Client;
  readonly #transport: StreamableHTTPClientTransport;
  readonly #heard: Heard[] = [];
  readonly #waiting = new Set<() => void>();
  #subscription: McpSubscription | undefined;
  #tools: readonly string[] = [];
  #token = '';
  #cursor = '';

  private constructor(
    readonly era: Era,
    url: URL,
    bearerToken?: string,
  ) {
    const mode = era === '2026-07-28' ? { pin: era } : 'legacy';
    this.#client = new Client(PRODUCT, { versionNegotiation: { mode } });
    this.#client.fallbackNotificationHandler = async (notification) => this.#hear(notification);
    this.#client.setNotificationHandler('notifications/resources/updated', (notification) => this.#hear(notification));
    this.#transport = new StreamableHTTPClientTransport(url, {
      fetch: this.watch.fetch,
      requestInit: { headers: bearerToken === undefined ? {} : { Authorization: `Bearer ${bearerToken}` } },
      reconnectionOptions: {
        initialReconnectionDelay: REOPEN_MS,
        maxReconnectionDelay: REOPEN_MS,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 5,
      },
    });
  }

  /** @throws what the client throws when this era is not served */
  static async connect(era: Era, url: URL, bearerToken?: string): Promise<Visitor> {
    const visitor = new Visitor(era, url, bearerToken);
    try {
      await visitor.#client.connect(visitor.#transport, { timeout: REQUEST_MS });
      const { tools } = await visitor.#client.listTools(undefined, { timeout: REQUEST_MS });
      visitor.#tools = tools.map(({ name }) => name);
    } catch (error) {
      await visitor.close();
      throw error;
    }
    return visitor;
  }

  get service(): string {
    const { name = 'unnamed', version = '' } = this.#client.getServerVersion() ?? {};
    return `${name} ${version}`.trim();
  }

  /** The whole name of a tool, before which the service may put a prefix; undefined when there is none. */
  toolNamed(tool: string): string | undefined {
    return this.#tools.find((name) => name.endsWith(tool));
  }

  /** How many tools, prompts and resources there are, and the names of extensions. */
  async catalogue(): Promise<string> {
    const { prompts, resources, extensions = {} } = this.#client.getServerCapabilities() ?? {};
    const options = { timeout: REQUEST_MS };
    const parts = [`${this.#tools.length} tools`];
    if (prompts) parts.push(`${(await this.#client.listPrompts(undefined, options)).prompts.length} prompts`);
    if (resources) {
      const fixed = (await this.#client.listResources(undefined, options)).resources.length;
      const templates = (await this.#client.listResourceTemplates(undefined, options)).resourceTemplates.length;
      parts.push(`${fixed} resources, ${templates} templates`);
    }
    const names = Object.keys(extensions);
    return names.length === 0 ? parts.join(', ') : `${parts.join(', ')}; extensions ${names.join(', ')}`;
  }

  async join(room: string): Promise<string> {
    const facts = await this.call('join_room', { room_name: room, display_name: 'Parley doctor', capacity: 2 });
    this.#token = String(facts['participant_token']);
    this.#cursor = String(facts['cursor']);
    return String(facts['room_id']);
  }

  /** The structured content of a tool call that succeeds. @throws Error with the tool's words when it fails */
  async call(tool: string, args: object): Promise<Facts> {
    const name = this.toolNamed(tool) ?? tool;
    const { structuredContent, isError } = await this.#client.callTool(
      this.#token === ''
        ? { name, arguments: { ...args }, _meta: ANOTHER_PARTICIPANT }
        : { name, arguments: { participant_token: this.#token, ...args } },
      { timeout: REQUEST_MS },
    );
    const facts = (structuredContent ?? {}) as Facts;
    if (isError) throw new Error(String(facts['error']));
    return facts;
  }

  /** A request of MCP Events for what others write in the room. */
  async poll(roomId: string, cursor?: string): Promise<Facts> {
    const filter = { participant_token: this.#token, room_id: roomId };
    const params = { name: 'message.received', arguments: filter, ...(cursor !== undefined && { cursor }) };
    return (await this.#client.request({ method: 'events/poll', params }, ANYTHING, { timeout: REQUEST_MS })) as Facts;
  }

  /** Opens what this era needs to be told of events and of the resource. A session's stream is open by itself. */
  async listen(uri: string): Promise<void> {
    if (this.era === '2025-11-25') {
      await this.#client.subscribeResource({ uri }, { timeout: OPEN_MS });
      return;
    }
    const filter: Record<string, unknown> = {
      [CHAT_EXTENSION]: { participant_token: this.#token, cursor: this.#cursor },
      resourceSubscriptions: [uri],
    };
    this.#subscription = await this.#client.listen(filter, { timeout: OPEN_MS });
  }

  /** Loses the stream, lets something happen meanwhile, and takes it up again where it broke. */
  async interrupted<T>(uri: string, meanwhile: () => Promise<T>): Promise<T> {
    if (this.era === '2025-11-25') {
      const release = this.watch.cut();
      return meanwhile().finally(release);
    }
    await this.#subscription?.close();
    const result = await meanwhile();
    await this.listen(uri);
    return result;
  }

  /** Whether it hears a notification of that method and kind before `withinMs` milliseconds are over. */
  async hears(method: string, is: (params: Facts) => boolean, withinMs: number): Promise<boolean> {
    const there = () => this.#heard.some((heard) => heard.method === method && is(heard.params));
    if (there()) return true;
    return new Promise((resolve) => {
      const end = (heard: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(heard);
      };
      const look = () => {
        if (there()) end(true);
      };
      const timer = setTimeout(() => end(false), withinMs);
      this.#waiting.add(look);
    });
  }

  async leave(roomId: string): Promise<void> {
    await this.call('leave_chat', { room_id: roomId }).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#subscription?.close().catch(() => undefined);
    await this.#transport.terminateSession().catch(() => undefined);
    await this.#client.close().catch(() => undefined);
  }

  #hear({ method, params = {} }: { readonly method: string; readonly params?: Facts }): void {
    this.#heard.push({ method, params });
    const event = (params['_meta'] as Facts | undefined)?.[EVENT_META_KEY] as { cursor?: string } | undefined;
    if (event?.cursor !== undefined) this.#cursor = event.cursor;
    for (const look of [...this.#waiting]) look();
  }
}
