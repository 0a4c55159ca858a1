import { readPlace, writePlace } from '../../../domain/place.js';
import { type AuditEntry, type AuditLog, type AuditQuery, isAskedFor } from '../../../ports/audit-log.js';
import type { Page } from '../../../ports/operator-steps.js';
import type { RedisConnection } from '../redis-connection.js';

type StreamEntry = readonly [id: string, fields: readonly [string, string]];

/** Most entries that one page looks at. */
const LOOKED_AT = 5_000;
const AT_ONCE = 500;

/** What operators did, in a stream that the instances share. */
export class RedisAuditLog implements AuditLog {
  readonly #key: string;

  /**
   * @param namespace what the key begins with, as a hash tag
   * @param max most entries kept
   */
  constructor(
    private readonly connection: RedisConnection,
    namespace: string,
    private readonly max: number,
  ) {
    this.#key = `{${namespace}}:audit`;
  }

  async append(entry: AuditEntry): Promise<void> {
    await this.connection.command('XADD', this.#key, 'MAXLEN', String(this.max), '*', 'e', JSON.stringify(entry));
  }

  async list(query: AuditQuery): Promise<Page<AuditEntry>> {
    const items: AuditEntry[] = [];
    let before = query.after === undefined ? '+' : `(${idOf(query.after)}`;
    for (let lookedAt = 0; lookedAt < LOOKED_AT; lookedAt += AT_ONCE) {
      const found = await this.connection.command<StreamEntry[]>(
        ...(['XREVRANGE', this.#key, before, '-', 'COUNT', String(AT_ONCE)] as const),
      );
      for (const [id, [, json]] of found) {
        if (items.length === query.limit) return { items, next: placeOf(before) };
        before = `(${id}`;
        const entry = JSON.parse(json) as AuditEntry;
        if (isAskedFor(entry, query)) items.push(entry);
      }
      if (found.length < AT_ONCE) return { items };
    }
    return { items, next: placeOf(before) };
  }
}

/** Places of a stream are a time and a number, `1795000000000-0`. */
const idOf = (after: string) => {
  const { at, tie } = readPlace(after);
  return `${at}-${/^\d{1,16}$/.test(tie) ? tie : '0'}`;
};

function placeOf(before: string): string {
  const [at, tie] = before.slice(1).split('-');
  return writePlace({ at: Number(at), tie: tie! });
}
