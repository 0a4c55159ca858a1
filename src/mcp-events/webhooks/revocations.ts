import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Subject } from 'rxjs';
import { AuthService } from '../../auth/index.js';
import { subscribeSafely } from '../../notifications/index.js';
import { StateStore } from '../../ports/state-store.js';
import { EventFeed } from './event-feed.js';

/** Ends the webhooks of whoever is no longer let in: they go on without their subscriber, so nothing else would. */
@Injectable()
export class Revocations implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Webhooks');
  readonly #destroyed = new Subject<void>();

  constructor(
    private readonly auth: AuthService,
    private readonly feed: EventFeed,
    @Inject(StateStore) private readonly state: StateStore,
  ) {}

  onModuleInit(): void {
    subscribeSafely(this.auth.revoked, this.#destroyed, this.#logger, (principal) => this.#end(principal));
  }

  onModuleDestroy(): void {
    this.#destroyed.next();
  }

  async #end(principal: string): Promise<void> {
    for (const participantId of await this.state.participantsOf(principal)) {
      await this.feed.terminate(participantId, 'access_revoked');
    }
  }
}
