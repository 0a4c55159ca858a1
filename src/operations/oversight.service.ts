import { Inject, Injectable } from '@nestjs/common';
import { ParleyConfig, type PoolSettings } from '../config/index.js';
import { HistoryService } from '../history/index.js';
import { InstancesService } from '../instances/index.js';
import { type Decision, MatchingEngine, type PoolStatistics } from '../matching/index.js';
import { SessionStore, SseStreams } from '../mcp-transport/index.js';
import { MessageQueueService } from '../message-queue/index.js';
import { NotificationsService } from '../notifications/index.js';
import { AuditLog, type AuditEntry } from '../ports/audit-log.js';
import { CaseStore } from '../ports/case-store.js';
import { Clock } from '../ports/clock.js';
import type { InstanceRecord } from '../ports/instance-registry.js';
import type {
  Page,
  PageQuery,
  ParticipantFacts,
  PoolControl,
  PoolFigures,
  RoomFacts,
  TicketFacts,
  Totals,
} from '../ports/operator-steps.js';
import type { OutboxGroup } from '../ports/outbox.js';
import { StateStore } from '../ports/state-store.js';
import { WebhookStore } from '../ports/webhook-store.js';
import { participantFactsRequired, requirePool, roomFactsRequired } from './not-found.js';

/** A pool as it is configured, as operators have set it, and as it is now. */
export interface PoolState {
  readonly settings: PoolSettings;
  readonly control: PoolControl;
  readonly figures: PoolFigures;
  /** What this instance's engine did there. */
  readonly statistics: PoolStatistics;
}

/** What this instance serves, besides what it says of itself to the others. */
export interface InstanceState extends InstanceRecord {
  readonly sessions: number;
  readonly streams: number;
  readonly waits: number;
  readonly forwards: number;
  /** Whether it carries out upkeep for all. */
  readonly leads: boolean;
  readonly stateReachable: boolean;
}

/** How far somebody who is told what happens is behind. */
export interface Lag {
  /** What waits to be taken. */
  readonly pending: number;
  /** For how long the oldest of it has, in milliseconds. */
  readonly behindMs: number;
  readonly lost: number;
  /** Failed attempts of this instance in a row. */
  readonly failures: number;
}

export interface Lags {
  /** Null where there is none. */
  readonly history: Lag | null;
  readonly messageQueue: Lag | null;
  readonly webhooks: { readonly subscriptions: number; readonly pending: number };
}

/** What operators see of pools, rooms, participants, webhooks and instances. */
@Injectable()
export class OversightService {
  constructor(
    private readonly engine: MatchingEngine,
    private readonly instances: InstancesService,
    private readonly sessions: SessionStore,
    private readonly streams: SseStreams,
    private readonly notifications: NotificationsService,
    private readonly history: HistoryService,
    private readonly messageQueue: MessageQueueService,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(CaseStore) private readonly cases: CaseStore,
    @Inject(AuditLog) private readonly auditLog: AuditLog,
    @Inject(WebhookStore) private readonly webhookStore: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  async totals(): Promise<Totals & { readonly openCases: number }> {
    const [totals, openCases] = await Promise.all([this.state.totals(), this.cases.openCases()]);
    return { ...totals, openCases };
  }

  /** All pools, in the order in which they are configured. */
  async pools(): Promise<readonly PoolState[]> {
    const settings = [...this.config.pools.values()];
    const [figures, controls] = await Promise.all([
      this.state.poolFigures(settings.map(({ name }) => name)),
      this.state.poolControls(),
    ]);
    const statistics = new Map(this.engine.statistics().map((each) => [each.pool, each]));
    return settings.map((each, index) => ({
      settings: each,
      control: controls.get(each.name) ?? AS_CONFIGURED,
      figures: figures[index]!,
      statistics: statistics.get(each.name)!,
    }));
  }

  /** @throws ChatError `unknown_pool` */
  async pool(name: string): Promise<PoolState> {
    requirePool(this.config.pools, name);
    return (await this.pools()).find(({ settings }) => settings.name === name)!;
  }

  /** The newest decisions of this instance's engine, newest first. @throws ChatError `unknown_pool` */
  decisions(limit: number, pool?: string): readonly Decision[] {
    if (pool !== undefined) requirePool(this.config.pools, pool);
    return this.engine.decisions(limit, pool);
  }

  /** @throws ChatError `unknown_pool` */
  async tickets(pool: string, query: PageQuery): Promise<Page<TicketFacts>> {
    requirePool(this.config.pools, pool);
    return this.state.listTickets(pool, query);
  }

  async rooms(query: PageQuery & { readonly name?: string }): Promise<Page<RoomFacts>> {
    return this.state.listRooms(query);
  }

  /** @throws ChatError `room_not_found` */
  async room(roomId: string): Promise<RoomFacts> {
    return roomFactsRequired(await this.state.roomFacts(roomId));
  }

  /** @throws ChatError `participant_not_found` */
  async participant(participantId: string): Promise<ParticipantFacts> {
    return participantFactsRequired(await this.state.participantFacts(participantId, this.clock.now()));
  }

  /** All of a principal, those gone included until they are forgotten. */
  async participantsOf(principal: string): Promise<readonly ParticipantFacts[]> {
    const ids = await this.state.participantsOf(principal);
    const found = await Promise.all(ids.map(async (id) => this.state.participantFacts(id, this.clock.now())));
    return found.filter((facts) => facts !== undefined);
  }

  /** Webhook subscriptions, those of one participant together; a page holds those of at most `limit` participants. */
  async webhooks({ after = 0, limit }: { readonly after?: number; readonly limit: number }) {
    const now = this.clock.now();
    const { participantIds, next } = await this.webhookStore.participants(after, limit, now);
    const items = await Promise.all(participantIds.map(async (id) => this.webhookStore.ofParticipant(id, now)));
    return { items: items.flat(), next };
  }

  /** Newest first. */
  async audit(query: Parameters<AuditLog['list']>[0]): Promise<Page<AuditEntry>> {
    return this.auditLog.list(query);
  }

  /** The instances that share the state, this one first. */
  async instanceRecords(): Promise<readonly InstanceRecord[]> {
    return this.instances.list();
  }

  get instance(): InstanceState {
    const { sharing } = this.state;
    return {
      ...this.instances.record,
      sessions: this.sessions.size,
      streams: this.streams.counts.open,
      waits: this.notifications.counts.waits,
      forwards: this.instances.forwards,
      leads: sharing?.leads ?? true,
      stateReachable: sharing?.reachable ?? true,
    };
  }

  async lags(): Promise<Lags> {
    const { groups } = this.config.state.outbox;
    const lagOf = async (group: OutboxGroup, failures: () => Promise<number>): Promise<Lag | null> => {
      if (!groups.includes(group)) return null;
      const { pending, oldestAt, lost } = await this.state.outbox.state(group);
      const behindMs = oldestAt === null ? 0 : Math.max(0, this.clock.now() - oldestAt);
      return { pending, behindMs, lost, failures: await failures() };
    };
    const [history, messageQueue, webhooks] = await Promise.all([
      lagOf('history', async () => (await this.history.lag())?.failures ?? 0),
      lagOf('events', async () => this.messageQueue.failures ?? 0),
      this.webhookStore.counts(),
    ]);
    return { history, messageQueue, webhooks };
  }
}

const AS_CONFIGURED: PoolControl = { mode: 'open', strategy: null };
