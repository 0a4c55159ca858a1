import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { ParleyConfig } from '../config/index.js';
import { Durations } from '../domain/durations.js';
import { type ChatError, isUnavailable, limitReached } from '../domain/errors.js';
import { type LiveData, type LiveName, type LogEntry } from '../domain/event.js';
import { Clock } from '../ports/clock.js';
import type { Awaitable } from '../ports/awaitable.js';
import { type Appended, StateStore } from '../ports/state-store.js';
import type { DomainEvent } from './domain-event.js';
import { type EventListener, LogFollower } from './log-follower.js';

/** Most events one wait returns; the rest come with the next. */
const WAIT_BATCH = 50;
/** How often what has become due is carried out, in milliseconds. */
const UPKEEP_MS = 1_000;
/** How much time lies at least between two deliveries whose lag is measured, in milliseconds. */
const MEASURE_MS = 50;

export interface WaitRequest {
  readonly participantId: string;
  /** Log position to read from; without it, where this participant's last wait ended. */
  readonly after?: number;
  /** Only events of this room end the wait. */
  readonly roomId?: string;
  readonly timeoutMs: number;
  /** Called with a function that ends the wait at once, for when the caller goes away. */
  readonly onStart?: (stop: () => void) => void;
  /** Only these are worth waking for; every event by default. */
  readonly until?: (entry: LogEntry) => boolean;
}

export interface WaitResult {
  readonly entries: readonly LogEntry[];
  /** Log position the wait reached. */
  readonly position: number;
  readonly truncated: boolean;
}

/** One long poll. `hear` and `stop` may come before `sleep`. */
class Waiter {
  /** Sequence numbers of the newest entry heard and of the newest wanted one. */
  #heard = 0;
  #wanted = 0;
  #position = 0;
  #stopped = false;
  #missed = false;
  #wake: ((entry?: LogEntry) => void) | undefined;

  constructor(private readonly request: WaitRequest) {}

  wants(entry: LogEntry): boolean {
    const { roomId, until } = this.request;
    return (roomId === undefined || entry.body.roomId === roomId) && (until === undefined || until(entry));
  }

  hear(entry: LogEntry): void {
    if (entry.seq > this.#heard) this.#heard = entry.seq;
    if (entry.seq <= this.#wanted || !this.wants(entry)) return;
    this.#wanted = entry.seq;
    if (entry.seq > this.#position) this.#wake?.(entry);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Something may have come that was not heard. */
  missed(): void {
    this.#missed = true;
    this.#wake?.();
  }

  /** Whether something may have been missed since this was asked last. */
  takeMissed(): boolean {
    const missed = this.#missed;
    this.#missed = false;
    return missed;
  }

  /** Until something wanted is heard that lies behind `position`; what was read before may be heard late. */
  sleep(position: number, ms: number): Promise<LogEntry | undefined> | undefined {
    if (this.#stopped || this.#missed || this.#wanted > position) return undefined;
    this.#position = position;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms, undefined);
      this.#wake = (entry) => {
        clearTimeout(timer);
        resolve(entry);
      };
    });
  }

  /** Whether this entry is all that has come since the sleep began. */
  isAllThereIs({ seq }: LogEntry): boolean {
    return seq === this.#position + 1 && seq === this.#heard;
  }
}

/** Is told of each new entry of a participant's log, at once and in any order; it must neither throw nor take long. */
export interface EventWatcher {
  hear(entry: LogEntry): void;
  /** New entries may not have been heard: the log says. */
  missed(): void;
  /** Whether it stands for somebody who is there, as an open stream does. */
  readonly present: boolean;
}

interface Ears {
  readonly followers: Set<LogFollower>;
  readonly waiters: Set<Waiter>;
  watchers: readonly EventWatcher[];
}

const NO_WATCHERS: readonly EventWatcher[] = [];

/** Tells participants: streams, long polls and whoever observes domain events, all reading the same logs. */
@Injectable()
export class NotificationsService implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Notifications');
  readonly #subject = new Subject<DomainEvent>();
  #draining = false;
  readonly #ears = new Map<string, Ears>();
  #waits = 0;
  /** How long events took to be handed to those who listen here; of some of them, when somebody wants to know. */
  readonly deliveryLag = new Durations();
  /** When a lag is to be measured next, in milliseconds since the epoch. */
  #measureAt = Infinity;
  #timers: NodeJS.Timeout[] = [];

  /** Everything that happens by a step of this instance, after it was committed. Subscribe with `subscribeSafely`. */
  readonly events: Observable<DomainEvent> = this.#subject.asObservable();

  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  onModuleInit(): Awaitable<void> {
    const every = (ms: number, task: () => Promise<void>) => {
      const run = () => {
        task().catch((error: unknown) => this.#complain('upkeep failed', error));
      };
      this.#timers.push(setInterval(run, ms).unref());
    };
    every(UPKEEP_MS, () => this.upkeep());
    const { presenceMs } = this.config.state;
    if (presenceMs > 0) every(Math.max(1_000, presenceMs / 3), () => this.renewListening());
    return this.state.sharing?.listen({
      appended: (appended) => this.#deliver(appended),
      live: (participantId, name, data) => this.#deliverLive(participantId, name, data),
      missed: () => this.#missed(),
    });
  }

  onModuleDestroy(): void {
    this.drain();
    this.#timers.forEach(clearInterval);
    this.#subject.complete();
  }

  /** Whether the service is going down: nothing new is taken on. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Answers every wait; what comes after is refused at the door. */
  drain(): void {
    this.#draining = true;
    for (const { waiters } of this.#ears.values()) for (const waiter of waiters) waiter.stop();
  }

  /** Live fan-out of what a committed step wrote: to open streams and waits at once, to observers after the step. */
  publish(appended: readonly Appended[]): void {
    this.#deliver(appended);
    if (!this.#subject.observed) return;
    for (const { participantId, entry } of appended) this.#subject.next({ kind: 'logged', participantId, entry });
  }

  /** Tells one participant something that is not worth keeping. */
  live<N extends LiveName>(participantId: string, name: N, data: LiveData[N]): void {
    this.#deliverLive(participantId, name, data);
    this.state.sharing?.live(participantId, name, data);
    if (this.#subject.observed) this.#subject.next({ kind: 'live', participantId, name, data });
  }

  /**
   * Delivers a participant's events after `position` to a listener until the returned function is called.
   * An open listener keeps the participant present.
   * @throws ChatError `too_many_streams`
   */
  listen(participantId: string, position: number, listener: EventListener): () => void {
    this.requireStreamLeft(participantId);
    const ears = this.#earsOf(participantId);
    const follower = new LogFollower(participantId, position, listener, (after, count) =>
      this.state.readEvents(participantId, { after, limit: count }, this.clock.now()),
    );
    ears.followers.add(follower);
    // Opening a stream is a sign of life, and the partners of one who was away are to hear of it at once.
    void this.#renew([participantId]);
    follower.catchUp();
    return () => {
      follower.close();
      ears.followers.delete(follower);
      this.#release(participantId, ears);
    };
  }

  /** Ends all streams and waits of a participant at this instance. @param why told to those who listen */
  silence(participantId: string, why: ChatError): void {
    const ears = this.#ears.get(participantId);
    if (!ears) return;
    for (const follower of [...ears.followers]) follower.end(why);
    for (const waiter of ears.waiters) waiter.stop();
  }

  /**
   * Tells of a participant's events as they come, until the returned function is called. It does not read the log, and
   * nobody else's events cost anything.
   */
  watch(participantId: string, watcher: EventWatcher): () => void {
    const ears = this.#earsOf(participantId);
    ears.watchers = [...ears.watchers, watcher];
    return () => {
      ears.watchers = ears.watchers.filter((each) => each !== watcher);
      this.#release(participantId, ears);
    };
  }

  /** @throws ChatError `too_many_streams` when a participant may not open another */
  requireStreamLeft(participantId: string): void {
    const { streamsPerParticipant: limit } = this.config;
    if (limit > 0 && this.streams(participantId) >= limit) {
      throw limitReached('too_many_streams', 'streams per participant', limit, 'Close a stream you no longer need.');
    }
  }

  /** How many streams a participant has open here. */
  streams(participantId: string): number {
    return this.#ears.get(participantId)?.followers.size ?? 0;
  }

  /**
   * What is in the log already, else what comes within the time. Consumes nothing: call `acknowledge` when the result
   * has reached the caller.
   * @throws ChatError `too_many_waits`
   */
  async wait(request: WaitRequest): Promise<WaitResult> {
    const { participantId } = request;
    const ears = this.#earsOf(participantId);
    const { waitsPerParticipant: limit } = this.config;
    if (limit > 0 && ears.waiters.size >= limit) {
      throw limitReached('too_many_waits', 'waits per participant', limit, 'Let an earlier wait_for_message finish.');
    }
    const waiter = new Waiter(request);
    // Listening starts before the first read, so that nothing falls between the two.
    ears.waiters.add(waiter);
    this.#waits++;
    request.onStart?.(() => {
      waiter.stop();
      ears.waiters.delete(waiter);
    });
    try {
      const reading = this.#read(request);
      const found = reading instanceof Promise ? await reading : reading;
      const over = found.entries.some((entry) => waiter.wants(entry));
      if (over || this.#draining || request.timeoutMs <= 0) return found;
      const deadline = performance.now() + request.timeoutMs;
      for (;;) {
        const entry = await waiter.sleep(found.position, deadline - performance.now());
        // Reading again what is known already would cost 1 µs.
        if (entry && found.entries.length === 0 && waiter.isAllThereIs(entry)) {
          return { entries: [entry], position: entry.seq, truncated: found.truncated };
        }
        const hasMissed = waiter.takeMissed();
        const read = await this.#read(request);
        if (!hasMissed || read.entries.some((one) => waiter.wants(one))) return read;
      }
    } finally {
      this.#waits--;
      ears.waiters.delete(waiter);
      this.#release(participantId, ears);
    }
  }

  /** How many long polls are being served here, and how many participants are listened for. */
  get counts(): { readonly waits: number; readonly listening: number } {
    return { waits: this.#waits, listening: this.#ears.size };
  }

  /** Begins to fill `deliveryLag`. */
  measureDelivery(): void {
    this.#measureAt = 0;
  }

  /** What is in the log after a position, at most one page of it; nobody's read position moves. */
  async read(participantId: string, after: number): Promise<WaitResult> {
    return this.#read({ participantId, after });
  }

  /** Remembers that the result of a wait has reached its caller. */
  acknowledge(participantId: string, position: number, roomId?: string): Awaitable<void> {
    return this.state.acknowledge(participantId, position, roomId);
  }

  /** The newest `limit` events of a participant and the position behind them. */
  async recent(participantId: string, head: number, limit: number): Promise<WaitResult> {
    return this.state.readEvents(participantId, { after: Math.max(0, head - limit), limit }, this.clock.now());
  }

  /** Carries out what has become due; runs every second by itself. */
  async upkeep(): Promise<void> {
    this.publish((await this.state.expire(this.clock.now())).appended);
  }

  /** Renews the presence of everybody who listens or waits; runs by itself. */
  async renewListening(): Promise<void> {
    const listening: string[] = [];
    for (const [participantId, { followers, waiters, watchers }] of this.#ears) {
      if (followers.size > 0 || waiters.size > 0 || watchers.some(({ present }) => present))
        listening.push(participantId);
    }
    if (listening.length > 0) await this.#renew(listening);
  }

  async #renew(participantIds: readonly string[]): Promise<void> {
    try {
      this.publish((await this.state.renew(participantIds, this.clock.now())).appended);
    } catch (error) {
      this.#complain('presence was not renewed', error);
    }
  }

  /** Says what failed, unless the state is away, of which its adapter tells. */
  #complain(msg: string, error: unknown): void {
    if (!isUnavailable(error)) this.#logger.error({ msg, error: String(error) });
  }

  #deliver(appended: readonly Appended[]): void {
    for (const { participantId, entry } of appended) {
      const ears = this.#ears.get(participantId);
      if (!ears) continue;
      for (const follower of ears.followers) follower.hear(entry);
      for (const waiter of ears.waiters) waiter.hear(entry);
      for (const watcher of ears.watchers) watcher.hear(entry);
      if (this.#measureAt < Infinity) this.#measure(entry);
    }
  }

  #measure({ body }: LogEntry): void {
    const now = this.clock.now();
    if (now < this.#measureAt) return;
    this.#measureAt = now + MEASURE_MS;
    this.deliveryLag.record(Math.max(0, now - Date.parse(body.timestamp)) / 1000);
  }

  #deliverLive<N extends LiveName>(participantId: string, name: N, data: LiveData[N]): void {
    for (const follower of this.#ears.get(participantId)?.followers ?? []) follower.live(name, data);
  }

  /** Has everybody who listens look into the log. */
  #missed(): void {
    for (const { followers, waiters, watchers } of this.#ears.values()) {
      for (const follower of followers) follower.missed();
      for (const waiter of waiters) waiter.missed();
      for (const watcher of watchers) watcher.missed();
    }
  }

  #read({ participantId, after, roomId }: Omit<WaitRequest, 'timeoutMs'>): Promise<WaitResult> | WaitResult {
    return this.state.readEvents(participantId, { after, roomId, limit: WAIT_BATCH }, this.clock.now());
  }

  #earsOf(participantId: string): Ears {
    let ears = this.#ears.get(participantId);
    if (!ears)
      this.#ears.set(participantId, (ears = { followers: new Set(), waiters: new Set(), watchers: NO_WATCHERS }));
    return ears;
  }

  #release(participantId: string, ears: Ears): void {
    if (ears.followers.size > 0 || ears.waiters.size > 0 || ears.watchers.length > 0) return;
    if (this.#ears.get(participantId) === ears) this.#ears.delete(participantId);
  }
}
