import { hkdfSync, randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { ParleyConfig } from '../config/index.js';
import type { WebhookStore } from '../ports/webhook-store.js';

const KEY_BYTES = 32;

/** The secret behind cursors and stored secrets, as keys for one purpose each (RFC 5869). */
export class EventsKey {
  readonly #secret: Buffer;

  /** @param shared what takes the place of a key that is not configured; a random one of this process by default */
  constructor({ events: { key } }: Pick<ParleyConfig, 'events'>, shared: string | null = null) {
    const secret = key ?? shared;
    this.#secret = secret === null ? randomBytes(KEY_BYTES) : Buffer.from(secret, 'utf8');
  }

  /**
   * The key that this instance has in common with those that share its state. When none is configured the first instance
   * makes one, which is kept with the state.
   */
  static async open(config: Pick<ParleyConfig, 'events' | 'shared'>, store: WebhookStore): Promise<EventsKey> {
    if (!config.shared) return new EventsKey(config);
    const logger = new Logger('Events');
    let shared: string | null = null;
    if (config.events.key === null) {
      shared = await store.sharedKey(randomBytes(KEY_BYTES).toString('base64url'));
      logger.warn({
        msg: 'EVENTS_KEY is not set, so the key is kept in Redis: who reads Redis can read webhook secrets',
      });
    }
    const key = new EventsKey(config, shared);
    const before = await store.noteKey(key.#fingerprint);
    if (before !== undefined && before !== key.#fingerprint) {
      logger.warn({ msg: 'EVENTS_KEY is not that of the instance started before; all must have the same' });
    }
    return key;
  }

  /** 32 bytes that nothing else is used for. */
  for(purpose: 'cursors' | 'secrets'): Buffer {
    return this.#derive(purpose);
  }

  get #fingerprint(): string {
    return this.#derive('fingerprint').toString('base64url');
  }

  #derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, '', `parley/events/${purpose}`, KEY_BYTES));
  }
}
