import { randomBytes } from 'node:crypto';
import { Ring } from '../../domain/ring.js';
import type {
  Outbox,
  OutboxBatch,
  OutboxGroup,
  OutboxRecord,
  OutboxState,
  RecordData,
  RecordKind,
} from '../../ports/outbox.js';
import type { StateLimits } from '../../ports/state-store.js';
import { LossLog } from './loss-log.js';

/** A batch that has been handed out, up to the record of that number. */
interface Out {
  readonly receipt: string;
  readonly last: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

interface Reader {
  /** Number of the last record that was acknowledged, or lost. */
  read: number;
  lost: number;
  out: Out | undefined;
  readonly losses: LossLog;
}

/** A bounded ring of records in which each reader has a position of its own. */
export class MemoryOutbox implements Outbox {
  /** Records of one run of the service are told from those of another. */
  readonly #run = randomBytes(8).toString('hex');
  readonly #records: Ring<OutboxRecord>;
  readonly #readers: ReadonlyMap<OutboxGroup, Reader>;
  #batches = 0;

  constructor({ groups, records }: StateLimits['outbox']) {
    this.#records = new Ring(records);
    this.#readers = new Map(
      groups.map((group) => [group, { read: 0, lost: 0, out: undefined, losses: new LossLog(group, records) }]),
    );
  }

  write<K extends RecordKind>(kind: K, at: number, data: RecordData[K]): void {
    this.#records.push({ id: `${this.#run}.${this.#records.last + 1}`, kind, at, data });
  }

  take(
    group: OutboxGroup,
    _consumer: string,
    { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
    now: number,
  ): OutboxBatch | undefined {
    const reader = this.#readers.get(group);
    if (!reader || (reader.out && now < reader.out.until)) return undefined;
    reader.out = undefined;
    reader.lost += this.#dropped(reader);
    reader.read = Math.max(reader.read, this.#records.first - 1);
    reader.losses.note(reader.lost);
    const records = this.#records.slice(reader.read + 1, reader.read + limit);
    if (records.length === 0) return undefined;
    const receipt = `${++this.#batches}`;
    reader.out = { receipt, last: reader.read + records.length, until: now + leaseMs };
    return { records, receipt };
  }

  acknowledge(group: OutboxGroup, _consumer: string, receipt: string): boolean {
    const reader = this.#readers.get(group);
    if (!reader || reader.out?.receipt !== receipt) return false;
    reader.read = reader.out.last;
    reader.out = undefined;
    const read = Math.min(...[...this.#readers.values()].map((each) => each.read));
    while (this.#records.first <= read && this.#records.size > 0) this.#records.dropFirst();
    return true;
  }

  release(group: OutboxGroup, _consumer: string, receipt: string): void {
    const reader = this.#readers.get(group);
    if (reader?.out?.receipt === receipt) reader.out = undefined;
  }

  state(group: OutboxGroup): OutboxState {
    const reader = this.#readers.get(group);
    if (!reader) return { pending: 0, oldestAt: null, lost: 0 };
    const first = Math.max(reader.read + 1, this.#records.first);
    return {
      pending: this.#records.last - first + 1,
      oldestAt: this.#records.get(first)?.at ?? null,
      lost: reader.lost + this.#dropped(reader),
    };
  }

  /** Records dropped before they were acknowledged or, at least, handed out. */
  #dropped({ read, out }: Reader): number {
    return Math.max(0, this.#records.first - 1 - (out?.last ?? read));
  }
}
