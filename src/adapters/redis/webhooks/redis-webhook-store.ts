import { createHash } from 'node:crypto';
import type { Rate } from '../../../domain/token-bucket.js';
import type {
  Advance,
  Attempt,
  Attendance,
  Claim,
  Delivery,
  Lease,
  NewSubscription,
  Outcome,
  Subscribed,
  SubscriptionLimits,
  WebhookStore,
  WebhookSubscription,
} from '../../../ports/webhook-store.js';
import type { RedisConnection } from '../redis-connection.js';
import { WEBHOOKS } from './lua.js';
import { readDelivery, readSubscription, type WireDelivery, type WireView, writeSubscription } from './wire.js';

/** Most deliveries claimed, and subscriptions removed, by one call, so that it does not hold up others for long. */
const CLAIMED_AT_ONCE = 200;
const SWEPT_AT_ONCE = 100;

/** Webhook subscriptions in a Redis that any number of instances share. Each step is one function call there. */
export class RedisWebhookStore implements WebhookStore {
  readonly #tag: string;

  /** @param namespace what the keys begin with, as a hash tag */
  constructor(
    private readonly connection: RedisConnection,
    namespace: string,
  ) {
    this.#tag = `{${namespace}}`;
  }

  async subscribe(input: NewSubscription, limits: SubscriptionLimits, now: number): Promise<Subscribed> {
    type Wire =
      | readonly ['created', WireView]
      | readonly ['refreshed', WireView, WireView]
      | readonly ['refused', keyof SubscriptionLimits];
    const [status, ...rest] = await this.#step<Wire>('subscribe', {
      wanted: writeSubscription(input),
      ...limits,
      now,
    });
    if (status === 'refused') return { status, limit: rest[0] as keyof SubscriptionLimits };
    const [subscription, before] = (rest as WireView[]).map(readSubscription);
    return status === 'created'
      ? { status, subscription: subscription! }
      : { status, subscription: subscription!, before: before! };
  }

  async full(
    participantId: string,
    limits: SubscriptionLimits,
    now: number,
  ): Promise<keyof SubscriptionLimits | undefined> {
    return (await this.#step<keyof SubscriptionLimits | null>('full', { participantId, ...limits, now })) ?? undefined;
  }

  async find(id: string, now: number): Promise<WebhookSubscription | undefined> {
    return readIfAny(await this.#step<WireView | null>('find', { id, now }));
  }

  async unsubscribe(id: string, now: number): Promise<WebhookSubscription | undefined> {
    return readIfAny(await this.#step<WireView | null>('unsubscribe', { id, now }));
  }

  async ofParticipant(participantId: string, now: number): Promise<readonly WebhookSubscription[]> {
    return (await this.#step<WireView[]>('ofParticipant', { participantId, now })).map(readSubscription);
  }

  async participants(after: number, limit: number, now: number) {
    const flat = await this.#step<string[]>('participants', { after, limit, now });
    const participantIds = flat.filter((_, i) => i % 2 === 0);
    return { participantIds, next: participantIds.length === limit ? Number(flat.at(-1)) : undefined };
  }

  async advance(advance: Advance, lease: Lease | undefined, now: number): Promise<boolean> {
    return (await this.#step<number>('advance', { ...advance, lease, now })) === 1;
  }

  async claim({ except, limit, ...claim }: Claim): Promise<readonly Delivery[]> {
    const args = { ...claim, except: [...except], limit: Math.min(limit, CLAIMED_AT_ONCE) };
    return (await this.#step<WireDelivery[]>('claim', args)).map(readDelivery);
  }

  async begin(id: string, seq: number, lease: Lease, now: number): Promise<Attempt | undefined> {
    const found = await this.#step<readonly [WireView, WireDelivery] | null>('begin', { id, seq, lease, now });
    if (!found) return undefined;
    const [view, delivery] = found;
    return { delivery: readDelivery(delivery), subscription: readSubscription(view), watermark: Number(view[3]) };
  }

  async settle(outcomes: readonly Outcome[]): Promise<void> {
    for (let i = 0; i < outcomes.length; i += CLAIMED_AT_ONCE) {
      await this.#step('settle', { outcomes: outcomes.slice(i, i + CLAIMED_AT_ONCE) });
    }
  }

  async verified(participantId: string, url: string, now: number): Promise<boolean> {
    return (await this.#step<number>('verified', { digest: digestOf(participantId, url), now })) === 1;
  }

  async verify(participantId: string, url: string, until: number): Promise<void> {
    await this.#step('verify', { digest: digestOf(participantId, url), until });
  }

  take(key: string, { burst, perMs }: Rate, now: number): Promise<number> {
    return this.#step('take', { digest: digestOf(key), burst, perMs, now });
  }

  async attend(worker: string, ttlMs: number): Promise<Attendance> {
    const [workers, participants, newest] = await this.#step<[string[], number, number]>('attend', { worker, ttlMs });
    return { workers: workers.sort(), participants, newest };
  }

  async leave(worker: string): Promise<void> {
    await this.#step('leave', { worker });
  }

  sharedKey(proposed: string): Promise<string> {
    return this.#step('sharedKey', { proposed });
  }

  async noteKey(fingerprint: string): Promise<string | undefined> {
    return (await this.#step<string | null>('noteKey', { fingerprint })) ?? undefined;
  }

  async sweep(now: number, limit: number): Promise<void> {
    for (let left = limit; left > 0; left -= SWEPT_AT_ONCE) {
      const some = Math.min(left, SWEPT_AT_ONCE);
      if ((await this.#step<number>('sweep', { now, limit: some })) < some) return;
    }
  }

  async counts(): Promise<{ subscriptions: number; pending: number }> {
    const [subscriptions, pending] = await this.#step<[number, number]>('counts', {});
    return { subscriptions, pending };
  }

  #step<T>(name: string, args: object): Promise<T> {
    return this.connection.call<T>(this.#tag, [name, JSON.stringify(args, withoutNull)], WEBHOOKS);
  }
}

/** Lua has no null: what is null is left out. */
const withoutNull = (_: string, value: unknown) => value ?? undefined;

const readIfAny = (view: WireView | null) => (view ? readSubscription(view) : undefined);

/** URLs may hold secrets and be long: only their digests are kept. */
const digestOf = (...parts: string[]) => createHash('sha256').update(parts.join('\0')).digest('base64url');
