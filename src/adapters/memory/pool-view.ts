import type { Ticket } from '../../domain/ticket.js';
import type { Relations, WaitingView } from '../../ports/state-store.js';
import { inSeniority } from './pool-queues.js';
import type { TicketRecord, WaitingQueue } from './waiting-queue.js';

/** What is known of somebody forgotten. */
const NOTHING: Relations = { blocked: new Set(), met: new Map() };

/** What a strategy gets to see of a pool: the tickets of some of its queues. */
export class PoolView<M> implements WaitingView {
  constructor(
    private readonly queues: readonly WaitingQueue<M>[],
    private readonly records: ReadonlyMap<string, TicketRecord<M>>,
    private readonly people: Pick<ReadonlyMap<string, Relations>, 'get'>,
  ) {}

  get size(): number {
    let size = 0;
    for (const queue of this.queues) size += queue.size;
    return size;
  }

  tickets(): Iterable<Ticket> {
    return this.queues.length === 1 ? this.queues[0]!.tickets() : inSeniority(this.queues);
  }

  get(ticketId: string): Ticket | undefined {
    const record = this.records.get(ticketId);
    return record?.queue && this.queues.includes(record.queue) ? record.ticket : undefined;
  }

  relations(participantId: string): Relations {
    return this.people.get(participantId) ?? NOTHING;
  }
}
