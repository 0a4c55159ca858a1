import type { InstanceRegistry } from '../../ports/instance-registry.js';
import type { RedisConnection } from './redis-connection.js';

/** One key for each instance, which ends by Redis's own clock: those of the instances need not agree. */
export class RedisInstanceRegistry implements InstanceRegistry {
  constructor(
    private readonly connection: RedisConnection,
    private readonly namespace: string,
  ) {}

  async announce(instanceId: string, url: string, ttlMs: number): Promise<void> {
    await this.connection.command('SET', this.#key(instanceId), url, 'PX', String(ttlMs));
  }

  async find(instanceId: string): Promise<string | undefined> {
    return (await this.connection.command<string | null>('GET', this.#key(instanceId))) ?? undefined;
  }

  async withdraw(instanceId: string): Promise<void> {
    await this.connection.command('DEL', this.#key(instanceId));
  }

  #key(instanceId: string): string {
    return `{${this.namespace}}:instance:${instanceId}`;
  }
}
