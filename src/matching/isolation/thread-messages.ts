import type { StrategySetting } from '../../config/index.js';
import type { Ticket } from '../../domain/ticket.js';
import type { Proposal } from '../matching-strategy.js';
import type { Run } from '../strategy-runner.js';
import type { ReplicaChange } from './replica.js';

/** What a strategy's thread is started with. */
export interface ThreadData {
  /** Address of the module that serves the strategy there. */
  readonly entry: string;
  readonly setting: StrategySetting;
}

/** A run without the view, which the thread has a replica of. */
export type RunData = Omit<Run, 'view'>;

export type ThreadRequest =
  | { readonly kind: 'waiting'; readonly change: ReplicaChange }
  | { readonly kind: 'propose' | 'explainWait'; readonly change: ReplicaChange; readonly run: RunData }
  | { readonly kind: 'admit'; readonly ticket: Ticket }
  | { readonly kind: 'nextWake'; readonly ticket: Ticket; readonly now: number };

/** The methods that a strategy may do without. */
export interface OptionalMethods {
  readonly admit: boolean;
  readonly nextWake: boolean;
  readonly explainWait: boolean;
}

/** The first message of a thread: what it serves, or why it does not. */
export type ThreadStarted =
  | { readonly name: string; readonly methods: OptionalMethods; readonly refused?: undefined }
  | { readonly refused: string };

/** The proposals made in time, and what ended the run if something did. */
export interface Proposed {
  readonly proposals: readonly Proposal[];
  /** Whether there was no time for more. */
  readonly late?: boolean;
  readonly error?: string;
}

/** The answer to the request of the same number. */
export interface ThreadReply {
  readonly request: number;
  readonly answer?: unknown;
  readonly error?: string;
}
