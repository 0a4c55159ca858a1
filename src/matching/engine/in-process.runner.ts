import { freezeTicket } from '../../domain/frozen.js';
import type { Reason, Ticket } from '../../domain/ticket.js';
import { createContext } from './match-context.js';
import type { MatchingStrategy, Proposal, Rejection } from '../matching-strategy.js';
import { isPromise } from './promises.js';
import type { Run, Stopwatch, StrategyRunner } from '../strategy-runner.js';

/** Runs a strategy in this thread, without a promise anywhere. */
export class InProcessRunner implements StrategyRunner {
  readonly name: string;

  constructor(private readonly strategy: MatchingStrategy) {
    this.name = strategy.name;
  }

  admit(ticket: Ticket): Ticket | Rejection {
    return atOnce(this.strategy.admit?.(freezeTicket(ticket)) ?? ticket);
  }

  propose(run: Run, watch?: Stopwatch): Iterable<Proposal> {
    return atOnce(this.strategy.propose(createContext(run, watch)));
  }

  nextWake(ticket: Ticket, now: number): number | undefined {
    return atOnce(this.strategy.nextWake?.(freezeTicket(ticket), now));
  }

  explainWait(run: Run): readonly Reason[] {
    return atOnce(this.strategy.explainWait?.(freezeTicket(run.subject), createContext(run)) ?? []);
  }

  close(): void {
    // The strategy belongs to Nest, which calls its own hooks.
  }

  retire(): void {
    this.close();
  }
}

/** What a strategy answered, unless it is a promise. @throws TypeError */
function atOnce<T>(answer: T): T {
  if (isPromise(answer)) {
    // Nobody else would hear of its rejection.
    Promise.resolve(answer).catch(() => undefined);
    throw new TypeError('answered with a promise');
  }
  return answer;
}
