import type { Clock } from '../../ports/clock.js';
import type { InstanceRecord, InstanceRegistry } from '../../ports/instance-registry.js';

interface Entry {
  readonly instance: InstanceRecord;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** The instances of one process: a service that shares its state with nobody, or a test. */
export class MemoryInstanceRegistry implements InstanceRegistry {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  announce(instance: InstanceRecord, ttlMs: number): void {
    this.#entries.set(instance.id, { instance, until: this.clock.now() + ttlMs });
  }

  find(instanceId: string): string | undefined {
    this.#sweep();
    return this.#entries.get(instanceId)?.instance.url ?? undefined;
  }

  list(): readonly InstanceRecord[] {
    this.#sweep();
    return Array.from(this.#entries.values(), ({ instance }) => instance);
  }

  withdraw(instanceId: string): void {
    this.#entries.delete(instanceId);
  }

  #sweep(): void {
    const now = this.clock.now();
    for (const [id, { until }] of this.#entries) if (until <= now) this.#entries.delete(id);
  }
}
