import { readPlace, writePlace } from '../../domain/place.js';
import { Ring } from '../../domain/ring.js';
import { type AuditEntry, type AuditLog, type AuditQuery, isAskedFor } from '../../ports/audit-log.js';
import type { Page } from '../../ports/operator-steps.js';

/** What operators did, in a ring. It ends with the process. */
export class MemoryAuditLog implements AuditLog {
  readonly #entries: Ring<AuditEntry>;

  /** @param max most entries kept */
  constructor(max: number) {
    this.#entries = new Ring(max);
  }

  append(entry: AuditEntry): void {
    this.#entries.push(entry);
  }

  list(query: AuditQuery): Page<AuditEntry> {
    const { after, limit } = query;
    const entries = this.#entries;
    const items: AuditEntry[] = [];
    let number = after === undefined ? entries.last : Math.min(readPlace(after).at - 1, entries.last);
    for (; number >= entries.first && items.length < limit; number--) {
      const entry = entries.get(number)!;
      if (isAskedFor(entry, query)) items.push(entry);
    }
    return { items, ...(number >= entries.first && { next: writePlace({ at: number + 1, tie: '' }) }) };
  }
}
