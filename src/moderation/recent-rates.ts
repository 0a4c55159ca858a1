import { rateLimited } from '../domain/errors.js';
import { type Rate, TokenBucket } from '../domain/token-bucket.js';

/** How many participants are remembered. */
const REMEMBERED = 10_000;

/** How often each participant has done something lately at this instance. */
export class RecentRates {
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly what: 'messages' | 'reports',
    private readonly rate: Rate,
  ) {}

  /** @throws ChatError `rate_limited` */
  take(participantId: string, now: number): void {
    const bucket = this.#buckets.get(participantId) ?? new TokenBucket(this.rate, now);
    this.#buckets.delete(participantId);
    this.#buckets.set(participantId, bucket);
    if (this.#buckets.size > REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value!);
    const waitMs = bucket.take(now);
    if (waitMs > 0) throw rateLimited(this.what, Math.ceil(waitMs / 1000));
  }
}
