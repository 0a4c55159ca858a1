import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common';
import { MemoryFigureLog } from './adapters/memory/memory-figure-log.js';
import { MemoryAuditLog } from './adapters/memory/memory-audit-log.js';
import { MemoryCaseStore } from './adapters/memory/memory-case-store.js';
import { MemoryHistoryStore } from './adapters/memory/memory-history-store.js';
import { MemoryInstanceRegistry } from './adapters/memory/memory-instance-registry.js';
import { MemoryStateStore } from './adapters/memory/memory-state-store.js';
import { MemoryWatchList } from './adapters/memory/memory-watch-list.js';
import { MemoryWebhookStore } from './adapters/memory/memory-webhook-store.js';
import { SystemClock } from './adapters/system/system-clock.js';
import { SystemIds } from './adapters/system/system-ids.js';
import { AdminModule } from './admin/index.js';
import { AuthModule } from './auth/index.js';
import { ConfigurationError, loadConfig, type ModerationSettings, ParleyConfig } from './config/index.js';
import { ConsoleModule } from './console/index.js';
import { FiguresModule } from './figures/index.js';
import { HealthModule } from './health/index.js';
import { HistoryModule } from './history/index.js';
import { InstancesModule } from './instances/index.js';
import { type HostProvider, MatchingModule, type MatchingOptions } from './matching/index.js';
import { McpEventsModule } from './mcp-events/index.js';
import { McpTransportModule } from './mcp-transport/index.js';
import { MessageQueueModule } from './message-queue/index.js';
import { MetricsModule } from './metrics/index.js';
import { ModerationModule } from './moderation/index.js';
import { NotificationsModule } from './notifications/index.js';
import { OperationsModule } from './operations/index.js';
import { AuditLog } from './ports/audit-log.js';
import { CaseStore } from './ports/case-store.js';
import { Clock } from './ports/clock.js';
import { EventPublisher } from './ports/event-publisher.js';
import { FigureLog } from './ports/figure-log.js';
import { Front } from './ports/front.js';
import { HistoryStore, type MigrationReport } from './ports/history-store.js';
import { IdentityVerifier } from './ports/identity-verifier.js';
import { Ids } from './ports/ids.js';
import { InstanceRegistry } from './ports/instance-registry.js';
import { ConfiguredModerators, MessageModerator } from './ports/message-moderator.js';
import type { Awaitable } from './ports/awaitable.js';
import { type StateLimits, StateStore } from './ports/state-store.js';
import { WatchList } from './ports/watch-list.js';
import { WebhookStore } from './ports/webhook-store.js';
import { QueueModule } from './queue/index.js';
import { RecordingModule } from './recording/index.js';
import { RoomsModule } from './rooms/index.js';
import { WebModule } from './web/index.js';

/** What a service needs besides its strategies. */
export interface ServiceOptions {
  /** Variables as `.env.example` lists them; the process environment by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** @internal whose service it is, behind which front. */
  readonly tenant?: { readonly name: string; readonly front: Front };
}

/** What a host application brings of its own. */
export interface HostOptions extends MatchingOptions {
  /** Says whom bearer tokens stand for, in place of what `AUTH_MODE` offers. */
  readonly identity?: HostProvider<IdentityVerifier>;
  /** Looks at what people write, after the moderators that are configured. */
  readonly moderator?: HostProvider<MessageModerator>;
}

export interface ParleyOptions extends ServiceOptions, HostOptions {}

/** As `ParleyOptions`, except that a factory says what is known only when the application starts. */
export interface ParleyAsyncOptions extends HostOptions {
  /** Modules whose exports the factory needs. */
  readonly imports?: ModuleMetadata['imports'];
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...args: never[]) => ServiceOptions | Promise<ServiceOptions>;
}

const ServiceOptions = Symbol('parley/ServiceOptions');

/** @internal for the front of tenants, which has no state that could tell the time. */
export const ownClock = ({ clock }: ServiceOptions): Clock => clock ?? new SystemClock();

/** @internal for the command line: the state that instances share. */
export async function openShared(
  options: NonNullable<ParleyConfig['shared']>,
  limits: StateLimits,
  kept?: Pick<ModerationSettings, 'cases' | 'auditEntries'>,
): Promise<StateStore> {
  const { RedisStateStore } = await import('./adapters/redis/redis-state-store.js');
  return RedisStateStore.open({ ...options, ...kept }, limits);
}

/** What is needed for a state that is shared is loaded only when it is configured. */
const createState = ({ shared, state, moderation }: ParleyConfig): Awaitable<StateStore> =>
  shared ? openShared(shared, state, moderation) : new MemoryStateStore(state);

/** @internal for the command line: the history as configured, if there is one. */
export async function createHistory({ history }: Pick<ParleyConfig, 'history'>): Promise<HistoryStore | null> {
  if (!history) return null;
  if (history.url === 'memory:') return new MemoryHistoryStore();
  const { PostgresHistoryStore } = await import('./adapters/postgres/postgres-history-store.js');
  return PostgresHistoryStore.open(history);
}

/** @internal for the command line: brings the tables of a PostgreSQL up to date, or only says what is missing. */
export async function migrateHistory(
  settings: NonNullable<ParleyConfig['history']>,
  apply: boolean,
): Promise<MigrationReport> {
  const { PostgresHistoryStore } = await import('./adapters/postgres/postgres-history-store.js');
  return PostgresHistoryStore.migrate(settings, apply);
}

/** Those that are configured, in the order in which they are asked. */
async function createModerators(config: ParleyConfig): Promise<ConfiguredModerators> {
  const { rulesFile, webhook } = config.moderation;
  const moderators: MessageModerator[] = [];
  if (rulesFile !== null) moderators.push(await openRules(rulesFile, config));
  if (webhook) {
    const { WebhookModerator } = await import('./adapters/moderation/webhook-moderator.js');
    moderators.push(new WebhookModerator(webhook));
  }
  return moderators;
}

async function openRules(file: string, { messageMaxCharacters }: ParleyConfig): Promise<MessageModerator> {
  const { RulesModerator } = await import('./adapters/moderation/rules-moderator.js');
  try {
    return new RulesModerator(file, messageMaxCharacters);
  } catch (error) {
    throw new ConfigurationError(`MODERATION_RULES_FILE: ${(error as Error).message}`);
  }
}

async function createPublisher({ messageQueue }: ParleyConfig): Promise<EventPublisher | null> {
  if (!messageQueue) return null;
  const { NatsEventPublisher } = await import('./adapters/nats/nats-event-publisher.js');
  return NatsEventPublisher.open(messageQueue);
}

/** What every module needs, and the only place that knows which adapters there are. */
@Module({})
class CoreModule {
  static register({ imports = [], inject = [], useFactory, moderator }: ParleyAsyncOptions): DynamicModule {
    const { imports: forModerator = [], ...own } = moderator ?? { useValue: null };
    const providers: FactoryProvider[] = [
      { ...own, provide: MessageModerator } as FactoryProvider,
      {
        provide: ParleyConfig,
        useFactory: ({ environment = process.env, tenant }: ServiceOptions) =>
          loadConfig(environment, tenant?.name ?? null),
        inject: [ServiceOptions],
      },
      {
        provide: Clock,
        useFactory: ({ clock }: ServiceOptions, { sharing }: StateStore) =>
          clock ?? sharing?.clock ?? new SystemClock(),
        inject: [ServiceOptions, StateStore],
      },
      { provide: Front, useFactory: ({ tenant }: ServiceOptions) => tenant?.front ?? null, inject: [ServiceOptions] },
      { provide: Ids, useFactory: ({ ids }: ServiceOptions) => ids ?? new SystemIds(), inject: [ServiceOptions] },
      {
        provide: StateStore,
        useFactory: createState,
        inject: [ParleyConfig],
      },
      {
        provide: InstanceRegistry,
        useFactory: (state: StateStore, clock: Clock) => state.sharing?.instances ?? new MemoryInstanceRegistry(clock),
        inject: [StateStore, Clock],
      },
      { provide: HistoryStore, useFactory: createHistory, inject: [ParleyConfig] },
      { provide: EventPublisher, useFactory: createPublisher, inject: [ParleyConfig] },
      {
        provide: CaseStore,
        useFactory: ({ sharing }: StateStore, { moderation }: ParleyConfig) =>
          sharing?.cases ?? new MemoryCaseStore(moderation.cases),
        inject: [StateStore, ParleyConfig],
      },
      {
        provide: AuditLog,
        useFactory: ({ sharing }: StateStore, { moderation }: ParleyConfig) =>
          sharing?.audit ?? new MemoryAuditLog(moderation.auditEntries),
        inject: [StateStore, ParleyConfig],
      },
      {
        provide: WatchList,
        useFactory: ({ sharing }: StateStore) => sharing?.watches ?? new MemoryWatchList(),
        inject: [StateStore],
      },
      { provide: ConfiguredModerators, useFactory: createModerators, inject: [ParleyConfig] },
      {
        provide: WebhookStore,
        useFactory: (state: StateStore) => state.sharing?.webhooks ?? new MemoryWebhookStore(),
        inject: [StateStore],
      },
      {
        provide: FigureLog,
        useFactory: (state: StateStore) => state.sharing?.figures ?? new MemoryFigureLog(),
        inject: [StateStore],
      },
    ];
    return {
      module: CoreModule,
      global: true,
      imports: [...imports, ...forModerator],
      providers: [{ provide: ServiceOptions, useFactory, inject }, ...providers],
      exports: providers.map(({ provide }) => provide),
    };
  }
}

/** The whole service, for an application of its own or as part of a host application on the Fastify adapter. */
@Module({})
export class ParleyModule {
  static register(options: ParleyOptions = {}): DynamicModule {
    return ParleyModule.registerAsync({ ...options, useFactory: () => options });
  }

  static registerAsync(options: ParleyAsyncOptions): DynamicModule {
    const matching = MatchingModule.register(options);
    const queue = QueueModule.register(matching);
    const auth = AuthModule.register(options.identity);
    const transport = McpTransportModule.register(queue, auth);
    const metrics = MetricsModule.register(matching, transport);
    const figures = FiguresModule.register(auth, matching, transport, metrics);
    const operations = OperationsModule.register(matching, queue, transport);
    return {
      module: ParleyModule,
      imports: [
        CoreModule.register(options),
        auth,
        matching,
        queue,
        RoomsModule,
        ModerationModule,
        InstancesModule,
        NotificationsModule,
        RecordingModule.register(queue),
        transport,
        McpEventsModule.register(transport, auth),
        HistoryModule,
        MessageQueueModule,
        metrics,
        figures,
        operations,
        AdminModule.register(auth, operations, figures),
        HealthModule,
        WebModule.register(transport),
        ConsoleModule,
      ],
      exports: [auth, matching, queue, RoomsModule, ModerationModule, InstancesModule, NotificationsModule, transport],
    };
  }
}
