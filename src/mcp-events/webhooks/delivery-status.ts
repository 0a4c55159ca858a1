import type { FailureCategory, WebhookSubscription } from '../../ports/webhook-store.js';

/** How deliveries fare, in answers to a refresh. Nothing an endpoint answered is ever repeated. SEP-3415, DeliveryStatus. */
export interface DeliveryStatus {
  readonly active: boolean;
  readonly lastDeliveryAt: string | null;
  readonly lastError: FailureCategory | null;
  readonly failedSince?: string;
  readonly throttled?: boolean;
  readonly retryAfterMs?: number;
}

export function deliveryStatusOf(subscription: WebhookSubscription, now: number): DeliveryStatus {
  const { active, lastDeliveryAt, lastError, failedSince, pausedUntil } = subscription;
  return {
    active,
    lastDeliveryAt: lastDeliveryAt === null ? null : iso(lastDeliveryAt),
    lastError,
    ...(failedSince !== null && { failedSince: iso(failedSince) }),
    ...(pausedUntil > now && { throttled: true, retryAfterMs: Math.ceil(pausedUntil - now) }),
  };
}

const iso = (at: number) => new Date(at).toISOString();
