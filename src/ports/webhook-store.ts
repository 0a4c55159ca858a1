import type { Rate } from '../domain/token-bucket.js';
import type { Awaitable } from './awaitable.js';

/** Why an attempt failed, and all that anybody learns of it. MCP Events, DeliveryStatus. */
export type FailureCategory =
  'connection_refused' | 'timeout' | 'tls_error' | 'http_4xx' | 'http_5xx' | 'challenge_failed';

/** The table of error numbers that a subscriber understands. */
export type ErrorCodes = 'sketch' | 'sep';

/** What a subscriber asks for. Times are milliseconds since the epoch. */
export interface NewSubscription {
  /** A digest of participant, URL, name and arguments: the same four give the same subscription. */
  readonly id: string;
  readonly participantId: string;
  readonly logId: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Byte for byte as the subscriber wrote it. */
  readonly url: string;
  /** Scheme, host and port of the URL: deliveries to one endpoint share its fate. */
  readonly endpoint: string;
  /** Encrypted; the store never sees what it signs with. */
  readonly secret: string;
  readonly codes: ErrorCodes;
  readonly expiresAt: number;
  /** Log position after which events are delivered. A live subscription keeps its own. */
  readonly seen: number;
  /** Until when the secret that this one replaces signs as well. */
  readonly previousSecretUntil: number;
}

export interface WebhookSubscription extends NewSubscription {
  readonly previousSecret: string | null;
  readonly createdAt: number;
  /** False while deliveries are suspended; a refresh takes them up again. */
  readonly active: boolean;
  /** Events were lost since the last refresh: abandoned, or no longer in the log when they were looked for. */
  readonly lost: boolean;
  /** The subscriber has yet to be told of a loss by a `gap` envelope. */
  readonly gapDue: boolean;
  /** Nothing is sent before, because the endpoint asked for it; 0 when it did not. */
  readonly pausedUntil: number;
  readonly lastDeliveryAt: number | null;
  readonly lastError: FailureCategory | null;
  /** When the first attempt failed since the last that did not; `failures` counts them. */
  readonly failedSince: number | null;
  readonly failures: number;
  /** How many deliveries are outstanding. */
  readonly pending: number;
  /** The highest position below which every event is delivered or given up. */
  readonly watermark: number;
}

/** Most subscriptions that are live at a time; 0 lifts a bound. */
export interface SubscriptionLimits {
  readonly perParticipant: number;
  readonly total: number;
}

export type Subscribed =
  | { readonly status: 'created'; readonly subscription: WebhookSubscription }
  /** `before` is the subscription as it was. */
  | { readonly status: 'refreshed'; readonly subscription: WebhookSubscription; readonly before: WebhookSubscription }
  | { readonly status: 'refused'; readonly limit: keyof SubscriptionLimits };

/** The `seq` of a `gap` envelope in the outbox: no event has it. */
export const GAP = 0;

/** One row of the outbox. */
export interface Delivery {
  readonly subscriptionId: string;
  readonly participantId: string;
  readonly endpoint: string;
  /** Which entry of the participant's log, or `GAP`. */
  readonly seq: number;
  /** Attempts that have failed. */
  readonly attempts: number;
  /** When it was put into the outbox, in milliseconds since the epoch. */
  readonly since: number;
  /** The `webhook-id` of a `gap`, the same for all its attempts. */
  readonly messageId?: string;
}

export interface Lease {
  /** Which worker holds the deliveries. */
  readonly owner: string;
  /** Milliseconds since the epoch; from then on anybody may claim them. */
  readonly until: number;
}

/** How far a subscription's log was read, and what was found. */
export interface Advance {
  readonly subscriptionId: string;
  /** Where the reading began: the advance is void when the subscription has moved on since. */
  readonly from: number;
  readonly to: number;
  /** Entries to deliver, in order, all in (from, to]. */
  readonly seqs: readonly number[];
  /** Entries were lost: put a `gap` of this `webhook-id` into the outbox, unless there is one. */
  readonly gap?: string;
}

export interface Claim {
  readonly now: number;
  readonly lease: Lease;
  readonly limit: number;
  readonly perEndpoint: number;
  /** Endpoints of which nothing is wanted. */
  readonly except: ReadonlySet<string>;
}

export interface Attempt {
  readonly delivery: Delivery;
  readonly subscription: WebhookSubscription;
  /** As the subscription's, but as if this delivery had arrived. */
  readonly watermark: number;
}

/** What became of a delivery that `owner` held. It changes nothing when the owner has lost the lease. */
export type Outcome = {
  readonly subscriptionId: string;
  readonly seq: number;
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
} & (
  | { readonly result: 'delivered'; readonly gap?: string }
  /** The endpoint wants this one neither now nor later. */
  | { readonly result: 'refused'; readonly category: FailureCategory }
  | {
      readonly result: 'failed';
      readonly category: FailureCategory;
      /** When to try again; null abandons it. */
      readonly retryAt: number | null;
      readonly suspend: boolean;
      /** The endpoint wants nothing of this subscription before. */
      readonly pauseUntil?: number;
    }
  /** Not attempted: due again at `until`. */
  | { readonly result: 'postponed'; readonly until: number }
  /** Not attempted, and never will be: the subscriber loses it. */
  | { readonly result: 'lost' }
);

/** Who serves webhooks, and what there is to be looked after. */
export interface Attendance {
  /** The ids of all that are there, in the same order for everybody. */
  readonly workers: readonly string[];
  /** How many participants have subscriptions. */
  readonly participants: number;
  /** The number of the newest of them: while it is the same, nobody has come. */
  readonly newest: number;
}

/**
 * Webhook subscriptions and what is under way to them, as atomic steps. With an adapter that outlives the process, a
 * restart loses no delivery: whatever was claimed and not settled is due again when its lease ends.
 *
 * `now` is milliseconds since the epoch. A subscription whose time is over is as good as gone.
 */
export interface WebhookStore {
  /**
   * Adds a subscription, or refreshes the live one of the same id: new secret (if it differs, the old one becomes
   * `previousSecret`), new expiry, active again, no longer `lost`. Limits are for new ones only.
   */
  subscribe(input: NewSubscription, limits: SubscriptionLimits, now: number): Awaitable<Subscribed>;
  /** Whether a new one would be refused, and by which limit. */
  full(participantId: string, limits: SubscriptionLimits, now: number): Awaitable<keyof SubscriptionLimits | undefined>;
  find(subscriptionId: string, now: number): Awaitable<WebhookSubscription | undefined>;
  /** Ends a subscription and its deliveries; undefined when there was none. */
  unsubscribe(subscriptionId: string, now: number): Awaitable<WebhookSubscription | undefined>;
  ofParticipant(participantId: string, now: number): Awaitable<readonly WebhookSubscription[]>;
  /**
   * The participants of live subscriptions, in the order in which they came, a page at a time: `after` is a number such as
   * `Attendance` has, or the `next` of the page before, which is undefined on the last. Who has a subscription all the
   * while is among them.
   */
  participants(
    after: number,
    limit: number,
    now: number,
  ): Awaitable<{ readonly participantIds: readonly string[]; readonly next: number | undefined }>;

  /**
   * Moves a subscription on and puts what was found into the outbox, due now; with a lease the caller holds it at once.
   * False when nothing was changed: the subscription is gone or suspended, or has moved on.
   */
  advance(advance: Advance, lease: Lease | undefined, now: number): Awaitable<boolean>;
  /**
   * Claims due deliveries, the endpoints in turn and none of suspended subscriptions; while it claims any there may be more.
   * What the claiming worker held already may be among them when its lease has ended.
   */
  claim(claim: Claim): Awaitable<readonly Delivery[]>;
  /** Takes up a delivery that the lease's owner holds, and renews the lease; undefined when it no longer does. */
  begin(subscriptionId: string, seq: number, lease: Lease, now: number): Awaitable<Attempt | undefined>;
  settle(outcomes: readonly Outcome[]): Awaitable<void>;

  /** Whether an endpoint's URL has answered a challenge for this participant, and not too long ago. */
  verified(participantId: string, url: string, now: number): Awaitable<boolean>;
  verify(participantId: string, url: string, until: number): Awaitable<void>;

  /** Takes one of what a rate allows for a key, whichever instance asks; returns 0, or the milliseconds until there is one. */
  take(key: string, rate: Rate, now: number): Awaitable<number>;

  /**
   * Says that a worker serves webhooks, for `ttlMs` from now on. Instances with clocks of their own go by the store's, so
   * that `now` is for a store that has none.
   */
  attend(worker: string, ttlMs: number, now: number): Awaitable<Attendance>;
  /** The worker is gone. */
  leave(worker: string): Awaitable<void>;

  /** The secret of all instances for which none is configured: the first that was proposed. */
  sharedKey(proposed: string): Awaitable<string>;
  /** Remembers, by a fingerprint, which key is in use; returns the one before. */
  noteKey(fingerprint: string): Awaitable<string | undefined>;

  /** Removes what is over; at most `limit` subscriptions and as many verifications. */
  sweep(now: number, limit: number): Awaitable<void>;
  /** How many subscriptions and outstanding deliveries there are. */
  counts(): Awaitable<{ readonly subscriptions: number; readonly pending: number }>;
}
export const WebhookStore = Symbol.for('parley/WebhookStore');
