import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ParleyConfig } from '../../config/index.js';
import { isRefusal, isUnavailable } from '../../domain/errors.js';
import type { LogEntry } from '../../domain/event.js';
import { NotificationsService } from '../../notifications/index.js';
import { Clock } from '../../ports/clock.js';
import { type EventSlice, StateStore } from '../../ports/state-store.js';
import { WebhookStore, type WebhookSubscription } from '../../ports/webhook-store.js';
import { EventsError, forbidden } from '../event-errors.js';
import { type EventType, matches, requireEventType } from '../event-types.js';
import { DeliveryWorker } from './delivery.worker.js';
import { WorkShares } from './work-shares.js';

/** Logs read side by side in one turn of the event loop, and entries of a log read at a time. */
const LOGS_PER_TURN = 64;
const PAGE = 256;
/** How often a part of all participants is looked after, in milliseconds, and in how many parts that is everybody. */
const LOOK_MS = 1_000;
const PARTS = 60;
/** Participants listed at a time. */
const LISTED = 500;
/**
 * How long a participant whose subscription was taken here is watched here, in milliseconds, whoever is to look after it:
 * until then that one has noticed.
 */
const GUEST_MS = 10_000;

/** An ear for a participant's events, until when it stands for somebody who is there, and how to take it away. */
interface Watch {
  presentUntil: number;
  /** What has come since the log was read last; undefined when there may be more than was heard of. */
  heard: LogEntry[] | undefined;
  readonly end: () => void;
}

/**
 * Moves events from participants' logs into the outbox. The logs stay the single truth: hearing of an event only says
 * which log to read, after the chat's own step, so that a subscription goes on where it was after any interruption.
 *
 * Of several instances each hears of everything and watches its share of the participants.
 */
@Injectable()
export class EventFeed implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Webhooks');
  readonly #watched = new Map<string, Watch>();
  /** Participants whose logs may hold something new. */
  readonly #due = new Set<string>();
  /** Participants with a subscription that could take no more. */
  readonly #full = new Set<string>();
  /** Participants whose logs could not be read. */
  readonly #failed = new Set<string>();
  /** Participants that others look after, and until when they are watched here nevertheless. */
  readonly #guests = new Map<string, number>();
  #reading = false;
  /** Those under way; they never reject. */
  #readings = Promise.resolve();
  #looking = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  /** The number of the newest participant that was taken on, if it is in this one's share. */
  #newest = 0;
  /** Where the round through all participants is. */
  #next = 0;

  constructor(
    private readonly notifications: NotificationsService,
    private readonly worker: DeliveryWorker,
    private readonly shares: WorkShares,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(WebhookStore) private readonly store: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  onModuleInit(): void {
    this.worker.onRoom = (participantId) => {
      if (this.#full.delete(participantId)) this.wake(participantId);
    };
    void this.lookAfterSome();
    this.#timer = setInterval(() => void this.lookAfterSome(), LOOK_MS).unref();
  }

  /** Leaves the work to the others at once. */
  async onModuleDestroy(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const { end } of this.#watched.values()) end();
    this.#watched.clear();
    await this.#readings;
    try {
      await this.shares.leave();
    } catch (error) {
      // They notice by themselves soon.
      this.#complain('not signed off', error);
    }
  }

  /** Delivers a participant's events from now on, and what lies in the log already once this turn is over. */
  watch(participantId: string): void {
    if (this.#stopped) return;
    if (!this.shares.isMine(participantId)) this.#guests.set(participantId, this.clock.now() + GUEST_MS);
    this.#watch(participantId);
    this.wake(participantId);
  }

  /** Looks into the log of a participant for new events once this turn is over. */
  wake(participantId: string): void {
    const watch = this.#watched.get(participantId);
    if (watch) watch.heard = undefined;
    this.#readSoon(participantId);
  }

  /** How many participants are watched. */
  get watched(): number {
    return this.#watched.size;
  }

  /**
   * Watches those whom it falls to this instance to look after, and looks for what may have been missed with a part of
   * them: what was published where nobody listened, participants that are no more. Runs by itself every second.
   */
  async lookAfterSome(): Promise<void> {
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    try {
      const { changed, participants, newest } = await this.shares.attend();
      if (changed) this.#rearrange();
      if (newest !== this.#newest) await this.#takeOn(newest);
      if (participants > 0) await this.#visit(Math.min(Math.ceil(participants / PARTS), LISTED));
      this.#dismissGuests();
      for (const participantId of this.#failed) this.wake(participantId);
      this.#failed.clear();
      this.#lookForRoom();
    } catch (error) {
      this.#complain('subscriptions not read', error);
    } finally {
      this.#looking = false;
    }
  }

  /** Leaves to others what is theirs now; what is this one's is taken on anew. */
  #rearrange(): void {
    this.worker.shareAmong(this.shares.count);
    for (const participantId of this.#watched.keys()) {
      if (!this.shares.isMine(participantId) && !this.#guests.has(participantId)) this.#unwatch(participantId);
    }
    this.#newest = 0;
  }

  /** Watches those who have come, as far as they are in this one's share. */
  async #takeOn(newest: number): Promise<void> {
    // A store that has lost its memory counts anew.
    let after: number | undefined = newest > this.#newest ? this.#newest : 0;
    while (after !== undefined && !this.#stopped) {
      const page = await this.store.participants(after, LISTED, this.clock.now());
      for (const participantId of page.participantIds) {
        if (!this.shares.isMine(participantId) || this.#watched.has(participantId)) continue;
        this.#watch(participantId);
        this.wake(participantId);
      }
      after = page.next;
    }
    this.#newest = newest;
  }

  async #visit(count: number): Promise<void> {
    const { participantIds, next = 0 } = await this.store.participants(this.#next, count, this.clock.now());
    for (const participantId of participantIds) if (this.shares.isMine(participantId)) this.watch(participantId);
    this.#next = next;
  }

  /** Where others have delivered there may be room: nobody tells of that. */
  #lookForRoom(): void {
    for (const participantId of [...this.#full].slice(0, LOGS_PER_TURN)) {
      this.#full.delete(participantId);
      this.wake(participantId);
    }
  }

  #dismissGuests(): void {
    const now = this.clock.now();
    for (const [participantId, until] of this.#guests) {
      if (until > now) continue;
      this.#guests.delete(participantId);
      if (!this.shares.isMine(participantId)) this.#unwatch(participantId);
    }
  }

  #watch(participantId: string): void {
    if (this.#stopped || this.#watched.has(participantId)) return;
    const { clock } = this;
    const watch: Watch = {
      presentUntil: Infinity,
      heard: undefined,
      end: this.notifications.watch(participantId, {
        hear: (entry) => {
          if (watch.heard?.push(entry) === PAGE) watch.heard = undefined;
          this.#readSoon(participantId);
        },
        missed: () => this.wake(participantId),
        get present() {
          return clock.now() < watch.presentUntil;
        },
      }),
    };
    this.#watched.set(participantId, watch);
  }

  #readSoon(participantId: string): void {
    if (this.#stopped) return;
    this.#due.add(participantId);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#reading) return;
    this.#reading = true;
    setImmediate(() => {
      this.#readings = this.#readSome().finally(() => {
        this.#reading = false;
        if (this.#due.size > 0 && !this.#stopped) this.#schedule();
      });
    });
  }

  async #readSome(): Promise<void> {
    const some: string[] = [];
    for (const participantId of this.#due) {
      if (some.length === LOGS_PER_TURN) break;
      some.push(participantId);
      this.#due.delete(participantId);
    }
    await Promise.all(some.map((participantId) => this.#tryToRead(participantId)));
  }

  /** Moves what is new in a participant's log into the outbox. Never rejects. */
  async read(participantId: string): Promise<void> {
    const watch = this.#watched.get(participantId);
    if (watch) watch.heard = undefined;
    await this.#tryToRead(participantId);
  }

  async #tryToRead(participantId: string): Promise<void> {
    try {
      await this.#read(participantId);
    } catch (error) {
      // It is tried again a second later.
      this.#failed.add(participantId);
      this.#complain('log not read', error);
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
    const watch = this.#watched.get(participantId);
    const heard = watch?.heard ?? [];
    if (watch) watch.heard = [];
    const found = this.store.ofParticipant(participantId, now);
    const subscriptions = found instanceof Promise ? await found : found;
    if (subscriptions.length === 0) return this.#unwatch(participantId);
    const open = subscriptions.filter(({ active }) => active);
    // Whoever has a subscription is there, unless its endpoint does not answer.
    const answering = open.filter(({ failures }) => failures === 0);
    if (watch) watch.presentUntil = Math.max(0, ...answering.map(({ expiresAt }) => expiresAt));
    if (open.length === 0) return;
    const after = Math.min(...open.map(({ seen }) => seen));
    const slice = sliceOf(heard, after) ?? (await this.#slice(participantId, after, now));
    if (!slice) return;
    let more = slice.entries.length === PAGE;
    for (const subscription of open) if (!(await this.#move(subscription, slice, now))) more = false;
    if (more) this.wake(participantId);
  }

  /** Undefined when the participant is no more, and then neither are its subscriptions. */
  async #slice(participantId: string, after: number, now: number): Promise<EventSlice | undefined> {
    try {
      const reading = this.state.readEvents(participantId, { after, limit: PAGE }, now);
      return reading instanceof Promise ? await reading : reading;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.terminate(participantId, error.code);
      return undefined;
    }
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
    this.#guests.delete(participantId);
    this.#full.delete(participantId);
  }

  /** Says what failed, unless the store is away, of which its adapter tells. */
  #complain(msg: string, error: unknown): void {
    if (!isUnavailable(error)) this.#logger.error({ msg, error: String(error) });
  }
}

/** What was heard, when that is all behind a position: reading the log would say the same. */
function sliceOf(heard: readonly LogEntry[], after: number): EventSlice | undefined {
  const entries = heard.filter(({ seq }) => seq > after).sort((a, b) => a.seq - b.seq);
  if (entries.length === 0 || entries.some(({ seq }, i) => seq !== after + 1 + i)) return undefined;
  return { entries, truncated: false, position: after + entries.length };
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
