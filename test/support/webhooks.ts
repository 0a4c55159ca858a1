import { MemoryWebhookStore } from '../../src/adapters/memory/memory-webhook-store.js';
import {
  type Egress,
  EgressError,
  type EgressRequest,
  type EgressResponse,
  EgressThrottled,
} from '../../src/mcp-events/egress/index.js';
import { EventCursors } from '../../src/mcp-events/event-cursors.js';
import { EventsKey } from '../../src/mcp-events/events-key.js';
import { DeliveryMessages } from '../../src/mcp-events/webhooks/delivery-messages.js';
import { DeliveryMetrics } from '../../src/mcp-events/webhooks/delivery-metrics.js';
import { DeliveryWorker } from '../../src/mcp-events/webhooks/delivery.worker.js';
import { EventFeed } from '../../src/mcp-events/webhooks/event-feed.js';
import { SecretBox } from '../../src/mcp-events/webhooks/secret-box.js';
import { SubscriptionSigners } from '../../src/mcp-events/webhooks/subscription-signers.js';
import { WorkShares } from '../../src/mcp-events/webhooks/work-shares.js';
import type { NewSubscription, WebhookSubscription } from '../../src/ports/webhook-store.js';
import { FakeService, settled } from './fakes.js';
import type { Post } from './receiver.js';

/** What an endpoint does with a request: a status, an answer, a failure, or nothing for a long time. */
export type Reaction =
  number | Partial<EgressResponse> | 'timeout' | 'connection_refused' | 'tls_error' | 'throttled' | 'hangs';

export interface Sent extends Omit<Post, 'path' | 'at'> {
  readonly url: string;
  /** When, on the clock of the test. */
  readonly at: number;
}

/** The way out, as a test wants it. */
export class FakeEgress {
  readonly sent: Sent[] = [];
  react: (sent: Sent) => Reaction = () => 204;
  readonly #hanging: ((status: number) => void)[] = [];

  /** Per host; nothing is bounded here. */
  readonly hostConnections = 32;

  constructor(private readonly now: () => number) {}

  shareAmong(): void {}

  /** Lets all that hangs come to an end. */
  release(status = 204): void {
    this.#hanging.splice(0).forEach((resolve) => resolve(status));
  }

  async post(url: string, { headers, body }: EgressRequest): Promise<EgressResponse> {
    const text = body.toString();
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const sent = { url, headers: named, text, body: JSON.parse(text) as Sent['body'], at: this.now() };
    this.sent.push(sent);
    const reaction = this.react(sent);
    if (reaction === 'throttled') throw new EgressThrottled(1_000);
    if (reaction === 'hangs')
      return { status: await new Promise((resolve) => this.#hanging.push(resolve)), body: EMPTY };
    if (typeof reaction === 'string') throw new EgressError(reaction);
    return { status: 204, body: EMPTY, ...(typeof reaction === 'number' ? { status: reaction } : reaction) };
  }
}

const EMPTY = Buffer.alloc(0);

/** Webhook delivery wired by hand on the use cases; time stands still until a test moves it. */
export class WebhookBench {
  readonly egress: FakeEgress;
  readonly metrics = new DeliveryMetrics();
  readonly cursors: EventCursors;
  readonly box: SecretBox;
  readonly worker: DeliveryWorker;
  readonly feed: EventFeed;

  /** @param service and `store` of a bench before, for a restart */
  constructor(
    environment: Record<string, string> = {},
    readonly service = new FakeService({ EVENTS_KEY: 'k'.repeat(32), PRESENCE_TTL_SECONDS: '0', ...environment }),
    readonly store = new MemoryWebhookStore(),
  ) {
    const { state, clock, ids, config, notifications } = service;
    const key = new EventsKey(config);
    this.egress = new FakeEgress(() => clock.now());
    this.cursors = new EventCursors(key);
    this.box = new SecretBox(key);
    const messages = new DeliveryMessages(this.cursors, state, clock);
    const signers = new SubscriptionSigners(this.box);
    const egress = this.egress as unknown as Egress;
    this.worker = new DeliveryWorker(egress, messages, signers, this.metrics, store, clock, ids, config);
    const shares = new WorkShares(store, clock, ids);
    this.feed = new EventFeed(notifications, this.worker, shares, state, store, clock, config);
  }

  /** The same subscriptions and logs in a new process; the one before is just gone. */
  restarted(): WebhookBench {
    return new WebhookBench({}, this.service, this.store);
  }

  start(): this {
    this.worker.onModuleInit();
    this.feed.onModuleInit();
    return this;
  }

  async stop(): Promise<void> {
    await this.feed.onModuleDestroy();
    await this.worker.onModuleDestroy();
  }

  /** Subscribes a participant to its messages, from now on. */
  async subscribe(participantId: string, overrides: Partial<NewSubscription> = {}): Promise<string> {
    const now = this.service.clock.now();
    const { participant, head } = this.service.state.participant(participantId, now);
    const id = overrides.id ?? `sub_${this.service.ids.uuid()}`;
    this.store.subscribe(
      {
        id,
        participantId,
        logId: participant.logId,
        name: 'message.received',
        arguments: {},
        url: 'https://a.example/hook',
        endpoint: 'https://a.example',
        secret: this.box.seal(Buffer.alloc(32, 7), id),
        codes: 'sketch',
        expiresAt: now + 86_400_000,
        seen: head,
        previousSecretUntil: now + 300_000,
        ...overrides,
      },
      { perParticipant: 0, total: 0 },
      now,
    );
    this.feed.watch(participantId);
    await this.turn();
    return id;
  }

  subscription(id: string): WebhookSubscription {
    const found = this.store.find(id, this.service.clock.now());
    if (!found) throw new Error(`${id} should be live`);
    return found;
  }

  /** Lets time pass in steps, at each of which the worker looks for what is due. */
  async pass(ms: number, step = 250): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.service.clock.advance(Math.min(step, ms - passed));
      await this.worker.tick();
      await this.turn();
    }
  }

  /** Lets everything that is due at once run. */
  async turn(): Promise<void> {
    for (let i = 0; i < 8; i++) await settled();
  }

  /** The texts delivered to a URL, in order, repetitions included. */
  texts(url?: string): unknown[] {
    return this.egress.sent
      .filter((sent) => (url === undefined || sent.url === url) && sent.body['type'] === undefined)
      .map(({ body }) => (body['data'] as Record<string, unknown>)['message']);
  }
}
