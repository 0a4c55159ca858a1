import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { isUnavailable } from '../domain/errors.js';
import { InstancesService } from '../instances/index.js';
import { Clock } from '../ports/clock.js';
import { FigureLog } from '../ports/figure-log.js';
import { IdentityVerifier } from '../ports/identity-verifier.js';
import { mergeSamples } from './merge-samples.js';
import type { FigureTable } from './figure-table.js';
import { Sampler } from './sampler.js';

/** How often each instance takes a sample, in milliseconds; all of them at the same moments. */
export const INTERVAL_MS = 10_000;
/** After this long the samples of a moment are there, those of other instances included, in milliseconds. */
const SETTLED_MS = 2_000;

/** What happened lately, for charts: each instance takes a sample every 10 s, and any instance tells of all. */
@Injectable()
export class FiguresService implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('Figures');
  /** Whether anybody may read them. */
  readonly #isRead: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sampler: Sampler,
    private readonly instances: InstancesService,
    @Inject(FigureLog) private readonly log: FigureLog,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) { admin }: ParleyConfig,
    @Inject(IdentityVerifier) verifier: IdentityVerifier | null,
  ) {
    this.#isRead = admin !== null && (admin.token !== null || verifier !== null);
  }

  onModuleInit(): void {
    if (this.#isRead) this.sampler.start();
  }

  onApplicationBootstrap(): void {
    if (this.#isRead) this.#schedule();
  }

  onModuleDestroy(): void {
    clearTimeout(this.#timer);
    this.sampler.stop();
  }

  /**
   * What happened in the intervals that ended later than `since`, in milliseconds since the epoch; of the last hour at
   * most. The one that ended less than two seconds ago is not there yet.
   * @throws ChatError `unavailable`, when a shared state is
   */
  async series(since = 0): Promise<FigureTable> {
    const samples = await this.log.since(since);
    const settled = this.clock.now() - SETTLED_MS;
    return mergeSamples(
      samples.filter(({ at }) => at <= settled),
      INTERVAL_MS,
    );
  }

  /** Takes a sample of the interval that ended at `at`; runs every 10 s by itself. */
  async sample(at: number): Promise<void> {
    try {
      await this.log.add({ instance: this.instances.id, at, figures: await this.sampler.take() });
    } catch (error) {
      // Of a state that is away its adapter tells.
      if (!isUnavailable(error)) this.#logger.error({ msg: 'a sample was lost', error: String(error) });
    }
  }

  #schedule(): void {
    const now = this.clock.now();
    const at = (Math.floor(now / INTERVAL_MS) + 1) * INTERVAL_MS;
    this.#timer = setTimeout(() => {
      this.#schedule();
      void this.sample(at);
    }, at - now).unref();
  }
}
