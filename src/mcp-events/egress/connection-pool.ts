import { Agent, type ClientRequest, type RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CallbackTarget } from './callback-url.js';
import type { Dialer } from './dialer.js';

/** What a request must say to be sent through the pool. */
export interface PooledRequest extends RequestOptions {
  readonly target: CallbackTarget;
  /** Ends the attempt to connect. */
  readonly cancelled: AbortSignal;
}

/** Milliseconds that an idle connection is kept, and that any connection is used: addresses of names change. */
const IDLE_MS = 10_000;
const MAX_AGE_MS = 60_000;

/** Connections that the dialer has opened, kept for a short while for more requests to the same host. */
export class ConnectionPool extends Agent {
  readonly #idle = new Set<Duplex>();
  readonly #openedAt = new WeakMap<Duplex, number>();

  constructor(
    private readonly dialer: Dialer,
    private readonly maxIdle: number,
  ) {
    super({ keepAlive: true, timeout: IDLE_MS });
  }

  override getName(options?: object): string {
    const { secure, hostname, port } = (options as PooledRequest).target;
    return `${secure ? 'https' : 'http'} ${hostname} ${port}`;
  }

  override createConnection(options: object, created: (error: Error | null, socket: Duplex) => void): undefined {
    const { target, cancelled } = options as PooledRequest;
    this.dialer.dial(target, cancelled).then(
      (socket) => {
        this.#openedAt.set(socket, performance.now());
        socket.once('close', () => this.#idle.delete(socket));
        created(null, socket);
      },
      (error: unknown) => {
        created(error as Error, undefined as never);
        this.#forget(this.getName(options));
      },
    );
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const age = performance.now() - (this.#openedAt.get(socket) ?? 0);
    if (this.#idle.size >= this.maxIdle || age > MAX_AGE_MS) return false;
    // Node's own keeps to the time that the server announces and says whether that is long enough.
    if ((super.keepSocketAlive(socket) as unknown) === false) return false;
    this.#idle.add(socket);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.#idle.delete(socket);
    super.reuseSocket(socket, request);
  }

  /** Node keeps an empty list for a name that could not be connected to, for ever. */
  #forget(name: string): void {
    const sockets = this.sockets as Record<string, unknown[] | undefined>;
    if (sockets[name]?.length === 0) delete sockets[name];
  }
}
