import { Injectable } from '@nestjs/common';
import type { Webhook } from 'standardwebhooks';
import type { WebhookSubscription } from '../../ports/webhook-store.js';
import { SecretBox } from './secret-box.js';
import { signerOf } from './signed-message.js';

/** Signers kept ready; the one made first goes first. */
const MAX_KEPT = 20_000;

/** The signers of a subscription: its secret and, for a while after a rotation, the one before. */
@Injectable()
export class SubscriptionSigners {
  /** By sealed secret. */
  readonly #kept = new Map<string, Webhook>();

  constructor(private readonly box: SecretBox) {}

  /** Undefined when the secret cannot be read, because the key is another one now. */
  of(subscription: WebhookSubscription, now: number): readonly Webhook[] | undefined {
    const { id, secret, previousSecret, previousSecretUntil } = subscription;
    const current = this.#signer(secret, id);
    if (!current) return undefined;
    const previous = previousSecret !== null && now < previousSecretUntil && this.#signer(previousSecret, id);
    return previous ? [current, previous] : [current];
  }

  #signer(sealed: string, subscriptionId: string): Webhook | undefined {
    const kept = this.#kept.get(sealed);
    if (kept) return kept;
    const secret = this.box.open(sealed, subscriptionId);
    if (!secret) return undefined;
    const signer = signerOf(secret);
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(sealed, signer);
    return signer;
  }
}
