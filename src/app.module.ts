import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { MemoryStateStore } from './adapters/memory/memory-state-store.js';
import { SystemClock } from './adapters/system/system-clock.js';
import { SystemIds } from './adapters/system/system-ids.js';
import { loadConfig, ParleyConfig } from './config/index.js';
import { HealthModule } from './health/index.js';
import { MatchingModule, type StrategyProvider } from './matching/index.js';
import { McpTransportModule } from './mcp-transport/index.js';
import { NotificationsModule } from './notifications/index.js';
import { Clock } from './ports/clock.js';
import { Ids } from './ports/ids.js';
import { StateStore } from './ports/state-store.js';
import { QueueModule } from './queue/index.js';
import { RoomsModule } from './rooms/index.js';

export interface ParleyOptions {
  /** Variables as `.env.example` lists them; the process environment by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Who meets whom; first in, first out by default. */
  readonly matching?: StrategyProvider & {
    /** Modules whose exports the strategy needs. */
    readonly imports?: ModuleMetadata['imports'];
  };
  readonly clock?: Clock;
  readonly ids?: Ids;
}

/** What every module needs, and the only place that knows which adapters there are. */
@Module({})
class CoreModule {
  static register({ environment = process.env, clock, ids }: ParleyOptions): DynamicModule {
    const providers = [
      { provide: ParleyConfig, useFactory: () => loadConfig(environment) },
      { provide: Clock, useValue: clock ?? new SystemClock() },
      { provide: Ids, useValue: ids ?? new SystemIds() },
      {
        provide: StateStore,
        useFactory: (config: ParleyConfig) => new MemoryStateStore(config.state),
        inject: [ParleyConfig],
      },
    ];
    return { module: CoreModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}

/** The whole service, for an application of its own or as part of a host application on the Fastify adapter. */
@Module({})
export class ParleyModule {
  static register(options: ParleyOptions = {}): DynamicModule {
    const { imports: strategyImports, ...strategy } = options.matching ?? {};
    const matching = MatchingModule.register(options.matching && (strategy as StrategyProvider), strategyImports);
    const queue = QueueModule.register(matching);
    const transport = McpTransportModule.register(queue);
    return {
      module: ParleyModule,
      imports: [CoreModule.register(options), queue, RoomsModule, NotificationsModule, transport, HealthModule],
      exports: [queue, RoomsModule, NotificationsModule, transport],
    };
  }
}
