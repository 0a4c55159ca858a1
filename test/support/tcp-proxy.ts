import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  streaming: boolean;
}

/** A network that a test can break: everything passes through it until it is cut. */
export class TcpProxy {
  readonly #links = new Set<Link>();
  /** Connections to the target, those included whose client was cut off without telling it. */
  readonly #upstreams = new Set<Socket>();
  #held: (() => void)[] | undefined;

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

  /** Destroys all connections, or those that carry an event stream. Half-open: the server is not told. */
  cut({ streamsOnly = false, halfOpen = false } = {}): void {
    for (const link of this.#links) {
      if (streamsOnly && !link.streaming) continue;
      this.#links.delete(link);
      link.client.destroy();
      if (!halfOpen) link.upstream.destroy();
    }
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
    const link: Link = { client, upstream, streaming: false };
    this.#links.add(link);
    this.#upstreams.add(upstream);
    upstream.on('error', () => undefined);
    upstream.on('data', (chunk) => {
      if (chunk.includes('text/event-stream')) link.streaming = true;
      if (!client.destroyed) client.write(chunk);
    });
    client.on('data', (chunk) => {
      if (this.#links.has(link)) upstream.write(chunk);
    });
    client.on('close', () => {
      if (this.#links.delete(link)) upstream.destroy();
    });
    upstream.on('close', () => {
      this.#upstreams.delete(upstream);
      this.#links.delete(link);
      client.destroy();
    });
  }
}
