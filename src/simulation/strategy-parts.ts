import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BestFirstEvaluator, DefaultStrategyLoader, ProposalEvaluator, StrategyLoader } from '../matching/index.js';

@Module({
  providers: [
    { provide: StrategyLoader, useClass: DefaultStrategyLoader },
    { provide: ProposalEvaluator, useClass: BestFirstEvaluator },
  ],
})
class StrategyPartsModule {}

/** What the engine needs to load strategies and to choose between their proposals, outside a service. */
export interface StrategyParts {
  readonly loader: StrategyLoader;
  readonly evaluator: ProposalEvaluator;
  close(): Promise<void>;
}

export async function strategyParts(): Promise<StrategyParts> {
  const context = await NestFactory.createApplicationContext(StrategyPartsModule, { logger: false });
  return {
    loader: context.get<StrategyLoader>(StrategyLoader),
    evaluator: context.get<ProposalEvaluator>(ProposalEvaluator),
    close: () => context.close(),
  };
}
