import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ParleyConfig } from '../../config/index.js';
import { isUnavailable } from '../../domain/errors.js';
import type { LogEntry } from '../../domain/event.js';
import { Clock } from '../../ports/clock.js';
import { Ids } from '../../ports/ids.js';
import {
  type Attempt,
  type Delivery,
  type FailureCategory,
  type Lease,
  type Outcome,
  WebhookStore,
  type WebhookSubscription,
} from '../../ports/webhook-store.js';
import { CallbackUrlError, Egress, EgressError, type EgressResponse, EgressThrottled } from '../egress/index.js';
import type { EventsError } from '../event-errors.js';
import { DeliveryLanes, type Health } from './delivery-lanes.js';
import { DeliveryMessages } from './delivery-messages.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { isDead, pauseUntil, retryAt } from './retry-policy.js';
import { signedHeaders } from './signed-message.js';
import { SubscriptionSigners } from './subscription-signers.js';

/**
 * How long a delivery that was claimed is nobody else's, in milliseconds, besides what an attempt may take: as much as clocks
 * of instances may differ, and more.
 */
const LEASE_SLACK_MS = 60_000;
/** How often due deliveries are looked for, in milliseconds. */
const TICK_MS = 250;
/** How often what is over is removed, in ticks. */
const SWEEP_TICKS = 40;
const SWEEP_LIMIT = 1_000;
/** The part of what may be under way that deliveries leave to challenges, so that a busy endpoint can be verified. */
const SPARE_PART = 4;
/** Deliveries held in memory, as a multiple of those that may be under way, and by one endpoint at most. */
const HELD_PER_CONNECTION = 8;
const HELD_PER_HOST_CONNECTION = 16;
const MESSAGE_ID_BYTES = 16;
/** How much of the time to stop attempts under way may take to end. */
const SHUTDOWN_PART = 3;
const SHUTDOWN_POLL_MS = 20;

interface Held {
  readonly subscriptionId: string;
  readonly endpoint: string;
  readonly delivery: Delivery;
  /** The event, when it is at hand. */
  readonly entry: LogEntry | undefined;
}

/** What became of a delivery, without which delivery that was. */
type Result = WithoutKey<Outcome>;
type WithoutKey<O> = O extends Outcome ? Omit<O, 'subscriptionId' | 'seq' | 'owner' | 'at'> : never;

/** Carries out what is in the outbox: one POST for each event, retries, and what they say about the endpoint. */
@Injectable()
export class DeliveryWorker implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Webhooks');
  readonly #lanes: DeliveryLanes<Held>;
  readonly #held = new Set<string>();
  readonly #limits: { total: number; perEndpoint: number; held: number; heldPerEndpoint: number };
  /** What could not be begun, and what has become of deliveries but could not be said, because the store was away. */
  #unbegun: Held[] = [];
  #unsettled: Outcome[] = [];
  readonly #owner: string;
  readonly #leaseMs: number;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #claiming = false;
  #stopped = false;
  /** Called with the participant whose subscription has room for more. */
  onRoom: (participantId: string) => void = () => undefined;

  constructor(
    private readonly egress: Egress,
    private readonly messages: DeliveryMessages,
    private readonly signers: SubscriptionSigners,
    private readonly metrics: DeliveryMetrics,
    @Inject(WebhookStore) private readonly store: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {
    const { connections, hostConnections, bodyTimeoutMs } = config.egress;
    this.#owner = ids.uuid();
    this.#leaseMs = config.webhooks.timeoutMs + bodyTimeoutMs + LEASE_SLACK_MS;
    this.#limits = {
      total: withoutSpare(connections),
      perEndpoint: withoutSpare(hostConnections),
      held: connections * HELD_PER_CONNECTION,
      heldPerEndpoint: hostConnections * HELD_PER_HOST_CONNECTION,
    };
    this.#lanes = new DeliveryLanes(this.#limits, (held) => this.#attempt(held));
  }

  /** Bounds on what one endpoint is bothered with are for all instances together: each keeps to its part. */
  shareAmong(instances: number): void {
    this.egress.shareAmong(instances);
    this.#limits.perEndpoint = withoutSpare(this.egress.hostConnections);
  }

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.tick(), TICK_MS).unref();
  }

  /** Gives back what was not begun and lets attempts under way end; what does not is due again when its lease ends. */
  async onModuleDestroy(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#giveBack([...this.#lanes.stop(), ...this.#unbegun].map(({ delivery }) => delivery));
    const until = performance.now() + this.config.shutdownMs / SHUTDOWN_PART;
    while ((this.#lanes.running > 0 || this.#claiming) && performance.now() < until) await sleep(SHUTDOWN_POLL_MS);
  }

  /** The lease for deliveries to this endpoint; undefined when they had better wait in the store. */
  leaseFor(endpoint: string): Lease | undefined {
    return this.#lanes.hasRoomFor(endpoint) ? this.#lease() : undefined;
  }

  /** Takes over a delivery that is leased to this worker. */
  take(delivery: Delivery, entry?: LogEntry): void {
    const key = keyOf(delivery);
    if (this.#held.has(key)) return;
    if (this.#stopped) return void this.#giveBack([delivery]).catch(() => undefined);
    this.#held.add(key);
    this.#lanes.add({ subscriptionId: delivery.subscriptionId, endpoint: delivery.endpoint, delivery, entry });
  }

  /** Claims what is due, and removes from time to time what is over; runs by itself. */
  async tick(): Promise<void> {
    try {
      await this.#claim();
      if (++this.#ticks % SWEEP_TICKS === 0) await this.store.sweep(this.clock.now(), SWEEP_LIMIT);
    } catch (error) {
      // Of a store that is away its adapter tells.
      if (!isUnavailable(error)) this.#logger.error({ msg: 'outbox not read', error: String(error) });
    }
  }

  /** Tells a subscriber, once, that a subscription that has been removed is over. */
  async terminate(subscription: WebhookSubscription, error: EventsError): Promise<void> {
    const { id, url, codes } = subscription;
    const now = this.clock.now();
    const signers = this.signers.of(subscription, now);
    if (!signers || subscription.expiresAt <= now) return;
    const body = JSON.stringify({ type: 'terminated', error: error.in(codes) });
    const headers = signedHeaders(this.messageId('terminated'), id, body, signers, now);
    await this.egress.post(url, { headers, body, timeoutMs: this.config.webhooks.timeoutMs }).catch(() => undefined);
  }

  /** A new `webhook-id` for a control envelope. */
  messageId(type: 'gap' | 'terminated'): string {
    return `msg_${type}_${this.ids.secret(MESSAGE_ID_BYTES)}`;
  }

  async #claim(): Promise<void> {
    if (this.#claiming || this.#stopped) return;
    this.#claiming = true;
    try {
      if (this.#unsettled.length > 0) await this.#settleLate();
      const { hostConnections } = this.config.egress;
      const perEndpoint = hostConnections * HELD_PER_HOST_CONNECTION;
      let claimed: readonly Delivery[];
      do {
        if (this.#lanes.room === 0) return;
        const [limit, except] = [this.#lanes.room, this.#lanes.full];
        claimed = await this.store.claim({ now: this.clock.now(), lease: this.#lease(), limit, perEndpoint, except });
        for (const delivery of claimed) this.take(delivery);
      } while (claimed.length > 0 && !this.#stopped);
      // The store is there again.
      for (const { delivery, entry } of this.#unbegun.splice(0)) this.take(delivery, entry);
    } finally {
      this.#claiming = false;
    }
  }

  /** Leaves deliveries to whoever claims them next. */
  async #giveBack(deliveries: readonly Delivery[]): Promise<void> {
    const until = this.clock.now();
    this.#unsettled.push(...deliveries.map((delivery) => this.#outcome(delivery, { result: 'postponed', until })));
    await this.#settleLate();
  }

  /** Says what has become of deliveries while the store was away. */
  async #settleLate(): Promise<void> {
    const outcomes = this.#unsettled;
    this.#unsettled = [];
    try {
      await this.store.settle(outcomes);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.#unsettled.push(...outcomes);
    }
  }

  #lease(): Lease {
    return { owner: this.#owner, until: this.clock.now() + this.#leaseMs };
  }

  async #attempt(held: Held): Promise<Health> {
    try {
      return await this.#deliver(held);
    } catch (error) {
      if (isUnavailable(error)) this.#unbegun.push(held);
      // The lease ends by itself, and then somebody tries again.
      else this.#logger.error({ msg: 'delivery failed', subscription_id: held.subscriptionId, error: String(error) });
      return 'idle';
    } finally {
      this.#held.delete(keyOf(held.delivery));
      this.onRoom(held.delivery.participantId);
    }
  }

  async #deliver({ delivery: { subscriptionId, seq }, entry }: Held): Promise<Health> {
    const now = this.clock.now();
    const attempt = await this.store.begin(subscriptionId, seq, this.#lease(), now);
    if (!attempt) return 'idle';
    const { subscription, delivery } = attempt;
    if (subscription.pausedUntil > now) return this.#postpone(delivery, subscription.pausedUntil);
    const signers = this.signers.of(subscription, now);
    const message = signers && (await this.messages.of(attempt, entry));
    if (!signers) this.#logger.warn({ msg: 'signing secret cannot be read', subscription_id: subscriptionId });
    if (!message) {
      this.metrics.count('lost');
      return this.#settle(delivery, { result: 'lost' }, 'idle');
    }
    const headers = signedHeaders(message.id, subscriptionId, message.body, signers, now);
    const request = { headers, body: message.body, timeoutMs: this.config.webhooks.timeoutMs };
    let response: EgressResponse;
    try {
      response = await this.egress.post(subscription.url, request);
    } catch (error) {
      if (error instanceof EgressThrottled) return this.#postpone(delivery, now + error.retryAfterMs);
      if (error instanceof EgressError) return this.#failed(attempt, error.category);
      if (error instanceof CallbackUrlError) return this.#failed(attempt, 'connection_refused');
      throw error;
    }
    return this.#answered(attempt, response, message.at);
  }

  /** SEP-3415, Webhook responses: 410 and 413 are about the event, not the subscription; redirects are not followed. */
  #answered(attempt: Attempt, { status, retryAfterMs }: EgressResponse, happenedAt: number): Promise<Health> {
    const { delivery, subscription } = attempt;
    if (status >= 200 && status < 300) {
      this.metrics.delivered(Math.max(0, this.clock.now() - happenedAt));
      const gap = subscription.gapDue ? { gap: this.messageId('gap') } : {};
      return this.#settle(delivery, { result: 'delivered', ...gap }, 'well');
    }
    if (status === 410 || status === 413) {
      this.metrics.count('refused');
      return this.#settle(delivery, { result: 'refused', category: 'http_4xx' }, 'well');
    }
    return this.#failed(attempt, status >= 500 ? 'http_5xx' : 'http_4xx', retryAfterMs);
  }

  #failed({ delivery, subscription }: Attempt, category: FailureCategory, retryAfterMs?: number): Promise<Health> {
    const now = this.clock.now();
    const attempts = delivery.attempts + 1;
    const at = retryAt(attempts, delivery.since, now, this.ids.random(), retryAfterMs);
    const suspend = isDead(subscription, now);
    this.metrics.failed(category);
    if (at === null) this.metrics.count('abandoned');
    if (suspend) this.metrics.count('suspended');
    this.#logger.debug({
      msg: at === null ? 'delivery abandoned' : 'delivery failed',
      subscription_id: delivery.subscriptionId,
      seq: delivery.seq,
      attempt: attempts,
      category,
      suspended: suspend || undefined,
    });
    const pause = retryAfterMs === undefined ? {} : { pauseUntil: pauseUntil(delivery.since, now, retryAfterMs) };
    const health = category === 'http_4xx' || category === 'http_5xx' ? 'well' : 'stuck';
    return this.#settle(delivery, { result: 'failed', category, retryAt: at, suspend, ...pause }, health);
  }

  #postpone(delivery: Delivery, until: number): Promise<Health> {
    this.metrics.count('postponed');
    return this.#settle(delivery, { result: 'postponed', until }, 'idle');
  }

  async #settle(delivery: Delivery, result: Result, health: Health): Promise<Health> {
    const outcome = this.#outcome(delivery, result);
    try {
      await this.store.settle([outcome]);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.#unsettled.push(outcome);
    }
    return health;
  }

  #outcome({ subscriptionId, seq }: Delivery, result: Result): Outcome {
    return { subscriptionId, seq, owner: this.#owner, at: this.clock.now(), ...result };
  }
}

/** Connections but for those that are left to challenges. */
const withoutSpare = (connections: number) => connections - Math.floor(connections / SPARE_PART);

const keyOf = ({ subscriptionId, seq }: Delivery) => `${subscriptionId} ${seq}`;
