import { afterEach } from '@jest/globals';
import { ClientPool, type ConnectOptions, type Facts, type TestClient } from './clients.js';
import { startTestServer, type TestOverrides, type TestServer } from './server.js';
import { TcpProxy } from './tcp-proxy.js';

export type Connect<T extends TestClient = TestClient> = (url: URL, options?: ConnectOptions) => Promise<T>;

export interface Pair<A extends TestClient = TestClient, B extends TestClient = TestClient> {
  readonly ann: A;
  readonly ben: B;
  readonly roomId: string;
  /** What `enter_queue` told Ben, who came second. */
  readonly found: Facts;
}

/** A service with its clients, for one test at a time; whatever a test opens is closed after it. */
export class Parley {
  readonly #clients = new ClientPool();
  readonly #proxies: TcpProxy[] = [];
  #server: TestServer | undefined;

  get server(): TestServer {
    if (!this.#server) throw new Error('Call start first');
    return this.#server;
  }

  /** In place of the service there was before, if there was one. */
  async start(overrides?: TestOverrides): Promise<TestServer> {
    await this.stop();
    return (this.#server = await startTestServer(overrides));
  }

  /** A connected client that is nobody yet. */
  client<T extends TestClient>(connect: Connect<T>, options?: ConnectOptions & { via?: URL }): Promise<T> {
    return this.#clients.add(connect(options?.via ?? this.server.url, options));
  }

  /** Two clients, Ann and Ben, who met in a queue and listen. */
  async pair<A extends TestClient, B extends TestClient = A>(
    connectAnn: Connect<A>,
    connectBen: Connect<B> = connectAnn as unknown as Connect<B>,
    args: object = {},
  ): Promise<Pair<A, B>> {
    const [ann, ben] = await Promise.all([this.client(connectAnn), this.client(connectBen)]);
    return this.match(ann, ben, args);
  }

  /** Makes two clients, known or new, meet in a queue and listen. */
  async match<A extends TestClient, B extends TestClient>(ann: A, ben: B, args: object = {}): Promise<Pair<A, B>> {
    await ann.enter({ display_name: 'Ann', ...args });
    const found = await ben.enter({ display_name: 'Ben', ...args });
    if (found.status !== 'matched') throw new Error(`Ann and Ben should have met, but Ben is ${found.status}`);
    return { ann, ben, roomId: found.room_id, found };
  }

  /** A network between a client and the service that the test can break. */
  async network(): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(this.server.url);
    this.#proxies.push(proxy);
    return proxy;
  }

  async stop(): Promise<void> {
    await this.#clients.closeAll();
    await Promise.all(this.#proxies.splice(0).map((proxy) => proxy.close()));
    await this.#server?.close();
    this.#server = undefined;
  }
}

/** A `Parley` that is stopped after each test of the surrounding block. */
export function useParley(): Parley {
  const parley = new Parley();
  afterEach(() => parley.stop());
  return parley;
}
