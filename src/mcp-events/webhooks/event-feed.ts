import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ParleyConfig } from '../../config/index.js';
import { ChatError } from '../../domain/errors.js';
import type { LogEntry } from '../../domain/event.js';
import { NotificationsService } from '../../notifications/index.js';
import { Clock } from '../../ports/clock.js';
import { type EventSlice, StateStore } from '../../ports/state-store.js';
import { WebhookStore, type WebhookSubscription } from '../../ports/webhook-store.js';
import { EventsError, forbidden } from '../event-errors.js';
import { type EventType, matches, requireEventType } from '../event-types.js';
import { DeliveryWorker } from './delivery.worker.js';

/** Logs read in one turn of the event loop, and entries of a log read at a time. */
const LOGS_PER_TURN = 64;
const PAGE = 256;
/** How often a part of all subscriptions is looked after, in milliseconds, and how many participants that is. */
const ROUND_MS = 1_000;
const ROUND_PAGE = 500;

/** An ear for a participant's events, and how to take it away. */
interface Watch {
  readonly watcher: { hear(): void; present: boolean };
  readonly end: () => void;
}

/**
 * Moves events from participants' logs into the outbox. The logs stay the single truth: hearing of an event only says
 * which log to read, after the chat's own step, so that a subscription goes on where it was after any interruption.
 */
@Injectable()
export class EventFeed implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Webhooks');
  readonly #watched = new Map<string, Watch>();
  /** Participants whose logs may hold something new. */
  readonly #due = new Set<string>();
  /** Participants with a subscription that could take no more. */
  readonly #full = new Set<string>();
  #reading = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  /** Where the round through all participants is. */
  #next: string | undefined;

  constructor(
    private readonly notifications: NotificationsService,
    private readonly worker: DeliveryWorker,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(WebhookStore) private readonly store: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  onModuleInit(): void {
    this.worker.onRoom = (participantId) => {
      if (this.#full.delete(participantId)) this.wake(participantId);
    };
    void this.#lookAfterAll();
    this.#timer = setInterval(() => void this.lookAfterSome(), ROUND_MS).unref();
  }

  onModuleDestroy(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const { end } of this.#watched.values()) end();
    this.#watched.clear();
  }

  /** Delivers a participant's events from now on, and what lies in the log already once this turn is over. */
  watch(participantId: string): void {
    if (this.#stopped) return;
    if (!this.#watched.has(participantId)) {
      const watcher = { hear: () => this.wake(participantId), present: true };
      this.#watched.set(participantId, { watcher, end: this.notifications.watch(participantId, watcher) });
    }
    this.wake(participantId);
  }

  /** Looks for new events of a participant once this turn is over. */
  wake(participantId: string): void {
    if (this.#stopped) return;
    this.#due.add(participantId);
    this.#schedule();
  }

  /** How many participants are watched. */
  get watched(): number {
    return this.#watched.size;
  }

  /**
   * Makes sure of a part of all subscriptions: those that another instance took in, and events that were published where
   * nobody listened. Runs by itself.
   */
  async lookAfterSome(): Promise<void> {
    try {
      const page = await this.store.participants(this.#next, ROUND_PAGE, this.clock.now());
      page.participantIds.forEach((participantId) => this.watch(participantId));
      this.#next = page.next;
    } catch (error) {
      this.#logger.error({ msg: 'subscriptions not read', error: String(error) });
    }
  }

  async #lookAfterAll(): Promise<void> {
    do await this.lookAfterSome();
    while (this.#next !== undefined && !this.#stopped);
  }

  #schedule(): void {
    if (this.#reading) return;
    this.#reading = true;
    setImmediate(() => {
      void this.#readSome().finally(() => {
        this.#reading = false;
        if (this.#due.size > 0 && !this.#stopped) this.#schedule();
      });
    });
  }

  async #readSome(): Promise<void> {
    let read = 0;
    for (const participantId of this.#due) {
      if (read++ === LOGS_PER_TURN || this.#stopped) return;
      this.#due.delete(participantId);
      await this.read(participantId);
    }
  }

  /** Moves what is new in a participant's log into the outbox. Never rejects. */
  async read(participantId: string): Promise<void> {
    try {
      await this.#read(participantId);
    } catch (error) {
      if (error instanceof ChatError) return this.terminate(participantId, error.code);
      // It is tried again in the next round.
      this.#logger.error({ msg: 'log not read', error: String(error) });
    }
  }

  /** Ends all of a participant's subscriptions, which may no longer be served, and tells their endpoints. */
  async terminate(participantId: string, reason: string): Promise<void> {
    const subscriptions = await this.store.ofParticipant(participantId, this.clock.now());
    for (const { id } of subscriptions) await this.#end(id, forbidden(reason));
    this.#unwatch(participantId);
  }

  async #end(subscriptionId: string, error: EventsError): Promise<void> {
    const removed = await this.store.unsubscribe(subscriptionId, this.clock.now());
    if (removed) void this.worker.terminate(removed, error);
  }

  async #read(participantId: string): Promise<void> {
    const now = this.clock.now();
    const found = this.store.ofParticipant(participantId, now);
    const subscriptions = found instanceof Promise ? await found : found;
    if (subscriptions.length === 0) return this.#unwatch(participantId);
    const open = subscriptions.filter(({ active }) => active);
    const watch = this.#watched.get(participantId);
    // Whoever has a subscription is there, unless its endpoint does not answer.
    if (watch) watch.watcher.present = open.some(({ failures }) => failures === 0);
    if (open.length === 0) return;
    const after = Math.min(...open.map(({ seen }) => seen));
    const reading = this.state.readEvents(participantId, { after, limit: PAGE }, now);
    const slice = reading instanceof Promise ? await reading : reading;
    let more = slice.entries.length === PAGE;
    for (const subscription of open) if (!(await this.#move(subscription, slice, now))) more = false;
    if (more) this.wake(participantId);
  }

  /** False when the subscription can take no more for now. */
  async #move(subscription: WebhookSubscription, slice: EventSlice, now: number): Promise<boolean> {
    const { id, endpoint, participantId, seen } = subscription;
    const type = typeOf(subscription);
    if (type instanceof EventsError) {
      await this.#end(id, type);
      return true;
    }
    const oldest = slice.entries[0]?.seq ?? slice.position + 1;
    const lost = slice.truncated && (seen + 1 < oldest || seen > slice.position);
    const { to, wanted, full } = this.#select(type, subscription, slice);
    if (full) this.#full.add(participantId);
    // Another subscription of the participant may be behind this one.
    if (to <= seen && !lost) return !full;
    const lease = wanted.length > 0 ? this.worker.leaseFor(endpoint) : undefined;
    const seqs = wanted.map(({ seq }) => seq);
    const gap = lost ? { gap: this.worker.messageId('gap') } : {};
    const advancing = this.store.advance({ subscriptionId: id, from: seen, to, seqs, ...gap }, lease, now);
    if (!(advancing instanceof Promise ? await advancing : advancing) || !lease) return !full;
    for (const entry of wanted) {
      const { seq } = entry;
      this.worker.take({ subscriptionId: id, participantId, endpoint, seq, attempts: 0, since: now }, entry);
    }
    return !full;
  }

  /** The entries that a subscription is to be sent, as many as it may have outstanding, and how far that is. */
  #select(type: EventType, { arguments: args, seen, pending }: WebhookSubscription, { entries, position }: EventSlice) {
    const room = this.config.webhooks.backlog - pending;
    const wanted: LogEntry[] = [];
    for (const entry of entries) {
      if (entry.seq <= seen || !matches(type, args, entry)) continue;
      if (wanted.length >= room) return { to: entry.seq - 1, wanted, full: true };
      wanted.push(entry);
    }
    return { to: position, wanted, full: false };
  }

  #unwatch(participantId: string): void {
    this.#watched.get(participantId)?.end();
    this.#watched.delete(participantId);
    this.#full.delete(participantId);
  }
}

/** The event type of a subscription, or why there is none: it may be from a version that had more of them. */
function typeOf({ name }: WebhookSubscription): EventType | EventsError {
  try {
    return requireEventType(name);
  } catch (error) {
    if (error instanceof EventsError) return error;
    throw error;
  }
}
