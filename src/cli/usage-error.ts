/** A command line that is not what it must be. The message names the flag and the rule. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
