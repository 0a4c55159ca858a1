import { Logger } from '@nestjs/common';
import { MemoryCaseStore } from '../../src/adapters/memory/memory-case-store.js';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.js';
import { loadConfig, type ParleyConfig } from '../../src/config/index.js';
import { LogEntry, WrittenEvent } from '../../src/domain/event.js';
import { freezeTicket } from '../../src/domain/frozen.js';
import type { Ticket } from '../../src/domain/ticket.js';
import { BestFirstEvaluator } from '../../src/matching/engine/best-first.evaluator.js';
import { FifoStrategy, MatchingEngine, type MatchingStrategy } from '../../src/matching/index.js';
import { InProcessRunner } from '../../src/matching/engine/in-process.runner.js';
import type { CheckedProposal, ProposalEvaluator, Proposals } from '../../src/matching/proposal-evaluator.js';
import type { StrategyLoader } from '../../src/matching/strategy-loader.js';
import { CaseDesk, ModerationGate } from '../../src/moderation/index.js';
import { NotificationsService } from '../../src/notifications/index.js';
import type { MessageModerator } from '../../src/ports/message-moderator.js';
import type { Relations, WaitingView } from '../../src/ports/state-store.js';
import { QueueService } from '../../src/queue/index.js';
import { RoomsService } from '../../src/rooms/index.js';
import { FakeClock, SequentialIds } from '../../src/testing/index.js';

// What services log is for operators; here it would only be noise.
Logger.overrideLogger(false);

/** Tickets that wait, with who has blocked whom and who met when; counts how many of them were looked at. */
export class FakeView implements WaitingView {
  consumed = 0;
  readonly #byId: Map<string, Ticket>;
  readonly #relations = new Map<string, { blocked: Set<string>; met: Map<string, number> }>();

  /**
   * @param blocks pairs of participants, of whom the first has blocked the second
   * @param meetings pairs of participants and when both were in a room, in milliseconds since the epoch
   */
  constructor(
    waiting: readonly Ticket[],
    blocks: readonly (readonly [string, string])[] = [],
    meetings: readonly (readonly [string, string, number])[] = [],
  ) {
    this.#byId = new Map(waiting.map((ticket) => [ticket.id, freezeTicket(ticket)]));
    for (const [from, to] of blocks) this.#of(from).blocked.add(to);
    for (const [one, other, at] of meetings.toSorted((a, b) => a[2] - b[2])) {
      this.#of(one).met.set(other, at);
      this.#of(other).met.set(one, at);
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  *tickets(): Iterable<Ticket> {
    for (const ticket of this.#byId.values()) {
      this.consumed++;
      yield ticket;
    }
  }

  get(ticketId: string): Ticket | undefined {
    return this.#byId.get(ticketId);
  }

  relations(participantId: string): Relations {
    return this.#relations.get(participantId) ?? NO_RELATIONS;
  }

  remove(ticketId: string): void {
    this.#byId.delete(ticketId);
  }

  #of(participantId: string) {
    const relations = this.#relations.get(participantId) ?? { blocked: new Set(), met: new Map() };
    this.#relations.set(participantId, relations);
    return relations;
  }
}

const NO_RELATIONS: Relations = { blocked: new Set(), met: new Map() };

/** The `seq`th entry of a log. */
export function logEntry(seq: number, roomId = 'room'): LogEntry {
  const data = { room_id: roomId, reason: 'partner_left' as const };
  return new LogEntry('l'.repeat(22), seq, new WrittenEvent('room.closed', 0, new Date(0).toISOString(), data));
}

/** Gives every pool the same strategy, whatever it names. */
/** The first of the groups that are proposed, at most so many; then the run is settled. */
export function groupsOf(proposals: Proposals, most = Infinity): CheckedProposal[] {
  const groups: CheckedProposal[] = [];
  for (const group of proposals) if (groups.push(group) >= most) break;
  proposals.settle(groups[most - 1]);
  return groups;
}

export const loaderOf = (strategy: MatchingStrategy): StrategyLoader => ({
  load: () => Promise.resolve(new InProcessRunner(strategy)),
});

/** An engine whose strategies are loaded; what is not given is a fake, or the default. */
export async function engineOf(
  strategy: MatchingStrategy | StrategyLoader,
  environment: Record<string, string> = {},
  clock = new FakeClock(),
  evaluator: ProposalEvaluator = new BestFirstEvaluator(),
): Promise<MatchingEngine> {
  const loader = 'load' in strategy ? strategy : loaderOf(strategy);
  const config = loadConfig({ STRATEGY_BUDGET_MS: '10000', ...environment });
  const engine = new MatchingEngine(config, loader, evaluator, clock, new SequentialIds());
  await engine.onModuleInit();
  return engine;
}

/** An engine that may be asked at once: the first answers wait until its strategies are loaded. */
class EagerEngine extends MatchingEngine {
  #ready: Promise<void> | undefined;

  constructor(config: ParleyConfig, strategy: MatchingStrategy, clock: FakeClock, ids: SequentialIds) {
    super(config, loaderOf(strategy), new BestFirstEvaluator(), clock, ids);
    this.#ready = this.onModuleInit().then(() => (this.#ready = undefined));
  }

  override admit(...asked: Parameters<MatchingEngine['admit']>) {
    return this.#ready ? this.#ready.then(() => super.admit(...asked)) : super.admit(...asked);
  }

  override propose(...asked: Parameters<MatchingEngine['propose']>) {
    return this.#ready ? this.#ready.then(() => super.propose(...asked)) : super.propose(...asked);
  }

  override explain(...asked: Parameters<MatchingEngine['explain']>) {
    return this.#ready ? this.#ready.then(() => super.explain(...asked)) : super.explain(...asked);
  }
}

/** The use cases on the memory state, wired by hand; time stands still until a test moves it. */
export class FakeService {
  readonly clock = new FakeClock();
  readonly ids = new SequentialIds();
  readonly config: ParleyConfig;
  readonly state: MemoryStateStore;
  readonly notifications: NotificationsService;
  readonly gate: ModerationGate;
  readonly cases: MemoryCaseStore;
  readonly desk: CaseDesk;
  readonly rooms: RoomsService;
  readonly engine: MatchingEngine;
  readonly queue: QueueService;

  /** @param moderators asked about what people write */
  constructor(
    environment: Record<string, string> = {},
    strategy: MatchingStrategy = new FifoStrategy(),
    moderators: readonly MessageModerator[] = [],
  ) {
    this.config = loadConfig({ STRATEGY_BUDGET_MS: '10000', ...environment });
    this.state = new MemoryStateStore(this.config.state);
    this.notifications = new NotificationsService(this.state, this.clock, this.config);
    this.engine = new EagerEngine(this.config, strategy, this.clock, this.ids);
    const { state, engine, notifications, clock, ids, config } = this;
    this.gate = new ModerationGate(moderators, null, config, clock);
    this.cases = new MemoryCaseStore(config.moderation.cases);
    this.desk = new CaseDesk(this.cases, state, clock, ids);
    const rooms = new RoomsService(state, notifications, clock, ids, config, this.gate, this.desk);
    this.rooms = rooms;
    this.queue = new QueueService(state, engine, rooms, notifications, clock, ids, config);
    void this.notifications.onModuleInit();
  }

  close(): void {
    this.queue.onModuleDestroy();
    this.notifications.onModuleDestroy();
  }

  person(displayName: string): string {
    const id = this.ids.uuid();
    this.state.createParticipant(
      {
        id,
        logId: this.ids.secret(16),
        tokenDigest: `digest-of-${id}`,
        principal: null,
        displayName,
        provenance: 'human_via_agent',
        attributes: {},
      },
      this.clock.now(),
    );
    return id;
  }

  /** Two people in a room of their own. */
  async pair(): Promise<{ ann: string; bob: string; roomId: string }> {
    const [ann, bob] = [this.person('Ann'), this.person('Bob')];
    await this.queue.enter(ann);
    const entered = await this.queue.enter(bob);
    if (entered.status !== 'matched') throw new Error(`expected a match, got ${entered.status}`);
    return { ann, bob, roomId: entered.room.roomId };
  }
}

/** Lets everything that is due at once run: promises, and what the services schedule as soon as possible. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
