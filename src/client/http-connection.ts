import {
  Client,
  type DiscoverResult,
  type Implementation,
  INTERNAL_ERROR,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import {
  type Connection,
  ConnectionLost,
  type Facts,
  type Following,
  type Listener,
  type Position,
  Refusal,
  type ServerFacts,
} from './connection.js';
import { ANOTHER_PARTICIPANT, CHAT_EXTENSION } from './extension.js';
import { followEvents } from './follow-events.js';
import { plainFetch } from './plain-fetch.js';
import { serverFacts, type ServerSettings } from './server-settings.js';
import { factsOf } from './tool-result.js';

const REVISION = '2026-07-28';
/** How long the server may take to say what it is, in milliseconds. */
const OPEN_WITHIN_MS = 10_000;
/** How long a tool may take to answer, in milliseconds. */
const ANSWER_WITHIN_MS = 20_000;

export interface HttpConnectionOptions {
  /** The MCP endpoint, e.g. `https://chat.example.com/mcp`. */
  readonly url: URL | string;
  /** Sent as `Authorization: Bearer …` with every request. */
  readonly bearerToken?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** What the client says of itself. */
  readonly clientInfo?: Implementation;
}

/**
 * A way to a Parley server over Streamable HTTP, with the official client on revision 2026-07-28. Runs in browsers and in
 * Node.js. Each request stands for itself, so a server that was restarted is found again by the same object.
 */
export class HttpConnection implements Connection {
  readonly #url: URL;
  readonly #bearerToken: string | undefined;
  readonly #fetch: typeof globalThis.fetch;
  readonly #clientInfo: Implementation;
  #client: Client | undefined;
  #toolPrefix = '';
  readonly #followings = new Set<Following>();

  constructor({ url, bearerToken, fetch, clientInfo }: HttpConnectionOptions) {
    this.#url = new URL(url);
    this.#bearerToken = bearerToken;
    const base = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#fetch = plainFetch(this.#url, base, bearerToken !== undefined);
    this.#clientInfo = clientInfo ?? { name: 'parley-chat', version: '1' };
  }

  async open(): Promise<ServerFacts> {
    const client = await this.#connect();
    const settings = client.getServerCapabilities()?.extensions?.[CHAT_EXTENSION] as ServerSettings | undefined;
    if (!settings) {
      await client.close();
      throw new Refusal(`${this.#url.href} is an MCP server, but not Parley: check the address`);
    }
    await this.#client?.close();
    this.#client = client;
    this.#toolPrefix = settings.tool_prefix ?? '';
    return serverFacts(settings);
  }

  async call(tool: string, args: Facts, signal?: AbortSignal): Promise<Facts> {
    const name = this.#toolPrefix + tool;
    const params = { name, arguments: args, ...('participant_token' in args ? {} : { _meta: ANOTHER_PARTICIPANT }) };
    return factsOf(await this.#opened.callTool(params, { signal, timeout: ANSWER_WITHIN_MS }).catch(this.#failed));
  }

  /** Each following has a client of its own, so that nothing of one is ever heard by the next. */
  async follow(position: Position, listener: Listener): Promise<Following> {
    const client = await this.#connect(this.#opened.getDiscoverResult());
    try {
      const following = await followEvents(client, position, listener);
      this.#followings.add(following);
      void following.ended.then(() => {
        this.#followings.delete(following);
        return client.close();
      });
      return following;
    } catch (error) {
      await client.close();
      return this.#failed(error);
    }
  }

  async close(): Promise<void> {
    for (const following of this.#followings) following.stop();
    await this.#client?.close();
    this.#client = undefined;
  }

  get #opened(): Client {
    if (!this.#client) throw new ConnectionLost(`The connection to ${this.#url.origin} is not open`);
    return this.#client;
  }

  /** @param known what the server said before: then it is not asked again */
  async #connect(known?: DiscoverResult): Promise<Client> {
    const client = new Client(this.#clientInfo, { versionNegotiation: { mode: { pin: REVISION } } });
    const headers = new Headers();
    if (this.#bearerToken !== undefined) headers.set('Authorization', `Bearer ${this.#bearerToken}`);
    const transport = new StreamableHTTPClientTransport(this.#url, { fetch: this.#fetch, requestInit: { headers } });
    const prior = known && { kind: 'modern' as const, discover: known };
    await client.connect(transport, { timeout: OPEN_WITHIN_MS, prior }).catch(this.#failed);
    return client;
  }

  readonly #failed = (error: unknown): never => {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof ConnectionLost || cause instanceof Refusal) throw cause;
    }
    if (error instanceof ProtocolError) {
      if (error.code === INTERNAL_ERROR) throw new ConnectionLost(error.message, { cause: error });
      throw new Refusal(error.message);
    }
    if (!(error instanceof SdkError)) throw new ConnectionLost(`${this.#url.origin} went away`, { cause: error });
    switch (error.code) {
      case SdkErrorCode.RequestTimeout:
        throw new ConnectionLost(`${this.#url.origin} does not answer in time`, { cause: error });
      case SdkErrorCode.NotConnected:
      case SdkErrorCode.ConnectionClosed:
      case SdkErrorCode.SendFailed:
        throw new ConnectionLost(`The connection to ${this.#url.origin} was lost`, { cause: error });
      default:
        throw new Refusal(
          `${this.#url.href} is not an MCP endpoint of revision ${REVISION}: check the address, which usually ends in /mcp`,
        );
    }
  };
}
