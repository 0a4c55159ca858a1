import { createContext, Script } from 'node:vm';

const sandbox: { body?: () => void } = createContext({});
const script = new Script('body()');

/** How often a body is begun anew because the machine had no time for it. */
const MOST_TRIES = 3;

/**
 * Runs a body and ends it by force when it takes longer, an endless loop included. A body that was held up by others on
 * the machine is begun anew.
 *
 * @param timeoutMs whole milliseconds of real time
 * @throws Error `ERR_SCRIPT_EXECUTION_TIMEOUT`
 */
export function interruptible<T>(timeoutMs: number, body: () => T): T {
  for (let tries = 1; ; tries++) {
    const before = process.cpuUsage();
    try {
      return once(timeoutMs, body);
    } catch (error) {
      const { user, system } = process.cpuUsage(before);
      const heldUp = (user + system) / 1_000 < timeoutMs / 2;
      if (!isInterrupt(error) || !heldUp || tries === MOST_TRIES) throw error;
    }
  }
}

function once<T>(timeoutMs: number, body: () => T): T {
  let result: T | undefined;
  sandbox.body = () => {
    result = body();
  };
  try {
    script.runInContext(sandbox, { timeout: timeoutMs });
  } finally {
    delete sandbox.body;
  }
  return result as T;
}

/** Whether an error says that a body was ended by force. */
export const isInterrupt = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
