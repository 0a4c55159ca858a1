import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { ParleyConfig } from '../config/index.js';

/** How long nobody must have come before a closing server stops listening, and how long it waits for that, in milliseconds. */
const QUIET_MS = 200;
const QUIET_LIMIT_MS = 1_500;
/** How long after it was opened a connection may bring its first request to a closing server, in milliseconds. */
const UNUSED_MS = 250;
/** How often a closing server looks whether everybody has been answered, in milliseconds. */
const FLUSH_POLL_MS = 20;

/** The connections of a server that listens, so that it can stop without cutting anybody off. */
export class OpenConnections {
  /** When each was accepted, in milliseconds of the process's own clock. */
  readonly #sockets = new Map<Socket, number>();
  /** When the newest was. */
  #newest = 0;
  #finished: Promise<void> | undefined;

  constructor(
    private readonly server: Server,
    private readonly config: Pick<ParleyConfig, 'drainMs' | 'shutdownMs'>,
  ) {
    server.on('connection', (socket: Socket) => {
      this.#newest = performance.now();
      this.#sockets.set(socket, this.#newest);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Stops listening once nobody comes any more; settles when everybody has been answered, or the time for it is over. */
  finish(): Promise<void> {
    return (this.#finished ??= this.#finish());
  }

  async #finish(): Promise<void> {
    const { server } = this;
    if (!server.listening) return;
    const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    const { drainMs, shutdownMs } = this.config;
    const until = performance.now() + (shutdownMs - drainMs) / 2;
    // Whoever comes is told so, until nobody does: a connection that nobody has taken yet would be reset with the listener.
    const patient = Math.min(until, performance.now() + QUIET_LIMIT_MS);
    while (performance.now() < patient && performance.now() - this.#newest < QUIET_MS) await sleep(FLUSH_POLL_MS);
    await this.#nobodyComing();
    server.close();
    for (;;) {
      server.closeIdleConnections();
      // To Node, a connection that was opened ahead and never used is not idle.
      for (const [socket, since] of this.#sockets) {
        if (socket.bytesRead === 0 && performance.now() - since > UNUSED_MS) socket.destroy();
      }
      if ((await connections()) === 0 || performance.now() > until) return;
      await sleep(FLUSH_POLL_MS);
      // What has arrived meanwhile is read first: until then its connection looks idle, or unused.
      await turn();
    }
  }

  /** Settles right after the event loop has looked for new connections and found none. */
  #nobodyComing(): Promise<void> {
    return new Promise((resolve) => {
      const look = (newest: number) => setImmediate(() => (this.#newest === newest ? resolve() : look(this.#newest)));
      look(this.#newest);
    });
  }
}
