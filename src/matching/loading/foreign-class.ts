import { ConfigurationError } from '../../config/index.js';
import { MATCHING_API_VERSION, type StrategyClass } from '../matching-strategy.js';

type Exports = Readonly<Record<string, unknown>>;

/**
 * The strategy class of a package or file: its default export, or its only export that is one.
 *
 * @param what how messages call it, e.g. `MATCHING_STRATEGY: "my-package"`
 * @throws ConfigurationError when there is none, there are several, or it was written for another version of the interface
 */
export function foreignClass(exports: Exports, what: string): StrategyClass {
  const found = candidates(exports);
  if (found.length === 0) throw new ConfigurationError(`${what} exports no strategy, a class with a method "propose"`);
  if (found.length > 1) {
    const names = found.map(({ name }) => name).join(', ');
    throw new ConfigurationError(`${what} exports several strategies (${names}); one must be its default export`);
  }
  checkVersion(found[0]!, what);
  return found[0]!;
}

function candidates(exports: Exports): StrategyClass[] {
  const main = exports['default'];
  if (isStrategyClass(main)) return [main];
  // What a CommonJS module exports is the default export of its namespace.
  const inner = isRecord(main) ? main : {};
  if (isStrategyClass(inner['default'])) return [inner['default']];
  return [...new Set([...Object.values(exports), ...Object.values(inner)])].filter(isStrategyClass);
}

function isStrategyClass(value: unknown): value is StrategyClass {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return isRecord(prototype) && ('apiVersion' in value || typeof prototype['propose'] === 'function');
}

const isRecord = (value: unknown): value is Exports => typeof value === 'object' && value !== null;

function checkVersion({ apiVersion }: StrategyClass, what: string): void {
  const [major, minor] = MATCHING_API_VERSION.split('.').map(Number) as [number, number];
  if (apiVersion === undefined) {
    throw new ConfigurationError(`${what} states no apiVersion, e.g. static readonly apiVersion = '${major}.${minor}'`);
  }
  const [, theirMajor, theirMinor] = /^(\d{1,6})\.(\d{1,6})(?:\.\d{1,6})?$/.exec(String(apiVersion)) ?? [];
  if (Number(theirMajor) === major && Number(theirMinor) <= minor) return;
  throw new ConfigurationError(
    `${what} was written for version ${String(apiVersion).slice(0, 32)} of the matching interface, this is ${MATCHING_API_VERSION}`,
  );
}
