import { type EventBody, LogEntry } from './event.js';
import { Ring } from './ring.js';

/** Entries after a position. `truncated` tells that older ones are no longer kept. */
export interface LogSlice {
  readonly entries: readonly LogEntry[];
  readonly truncated: boolean;
}

/** A participant's own append-only log, bounded in entries and in age; the oldest go first. */
export class EventLog {
  /** Numbered as its entries are. */
  readonly #ring: Ring<EventBody>;
  /** No kept entry is older than this. */
  #notBefore = Infinity;

  /**
   * @param id random id that every cursor of this log carries
   * @param maxEntries most entries kept; 0 lifts the limit
   * @param maxAgeMs age in milliseconds after which an entry is dropped; 0 lifts the limit
   */
  constructor(
    readonly id: string,
    maxEntries: number,
    private readonly maxAgeMs: number,
  ) {
    this.#ring = new Ring(maxEntries);
  }

  /** Sequence number of the newest entry, 0 while the log is empty. */
  get head(): number {
    return this.#ring.last;
  }

  append(body: EventBody): LogEntry {
    this.#dropOld(body.at);
    if (body.at < this.#notBefore) this.#notBefore = body.at;
    return new LogEntry(this.id, this.#ring.push(body), body);
  }

  /** At most `limit` entries after the position `after`. A position ahead of the head is read as the head. */
  read(after: number, limit: number, now: number): LogSlice {
    this.#dropOld(now);
    const from = Math.max(after + 1, this.#ring.first);
    return {
      entries: this.#ring.slice(from, from + limit - 1).map((body, i) => new LogEntry(this.id, from + i, body)),
      truncated: after + 1 < this.#ring.first || after > this.head,
    };
  }

  #dropOld(now: number): void {
    const oldest = now - this.maxAgeMs;
    if (this.maxAgeMs === 0 || this.#notBefore >= oldest) return;
    for (;;) {
      this.#notBefore = this.#ring.get(this.#ring.first)?.at ?? Infinity;
      if (this.#notBefore >= oldest) return;
      this.#ring.dropFirst();
    }
  }
}
