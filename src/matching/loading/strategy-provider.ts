import type { ModuleMetadata, Type } from '@nestjs/common';
import type { MatchingStrategy } from '../matching-strategy.js';

/**
 * How a host application names a strategy. It runs in the service's own thread; each pool that uses it gets an instance
 * of its own, except with `useExisting`. Nest's lifecycle hooks are not called on it, but on what it imports.
 */
export type StrategyProvider = (
  | { readonly useClass: Type<MatchingStrategy> }
  | { readonly useExisting: Type<MatchingStrategy> }
  | {
      readonly useFactory: (...args: never[]) => MatchingStrategy | Promise<MatchingStrategy>;
      readonly inject?: unknown[];
    }
) & {
  /** Modules whose exports it needs. */
  readonly imports?: ModuleMetadata['imports'];
};

/** The strategies a host application brings. */
export interface HostStrategies {
  /** Matches where no strategy is named. */
  readonly own?: StrategyProvider;
  /** By the names that configuration may use; they come before the built-in ones. */
  readonly named: Readonly<Record<string, StrategyProvider>>;
}
export const HostStrategies = Symbol.for('parley/HostStrategies');
