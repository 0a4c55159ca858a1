import type { ModuleMetadata, Type } from '@nestjs/common';
import type { MatchingStrategy } from '../matching-strategy.js';
import type { ProposalEvaluator } from '../proposal-evaluator.js';

/** How a host application brings a part of its own. */
export type HostProvider<T> = (
  | { readonly useClass: Type<T> }
  | { readonly useExisting: Type<T> | string | symbol }
  | { readonly useFactory: (...args: never[]) => T | Promise<T>; readonly inject?: unknown[] }
) & {
  /** Modules whose exports it needs. */
  readonly imports?: ModuleMetadata['imports'];
};

/**
 * A strategy of the host application. It runs in the service's own thread; each pool that uses it gets an instance of its
 * own, except with `useExisting`. Nest's lifecycle hooks are called on what it imports, not on itself.
 */
export type StrategyProvider = HostProvider<MatchingStrategy>;
export type EvaluatorProvider = HostProvider<ProposalEvaluator>;

/** The strategies a host application brings. */
export interface HostStrategies {
  /** Matches where no strategy is named. */
  readonly own?: StrategyProvider | undefined;
  /** By the names that configuration may use; they come before the built-in ones. */
  readonly named: Readonly<Record<string, StrategyProvider>>;
}
export const HostStrategies = Symbol.for('parley/HostStrategies');
