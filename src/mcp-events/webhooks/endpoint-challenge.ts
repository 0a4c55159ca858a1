import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../ports/clock.js';
import { Ids } from '../../ports/ids.js';
import { type FailureCategory, WebhookStore } from '../../ports/webhook-store.js';
import { isObject } from '../../mcp-transport/index.js';
import { Egress, EgressError, type EgressResponse, EgressThrottled } from '../egress/index.js';
import { EventsError } from '../event-errors.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { HandshakeLimits } from './handshake-limits.js';
import { signedHeaders, signerOf } from './signed-message.js';

/** Milliseconds that an endpoint has to answer. */
const TIMEOUT_MS = 5_000;
const NONCE_BYTES = 24;
const MESSAGE_ID_BYTES = 16;
/** For how long a success counts for the participant's other subscriptions with the same URL, in milliseconds. */
const VERIFIED_MS = 86_400_000;

export interface Challenged {
  readonly subscriptionId: string;
  readonly participantId: string;
  readonly url: string;
  readonly endpoint: string;
  readonly secret: Buffer;
}

/** Makes sure that whoever runs an endpoint wants the deliveries (SEP-3415, Endpoint verification). */
@Injectable()
export class EndpointChallenge {
  readonly #logger = new Logger('Webhooks');
  /** Handshakes under way, by participant and URL. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly egress: Egress,
    private readonly limits: HandshakeLimits,
    private readonly metrics: DeliveryMetrics,
    @Inject(WebhookStore) private readonly store: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Returns when the URL has answered a challenge, now or not long ago.
   * @throws EventsError CallbackEndpointError, ResourceExhausted
   */
  async require(challenged: Challenged): Promise<void> {
    const { participantId, url } = challenged;
    if (await this.store.verified(participantId, url, this.clock.now())) return;
    const key = `${participantId} ${url}`;
    let handshake = this.#underWay.get(key);
    if (!handshake) {
      handshake = this.#handshake(challenged).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, handshake);
    }
    return handshake;
  }

  async #handshake(challenged: Challenged): Promise<void> {
    const { participantId, url, endpoint, subscriptionId } = challenged;
    await this.limits.take(participantId, endpoint, this.clock.now());
    const reason = await this.#failure(challenged);
    this.metrics.challenged(reason === undefined);
    if (reason) {
      this.#logger.log({ msg: 'endpoint not verified', subscription_id: subscriptionId, reason });
      throw new EventsError('CallbackEndpointError', { reason });
    }
    await this.store.verify(participantId, url, this.clock.now() + VERIFIED_MS);
  }

  /** Why the endpoint failed; undefined when it did not. */
  async #failure({ subscriptionId, url, secret }: Challenged): Promise<FailureCategory | undefined> {
    const challenge = this.ids.secret(NONCE_BYTES);
    const body = JSON.stringify({ type: 'verification', challenge });
    const id = `msg_verification_${this.ids.secret(MESSAGE_ID_BYTES)}`;
    const headers = signedHeaders(id, subscriptionId, body, [signerOf(secret)], this.clock.now());
    try {
      const response = await this.egress.post(url, { headers, body, timeoutMs: TIMEOUT_MS });
      return repeats(response, challenge) ? undefined : 'challenge_failed';
    } catch (error) {
      if (error instanceof EgressError) return error.category;
      if (error instanceof EgressThrottled) throw new EventsError('ResourceExhausted', { limit: 'endpointRequests' });
      throw error;
    }
  }
}

/** Whether a response is a success and says the challenge; compared in constant time. */
function repeats({ status, body }: EgressResponse, challenge: string): boolean {
  const said = challengeIn(body);
  return status >= 200 && status < 300 && said !== undefined && timingSafeEqual(digest(said), digest(challenge));
}

function challengeIn(body: Buffer): string | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) && typeof value['challenge'] === 'string' ? value['challenge'] : undefined;
  } catch {
    return undefined;
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest();
