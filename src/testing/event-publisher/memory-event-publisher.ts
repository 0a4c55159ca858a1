import type { CloudEvent, EventPublisher } from '../../ports/event-publisher.js';

/** A message queue in memory, for tests: it can be away, slow to answer, or full. */
export class MemoryEventPublisher implements EventPublisher {
  readonly maxBytes: number;
  /** What consumers would see. */
  readonly events: CloudEvent[] = [];
  /** Until this is cleared everything is refused with it. */
  failure: Error | undefined;
  /** How many events there is room for. */
  capacity = Infinity;
  readonly #ids = new Set<string>();

  constructor({ maxBytes = 1_048_576 } = {}) {
    this.maxBytes = maxBytes;
  }

  async publish(events: readonly CloudEvent[]): Promise<void> {
    if (this.failure) throw this.failure;
    for (const event of events) {
      if (this.#ids.has(event.id)) continue;
      if (this.events.length >= this.capacity) throw new Error('the queue is full');
      this.#ids.add(event.id);
      // What goes over a wire is a copy.
      this.events.push(JSON.parse(JSON.stringify(event)) as CloudEvent);
    }
  }
}
