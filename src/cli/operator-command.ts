import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/index.js';
import { UsageError } from './usage-error.js';

/**
 * Runs a command of operators; what goes wrong is said in one line.
 * @returns the exit code: 2 when the command or the configuration is not what it must be, 1 for any other failure
 */
export async function operatorCommand(name: string, run: () => Promise<void>): Promise<number> {
  // What stores log is for the service's log.
  Logger.overrideLogger(false);
  try {
    await run();
    return 0;
  } catch (error) {
    if (error instanceof UsageError || isFlagError(error)) {
      console.error(`parley ${name}: ${error.message}\nSee parley ${name} --help`);
      return 2;
    }
    const isConfiguration = error instanceof ConfigurationError;
    console.error(`parley ${name}: ${isConfiguration ? 'Configuration: ' : ''}${(error as Error).message}`);
    return isConfiguration ? 2 : 1;
  }
}

const isFlagError = (error: unknown): error is Error =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
