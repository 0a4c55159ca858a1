import { Inject, Injectable } from '@nestjs/common';
import { ParleyConfig } from '../../config/index.js';
import { isObject } from '../../mcp-transport/index.js';
import { CallbackUrlError, Egress } from '../egress/index.js';
import { invalidParams, unsupportedMode } from '../event-errors.js';
import type { EventArguments } from '../event-types.js';
import { requireSecret } from './webhook-secret.js';

type Params = Readonly<Record<string, unknown>>;

/** Where a subscriber wants its events, checked. */
export interface DeliveryRequest {
  /** Byte for byte as it was written. */
  readonly url: string;
  readonly endpoint: string;
  readonly secret: Buffer;
  /** How long is granted. */
  readonly ttlMs: number;
}

/** Which subscription is to end. */
export interface UnsubscribeRequest {
  readonly name: string;
  readonly url: string;
  readonly args: EventArguments;
}

/** What `events/subscribe` and `events/unsubscribe` ask for, beyond what all modes have in common. */
@Injectable()
export class WebhookRequests {
  constructor(
    private readonly egress: Egress,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /** @throws EventsError InvalidParams, Unsupported */
  subscribe(params: Params): DeliveryRequest {
    const delivery = requireDelivery(params);
    const { mode = 'webhook', url, secret } = delivery;
    if (typeof mode !== 'string') throw invalidParams('delivery.mode must be a string');
    if (mode !== 'webhook') throw unsupportedMode(mode.slice(0, 64));
    const ttlMs = this.#granted(params['ttlMs']);
    const text = requireText(url, 'delivery.url');
    try {
      this.egress.requireCallbackUrl(text);
    } catch (error) {
      throw error instanceof CallbackUrlError ? invalidParams(`delivery.url ${error.message}`) : error;
    }
    return { url: text, endpoint: new URL(text).origin, secret: requireSecret(secret), ttlMs };
  }

  /** The type and the arguments need not make sense any more. @throws EventsError InvalidParams */
  unsubscribe(params: Params): UnsubscribeRequest {
    const args = params['arguments'] ?? {};
    if (!isObject(args) || params['arguments'] === null) throw invalidParams('arguments must be an object');
    const token = args['participant_token'];
    if (token !== undefined && typeof token !== 'string') throw invalidParams('participant_token must be a string');
    return {
      name: requireText(params['name'], 'name'),
      url: requireText(requireDelivery(params)['url'], 'delivery.url'),
      args,
    };
  }

  /** No number is refused: what is out of bounds becomes the bound. Without expiry (null) is as long as there is. */
  #granted(ttlMs: unknown): number {
    const { ttlMs: usual, ttlMinMs, ttlMaxMs } = this.config.webhooks;
    if (ttlMs !== undefined && ttlMs !== null && typeof ttlMs !== 'number') {
      throw invalidParams('ttlMs must be a number or null');
    }
    const wanted = ttlMs === undefined ? usual : ttlMs === null ? ttlMaxMs : Math.floor(ttlMs);
    return Math.min(ttlMaxMs, Math.max(ttlMinMs, wanted));
  }
}

function requireDelivery(params: Params): Params {
  const delivery = params['delivery'];
  if (!isObject(delivery)) throw invalidParams('delivery is required and must be an object');
  return delivery;
}

function requireText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidParams(`${name} is required and must be a string`);
}
