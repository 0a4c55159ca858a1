import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { isUnavailable } from '../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Outbox, OutboxBatch, OutboxGroup, OutboxRecord } from '../ports/outbox.js';

/** Records of one batch, and how long it may take to be delivered, in milliseconds. */
const BATCH_RECORDS = 500;
const LEASE_MS = 30_000;
/** How soon something new is looked for, in milliseconds. */
const IDLE_MS = 200;
/** Longest pause after a failure: doubled with each in a row, in milliseconds. */
const PAUSE_MIN_MS = 250;
const PAUSE_MAX_MS = 10_000;

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly group: OutboxGroup;
  /** Names this instance among those that relay for the group. */
  readonly consumer: string;
  /** Takes a batch in, all or none; what was taken before may come again. */
  readonly deliver: (records: readonly OutboxRecord[]) => Promise<void>;
  readonly clock: Clock;
}

/** Carries the outbox's records to one reader, in batches and in order, again and again until the reader has taken them. */
export class OutboxRelay {
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(private readonly options: RelayOptions) {
    this.#logger = new Logger(`Outbox of ${options.group}`);
  }

  /** Failed attempts in a row; 0 while all is well. */
  get failures(): number {
    return this.#failures;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends when what is pending has been carried, when that fails, or when the time is over. */
  async stop(withinMs = LEASE_MS): Promise<void> {
    this.#stopped.abort();
    const deadline = performance.now() + withinMs;
    await Promise.race([this.#flush(deadline), sleep(withinMs, undefined, { ref: false })]);
  }

  /** Carries one batch. @returns how many records; 0 when there was nothing to do or it failed */
  async once(): Promise<number> {
    const { outbox, group, consumer, deliver, clock } = this.options;
    let batch: OutboxBatch | undefined;
    try {
      const takenAt = performance.now();
      batch = await outbox.take(group, consumer, { limit: BATCH_RECORDS, leaseMs: LEASE_MS }, clock.now());
      if (!batch) return 0;
      // A process that was stopped in between has lost its batch to another.
      if (performance.now() - takenAt >= LEASE_MS) return 0;
      await deliver(batch.records);
      await outbox.acknowledge(group, consumer, batch.receipt);
    } catch (error) {
      await this.#failed(error, batch);
      return 0;
    }
    if (this.#failures > 0) this.#logger.log({ msg: 'records are taken again', after_failures: this.#failures });
    this.#failures = 0;
    return batch.records.length;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const count = await this.once();
      const pause = this.#failures > 0 ? pauseAfter(this.#failures) : count < BATCH_RECORDS ? IDLE_MS : 0;
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #flush(deadline: number): Promise<void> {
    await this.#running;
    while (performance.now() < deadline && (await this.once()) > 0);
  }

  async #failed(error: unknown, batch: OutboxBatch | undefined): Promise<void> {
    // Of a state that is away its adapter tells.
    if (!batch && isUnavailable(error)) return;
    this.#failures += 1;
    if (this.#failures === 1) this.#logger.warn({ msg: 'records wait: they are not taken', error: String(error) });
    const { outbox, group, consumer } = this.options;
    try {
      if (batch) await outbox.release(group, consumer, batch.receipt);
    } catch {
      // Its lease ends by itself.
    }
  }
}

/** Doubled with each failure in a row, up to half of it at random, so that instances do not come back all at once. */
const pauseAfter = (failures: number) =>
  Math.min(PAUSE_MIN_MS * 2 ** (failures - 1), PAUSE_MAX_MS) * (1 - Math.random() / 2);
