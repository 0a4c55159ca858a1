import type { GroupSize, Ticket } from '../../domain/ticket.js';
import { bySeniority, type TicketRecord, WaitingQueue } from './waiting-queue.js';

/** How many sizes a pool remembers the recent matches of; beyond that, those nobody waits for are forgotten. */
const REMEMBERED_SIZES = 32;

/** The waiting tickets of every pool, in a queue for each range of group sizes. */
export class PoolQueues<M> {
  readonly #pools = new Map<string, Map<number, WaitingQueue<M>>>();
  #order = 0;

  /** How many queues there are, those remembered included. */
  get size(): number {
    let size = 0;
    for (const queues of this.#pools.values()) size += queues.size;
    return size;
  }

  add(record: TicketRecord<M>): void {
    record.order ||= ++this.#order;
    this.#open(record.ticket).add(record);
  }

  find({ pool, group }: Pick<Ticket, 'pool' | 'group'>): WaitingQueue<M> | undefined {
    return this.#pools.get(pool)?.get(keyOf(group));
  }

  /** The queues in which somebody may wait for a group of the same size as a ticket does. */
  overlapping({ pool, group }: Ticket): WaitingQueue<M>[] {
    const found: WaitingQueue<M>[] = [];
    const own = keyOf(group);
    for (const [key, queue] of this.#pools.get(pool) ?? []) {
      // All tickets of a queue agree on sizes.
      if (key === own || (queue.first && overlap(queue.first.ticket.group, group))) found.push(queue);
    }
    return found;
  }

  /** All queues of a pool. */
  of(pool: string): readonly WaitingQueue<M>[] {
    return [...(this.#pools.get(pool)?.values() ?? [])];
  }

  /** Remembers that these were matched with each other, once for each of their queues. */
  matched(records: readonly TicketRecord<M>[], now: number): void {
    const told: WaitingQueue<M>[] = [];
    for (const { ticket } of records) {
      if (ticket.roomId !== null) continue;
      const queue = this.#open(ticket);
      if (told.includes(queue)) continue;
      queue.matches.push(now);
      told.push(queue);
    }
  }

  #open({ pool, group }: Ticket): WaitingQueue<M> {
    let queues = this.#pools.get(pool);
    if (!queues) this.#pools.set(pool, (queues = new Map<number, WaitingQueue<M>>()));
    const key = keyOf(group);
    let queue = queues.get(key);
    if (queue) return queue;
    if (queues.size >= REMEMBERED_SIZES) {
      for (const [other, { size }] of queues) if (size === 0) queues.delete(other);
    }
    queues.set(key, (queue = new WaitingQueue()));
    return queue;
  }
}

/** The tickets of several queues in order of seniority. */
export function* inSeniority<M>(queues: readonly WaitingQueue<M>[]): Iterable<Ticket> {
  for (const { ticket } of recordsInSeniority(queues)) yield ticket;
}

/** What waits in several queues in order of seniority: each time the senior of those in front. */
export function* recordsInSeniority<M>(queues: readonly WaitingQueue<M>[]): Iterable<TicketRecord<M>> {
  // Juniors first, so that the senior is at the end.
  const fronts = queues
    .map((queue) => ({ queue, record: queue.first }))
    .filter((front): front is { queue: WaitingQueue<M>; record: TicketRecord<M> } => front.record !== undefined)
    .sort((a, b) => bySeniority(b.record, a.record));
  for (let front = fronts.pop(); front; front = fronts.pop()) {
    yield front.record;
    const record = front.queue.after(front.record);
    if (!record) continue;
    let [low, high] = [0, fronts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bySeniority(fronts[middle]!.record, record) > 0) low = middle + 1;
      else high = middle;
    }
    fronts.splice(low, 0, { queue: front.queue, record });
  }
}

/** Sizes and multiples are below 100. */
const keyOf = ({ minimum, maximum, multiple }: GroupSize) => (minimum * 100 + maximum) * 100 + multiple;

/** Whether there is a size that both accept. */
function overlap(a: GroupSize, b: GroupSize): boolean {
  const last = Math.min(a.maximum, b.maximum);
  for (let size = Math.max(a.minimum, b.minimum); size <= last; size++) {
    if (size % a.multiple === 0 && size % b.multiple === 0) return true;
  }
  return false;
}
