import { freezeTicket } from '../../domain/frozen.js';
import { isComplete, type Ticket } from '../../domain/ticket.js';
import { metAt, obstacle } from './compatibility.js';
import type { MatchContext, MatchTrigger } from '../matching-strategy.js';
import type { Run, Stopwatch } from '../strategy-runner.js';

/** How much of its time a strategy that heeds the signal may use: the rest is for what it still has to say. */
const SIGNAL_SHARE = 0.8;

/** What a strategy gets to know of a run; the same in every thread. @param watch one that was started just now by default */
export function createContext(run: Run, watch: Stopwatch = startedNow()): MatchContext {
  return new RunContext(run, watch);
}

/** Its functions may be taken off it, as destructuring does. */
class RunContext implements MatchContext {
  readonly pool: string;
  readonly now: number;
  readonly trigger: MatchTrigger;
  readonly subject: Ticket;
  readonly size: number;
  readonly #run: Run;
  readonly #watch: Stopwatch;
  #signal: AbortSignal | undefined;
  #random: (() => number) | undefined;

  constructor(run: Run, watch: Stopwatch) {
    this.#run = run;
    this.#watch = watch;
    const { subject, view, now, trigger } = run;
    this.pool = subject.pool;
    this.now = now;
    this.trigger = trigger;
    this.subject = freezeTicket(subject);
    this.size = view.size;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= signalAfter(this.#run.budgetMs * SIGNAL_SHARE, this.#watch));
  }

  readonly random = (): number => (this.#random ??= randomFrom(this.#run.seed))();
  readonly waiting = (): Iterable<Ticket> => this.#run.view.tickets();
  readonly compatible = (group: readonly Ticket[]): boolean => obstacle(group, this.#run) === undefined;
  readonly complete = (group: readonly Ticket[]): boolean => isComplete(group, this.now);
  readonly metAt = (participantId: string, other: string): number | undefined =>
    metAt(this.#run.view, participantId, other);
}

function startedNow(): Stopwatch {
  const since = performance.now();
  return {
    get spentMs() {
      return performance.now() - since;
    },
  };
}

/** A signal that finds out that the time has come when it is looked at: no timer fires while a strategy runs. */
function signalAfter(milliseconds: number, watch: Stopwatch): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let aborted = false;
  return Object.defineProperty(signal, 'aborted', {
    get() {
      if (!aborted && watch.spentMs >= milliseconds) {
        aborted = true;
        controller.abort();
      }
      return aborted;
    },
  });
}

/** Numbers in [0, 1) by mulberry32: small, fast, and the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}
