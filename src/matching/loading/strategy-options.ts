import { checked, ConfigurationError, type StrategySetting } from '../../config/index.js';
import { deepFreeze } from '../../domain/frozen.js';
import type { StrategyClass } from '../matching-strategy.js';

/** How messages call a strategy that a setting names. */
export function called(setting: StrategySetting): string {
  return setting.labels ? `${setting.labels.strategy}: ${nameOf(setting)}` : `Strategy ${nameOf(setting)}`;
}

const nameOf = ({ strategy }: StrategySetting) =>
  strategy === '' ? 'the application’s strategy' : JSON.stringify(strategy);

/** A strategy's options as an instance of its own class, checked and frozen. @throws ConfigurationError */
export function strategyOptions(type: StrategyClass['Options'], setting: StrategySetting): object {
  const path = setting.labels?.options ?? 'options';
  if (type) {
    const options = checked(type, setting.options, path);
    deepFreeze(options);
    return options;
  }
  if (Object.keys(setting.options).length === 0) return Object.freeze({});
  throw new ConfigurationError(`${path} must be left out: ${nameOf(setting)} takes no options`);
}
