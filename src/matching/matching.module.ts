import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { FifoStrategy } from './fifo.strategy.js';
import { MatchingEngine } from './matching.engine.js';
import { MatchingStrategy } from './matching-strategy.js';

/** How a host application names its strategy. */
export type StrategyProvider =
  | { useClass: Type<MatchingStrategy> }
  | { useExisting: Type<MatchingStrategy> }
  | { useFactory: (...args: never[]) => MatchingStrategy | Promise<MatchingStrategy>; inject?: unknown[] };

@Module({})
export class MatchingModule {
  static register(
    strategy: StrategyProvider = { useClass: FifoStrategy },
    imports: ModuleMetadata['imports'] = [],
  ): DynamicModule {
    return {
      module: MatchingModule,
      imports,
      providers: [{ provide: MatchingStrategy, ...strategy } as Provider, MatchingEngine],
      exports: [MatchingEngine],
    };
  }
}
