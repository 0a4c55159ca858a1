import { hkdfSync, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';

const KEY_BYTES = 32;

/** The secret behind cursors and stored secrets, as keys for one purpose each (RFC 5869). */
@Injectable()
export class EventsKey {
  readonly #secret: Buffer;
  /** Whether the secret is of this process only, so that what it protects is lost with a restart. */
  readonly ephemeral: boolean;

  constructor(@Inject(ParleyConfig) { events: { key } }: Pick<ParleyConfig, 'events'>) {
    this.ephemeral = key === null;
    this.#secret = key === null ? randomBytes(KEY_BYTES) : Buffer.from(key, 'utf8');
  }

  /** 32 bytes that nothing else is used for. */
  for(purpose: 'cursors' | 'secrets'): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, '', `parley/events/${purpose}`, KEY_BYTES));
  }
}
