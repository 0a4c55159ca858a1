import type { StrategySetting } from '../config/index.js';
import type { StrategyRunner } from './strategy-runner.js';

/** Finds, checks and creates strategies. */
export interface StrategyLoader {
  /** @throws ConfigurationError one clear line: not found, no strategy, another API version, bad options */
  load(setting: StrategySetting): Promise<StrategyRunner>;
}
export const StrategyLoader = Symbol.for('parley/StrategyLoader');
