import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EventsKey } from '../events-key.js';

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D: 96 random bits, which must not repeat under a key; that is safe for 2^32 secrets. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keeps signing secrets encrypted at rest, each bound to its subscription. */
@Injectable()
export class SecretBox {
  readonly #key: Buffer;

  constructor(key: EventsKey) {
    this.#key = key.for('secrets');
  }

  seal(secret: Buffer, subscriptionId: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(subscriptionId));
    const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Undefined for what another key, or for another subscription, has sealed. */
  open(sealed: string, subscriptionId: string): Buffer | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(subscriptionId))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}
