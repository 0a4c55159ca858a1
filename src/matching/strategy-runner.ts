import type { Reason, Ticket } from '../domain/ticket.js';
import type { Awaitable } from '../ports/awaitable.js';
import type { WaitingView } from '../ports/state-store.js';
import type { MatchTrigger, Proposal, Rejection } from './matching-strategy.js';

/** One run of a strategy. */
export interface Run {
  readonly trigger: MatchTrigger;
  readonly subject: Ticket;
  readonly view: WaitingView;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seeds `random()`, so that a run can be repeated. */
  readonly seed: number;
  /** For how long two who have met are kept apart, in milliseconds; 0: not at all. */
  readonly cooldownMs: number;
  /** How long it may take, in milliseconds of real time. */
  readonly budgetMs: number;
}

/** Says for how long a run has worked so far, in milliseconds of real time; while it waits for others it stands still. */
export interface Stopwatch {
  readonly spentMs: number;
}

/** A strategy where it runs: in this thread, or in one of its own. Whatever goes wrong in there is thrown here. */
export interface StrategyRunner {
  readonly name: string;
  admit(ticket: Ticket): Awaitable<Ticket | Rejection>;
  /** Lazy where the strategy runs in this thread: the next proposal is made when it is asked for. */
  propose(run: Run, watch: Stopwatch): Awaitable<Iterable<Proposal>>;
  nextWake(ticket: Ticket, now: number): Awaitable<number | undefined>;
  explainWait(run: Run): Awaitable<readonly Reason[]>;
  close(): Awaitable<void>;
  /** Closes when it has answered everything that it was asked. */
  retire(): Awaitable<void>;
}
