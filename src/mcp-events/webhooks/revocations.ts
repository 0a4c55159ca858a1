import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Subject } from 'rxjs';
import { AuthService } from '../../auth/index.js';
import { isUnavailable } from '../../domain/errors.js';
import { subscribeSafely } from '../../notifications/index.js';
import { StateStore } from '../../ports/state-store.js';
import { EventFeed } from './event-feed.js';

/** How soon it is tried again when it has failed, in milliseconds. */
const AGAIN_MS = 1_000;

/** Ends the webhooks of whoever is no longer let in: they go on without their subscriber, so nothing else would. */
@Injectable()
export class Revocations implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Webhooks');
  readonly #destroyed = new Subject<void>();
  /** Principals whose webhooks could not be ended yet. */
  readonly #pending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly auth: AuthService,
    private readonly feed: EventFeed,
    @Inject(StateStore) private readonly state: StateStore,
  ) {}

  onModuleInit(): void {
    subscribeSafely(this.auth.revoked, this.#destroyed, this.#logger, (principal) => this.#end(principal));
    this.#timer = setInterval(() => void this.#endPending(), AGAIN_MS).unref();
  }

  onModuleDestroy(): void {
    this.#destroyed.next();
    clearInterval(this.#timer);
  }

  async #end(principal: string): Promise<void> {
    try {
      for (const participantId of await this.state.participantsOf(principal)) {
        await this.feed.terminate(participantId, 'access_revoked');
      }
      this.#pending.delete(principal);
    } catch (error) {
      this.#pending.add(principal);
      if (!isUnavailable(error)) this.#logger.error({ msg: 'webhooks not ended', error: String(error) });
    }
  }

  /** What failed is no reason to go on telling them. */
  async #endPending(): Promise<void> {
    for (const principal of [...this.#pending]) await this.#end(principal);
  }
}
