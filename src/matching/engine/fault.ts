/** Most characters of what was thrown that are logged. */
const MAX_CHARACTERS = 200;

/** What a strategy threw, for a log line. Whatever it is, reading it does no harm. */
export function faultOf(thrown: unknown): string | undefined {
  if (thrown === undefined) return undefined;
  try {
    const text = thrown instanceof Error ? thrown.message : thrown;
    return typeof text === 'string' ? text.slice(0, MAX_CHARACTERS) : `threw what is no error: ${typeof text}`;
  } catch {
    return 'threw what cannot be read';
  }
}

/** Whether a strategy elsewhere had to be stopped. */
export function isTimeout(thrown: unknown): boolean {
  try {
    return thrown instanceof Error && thrown.name === 'TimeoutError';
  } catch {
    return false;
  }
}
