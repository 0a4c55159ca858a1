import { createContext, Script } from 'node:vm';

const sandbox: { body?: () => void } = createContext({});
const script = new Script('body()');

/**
 * Runs a body and ends it by force when it takes longer, an endless loop included.
 *
 * @param timeoutMs whole milliseconds of real time
 * @throws Error `ERR_SCRIPT_EXECUTION_TIMEOUT`
 */
export function interruptible<T>(timeoutMs: number, body: () => T): T {
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
