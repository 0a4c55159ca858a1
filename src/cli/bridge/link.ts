import { setTimeout as sleep } from 'node:timers/promises';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  SERVER_INFO_META_KEY,
  type ServerCapabilities,
} from '@modelcontextprotocol/client';
import { Backoff } from '../../client/index.js';
import { silent, TroubleError } from '../trouble.js';
import { PRODUCT } from '../product.js';
import type { Log } from './log.js';
import { type Params, type RequestOptions, type Result, RpcError, type Upstream } from './upstream.js';

/** How long the service may take to say what it is, in milliseconds. */
const DISCOVERED_WITHIN_MS = 10_000;

/** What the service says of itself. */
export interface ServiceFacts {
  readonly info: { readonly name: string; readonly version: string };
  readonly capabilities: ServerCapabilities;
  readonly instructions?: string;
}

/** A tool, as far as the bridge cares. */
export interface ToolTraits {
  /** Whether it takes a `participant_token`. */
  readonly takesToken: boolean;
  /** Whether it can make a participant: it returns a `participant_token`. */
  readonly makesParticipant: boolean;
}

/** The service as it comes and goes: asks what it is until it answers, and again after it was lost. */
export class Link {
  facts: ServiceFacts | undefined;
  #tools: ReadonlyMap<string, ToolTraits> | undefined;
  /** Looking for the service; undefined while nothing says that it is gone. */
  #looking: Promise<void> | undefined;
  readonly #closed = new AbortController();

  /** @param regained called when the service is back, or there at last */
  constructor(
    private readonly upstream: Upstream,
    private readonly log: Log,
    private readonly regained: () => void,
  ) {}

  /** Settles when the first try has succeeded or failed, `withinMs` milliseconds from now at the latest. */
  async open(withinMs: number): Promise<void> {
    let tried: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (tried = resolve));
    this.#looking ??= this.#look(tried);
    await Promise.race([first, this.#looking, sleep(withinMs, undefined, { ref: false })]);
  }

  /** As `Upstream.request`; starts to look for the service when it does not answer. */
  async request(method: string, params: Params, options?: RequestOptions): Promise<Result> {
    try {
      const result = await this.upstream.request(method, params, options);
      if (method === 'tools/list' && params['cursor'] === undefined) this.#tools = traitsOf(result);
      return result;
    } catch (error) {
      if (error instanceof TroubleError) this.#looking ??= this.#look();
      throw error;
    }
  }

  /** The service's tools by name, asked for when they are not known. */
  async tools(): Promise<ReadonlyMap<string, ToolTraits>> {
    if (!this.#tools) await this.request('tools/list', ownParams());
    return this.#tools!;
  }

  close(): void {
    this.#closed.abort();
  }

  async #look(tried: () => void = () => undefined): Promise<void> {
    const backoff = new Backoff();
    const { signal } = this.#closed;
    let complaint: string | undefined;
    for (;;) {
      try {
        this.facts = await this.#discover();
        this.#tools = undefined;
        break;
      } catch (error) {
        if (signal.aborted) return;
        const message =
          error instanceof RpcError ? `${this.upstream.url.href} answers: ${error.message}` : (error as Error).message;
        if (message !== complaint) this.log(`${message}. Trying again`);
        complaint = message;
      }
      tried();
      await sleep(backoff.next(), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    const { name, version } = this.facts.info;
    this.log(`connected to ${this.upstream.url.href} (${name} ${version})`);
    this.#looking = undefined;
    this.regained();
  }

  async #discover(): Promise<ServiceFacts> {
    const late = AbortSignal.timeout(DISCOVERED_WITHIN_MS);
    const signal = AbortSignal.any([this.#closed.signal, late]);
    const { capabilities, instructions, _meta } = await this.upstream
      .request('server/discover', ownParams(), { signal })
      .catch((error: Error) => {
        throw late.aborted ? new TroubleError(silent(this.upstream.url)) : error;
      });
    const info = (_meta as Params | undefined)?.[SERVER_INFO_META_KEY] as ServiceFacts['info'] | undefined;
    return {
      info: info ?? PRODUCT,
      capabilities: capabilities as ServerCapabilities,
      ...(typeof instructions === 'string' && { instructions }),
    };
  }
}

/** Of requests that no host asked for. */
export const ownParams = (): Params => ({
  _meta: { [CLIENT_INFO_META_KEY]: PRODUCT, [CLIENT_CAPABILITIES_META_KEY]: {} },
});

interface ListedTool {
  readonly name: string;
  readonly inputSchema?: { readonly properties?: object };
  readonly outputSchema?: { readonly properties?: object };
}

function traitsOf({ tools }: Result): ReadonlyMap<string, ToolTraits> {
  const has = (schema: ListedTool['inputSchema']) => 'participant_token' in (schema?.properties ?? {});
  const listed = Array.isArray(tools) ? (tools as ListedTool[]) : [];
  return new Map(
    listed.map(({ name, inputSchema, outputSchema }) => [
      name,
      { takesToken: has(inputSchema), makesParticipant: has(outputSchema) },
    ]),
  );
}
