import { Inject, Injectable } from '@nestjs/common';
import type { Rate } from '../../domain/token-bucket.js';
import { WebhookStore } from '../../ports/webhook-store.js';
import { EventsError } from '../event-errors.js';

/** Handshakes that one participant may cause, and that one endpoint may be bothered with, by all instances together. */
const PER_PARTICIPANT: Rate = { burst: 60, perMs: 600_000 };
const PER_ENDPOINT: Rate = { burst: 600, perMs: 60_000 };

/** Keeps subscribing from being a way to make Parley send requests to others. */
@Injectable()
export class HandshakeLimits {
  constructor(@Inject(WebhookStore) private readonly store: WebhookStore) {}

  /** @throws EventsError ResourceExhausted */
  async take(participantId: string, endpoint: string, now: number): Promise<void> {
    const wait =
      (await this.store.take(`participant ${participantId}`, PER_PARTICIPANT, now)) ||
      (await this.store.take(`endpoint ${endpoint}`, PER_ENDPOINT, now));
    if (wait > 0) throw new EventsError('ResourceExhausted', { limit: 'handshakes' });
  }
}
