/** A command line that is not what it must be. The message names the argument and the rule; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
