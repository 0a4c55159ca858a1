import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ConfigurationError } from '../../config/index.js';
import { MatchingStrategy, StrategyOptions } from '../matching-strategy.js';
import type { StrategyProvider } from './strategy-provider.js';

/** A module of its own for one instance of a strategy, so that Nest creates it with its options and imports. */
export function strategyModule({ imports, ...provider }: StrategyProvider, options: object): DynamicModule {
  @Module({})
  class StrategyModule {}
  return {
    module: StrategyModule,
    imports: imports,
    providers: [
      { provide: StrategyOptions, useValue: options },
      { provide: MatchingStrategy, ...provider } as Provider,
    ],
  };
}

/** What Nest created, if it is a strategy. @param what how messages call it @throws ConfigurationError */
export async function createdStrategy(create: () => Promise<unknown>, what: string): Promise<MatchingStrategy> {
  let created: Partial<MatchingStrategy> | null | undefined;
  try {
    created = (await create()) as Partial<MatchingStrategy> | null | undefined;
  } catch (error) {
    throw new ConfigurationError(`${what} cannot be created: ${firstLine(error)}`, { cause: error });
  }
  if (typeof created?.propose !== 'function') throw new ConfigurationError(`${what} has no method "propose"`);
  if (typeof created.name !== 'string' || created.name === '') throw new ConfigurationError(`${what} has no name`);
  return created as MatchingStrategy;
}

/** What went wrong, in one line. */
export function firstLine(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return (typeof message === 'string' ? message : String(error)).split('\n')[0]!.slice(0, 500);
}
