import type { Provider } from '@nestjs/common';
import { EGRESS_PROVIDERS } from '../egress/index.js';
import { DeliveryMessages } from './delivery-messages.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { DeliveryWorker } from './delivery.worker.js';
import { EndpointChallenge } from './endpoint-challenge.js';
import { EventFeed } from './event-feed.js';
import { HandshakeLimits } from './handshake-limits.js';
import { Revocations } from './revocations.js';
import { SecretBox } from './secret-box.js';
import { SubscriptionSigners } from './subscription-signers.js';
import { WebhookRequests } from './webhook-requests.js';
import { WorkShares } from './work-shares.js';
import { WebhooksService } from './webhooks.service.js';

export { type DeliveryFigures, DeliveryMetrics } from './delivery-metrics.js';
export { type SubscribeResult, WebhooksService } from './webhooks.service.js';

/** `WebhooksService` with all it needs but the store. */
export const WEBHOOK_PROVIDERS: Provider[] = [
  ...EGRESS_PROVIDERS,
  SecretBox,
  SubscriptionSigners,
  HandshakeLimits,
  EndpointChallenge,
  DeliveryMetrics,
  DeliveryMessages,
  DeliveryWorker,
  WorkShares,
  EventFeed,
  Revocations,
  WebhookRequests,
  WebhooksService,
];
