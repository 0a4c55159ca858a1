import { type Rate, TokenBucket } from '../../domain/token-bucket.js';

/** Keys remembered; beyond them, the one used least recently starts afresh. */
const MAX_KEYS = 10_000;
/** Milliseconds that somebody refused stays away at least and at most. */
const MIN_WAIT_MS = 250;
const MAX_WAIT_MS = 60_000;

interface Entry {
  readonly bucket: TokenBucket;
  /** When whoever is refused next may come again. */
  nextTurn: number;
}

/** A rate limit for each of many keys, in bounded memory. */
export class KeyedRate {
  readonly #entries = new Map<string, Entry>();

  constructor(private rate: Rate) {}

  /** Another rate from now on, by which all keys start afresh. */
  change(rate: Rate): void {
    this.rate = rate;
    this.#entries.clear();
  }

  /** Takes one; returns 0 when there was one, else the milliseconds after which to come again. */
  take(key: string, now: number): number {
    const entry = this.#entry(key, now);
    const wait = entry.bucket.take(now);
    return wait === 0 ? 0 : this.#turn(entry, now, wait);
  }

  /** When to come again for a key that was refused for another reason. */
  postpone(key: string, now: number): number {
    return this.#turn(this.#entry(key, now), now, 0);
  }

  /** Those refused come again one after the other, as fast as the rate allows, and not all at once. */
  #turn(entry: Entry, now: number, wait: number): number {
    const { burst, perMs } = this.rate;
    const turn = Math.min(Math.max(entry.nextTurn, now + Math.max(wait, MIN_WAIT_MS)), now + MAX_WAIT_MS);
    entry.nextTurn = turn + (burst === 0 ? 1 : perMs / burst);
    return Math.ceil(turn - now);
  }

  #entry(key: string, now: number): Entry {
    const entry = this.#entries.get(key) ?? { bucket: new TokenBucket(this.rate, now), nextTurn: now };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > MAX_KEYS) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }
}
