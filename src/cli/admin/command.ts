import type { AdminRequest } from './client.js';

/** A flag of one command, besides those of all. */
export interface AdminFlag {
  /** What its value is called in the help. */
  readonly value: string;
  readonly summary: string;
}

/** What was given on the command line: arguments and flags by their names. */
export type Given = Readonly<Record<string, string | undefined>>;

/** One thing that operators can do, on the command line. Help, parsing, request and output come from it. */
export interface AdminCommand {
  /** E.g. `pools pause`. */
  readonly words: string;
  /** Names of what must follow, e.g. `NAME`. */
  readonly takes?: readonly string[];
  readonly summary: string;
  readonly flags?: Readonly<Record<string, AdminFlag>>;
  /** @throws UsageError */
  request(given: Given): AdminRequest;
  /** The answer for a person. */
  show(answer: never): string;
}

/** Flags of lists. */
export const PAGED: Readonly<Record<string, AdminFlag>> = {
  limit: { value: 'N', summary: 'how many at most, 1 to 500; 50 by default' },
  after: { value: 'NEXT', summary: 'go on where a list ended' },
};
