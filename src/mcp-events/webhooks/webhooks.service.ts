import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ParleyConfig } from '../../config/index.js';
import { ChatError } from '../../domain/errors.js';
import { type CallContext, isObject } from '../../mcp-transport/index.js';
import { Clock } from '../../ports/clock.js';
import { type SubscriptionLimits, WebhookStore, type WebhookSubscription } from '../../ports/webhook-store.js';
import { EventCursors } from '../event-cursors.js';
import { errorTableOf, EVENTS_EXTENSION, EventsError, forbidden } from '../event-errors.js';
import { readRequest } from '../event-request.js';
import type { EventArguments } from '../event-types.js';
import { OpeningService } from '../opening.service.js';
import { SubjectService } from '../subject.service.js';
import { EndpointChallenge } from './endpoint-challenge.js';
import { EventFeed } from './event-feed.js';
import { SecretBox } from './secret-box.js';
import { type DeliveryStatus, deliveryStatusOf } from './delivery-status.js';
import { type DeliveryRequest, WebhookRequests } from './webhook-requests.js';

type Params = Readonly<Record<string, unknown>>;

/** For how long both secrets sign after a rotation, in milliseconds. */
const ROTATION_GRACE_MS = 300_000;

export interface SubscribeResult {
  readonly id: string;
  /** ISO 8601; until then events are delivered. */
  readonly refreshBefore: string;
  readonly cursor: string;
  readonly truncated: boolean;
  /** As it was before a refresh. */
  readonly deliveryStatus?: DeliveryStatus;
}

/** `events/subscribe` and `events/unsubscribe` (SEP-3415, Webhook delivery). */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly requests: WebhookRequests,
    private readonly openings: OpeningService,
    private readonly subjects: SubjectService,
    private readonly challenge: EndpointChallenge,
    private readonly box: SecretBox,
    private readonly cursors: EventCursors,
    private readonly feed: EventFeed,
    @Inject(WebhookStore) private readonly store: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /**
   * Subscribes, or refreshes the subscription of the same participant, URL, name and arguments.
   * @throws EventsError, ChatError
   */
  async subscribe(params: Params, call: CallContext): Promise<SubscribeResult> {
    this.#requirePrincipal(call);
    const request = readRequest(params, 'webhook');
    const delivery = this.requests.subscribe(params);
    const { subject, start } = await this.openings.open(request, call);
    const { participantId, logId } = subject;
    const args = lasting(request.args);
    const id = subscriptionId(participantId, delivery.url, request.type.name, args);
    const known = await this.store.find(id, this.clock.now());
    if (!known) this.#requireRoom(await this.store.full(participantId, this.#limits, this.clock.now()));
    await this.challenge.require({ subscriptionId: id, participantId, ...delivery });
    // What the cursor of the answer says of a live subscription is to be no older than the answer.
    if (known) await this.feed.read(participantId);
    const now = this.clock.now();
    const expiresAt = now + delivery.ttlMs;
    const subscribed = await this.store.subscribe(
      {
        id,
        participantId,
        logId,
        name: request.type.name,
        arguments: args,
        url: delivery.url,
        endpoint: delivery.endpoint,
        secret: this.#sealed(id, delivery, known),
        codes: errorTableOf(call, this.config.events.errorCodes),
        expiresAt,
        seen: start.position,
        previousSecretUntil: now + ROTATION_GRACE_MS,
      },
      this.#limits,
      now,
    );
    if (subscribed.status === 'refused') throw this.#exhausted(subscribed.limit);
    // The answer is on its way before the first delivery is.
    this.feed.watch(participantId);
    return {
      id,
      refreshBefore: new Date(expiresAt).toISOString(),
      cursor: this.cursors.encode(logId, subscribed.subscription.watermark),
      ...(subscribed.status === 'created'
        ? { truncated: start.truncated }
        : { truncated: subscribed.before.lost, deliveryStatus: deliveryStatusOf(subscribed.before, now) }),
    };
  }

  /**
   * Ends a subscription at once, whatever has become of its room. Ending one that there is not is no error to clients that
   * expect that (OpenAI, MCP Events), and one to those that declare the extension.
   * @throws EventsError, ChatError `participant_required`
   */
  async unsubscribe(params: Params, call: CallContext): Promise<object> {
    this.#requirePrincipal(call);
    const { name, url, args } = this.requests.unsubscribe(params);
    const participantId = await this.#participantOf(call, args);
    const id = participantId && subscriptionId(participantId, url, name, lasting(args));
    const removed = id && (await this.store.unsubscribe(id, this.clock.now()));
    if (!removed && call.declares(EVENTS_EXTENSION)) throw new EventsError('NotFound', { kind: 'subscription' });
    return {};
  }

  /** Whose subscriptions; undefined for a participant that is no more, whose subscriptions are no more either. */
  async #participantOf(call: CallContext, args: EventArguments): Promise<string | undefined> {
    try {
      return (await this.subjects.subjectOf(call, args)).participantId;
    } catch (error) {
      if (error instanceof ChatError && error.code === 'participant_not_found') return undefined;
      throw error;
    }
  }

  /** Deliveries go on without their subscriber, so whoever asks for them must be known (SEP-3415, Authorization). */
  #requirePrincipal({ principal }: CallContext): void {
    if (principal === null && !this.config.webhooks.withoutAuth) throw forbidden('authentication_required');
  }

  get #limits(): SubscriptionLimits {
    const { perParticipant, total } = this.config.webhooks;
    return { perParticipant, total };
  }

  #requireRoom(limit: keyof SubscriptionLimits | undefined): void {
    if (limit) throw this.#exhausted(limit);
  }

  #exhausted(limit: keyof SubscriptionLimits): EventsError {
    return new EventsError('ResourceExhausted', { limit: 'subscriptions', max: this.#limits[limit] });
  }

  /** The secret for the store; one that has not changed stays as it is sealed, so that it is no rotation. */
  #sealed(id: string, { secret }: DeliveryRequest, known: WebhookSubscription | undefined): string {
    const kept = known && this.box.open(known.secret, id);
    return kept?.equals(secret) ? known!.secret : this.box.seal(secret, id);
  }
}

/** Arguments as they are kept: without the token, which is a secret and only says who asks. */
function lasting(args: EventArguments): Readonly<Record<string, unknown>> {
  const { participant_token: _token, ...rest } = args as Record<string, unknown>;
  return rest;
}

/** The same four always give the same id; it routes, and is never taken as a proof of anything. */
function subscriptionId(participantId: string, url: string, name: string, args: Params): string {
  const key = JSON.stringify([participantId, url, name, canonical(args)]);
  return `sub_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
}

/** The same value however its keys are ordered. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, canonical(item)]);
}
