import { OVER_AT_ONCE, type WatchList } from '../../../ports/watch-list.js';
import type { RedisConnection } from '../redis-connection.js';

/** The watches of all instances, in a sorted set. */
export class RedisWatchList implements WatchList {
  readonly #key: string;

  /** @param namespace what the key begins with, as a hash tag */
  constructor(
    private readonly connection: RedisConnection,
    namespace: string,
  ) {
    this.#key = `{${namespace}}:watches`;
  }

  async keep(roomId: string, until: number): Promise<void> {
    await this.connection.command('ZADD', this.#key, String(until), roomId);
  }

  async end(roomId: string): Promise<void> {
    await this.connection.command('ZREM', this.#key, roomId);
  }

  over(now: number): Promise<readonly string[]> {
    const range = [this.#key, '-inf', String(now), 'LIMIT', '0', String(OVER_AT_ONCE)];
    return this.connection.command('ZRANGEBYSCORE', ...range);
  }
}
