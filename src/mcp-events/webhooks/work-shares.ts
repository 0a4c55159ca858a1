import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../ports/clock.js';
import { Ids } from '../../ports/ids.js';
import { type Attendance, WebhookStore } from '../../ports/webhook-store.js';

/** How long an instance counts as there without being heard of, in milliseconds; it is heard of every second. */
const TTL_MS = 3_000;
/** Participants are shared out in this many parts. */
const PARTS = 1_024;

/**
 * Shares the participants with subscriptions out among the instances, so that each is looked after by one. It saves work
 * and is not relied upon: two that look after the same participant do no harm.
 */
@Injectable()
export class WorkShares {
  readonly #self: string;
  #instances: readonly string[];
  /** Whose each part is; highest random weight (Thaler and Ravishankar, 1998), so that few parts move. */
  #owners: readonly string[] = [];
  /** Who was there when it was asked last, if that is not yet acted upon. */
  #rumour: string | undefined;

  constructor(
    @Inject(WebhookStore) private readonly store: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) ids: Ids,
  ) {
    this.#self = ids.uuid();
    this.#instances = [this.#self];
  }

  /** How many instances share the work. */
  get count(): number {
    return this.#instances.length;
  }

  isMine(participantId: string): boolean {
    return this.count === 1 || this.#owners[partOf(participantId)] === this.#self;
  }

  /**
   * Says that this instance is there and hears which others are. A change counts when it is seen twice in a row: whoever
   * was cut off for a moment is not gone.
   */
  async attend(): Promise<Attendance & { readonly changed: boolean }> {
    const attendance = await this.store.attend(this.#self, TTL_MS, this.clock.now());
    const { workers } = attendance;
    const rumour = workers.join(' ');
    const isNew = rumour !== this.#instances.join(' ');
    const changed = isNew && (this.#owners.length === 0 || rumour === this.#rumour);
    this.#rumour = isNew ? rumour : undefined;
    if (changed || this.#owners.length === 0) {
      this.#instances = workers;
      this.#owners = Array.from({ length: PARTS }, (_, part) => heaviest(workers, part));
    }
    return { ...attendance, changed };
  }

  async leave(): Promise<void> {
    await this.store.leave(this.#self);
  }
}

const partOf = (participantId: string) => Number.parseInt(hash('sha1', participantId).slice(0, 8), 16) % PARTS;

function heaviest(instances: readonly string[], part: number): string {
  const weightOf = (instance: string) => hash('sha1', `${part} ${instance}`);
  return instances
    .map((instance) => ({ instance, weight: weightOf(instance) }))
    .reduce((best, each) => (each.weight > best.weight ? each : best)).instance;
}
