import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type MessageQueueSettings, ParleyConfig } from '../config/index.js';
import { OutboxRelay } from '../outbox/index.js';
import { Clock } from '../ports/clock.js';
import { type CloudEvent, EventPublisher } from '../ports/event-publisher.js';
import { Ids } from '../ports/ids.js';
import type { OutboxRecord } from '../ports/outbox.js';
import { StateStore } from '../ports/state-store.js';
import { toCloudEvent } from './cloud-events.js';

/** Share of the time left for stopping that is its own; the rest is for whoever stops later. */
const SHARE = 0.5;

/** Relays what the outbox holds to the message queue, for as long as the service runs. */
@Injectable()
export class MessageQueueService implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  readonly #relay: OutboxRelay | undefined;
  /** When the service must have stopped. */
  #deadline = Infinity;

  constructor(
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(EventPublisher) publisher: EventPublisher | null,
    @Inject(StateStore) state: StateStore,
    @Inject(Clock) clock: Clock,
    @Inject(Ids) ids: Ids,
  ) {
    const { messageQueue } = config;
    if (!messageQueue || !publisher) return;
    this.#relay = new OutboxRelay({
      outbox: state.outbox,
      group: 'events',
      consumer: ids.uuid(),
      deliver: (records) =>
        publisher.publish(records.map((record) => fitting(record, messageQueue, publisher.maxBytes))),
      clock,
    });
  }

  /** Failed attempts in a row; undefined when no message queue is configured. */
  get failures(): number | undefined {
    return this.#relay?.failures;
  }

  onApplicationBootstrap(): void {
    this.#relay?.start();
  }

  onModuleDestroy(): void {
    this.#deadline = performance.now() + this.config.shutdownMs;
  }

  /** Everything else has stopped, so what is pending now is all that will ever be. */
  async onApplicationShutdown(): Promise<void> {
    await this.#relay?.stop(Math.max(0, this.#deadline - performance.now()) * SHARE);
  }
}

/** Without its text when the queue would refuse it for its size: it would hold up all that comes after it. */
function fitting(record: OutboxRecord, settings: MessageQueueSettings, maxBytes: number): CloudEvent {
  const event = toCloudEvent(record, settings);
  if (!settings.messageText || record.kind !== 'message.sent') return event;
  if (Buffer.byteLength(JSON.stringify(event)) <= maxBytes) return event;
  return toCloudEvent(record, { ...settings, messageText: false });
}
