import type { InstanceRecord, InstanceRegistry } from '../../ports/instance-registry.js';
import type { RedisConnection } from './redis-connection.js';

/**
 * One key for each instance, which ends by Redis's own clock: those of the instances need not agree. What each says of
 * itself stands in one hash, from which those that have ended are taken when somebody comes or looks.
 */
export class RedisInstanceRegistry implements InstanceRegistry {
  constructor(
    private readonly connection: RedisConnection,
    private readonly namespace: string,
  ) {}

  async announce(instance: InstanceRecord, ttlMs: number): Promise<void> {
    const { id, url } = instance;
    await this.connection.command('SET', this.#key(id), url ?? '', 'PX', String(ttlMs));
    const isNew = await this.connection.command<number>('HSET', this.#all, id, JSON.stringify(instance));
    if (isNew === 1) await this.list();
  }

  async find(instanceId: string): Promise<string | undefined> {
    return (await this.connection.command<string | null>('GET', this.#key(instanceId))) || undefined;
  }

  async list(): Promise<readonly InstanceRecord[]> {
    const flat = await this.connection.command<string[]>('HGETALL', this.#all);
    const ids = flat.filter((_, i) => i % 2 === 0);
    if (ids.length === 0) return [];
    const keys = await this.connection.command<(string | null)[]>('MGET', ...ids.map((id) => this.#key(id)));
    const over = ids.filter((_, i) => keys[i] === null);
    if (over.length > 0) await this.connection.command('HDEL', this.#all, ...over);
    return ids.flatMap((_, i) => (keys[i] === null ? [] : [JSON.parse(flat[2 * i + 1]!) as InstanceRecord]));
  }

  async withdraw(instanceId: string): Promise<void> {
    await this.connection.command('DEL', this.#key(instanceId));
    await this.connection.command('HDEL', this.#all, instanceId);
  }

  get #all(): string {
    return `{${this.namespace}}:instances`;
  }

  #key(instanceId: string): string {
    return `{${this.namespace}}:instance:${instanceId}`;
  }
}
