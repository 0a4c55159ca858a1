import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ParleyConfig } from '../config/index.js';
import type { OutboxGroup } from '../ports/outbox.js';
import { Clock } from '../ports/clock.js';
import { StateStore } from '../ports/state-store.js';
import { MatchingEngine } from '../matching/index.js';
import { DeliveryMetrics } from '../mcp-events/index.js';
import { CallFigures, SessionStore, SseStreams } from '../mcp-transport/index.js';
import { StepFigures, WaitFigures } from '../metrics/index.js';
import { NotificationsService } from '../notifications/index.js';
import { bucketNames } from './buckets.js';
import type { DurationName, NumberName } from './figure-names.js';

const MS_PER_SECOND = 1_000;
const MICROS_PER_SECOND = 1_000_000;
const NANOS_PER_SECOND = 1_000_000_000;
/** How often the event loop is looked at, in milliseconds; so much time between two looks is no delay. */
const LOOK_MS = 10;

type Figures = Record<string, number>;
type Key = NumberName | `${NumberName}/${string}` | `${DurationName}#${string}`;
type Entry = readonly [key: Key, value: number];

const LAGS: Readonly<Record<OutboxGroup, NumberName>> = { history: 'history_lag', events: 'message_queue_lag' };

/** Reads what this instance counts anyway; what all share is read by the one that leads. */
@Injectable()
export class Sampler {
  #loop: IntervalHistogram | undefined;
  #before: ReadonlyMap<Key, number> = new Map();

  constructor(
    private readonly engine: MatchingEngine,
    private readonly calls: CallFigures,
    private readonly sessions: SessionStore,
    private readonly streams: SseStreams,
    private readonly notifications: NotificationsService,
    private readonly steps: StepFigures,
    private readonly matched: WaitFigures,
    private readonly moduleRef: ModuleRef,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  start(): void {
    this.#loop = monitorEventLoopDelay({ resolution: LOOK_MS });
    this.#loop.enable();
    this.notifications.measureDelivery();
  }

  stop(): void {
    this.#loop?.disable();
  }

  /** The figures of the time since the last call, by the names that `mergeSamples` knows. */
  async take(): Promise<Figures> {
    const figures = Object.fromEntries([...this.#increases(), ...this.#here()]);
    return Object.assign(figures, await this.#shared());
  }

  /** By how much counters have grown; those that have not are left out. */
  *#increases(): Iterable<Entry> {
    const counted = new Map<Key, number>();
    for (const [key, value] of this.#counters()) counted.set(key, (counted.get(key) ?? 0) + value);
    const before = this.#before;
    this.#before = counted;
    for (const [key, value] of counted) {
      const increase = value - (before.get(key) ?? 0);
      if (increase > 0) yield [key, increase];
    }
  }

  *#counters(): Iterable<Entry> {
    const { steps } = this;
    yield ['messages', steps.messages];
    yield ['matches', sum(steps.matches.values())];
    yield ['arrivals', sum(steps.tickets.values())];
    for (const { outcomes } of this.calls.tools.values()) {
      for (const [outcome, count] of outcomes) {
        const kind = errorKind(outcome);
        if (kind) yield [`errors/${kind}`, count];
      }
    }
    for (const { fallback, ...live } of this.engine.statistics()) {
      for (const part of fallback ? [live, fallback] : [live]) {
        const refused = sum(Object.values(part.refusals));
        yield ['decisions/runs', part.runs];
        yield ['decisions/accepted', part.proposals - refused];
        yield ['decisions/refused', refused];
        yield ['decisions/failures', sum(Object.values(part.failures))];
        yield* buckets('strategy', part.duration, MICROS_PER_SECOND);
      }
    }
    for (const durations of this.matched.pools.values()) yield* buckets('wait', durations);
    yield* buckets('delivery_lag', this.notifications.deliveryLag);
    const { failures, lagMs } = this.moduleRef.get(DeliveryMetrics, { strict: false }).figures;
    yield ['errors/webhook', sum(Object.values(failures))];
    yield* buckets('webhook_lag', lagMs, MS_PER_SECOND);
  }

  *#here(): Iterable<Entry> {
    yield ['streams', this.streams.counts.open];
    yield ['sessions', this.sessions.size];
    yield ['waits', this.notifications.counts.waits];
    if (!this.#loop) return;
    const betweenLooks = this.#loop.percentile(99) / NANOS_PER_SECOND;
    yield ['event_loop_p99', Math.max(0, betweenLooks - LOOK_MS / MS_PER_SECOND)];
    this.#loop.reset();
  }

  async #shared(): Promise<Figures> {
    const { state, config } = this;
    if (state.sharing?.leads === false) return {};
    const { groups } = config.state.outbox;
    const now = this.clock.now();
    const age = (since: number | null) => (since === null ? 0 : Math.max(0, now - since) / MS_PER_SECOND);
    const [pools, totals, ...outboxes] = await Promise.all([
      state.poolFigures([...config.pools.keys()]),
      state.totals(),
      ...groups.map(async (group): Promise<Entry> => [LAGS[group], age((await state.outbox.state(group)).oldestAt)]),
    ]);
    const ofPools = pools.flatMap(({ pool, waiting, oldestAt }): Entry[] => [
      [`waiting/${pool}`, waiting],
      [`oldest_wait/${pool}`, age(oldestAt)],
    ]);
    const inAll: Entry[] = [
      ['participants', totals.participants],
      ['rooms', totals.activeRooms],
    ];
    return Object.fromEntries([...ofPools, ...inAll, ...outboxes]);
  }
}

/** What kind of error an outcome of a call is; undefined when it is none. */
function errorKind(outcome: string): string | undefined {
  if (outcome === 'ok') return undefined;
  if (outcome === 'rate_limited' || outcome.startsWith('too_many_')) return 'limited';
  if (outcome === 'unavailable') return 'unavailable';
  return outcome === 'failed' || outcome === 'internal' ? 'failed' : 'refused';
}

function* buckets(
  name: DurationName,
  { bounds, counts }: { readonly bounds: readonly number[]; readonly counts: readonly number[] },
  perSecond = 1,
): Iterable<Entry> {
  const names = bucketNames(bounds, perSecond);
  for (const [i, count] of counts.entries()) if (count > 0) yield [`${name}#${names[i]!}`, count];
}

const sum = (values: Iterable<number>) => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
