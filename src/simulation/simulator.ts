import { MemoryStateStore } from '../adapters/memory/memory-state-store.js';
import { loadConfig, type ParleyConfig, type StrategySetting } from '../config/index.js';
import { membersOf, type Ticket } from '../domain/ticket.js';
import { MatchingEngine, type MatchTrigger, type ProposalEvaluator, type StrategyLoader } from '../matching/index.js';
import type { Clock } from '../ports/clock.js';
import type { StateLimits } from '../ports/state-store.js';
import { EventQueue } from './event-queue.js';
import { matchQuality } from './match-quality.js';
import { SimulatedIds } from './random.js';
import type { Attributes } from '../domain/participant.js';
import type { Arrival, Arriving } from '../traces/index.js';

/** When virtual time begins, in milliseconds since the epoch: a midnight. */
const MIDNIGHT = Date.UTC(2026, 0, 5);
/** What comes out must not depend on the machine, so a run has all the time that is not an endless loop, in milliseconds. */
const BUDGET_MS = 60_000;
/** How many tickets whose time has come are taken at once. */
const DUE = 1_000;

/** Nothing is bounded, and nothing is kept that matching does not need. */
const LIMITS: StateLimits = {
  participants: 0,
  participantsPerPrincipal: 0,
  ticketsPerParticipant: 0,
  roomsPerParticipant: 0,
  outbox: { groups: [], records: 1_000 },
  eventLogEntries: 1,
  eventLogAgeMs: 1,
  roomHistory: 1,
  endedRooms: 1,
  endedRoomAgeMs: 0,
  messageRate: { burst: 0, perMs: 1 },
  joinRate: { burst: 0, perMs: 1 },
  presenceMs: 0,
  graceMs: 0,
  retentionMs: 0,
};

/** Arrivals that can be gone through once for each strategy. */
export type ArrivalSource = () => Iterable<Arrival> | AsyncIterable<Arrival>;

/** What is the same for every strategy that is tried. Times are milliseconds. */
export interface Scenario {
  readonly arrivals: ArrivalSource;
  /** Only arrivals at this pool. */
  readonly pool?: string;
  readonly seed: number;
  /** Patience and talk of those whose arrival says nothing about it. */
  readonly patienceMs: number;
  readonly talkMs: number;
  /** For how long two who have met are kept apart; 0: not at all. */
  readonly cooldownMs: number;
  /**
   * By what people are put into groups, to compare how these fare: the first value of an attribute, or `pool`, `provenance`
   * or `priority`.
   */
  readonly groupBy: string;
}

/** What became of one arrival. */
export interface Visit {
  /** Milliseconds since the trace began. */
  readonly at: number;
  readonly group: string;
  /** `absent`: still waiting or talking when the trace has it come again. */
  outcome: 'waiting' | 'matched' | 'gave_up' | 'refused' | 'absent';
  /** Until the match or until it gave up, in milliseconds. */
  waitMs: number;
  /** How well those in the room fit each other, where that can be told. */
  quality: number | undefined;
}

/** One strategy's run of a scenario. */
export interface Simulated {
  readonly strategy: string;
  /** In order of arrival. */
  readonly visits: readonly Visit[];
  readonly rooms: number;
  /** How often the strategy failed or was turned down. */
  readonly failures: number;
  /** How long the run took, in milliseconds of real time. */
  readonly tookMs: number;
}

type Event =
  | { readonly kind: 'give_up'; readonly visit: Visit; readonly ticket: Ticket }
  | { readonly kind: 'leave'; readonly roomId: string; readonly participantIds: readonly string[] }
  | { readonly kind: 'wake' };

interface Waiting {
  readonly visit: Visit;
  readonly talkMs: number;
}

/** A scenario under one strategy, in virtual time, with the engine and the state that also serve people. */
export class Simulator implements Clock {
  readonly #events = new EventQueue<Event>();
  readonly #visits: Visit[] = [];
  /** By ticket. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #groups = new Map<string, string>();
  readonly #people = new Set<string>();
  /** Participants that nobody is any more. */
  readonly #free: string[] = [];
  readonly #state = new MemoryStateStore(LIMITS);
  readonly #ids: SimulatedIds;
  readonly #engine: MatchingEngine;
  #now = 0;
  #rooms = 0;

  private constructor(
    private readonly scenario: Scenario,
    config: ParleyConfig,
    loader: StrategyLoader,
    evaluator: ProposalEvaluator,
  ) {
    this.#ids = new SimulatedIds(scenario.seed);
    this.#engine = new MatchingEngine(config, loader, evaluator, this, this.#ids);
  }

  /**
   * @throws TraceError from the arrivals
   * @throws ConfigurationError when the strategy cannot be loaded
   */
  static async run(
    scenario: Scenario,
    setting: StrategySetting,
    parts: { readonly loader: StrategyLoader; readonly evaluator: ProposalEvaluator },
  ): Promise<Simulated> {
    const config = await configFor(scenario, setting);
    const simulator = new Simulator(scenario, config, parts.loader, parts.evaluator);
    await simulator.#engine.onModuleInit();
    try {
      const start = performance.now();
      await simulator.#run();
      return {
        strategy: setting.strategy,
        visits: simulator.#visits,
        rooms: simulator.#rooms,
        failures: simulator.#failures(),
        tookMs: performance.now() - start,
      };
    } finally {
      await simulator.#engine.onModuleDestroy();
    }
  }

  /** Virtual time. */
  now(): number {
    return this.#now;
  }

  async #run(): Promise<void> {
    for await (const arrival of this.scenario.arrivals()) {
      if (this.scenario.pool !== undefined && arrival.pool !== this.scenario.pool) continue;
      await this.#until(MIDNIGHT + arrival.at);
      this.#now = MIDNIGHT + arrival.at;
      await this.#arrive(arrival);
    }
    await this.#until(Infinity);
  }

  /** Everything that is to happen up to a time. */
  async #until(time: number): Promise<void> {
    while (this.#events.size > 0 && this.#events.nextAt <= time) {
      const { at, event } = this.#events.pop()!;
      this.#now = at;
      if (event.kind === 'give_up') this.#giveUp(event.visit, event.ticket);
      else if (event.kind === 'leave') this.#leave(event.roomId, event.participantIds);
      else await this.#wake();
    }
  }

  async #arrive(arrival: Arrival): Promise<void> {
    const group = this.#group(arrival);
    const visit: Visit = { at: arrival.at, group, outcome: 'waiting', waitMs: 0, quality: undefined };
    this.#visits.push(visit);
    const verdict = await this.#engine.admit(this.#ticket(arrival));
    if ('refused' in verdict) {
      visit.outcome = 'refused';
      return;
    }
    const ticket = this.#enqueue(verdict.ticket, arrival.party);
    if (!ticket) {
      visit.outcome = 'absent';
      return;
    }
    this.#waiting.set(ticket.id, { visit, talkMs: arrival.talkMs ?? this.scenario.talkMs });
    await this.#match('enqueue', ticket);
    if (visit.outcome !== 'waiting') return;
    const patience = arrival.patienceMs ?? this.scenario.patienceMs;
    this.#events.push(this.#now + patience, { kind: 'give_up', visit, ticket });
  }

  #ticket({ pool, person, provenance, attributes, criteria, group, priority }: Arrival): Ticket {
    return {
      id: this.#ids.uuid(),
      pool,
      participantId: person === undefined ? this.#stranger() : `person-${person}`,
      principal: null,
      displayName: '',
      provenance,
      attributes,
      party: [],
      criteria,
      group,
      priority,
      enqueuedAt: this.#now,
      version: 1,
      roomId: null,
      avoid: [],
    };
  }

  /** The waiting ticket; undefined when its participant is still in the pool or in a room of it. */
  #enqueue(ticket: Ticket, companions: readonly Arriving[]): Ticket | undefined {
    const party = companions.length > 0 ? { name: ticket.id, size: companions.length + 1 } : undefined;
    const input = { ticket, ttlMs: 0, roomsPerPool: 1, ...(party && { party }) };
    this.#introduce(ticket);
    let entered = this.#state.enqueue(input, this.#now);
    if (entered.status !== 'waiting' && entered.status !== 'gathering') return undefined;
    for (const companion of companions) {
      const [id, participantId] = [this.#ids.uuid(), this.#stranger()];
      const other: Ticket = { ...ticket, ...companion, id, participantId, criteria: null };
      this.#introduce(other);
      entered = this.#state.enqueue({ ...input, ticket: other }, this.#now);
    }
    return entered.status === 'waiting' ? entered.ticket : undefined;
  }

  /**
   * A participant of whom nobody knows anything: one who has left, so that no more are kept than are there at a time,
   * unless it matters whom that one has met.
   */
  #stranger(): string {
    return (this.scenario.cooldownMs === 0 ? this.#free.pop() : undefined) ?? `stranger-${this.#ids.uuid()}`;
  }

  #gone(participantId: string): void {
    if (participantId.startsWith('stranger-')) this.#free.push(participantId);
  }

  /** The same text for all of a group. */
  #group({ attributes, pool, provenance, priority }: Arrival): string {
    const own: Attributes = { pool, provenance, priority };
    const value = attributes[this.scenario.groupBy] ?? own[this.scenario.groupBy];
    const [first = 'not told'] = Array.isArray(value) ? (value as readonly string[]) : [value];
    const name = String(first);
    if (!this.#groups.has(name)) this.#groups.set(name, name);
    return this.#groups.get(name)!;
  }

  #introduce({ participantId, displayName, provenance, attributes }: Ticket): void {
    if (this.#people.has(participantId)) return;
    this.#people.add(participantId);
    const id = participantId;
    const nobody = { logId: id, tokenDigest: null, principal: null };
    this.#state.createParticipant({ ...nobody, id, displayName, provenance, attributes }, this.#now);
  }

  /** Asks the strategy as the queue does, and asks again when it says so. */
  async #match(trigger: MatchTrigger, subject: Ticket): Promise<void> {
    const view = this.#state.waiting(subject);
    const proposals = await this.#engine.propose(trigger, subject, view);
    for (const group of proposals) {
      const { tickets, reasons } = group;
      const taken = tickets.map(({ id, version }) => ({ id, version }));
      const claim = { pool: subject.pool, roomId: this.#ids.uuid(), groups: [{ tickets: taken, reasons }] };
      const claimed = this.#state.claim(claim, this.#now);
      if (!claimed) continue;
      this.#met(tickets, claimed.roomId, claimed.participantIds);
      if (!this.#waiting.has(subject.id)) return proposals.settle(group);
    }
    proposals.settle();
    const wake = await this.#engine.nextWake(subject);
    this.#state.wakeAt(subject.id, wake);
    if (wake !== undefined) this.#events.push(wake, { kind: 'wake' });
  }

  #met(tickets: readonly Ticket[], roomId: string, participantIds: readonly string[]): void {
    this.#rooms++;
    const quality = matchQuality(tickets.flatMap(membersOf).map(({ attributes }) => attributes));
    let talkMs = Infinity;
    for (const { id } of tickets) {
      const { visit, talkMs: wanted } = this.#waiting.get(id)!;
      this.#waiting.delete(id);
      visit.outcome = 'matched';
      visit.waitMs = this.#now - MIDNIGHT - visit.at;
      visit.quality = quality;
      talkMs = Math.min(talkMs, wanted);
    }
    this.#events.push(this.#now + talkMs, { kind: 'leave', roomId, participantIds });
  }

  #giveUp(visit: Visit, ticket: Ticket): void {
    if (visit.outcome !== 'waiting') return;
    this.#state.cancel(ticket.participantId, ticket.pool, this.#now);
    this.#waiting.delete(ticket.id);
    membersOf(ticket).forEach(({ participantId }) => this.#gone(participantId));
    visit.outcome = 'gave_up';
    visit.waitMs = this.#now - MIDNIGHT - visit.at;
  }

  #leave(roomId: string, participantIds: readonly string[]): void {
    // The room ends with the last but one.
    for (const participantId of participantIds.slice(1)) this.#state.leave(participantId, roomId, this.#now);
    participantIds.forEach((participantId) => this.#gone(participantId));
  }

  async #wake(): Promise<void> {
    for (;;) {
      const due = this.#state.takeDue(this.#now, DUE);
      for (const ticket of due) if (this.#waiting.has(ticket.id)) await this.#match('tick', ticket);
      if (due.length < DUE) return;
    }
  }

  #failures(): number {
    const counts = this.#engine.statistics().flatMap(({ failures }) => Object.values(failures));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

/** The default configuration with the scenario's pools, all bound to the strategy that is tried. */
async function configFor(scenario: Scenario, matching: StrategySetting): Promise<ParleyConfig> {
  const names = new Set<string>();
  for await (const { pool } of scenario.arrivals()) {
    if (scenario.pool === undefined || pool === scenario.pool) names.add(pool);
  }
  const cooldown_seconds = Math.round(scenario.cooldownMs / 1000);
  const pools = [...names].map((name) => ({ name, cooldown_seconds }));
  const config = loadConfig({ POOLS: JSON.stringify(pools), MATCHING_DECISIONS: '0' });
  const tried = new Map([...names].map((name) => [name, { ...config.pools.get(name)!, matching }]));
  return { ...config, pools: tried, strategyBudgetMs: BUDGET_MS };
}
