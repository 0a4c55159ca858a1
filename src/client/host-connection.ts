import {
  type Connection,
  ConnectionLost,
  type Facts,
  type Following,
  type HeardEvent,
  type Listener,
  type Position,
  Refusal,
  type ServerFacts,
} from './connection.js';
import { serverFacts, type ServerSettings } from './server-settings.js';
import { factsOf, type ToolResult } from './tool-result.js';

/** How long the host and the server behind it may take to answer, in milliseconds. */
const ANSWER_WITHIN_MS = 20_000;
/** Between two polls: at least, and at most, however long nothing has happened. In milliseconds. */
const POLL_MIN_MS = 1_000;
const POLL_MAX_MS = 5_000;
/** While nobody can see the window: just often enough that its person stays present. In milliseconds. */
const POLL_HIDDEN_MS = 30_000;
/** The time between polls, as a part of the time in which nothing has happened. */
const POLL_SHARE = 0.1;

/** JSON-RPC errors that mean "no" rather than "not now": no such method, no such tool. */
const NO = new Set([-32601, -32602]);
/** Calls that change nothing one would hear of. */
const SILENT = new Set(['get_status', 'get_messages', 'set_typing']);

/** What is needed of an MCP App's `App`: it must be connected already. */
export interface ToolCaller {
  callServerTool(
    params: { name: string; arguments: Record<string, unknown> },
    options: { signal?: AbortSignal; timeout: number },
  ): Promise<ToolResult>;
}

/** What is needed of a document: whether anybody can see it. */
export interface Visibility {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

export interface HostConnectionOptions {
  readonly app: ToolCaller;
  /** What the server has written into the app's HTML of itself. */
  readonly settings?: ServerSettings;
  /** Polls are rare while it is hidden. Default: always visible. */
  readonly visibility?: Visibility;
}

interface Polled {
  readonly events: readonly {
    readonly event_id: string;
    readonly name: string;
    readonly timestamp: string;
    readonly cursor: string;
    readonly data: HeardEvent['data'];
  }[];
  readonly cursor: string;
  readonly has_more: boolean;
  readonly truncated?: boolean;
}

/**
 * A way to the Parley server through the host of an MCP App, which calls tools for the app and pushes nothing: events are
 * polled by `poll_chat`, often while there is something to hear, seldom while there is not or while nobody looks.
 */
export class HostConnection implements Connection {
  readonly #options: HostConnectionOptions;
  #polling: Polling | undefined;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
  }

  async open(): Promise<ServerFacts> {
    return serverFacts(this.#options.settings ?? {});
  }

  async call(tool: string, args: Facts, signal?: AbortSignal): Promise<Facts> {
    const facts = await this.#call(tool, args, signal);
    if (!SILENT.has(tool)) this.#polling?.hurry();
    return facts;
  }

  async follow({ participantToken, cursor }: Position, listener: Listener): Promise<Following> {
    this.#polling?.stop();
    const who = participantToken === '' ? {} : { participant_token: participantToken };
    const poll = (from: string) => this.#call('poll_chat', { ...who, cursor: from });
    return (this.#polling = new Polling(poll, cursor, listener, this.#options.visibility));
  }

  async close(): Promise<void> {
    this.#polling?.stop();
  }

  async #call(tool: string, args: Facts, signal?: AbortSignal): Promise<Facts> {
    const { app, settings } = this.#options;
    const params = { name: (settings?.tool_prefix ?? '') + tool, arguments: { ...args } };
    const result = await app
      .callServerTool(params, { signal, timeout: ANSWER_WITHIN_MS })
      .catch((error: unknown): never => {
        const { code, message } = error as { code?: unknown; message: string };
        if (NO.has(code as number)) throw new Refusal(`The application around this window refuses: ${message}`);
        throw new ConnectionLost(`The application around this window could not reach Parley: ${message}`);
      });
    return factsOf(result);
  }
}

/** One participant's events, asked for again and again. Ends with the first failure. */
class Polling implements Following {
  readonly ended: Promise<void>;
  #end!: () => void;
  #stopped = false;
  #polling = false;
  /** A poll is wanted as soon as the one under way is done. */
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When something happened last, in milliseconds since the epoch. */
  #lively = Date.now();

  constructor(
    private readonly poll: (cursor: string) => Promise<Facts>,
    private cursor: string,
    private readonly listener: Listener,
    private readonly visibility: Visibility | undefined,
  ) {
    this.ended = new Promise((resolve) => (this.#end = resolve));
    visibility?.addEventListener('visibilitychange', this.#look);
    this.hurry();
  }

  /** Polls at once, and often for a while: something is about to happen. */
  readonly hurry = (): void => {
    this.#lively = Date.now();
    if (this.#polling) this.#again = true;
    else void this.#run();
  };

  readonly #look = (): void => {
    if (!this.visibility?.hidden) this.hurry();
  };

  readonly stop = (): void => {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.visibility?.removeEventListener('visibilitychange', this.#look);
    this.#end();
  };

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#polling = true;
    try {
      do {
        this.#again = false;
        this.#again = this.#take((await this.poll(this.cursor)) as Facts & Polled) || this.#again;
      } while (this.#again && !this.#stopped);
    } catch {
      this.stop();
    }
    this.#polling = false;
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#run(), this.#delay);
  }

  get #delay(): number {
    if (this.visibility?.hidden) return POLL_HIDDEN_MS;
    const quiet = Date.now() - this.#lively;
    return Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, quiet * POLL_SHARE));
  }

  /** Whether there is more to be had at once. */
  #take(polled: Facts & Polled): boolean {
    if (this.#stopped) return false;
    polled.events.forEach(({ event_id: eventId, ...event }, index) => {
      this.listener.event({ eventId, ...event, ...(index === 0 && polled.truncated && { truncated: true }) });
    });
    this.cursor = polled.cursor;
    if (polled.events.length > 0) this.#lively = Date.now();
    this.listener.status?.(polled);
    return polled.has_more;
  }
}
