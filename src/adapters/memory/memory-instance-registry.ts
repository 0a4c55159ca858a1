import type { Clock } from '../../ports/clock.js';
import type { InstanceRegistry } from '../../ports/instance-registry.js';

interface Entry {
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** The instances of one process: a service that shares its state with nobody, or a test. */
export class MemoryInstanceRegistry implements InstanceRegistry {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  announce(instanceId: string, url: string, ttlMs: number): void {
    this.#entries.set(instanceId, { url, until: this.clock.now() + ttlMs });
  }

  find(instanceId: string): string | undefined {
    const entry = this.#entries.get(instanceId);
    if (!entry || entry.until > this.clock.now()) return entry?.url;
    this.#entries.delete(instanceId);
    return undefined;
  }

  withdraw(instanceId: string): void {
    this.#entries.delete(instanceId);
  }
}
