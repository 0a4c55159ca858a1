import type { Awaitable } from '../../ports/awaitable.js';
import type {
  Advance,
  Attempt,
  Claim,
  Delivery,
  Lease,
  NewSubscription,
  Outcome,
  SubscriptionLimits,
  WebhookStore,
  WebhookSubscription,
} from '../../ports/webhook-store.js';
import { FakeClock } from '../fake-clock.js';

/** A fresh, empty store. */
export type MakeWebhookStore = () => Awaitable<WebhookStore>;

/** How long a subscription lasts and a delivery is held unless a case says otherwise, in milliseconds. */
export const TTL_MS = 3_600_000;
export const LEASE_MS = 60_000;
export const NO_LIMITS: SubscriptionLimits = { perParticipant: 0, total: 0 };

type Settlement = Outcome extends infer O
  ? O extends Outcome
    ? Omit<O, 'subscriptionId' | 'seq' | 'at'>
    : never
  : never;

/** What one case of the contract works with: a store, a clock and short words for what happens. */
export class WebhookScene {
  readonly clock = new FakeClock();

  private constructor(readonly store: WebhookStore) {}

  static async with(make: MakeWebhookStore): Promise<WebhookScene> {
    return new WebhookScene(await make());
  }

  get now(): number {
    return this.clock.now();
  }

  wish(id: string, overrides: Partial<NewSubscription> = {}): NewSubscription {
    return {
      id,
      participantId: 'ann',
      logId: 'log-of-ann',
      name: 'message.received',
      arguments: {},
      url: `https://a.example/hook?key=${id}`,
      endpoint: 'https://a.example',
      secret: 'sealed-1',
      codes: 'sketch',
      expiresAt: this.now + TTL_MS,
      seen: 0,
      previousSecretUntil: this.now + 300_000,
      ...overrides,
    };
  }

  async subscribe(id: string, overrides: Partial<NewSubscription> = {}, limits = NO_LIMITS) {
    return this.store.subscribe(this.wish(id, overrides), limits, this.now);
  }

  /** The subscription, which must be live. */
  async live(id: string): Promise<WebhookSubscription> {
    const found = await this.store.find(id, this.now);
    if (!found) throw new Error(`${id} should be live`);
    return found;
  }

  lease(owner = 'me', ms = LEASE_MS): Lease {
    return { owner, until: this.now + ms };
  }

  /** Moves a subscription on from where it is and puts events into the outbox; a lease only if there is an owner. */
  async found(id: string, seqs: readonly number[], overrides: Partial<Advance> & { owner?: string } = {}) {
    const { owner, ...rest } = overrides;
    const { seen } = await this.live(id);
    const advance = { subscriptionId: id, from: seen, to: seqs.at(-1) ?? seen, seqs, ...rest };
    return this.store.advance(advance, owner === undefined ? undefined : this.lease(owner), this.now);
  }

  async claim(overrides: Partial<Claim> = {}): Promise<readonly Delivery[]> {
    const usual = { now: this.now, lease: this.lease(), limit: 100, perEndpoint: 100, except: new Set<string>() };
    return this.store.claim({ ...usual, ...overrides });
  }

  /** What is claimed, as `subscription:seq`. */
  async claimed(overrides?: Partial<Claim>): Promise<string[]> {
    return (await this.claim(overrides)).map(({ subscriptionId, seq }) => `${subscriptionId}:${seq}`);
  }

  async begin(id: string, seq: number, owner = 'me'): Promise<Attempt | undefined> {
    return this.store.begin(id, seq, this.lease(owner), this.now);
  }

  async settle(id: string, seq: number, settlement: Partial<Settlement> & Pick<Settlement, 'result'>): Promise<void> {
    const outcome = { subscriptionId: id, seq, at: this.now, owner: 'me', ...settlement } as Outcome;
    await this.store.settle([outcome]);
  }

  /** One more failed attempt; without a time it was the last. */
  async fail(id: string, seq: number, retryAt: number | null = null, suspend = false): Promise<void> {
    await this.settle(id, seq, { result: 'failed', category: 'timeout', retryAt, suspend });
  }
}
