import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { BestFirstEvaluator } from './engine/best-first.evaluator.js';
import { DefaultStrategyLoader } from './loading/default.strategy-loader.js';
import { type EvaluatorProvider, HostStrategies, type StrategyProvider } from './loading/strategy-provider.js';
import { MatchingEngine } from './matching.engine.js';
import { ProposalEvaluator } from './proposal-evaluator.js';
import { StrategyLoader } from './strategy-loader.js';

/** What a host application decides about matching; configuration decides the rest. */
export interface MatchingOptions {
  /** Who meets whom where configuration names no strategy; first in, first out by default. */
  readonly matching?: StrategyProvider;
  /** More strategies, by the names that `MATCHING_STRATEGY` and pools may use. */
  readonly strategies?: Readonly<Record<string, StrategyProvider>>;
  /** Which of several proposals are claimed; the best score first by default, then the longest wait. */
  readonly evaluator?: EvaluatorProvider;
}

@Module({})
export class MatchingModule {
  static register({ matching, strategies = {}, evaluator }: MatchingOptions = {}): DynamicModule {
    const { imports = [], ...evaluates } = evaluator ?? { useClass: BestFirstEvaluator };
    const host: HostStrategies = { own: matching, named: strategies };
    return {
      module: MatchingModule,
      imports: [matching, ...Object.values(strategies)].reduce(
        (all, provider) => [...all, ...(provider?.imports ?? [])],
        [...imports] as NonNullable<ModuleMetadata['imports']>,
      ),
      providers: [
        { provide: HostStrategies, useValue: host },
        { provide: StrategyLoader, useClass: DefaultStrategyLoader },
        { provide: ProposalEvaluator, ...evaluates } as Provider,
        MatchingEngine,
      ],
      exports: [MatchingEngine],
    };
  }
}
