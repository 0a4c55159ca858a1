import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Experimental_MCPEvent as MCPEvent,
  type Experimental_MCPEventStore as MCPEventStore,
  type Experimental_MCPEventSubscription as MCPEventSubscription,
  experimental_createMCPEventWebhook as createMCPEventWebhook,
} from '@ai-sdk/mcp';

/** The AI SDK's subscription store, in memory. */
export class MemoryEventStore implements MCPEventStore {
  readonly #byKey = new Map<string, MCPEventSubscription>();

  get all(): readonly MCPEventSubscription[] {
    return [...this.#byKey.values()];
  }

  async get(key: string): Promise<MCPEventSubscription | undefined> {
    return this.#byKey.get(key);
  }

  async getById(id: string): Promise<MCPEventSubscription | undefined> {
    return this.all.find((subscription) => subscription.id === id);
  }

  async set(subscription: MCPEventSubscription): Promise<void> {
    this.#byKey.set(subscription.key, subscription);
  }

  async update(key: string, patch: Partial<MCPEventSubscription>): Promise<void> {
    const known = this.#byKey.get(key);
    if (known) this.#byKey.set(key, { ...known, ...patch });
  }

  async delete(key: string): Promise<void> {
    this.#byKey.delete(key);
  }
}

/** The AI SDK's webhook handler behind a real HTTP server on loopback. */
export class AiSdkReceiver {
  readonly events: MCPEvent[] = [];
  readonly gaps: string[] = [];
  readonly terminations: { code: number; message: string; data?: unknown }[] = [];
  readonly errors: unknown[] = [];
  /** What it answered each request with, in order. */
  readonly statuses: number[] = [];
  readonly signatures: string[] = [];
  /** How many events it fails to handle before it succeeds. */
  failing = 0;
  readonly #handle: (request: Request) => Promise<Response>;

  private constructor(
    private readonly server: Server,
    store: MCPEventStore,
  ) {
    this.#handle = createMCPEventWebhook({
      store,
      onEvent: async ({ event }) => {
        if (this.failing-- > 0) throw new Error('not now');
        this.events.push(event);
      },
      onGap: async ({ gap }) => void this.gaps.push(gap.cursor),
      onTerminated: async ({ termination }) => void this.terminations.push(termination.error),
      onError: (error) => this.errors.push(error),
    });
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  static async start(store: MCPEventStore): Promise<AiSdkReceiver> {
    const server = createServer();
    const receiver = new AiSdkReceiver(server, store);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks/mcp?tenant=one`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.signatures.push(request.headers['webhook-signature'] as string);
    const answer = await this.#handle(
      new Request(new URL(request.url ?? '/', this.url), {
        method: request.method,
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks),
      }),
    );
    this.statuses.push(answer.status);
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  }
}
