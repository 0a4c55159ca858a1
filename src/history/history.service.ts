import { setTimeout as sleep } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { isUnavailable } from '../domain/errors.js';
import { OutboxRelay } from '../outbox/index.js';
import { Clock } from '../ports/clock.js';
import { HistoryStore } from '../ports/history-store.js';
import { Ids } from '../ports/ids.js';
import { StateStore } from '../ports/state-store.js';

/** How often is looked whether something has grown too old, in milliseconds, and how soon after the start. */
const PRUNE_MS = 3_600_000;
const FIRST_PRUNE_MS = 10_000;
/** Share of the time for stopping that is left to whoever stops later. */
const RESERVE = 0.1;

/** How far history is behind the state. */
export interface HistoryLag {
  /** Records that wait to be taken in. */
  readonly pending: number;
  /** For how long the oldest of them has waited, in milliseconds; 0 when there is none. */
  readonly behindMs: number;
  /** Records that never will be, because the outbox was full. */
  readonly lost: number;
  /** Failed attempts of this instance in a row; 0 while all is well. */
  readonly failures: number;
}

/** Feeds history from the outbox, and lets go of what has grown too old, for as long as the service runs. */
@Injectable()
export class HistoryService implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  readonly #logger = new Logger('History');
  readonly #relay: OutboxRelay | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  /** When the service must have stopped. */
  #deadline = Infinity;

  constructor(
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(HistoryStore) private readonly history: HistoryStore | null,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) ids: Ids,
  ) {
    if (!history) return;
    this.#relay = new OutboxRelay({
      outbox: state.outbox,
      group: 'history',
      consumer: ids.uuid(),
      deliver: (records) => history.append(records),
      clock,
    });
  }

  onApplicationBootstrap(): void {
    if (!this.#relay) return;
    this.#relay.start();
    const prune = () => void this.prune();
    this.#timers.push(setTimeout(prune, FIRST_PRUNE_MS).unref(), setInterval(prune, PRUNE_MS).unref());
  }

  onModuleDestroy(): void {
    this.#timers.forEach(clearTimeout);
    this.#deadline = performance.now() + this.config.shutdownMs * (1 - RESERVE);
  }

  /** Everything else has stopped, so what is pending now is all that will ever be. */
  async onApplicationShutdown(): Promise<void> {
    const left = () => Math.max(0, this.#deadline - performance.now());
    await this.#relay?.stop(left());
    await Promise.race([this.history?.close(), sleep(left(), undefined, { ref: false })]);
  }

  /** How far history is behind; undefined when there is none. @throws ChatError `unavailable`, when the state is */
  async lag(): Promise<HistoryLag | undefined> {
    if (!this.#relay) return undefined;
    const { pending, oldestAt, lost } = await this.state.outbox.state('history');
    const behindMs = oldestAt === null ? 0 : Math.max(0, this.clock.now() - oldestAt);
    return { pending, behindMs, lost, failures: this.#relay.failures };
  }

  /** Deletes what is older than its pool allows. One instance does it at a time. */
  async prune(): Promise<void> {
    const { history, config } = this;
    if (!history || !config.history) return;
    try {
      const deleted = await history.prune(config.history.retentionMs, this.clock.now());
      if (deleted > 0) this.#logger.log({ msg: 'old messages were deleted', messages: deleted });
    } catch (error) {
      // Of a history that is away its adapter tells; the next time will do.
      if (!isUnavailable(error)) this.#logger.error({ msg: 'old messages could not be deleted', error: String(error) });
    }
  }
}
