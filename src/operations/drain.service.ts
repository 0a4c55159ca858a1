import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { isUnavailable } from '../domain/errors.js';
import { InstancesService } from '../instances/index.js';
import { SseStreams } from '../mcp-transport/index.js';
import { type Actor, AuditTrail } from '../moderation/index.js';
import { NotificationsService } from '../notifications/index.js';
import type { InstanceStage } from '../ports/instance-registry.js';
import { StateStore } from '../ports/state-store.js';

/** How often is looked whether everybody has gone, in milliseconds. */
const LOOK_MS = 100;

/**
 * Empties this instance as SIGTERM does, and leaves the process there: it is not ready, opens no sessions, and after
 * `DRAIN_SECONDS` answers waits, ends streams with a hint to come back and refuses whatever comes. There is no way back but
 * a restart.
 */
@Injectable()
export class DrainService implements OnModuleDestroy {
  readonly #logger = new Logger('Drain');
  #begun = false;
  #closed = false;

  constructor(
    private readonly instances: InstancesService,
    private readonly notifications: NotificationsService,
    private readonly streams: SseStreams,
    private readonly audit: AuditTrail,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  onModuleDestroy(): void {
    this.#closed = true;
  }

  /** Begins; once is enough. What comes of it, the instances tell. */
  begin(actor: Actor): Promise<InstanceStage> {
    return this.audit.act(actor, { action: 'instance.drain', subject: this.instances.id }, () => {
      if (!this.#begun) this.#drain().catch((error: unknown) => this.#failed(error));
      this.#begun = true;
      return this.instances.stage;
    });
  }

  async #drain(): Promise<void> {
    const { instances, notifications, streams } = this;
    this.#logger.log({ msg: 'draining' });
    await instances.beginDraining();
    notifications.drain();
    streams.endAll();
    instances.endForwards();
    while (!(await this.#isEmpty())) {
      if (this.#closed) return;
      await sleep(LOOK_MS, undefined, { ref: false });
    }
    await instances.markDrained();
    this.#logger.log({ msg: 'drained: the process may be ended' });
  }

  #failed(error: unknown): void {
    this.#logger.error({ msg: 'draining failed', error: String(error) });
  }

  /** Nobody is served any more, and nothing is left that only this instance could pass on. */
  async #isEmpty(): Promise<boolean> {
    const { streams, notifications, instances } = this;
    if (streams.counts.open + notifications.counts.waits + instances.forwards > 0) return false;
    const { outbox, sharing } = this.state;
    if (sharing) return true;
    try {
      const groups = await Promise.all(this.config.state.outbox.groups.map(async (group) => outbox.state(group)));
      return groups.every(({ pending }) => pending === 0);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return false;
    }
  }
}
