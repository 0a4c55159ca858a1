import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  streaming: boolean;
  subscribing: boolean;
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
  /** Connections whose next answer is to be cut in half. */
  readonly #toBreak = new Set<Link>();

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

  /** Breaks the connection of the next call that fits; the target is told nothing. One is broken, then no more. */
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
    const link: Link = { client, upstream, streaming: false, subscribing: false };
    this.#links.add(link);
    this.#upstreams.add(upstream);
    upstream.on('error', () => undefined);
    upstream.on('data', (chunk) => this.#late(() => this.#answer(link, chunk)));
    client.on('data', (chunk) => this.#call(link, chunk));
    client.on('close', () => {
      if (this.#links.delete(link)) upstream.destroy();
      this.#toBreak.delete(link);
    });
    upstream.on('close', () => {
      this.#upstreams.delete(upstream);
      this.#late(() => {
        this.#links.delete(link);
        client.destroy();
      });
    });
  }

  #call(link: Link, chunk: Buffer): void {
    if (!this.#links.has(link)) return;
    if (/subscribe/i.test(chunk.toString('latin1'))) link.subscribing = true;
    const toBreak = this.#break?.fits(chunk) ? this.#break.where : undefined;
    if (toBreak !== undefined) this.#break = undefined;
    if (toBreak === 'amid the answer') this.#toBreak.add(link);
    link.upstream.write(chunk);
    if (toBreak === 'after the call') this.#halfOpen(link);
  }

  #answer(link: Link, chunk: Buffer): void {
    if (chunk.includes('text/event-stream')) link.streaming = true;
    if (link.client.destroyed) return;
    if (!this.#toBreak.has(link)) return void link.client.write(chunk);
    const half = chunk.subarray(0, Math.floor(chunk.length / 2));
    link.client.write(half, () => this.#halfOpen(link));
  }

  #halfOpen(link: Link): void {
    this.#links.delete(link);
    link.client.destroy();
  }

  /** All that is late is late by the same, so that nothing overtakes; a change of the latency may let it. */
  #late(what: () => void): void {
    if (this.#latencyMs === 0) what();
    else setTimeout(what, this.#latencyMs).unref();
  }
}
