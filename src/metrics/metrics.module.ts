import type { Server } from 'node:http';
import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { Subject } from 'rxjs';
import { ParleyConfig } from '../config/index.js';
import { HistoryModule, HistoryService } from '../history/index.js';
import { MatchingEngine } from '../matching/index.js';
import { DeliveryMetrics } from '../mcp-events/index.js';
import { CallFigures, SessionStore, SseStreams } from '../mcp-transport/index.js';
import { MessageQueueModule, MessageQueueService } from '../message-queue/index.js';
import { ModerationGate, ModerationModule } from '../moderation/index.js';
import { NotificationsModule, NotificationsService } from '../notifications/index.js';
import { CaseStore } from '../ports/case-store.js';
import { Clock } from '../ports/clock.js';
import { StateStore } from '../ports/state-store.js';
import { RoomsModule, RoomsService } from '../rooms/index.js';
import { matchingFamilies } from './families/matching.js';
import { moderationFamilies } from './families/moderation.js';
import { outboxFamilies } from './families/outbox.js';
import { stateFamilies } from './families/state.js';
import { transportFamilies } from './families/transport.js';
import { webhookFamilies } from './families/webhooks.js';
import { metricOf } from './family.js';
import { HttpFigures } from './http-figures.js';
import { METRICS_PATH, mountMetrics } from './mount-metrics.js';
import { processMetrics } from './process-metrics.js';
import { StepFigures } from './step-figures.js';
import { WaitFigures } from './wait-figures.js';

/** What the service does in figures, for Prometheus and its kin, at `/metrics`. */
@Module({})
export class MetricsModule implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly #http = new HttpFigures();
  readonly #destroyed = new Subject<void>();
  #registry: Registry | undefined;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    private readonly engine: MatchingEngine,
    private readonly calls: CallFigures,
    private readonly sessions: SessionStore,
    private readonly streams: SseStreams,
    private readonly notifications: NotificationsService,
    private readonly rooms: RoomsService,
    private readonly history: HistoryService,
    private readonly queue: MessageQueueService,
    private readonly gate: ModerationGate,
    @Inject(CaseStore) private readonly cases: CaseStore,
    private readonly steps: StepFigures,
    private readonly waits: WaitFigures,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /** @param matching, transport the modules that provide the engine and the endpoint */
  static register(matching: DynamicModule, transport: DynamicModule): DynamicModule {
    return {
      module: MetricsModule,
      imports: [
        matching,
        transport,
        NotificationsModule,
        RoomsModule,
        HistoryModule,
        MessageQueueModule,
        ModerationModule,
      ],
      providers: [StepFigures, WaitFigures],
      exports: [StepFigures, WaitFigures],
    };
  }

  /** The figures of this service; undefined while it counts none. */
  get registry(): Registry | undefined {
    return this.#registry;
  }

  onModuleInit(): void {
    if (!this.config.metrics && !this.config.admin) return;
    const pools = [...this.config.pools.keys()];
    this.steps.observe(this.state, pools);
    this.waits.observe(this.rooms.groups, pools, this.#destroyed);
  }

  onApplicationBootstrap(): void {
    const { metrics } = this.config;
    const { httpAdapter } = this.adapterHost;
    if (!metrics || !httpAdapter) return;
    const fastify = httpAdapter.getInstance<FastifyInstance>();
    if (fastify.hasRoute({ method: 'GET', url: METRICS_PATH })) {
      new Logger('Metrics').log({ msg: `the application has its own ${METRICS_PATH}` });
      return;
    }
    const registry = this.#newRegistry();
    this.#registry = registry;
    this.#http.start(httpAdapter.getHttpServer() as Server);
    mountMetrics(fastify, metrics.token, () => registry.metrics());
  }

  onModuleDestroy(): void {
    this.#destroyed.next();
    this.#http.stop();
  }

  #newRegistry(): Registry {
    const { state, calls, sessions, streams, notifications, engine, config, history, queue } = this;
    const registry = new Registry();
    // Of a process that serves several tenants its front tells.
    if (config.tenant === null) for (const metric of processMetrics()) registry.registerMetric(metric);
    const now = () => this.clock.now();
    const families = [
      ...transportFamilies({ http: this.#http, calls, sessions, streams, notifications }),
      ...stateFamilies(state, this.steps, this.waits),
      ...matchingFamilies(engine, state, config.pools, now),
      ...outboxFamilies(state.outbox, config.state.outbox.groups, history, queue, now),
      ...moderationFamilies(this.gate, this.cases),
      ...webhookFamilies(this.moduleRef.get(DeliveryMetrics, { strict: false })),
    ];
    for (const family of families) registry.registerMetric(metricOf(family));
    return registry;
  }
}
