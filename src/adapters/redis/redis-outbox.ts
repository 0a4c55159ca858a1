import type { Outbox, OutboxBatch, OutboxGroup, OutboxRecord, OutboxState } from '../../ports/outbox.js';
import type { StateLimits } from '../../ports/state-store.js';
import { LossLog } from '../memory/loss-log.js';

/** Takes a step of the state. */
type TakeStep = <T>(name: string, args: object, now: number) => Promise<{ readonly value: T }>;

interface Taken {
  readonly records: readonly OutboxRecord[];
  readonly receipt: string;
  readonly lost: number;
}

/** The outbox in the Redis of the state. */
export class RedisOutbox implements Outbox {
  readonly #losses: ReadonlyMap<OutboxGroup, LossLog>;

  constructor(
    private readonly step: TakeStep,
    { groups, records }: StateLimits['outbox'],
  ) {
    this.#losses = new Map(groups.map((group) => [group, new LossLog(group, records)]));
  }

  async take(
    group: OutboxGroup,
    consumer: string,
    query: { readonly limit: number; readonly leaseMs: number },
    now: number,
  ): Promise<OutboxBatch | undefined> {
    const { value } = await this.step<Taken | null>('outboxTake', { group, consumer, ...query }, now);
    if (!value) return undefined;
    const { records, receipt, lost } = value;
    this.#losses.get(group)?.note(lost);
    return records.length > 0 ? { records, receipt } : undefined;
  }

  async acknowledge(group: OutboxGroup, _consumer: string, receipt: string): Promise<boolean> {
    return (await this.step<boolean>('outboxAcknowledge', { group, receipt }, 0)).value;
  }

  async release(group: OutboxGroup, _consumer: string, receipt: string): Promise<void> {
    await this.step('outboxRelease', { group, receipt }, 0);
  }

  async state(group: OutboxGroup): Promise<OutboxState> {
    return (await this.step<OutboxState>('outboxState', { group }, 0)).value;
  }
}
