import { Injectable } from '@nestjs/common';
import { type Rate, TokenBucket } from '../../domain/token-bucket.js';
import { EventsError } from '../event-errors.js';

/** Handshakes that one participant may cause, and that one endpoint may be bothered with. */
const PER_PARTICIPANT: Rate = { burst: 60, perMs: 600_000 };
const PER_ENDPOINT: Rate = { burst: 600, perMs: 60_000 };
/** Buckets kept of each kind; the one that was not asked for longest is forgotten first. */
const MAX_KEPT = 10_000;

/** Keeps subscribing from being a way to make Parley send requests to others. */
@Injectable()
export class HandshakeLimits {
  readonly #participants = new Map<string, TokenBucket>();
  readonly #endpoints = new Map<string, TokenBucket>();

  /** @throws EventsError ResourceExhausted */
  take(participantId: string, endpoint: string, now: number): void {
    const wait =
      bucket(this.#participants, participantId, PER_PARTICIPANT, now).take(now) ||
      bucket(this.#endpoints, endpoint, PER_ENDPOINT, now).take(now);
    if (wait > 0) throw new EventsError('ResourceExhausted', { limit: 'handshakes' });
  }
}

function bucket(buckets: Map<string, TokenBucket>, key: string, rate: Rate, now: number): TokenBucket {
  const found = buckets.get(key) ?? new TokenBucket(rate, now);
  buckets.delete(key);
  buckets.set(key, found);
  if (buckets.size > MAX_KEPT) buckets.delete(buckets.keys().next().value!);
  return found;
}
