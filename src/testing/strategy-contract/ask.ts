import {
  createContext,
  type MatchContext,
  type MatchingStrategy,
  type Proposal,
  type Run,
} from '../../matching/index.js';
import { interruptible, isInterrupt } from './interrupt.js';
import { type Reach, trusted, watched } from './outside-world.js';

/** How long one question may take until it is ended by force, in milliseconds of real time. */
const PATIENCE_MS = 1_000;

/** What became of one question to a strategy. */
export interface Answer<T> {
  /** Undefined when it threw or had to be ended. */
  readonly value: T | undefined;
  readonly thrown: unknown;
  /** Whether it answered by itself. */
  readonly ended: boolean;
  /** What it reached for outside its context. */
  readonly reached: ReadonlySet<Reach>;
}

/** Asks a strategy something, cut off from the outside world and bounded in time. Never throws. */
export function ask<T>(question: () => T, timeoutMs = PATIENCE_MS): Answer<T> {
  const reached = new Set<Reach>();
  try {
    const value = watched(() => interruptible(timeoutMs, question), reached);
    return { value, thrown: undefined, ended: true, reached };
  } catch (error) {
    const ended = !isInterrupt(error);
    return { value: undefined, thrown: ended ? error : undefined, ended, reached };
  }
}

/** All proposals of one run, at most `limit`: what a service sees that turns each of them down. */
export function askForProposals(
  strategy: MatchingStrategy,
  run: Run,
  limit: number,
): Answer<Proposal[]> & { readonly proposals: readonly Proposal[] } {
  const proposals: Proposal[] = [];
  const context = openContext(run);
  const answer = ask(() => {
    proposals.length = 0;
    for (const proposal of strategy.propose(context)) {
      if (proposals.length === limit) break;
      proposals.push(proposal);
    }
    return proposals;
  });
  return { ...answer, ended: answer.ended && proposals.length < limit, proposals };
}

/** A context whose tickets can be written to, so that a strategy which does so is found out by what has changed. */
function openContext(run: Run): MatchContext {
  const context = createContext({ ...run, subject: structuredClone(run.subject) });
  let signal: AbortSignal | undefined;
  return {
    ...context,
    get signal() {
      return (signal ??= trustedSignal(context.signal));
    },
    subject: run.subject,
    waiting: () => run.view.tickets(),
  };
}

/** The signal looks at the real time, which the strategy that looks at the signal does not. */
function trustedSignal(signal: AbortSignal): AbortSignal {
  return new Proxy(signal, {
    get: (target, key) =>
      trusted(() => {
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }),
  });
}
