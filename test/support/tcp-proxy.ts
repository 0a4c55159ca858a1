import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  streaming: boolean;
  subscribing: boolean;
  /** Set once it is to break by its next answer. */
  breaks?: Break;
  /** What is still on its way to the client, in order. */
  readonly late: { readonly at: number; readonly arrive: () => void }[];
}

/** Where a connection is to break: when a call has been sent and nothing has come back, or with half of the answer. */
export type Break = 'after the call' | 'amid the answer';

/** A network that a test can break: everything passes through it until it is cut. */
export class TcpProxy {
  readonly #links = new Set<Link>();
  /** Connections to the target, those included whose client was cut off without telling it. */
  readonly #upstreams = new Set<Socket>();
  #held: (() => void)[] | undefined;
  #latencyMs = 0;
  #break: { readonly where: Break; readonly fits: (call: Buffer) => boolean } | undefined;

  private constructor(
    private readonly target: URL,
    private readonly server: Server,
  ) {}

  static async start(target: URL): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(target, server);
    server.on('connection', (client) => proxy.#accept(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The target as a client reaches it through this network. */
  get url(): URL {
    const url = new URL(this.target);
    url.port = String((this.server.address() as AddressInfo).port);
    return url;
  }

  /** How many connections carry an event stream. */
  get streams(): number {
    return [...this.#links].filter(({ streaming }) => streaming).length;
  }

  /**
   * Destroys all connections, or those that carry an event stream, or a Redis subscription. Half-open: the server is not
   * told.
   */
  cut({ streamsOnly = false, subscriptionsOnly = false, halfOpen = false } = {}): void {
    for (const link of this.#links) {
      if (streamsOnly && !link.streaming) continue;
      if (subscriptionsOnly && !link.subscribing) continue;
      this.#links.delete(link);
      link.client.destroy();
      if (!halfOpen) link.upstream.destroy();
    }
  }

  /** Breaks the connection of the next call that fits; the target learns of it by its answer. */
  breakNext(where: Break, fits: (call: Buffer) => boolean = () => true): void {
    this.#break = { where, fits };
  }

  /** What comes back from the target is late by this much from now on, in milliseconds. */
  delay(latencyMs: number): void {
    this.#latencyMs = latencyMs;
  }

  /** Keeps new connections waiting until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    held.forEach((proceed) => proceed());
  }

  async close(): Promise<void> {
    this.release();
    this.server.close();
    for (const { client } of this.#links) client.destroy();
    for (const upstream of this.#upstreams) upstream.destroy();
    await once(this.server, 'close');
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#held) this.#held.push(() => this.#link(client));
    else this.#link(client);
  }

  #link(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    const link: Link = { client, upstream, streaming: false, subscribing: false, late: [] };
    this.#links.add(link);
    this.#upstreams.add(upstream);
    upstream.on('error', () => undefined);
    upstream.on('data', (chunk) => this.#late(link, () => this.#answer(link, chunk)));
    client.on('data', (chunk) => this.#call(link, chunk));
    client.on('close', () => {
      if (this.#links.delete(link)) upstream.destroy();
    });
    upstream.on('close', () => {
      this.#upstreams.delete(upstream);
      this.#late(link, () => {
        this.#links.delete(link);
        client.destroy();
      });
    });
  }

  #call(link: Link, chunk: Buffer): void {
    if (!this.#links.has(link)) return;
    if (/\r\ns?subscribe\r\n/i.test(chunk.toString('latin1'))) link.subscribing = true;
    if (this.#break?.fits(chunk)) {
      link.breaks = this.#break.where;
      this.#break = undefined;
    }
    link.upstream.write(chunk);
    if (link.breaks === 'after the call') this.#loseClient(link);
  }

  #answer(link: Link, chunk: Buffer): void {
    if (chunk.includes('text/event-stream')) link.streaming = true;
    if (link.breaks === undefined) {
      if (!link.client.destroyed) link.client.write(chunk);
      return;
    }
    if (link.breaks === 'amid the answer' && !link.client.destroyed) {
      link.client.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => this.#loseClient(link));
    }
    link.upstream.destroy();
  }

  /** Without a word to the target. */
  #loseClient(link: Link): void {
    this.#links.delete(link);
    link.client.destroy();
  }

  /** What is on its way does not overtake what is before it. */
  #late(link: Link, arrive: () => void): void {
    if (this.#latencyMs === 0 && link.late.length === 0) return arrive();
    link.late.push({ at: performance.now() + this.#latencyMs, arrive });
    if (link.late.length === 1) this.#deliverNext(link);
  }

  #deliverNext(link: Link): void {
    const { at, arrive } = link.late[0]!;
    const deliver = () => {
      arrive();
      link.late.shift();
      if (link.late.length > 0) this.#deliverNext(link);
    };
    setTimeout(deliver, Math.max(0, at - performance.now())).unref();
  }
}
