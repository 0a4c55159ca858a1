import type { WebhookSubscription } from '../../ports/webhook-store.js';

/** How long after the failures of an event it is tried again, in milliseconds. */
const DELAYS_MS = [1_000, 5_000, 30_000, 120_000, 480_000];
/** Up to this part of a delay is added at random, so that what failed together does not come together again. */
const JITTER = 0.25;
/** As long as an endpoint can put deliveries off by `Retry-After`, counted from when the event was due. */
const WINDOW_MS = 900_000;
/** Failing for so long, and so often, without a single success, a subscription is suspended. */
const SUSPEND_AFTER_MS = 3_600_000;
const SUSPEND_AFTER_ATTEMPTS = 100;

/**
 * When to try again; null when it was the last attempt. Times are milliseconds since the epoch.
 *
 * @param attempts how many have failed, with this one
 * @param since when the event was put into the outbox
 * @param random in [0, 1)
 * @param retryAfterMs what the endpoint asked for
 */
export function retryAt(attempts: number, since: number, now: number, random: number, retryAfterMs = 0): number | null {
  const delay = DELAYS_MS[attempts - 1];
  if (delay === undefined) return null;
  return Math.max(now + delay * (1 + JITTER * random), pauseUntil(since, now, retryAfterMs));
}

/** Until when an endpoint may keep a subscription's deliveries waiting. */
export const pauseUntil = (since: number, now: number, retryAfterMs: number): number =>
  Math.min(now + retryAfterMs, Math.max(now, since + WINDOW_MS));

/** Whether a subscription that fails once more is not worth any further attempt until it is refreshed. */
export const isDead = ({ failures, failedSince }: WebhookSubscription, now: number): boolean =>
  failedSince !== null && now - failedSince >= SUSPEND_AFTER_MS && failures + 1 >= SUSPEND_AFTER_ATTEMPTS;
