import { AsyncLocalStorage } from 'node:async_hooks';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { ParleyConfig } from './config/index.js';

const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug'];

/** What Nest says of its own start: of use to somebody who debugs it. */
const NEST_START = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** Whose service something is done in, where several tenants have one. */
const tenants = new AsyncLocalStorage<string>();

/** Runs something, and names the tenant in all that it logs, then or later. */
export const within = <T>(tenant: string, work: () => T): T => tenants.run(tenant, work);

/** One JSON object per line, at and above the configured level. */
export class ServerLogger extends ConsoleLogger {
  constructor(level: ParleyConfig['logLevel']) {
    const lowest = level === 'info' ? 'log' : level;
    super({ json: true, logLevels: LEVELS.slice(0, LEVELS.indexOf(lowest) + 1) });
  }

  /** What stops the start is said by the program itself. */
  override error(message: unknown, ...context: unknown[]): void {
    if (context.at(-1) !== 'ExceptionHandler') super.error(message, ...(context as [string]));
    else super.debug(message, ...(context as [string]));
  }

  override log(message: unknown, ...context: unknown[]): void {
    if (!NEST_START.has(String(context.at(-1)))) super.log(message, ...(context as [string]));
    else super.debug(message, ...(context as [string]));
  }

  protected override getJsonLogObject(...args: Parameters<ConsoleLogger['getJsonLogObject']>) {
    const tenant = tenants.getStore();
    return { ...super.getJsonLogObject(...args), ...(tenant !== undefined && { tenant }) };
  }
}
