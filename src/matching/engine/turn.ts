import type { Awaitable } from '../../ports/awaitable.js';
import { BestFirstEvaluator } from './best-first.evaluator.js';
import type { FailureKind } from './decision-log.js';
import { isTimeout } from './fault.js';
import { InProcessRunner } from './in-process.runner.js';
import type { Proposal } from '../matching-strategy.js';
import { isPromise } from './promises.js';
import { type CheckGrounds, checkProposal, type CheckRule, type RefusalCause } from './proposal-check.js';
import type { CheckedProposal, ProposalEvaluator, Proposals } from '../proposal-evaluator.js';
import { RecordedView } from './recorded-view.js';
import type { Run, Stopwatch, StrategyRunner } from '../strategy-runner.js';

/** How many proposals of one run may be turned down. */
const MAX_REFUSALS = 100;
/** How many proposals of one run are looked at. */
const MAX_PROPOSALS = 1_000;
/** How many proposals with a score are compared with each other. */
const MAX_SCORED = 100;

const BEST_FIRST = new BestFirstEvaluator();

/** Who takes part in a turn and hears how it goes. */
export interface TurnTable {
  readonly evaluator: ProposalEvaluator;
  readonly checks: readonly CheckRule[];
  failed(kind: FailureKind, error?: unknown): void;
  ended(turn: Turn): void;
}

/** One run of one strategy, from the question to the last group it was good for. Never throws or rejects. */
export class Turn implements Stopwatch {
  /** How many waited when it began. */
  readonly waiting: number;
  proposed = 0;
  /** How many groups were passed on. */
  passed = 0;
  micros = 0;
  failure: FailureKind | null = null;
  readonly refused: Partial<Record<RefusalCause, number>> = {};
  /** The first group passed on, and the one that was taken. */
  first: CheckedProposal | undefined;
  chosen: CheckedProposal | undefined;

  readonly #grounds: CheckGrounds;
  readonly #recorded: RecordedView | undefined;
  #limitMs: number;
  /** When the present stretch of work began, in milliseconds of real time. */
  #since = performance.now();

  /** @param snapshot whether groups are checked against what waited when the turn began, not against what waits now */
  constructor(
    readonly run: Run,
    private readonly runner: StrategyRunner,
    private readonly table: TurnTable,
    private readonly snapshot = false,
  ) {
    this.waiting = run.view.size;
    // Only the answer of a strategy elsewhere comes when some of those it was shown may have gone.
    const recorded = runner instanceof InProcessRunner ? undefined : new RecordedView(run.view);
    this.#recorded = recorded;
    this.#limitMs = run.budgetMs;
    this.#grounds = {
      subject: run.subject,
      view: {
        get: (ticketId) => (snapshot && recorded ? recorded.shown(ticketId) : run.view.get(ticketId)),
        relations: (participantId) => run.view.relations(participantId),
      },
      now: run.now,
      cooldownMs: run.cooldownMs,
      // What happened since a group was passed on is not the strategy's fault.
      hasGone: (ticketId) => (recorded ? recorded.shown(ticketId) !== undefined : this.passed > 0),
    };
  }

  get spentMs(): number {
    return this.micros / 1_000 + performance.now() - this.#since;
  }

  /** Checked groups, best first; lazy unless the strategy runs elsewhere. */
  start(): Awaitable<Proposals> {
    const run = this.#recorded ? { ...this.run, view: this.#recorded } : this.run;
    try {
      const answer = this.runner.propose(run, this);
      if (!isPromise(answer)) {
        this.#pause();
        return this.#proposals(this.#groups(answer));
      }
      return answer.then(
        (proposals) => {
          this.#pause();
          // Whoever runs it elsewhere has kept an eye on its time.
          this.#limitMs += this.micros / 1_000;
          return this.#proposals(this.#groups(proposals));
        },
        (error: unknown) => this.#nothing(error),
      );
    } catch (error) {
      return this.#nothing(error);
    }
  }

  #nothing(error: unknown): Proposals {
    this.#threw(error);
    this.#pause();
    return this.#proposals([]);
  }

  #proposals(groups: Iterable<CheckedProposal>): Proposals {
    return {
      [Symbol.iterator]: () => groups[Symbol.iterator](),
      settle: (chosen) => {
        this.chosen = chosen;
        this.table.ended(this);
      },
    };
  }

  /** Holds back groups with a score until they can be compared; the others pass. */
  *#groups(proposals: Iterable<Proposal>): Generator<CheckedProposal> {
    let scored: CheckedProposal[] = [];
    // Others may have had this thread since the question.
    this.#resume();
    for (const group of this.#checked(proposals)) {
      if (group.score === undefined) {
        if (scored.length > 0) yield* this.#best(scored);
        scored = [];
        yield this.#pass(group);
        this.#resume();
      } else if (scored.push(group) === MAX_SCORED) {
        yield* this.#best(scored);
        scored = [];
      }
    }
    if (scored.length > 0) yield* this.#best(scored);
    this.#pause();
  }

  *#best(scored: readonly CheckedProposal[]): Generator<CheckedProposal> {
    for (const group of this.#evaluate(scored)) {
      yield this.#pass(group);
      this.#resume();
    }
  }

  /** Notes a group that is passed on. */
  #pass(group: CheckedProposal): CheckedProposal {
    this.passed++;
    this.first ??= group;
    this.#pause();
    return group;
  }

  #resume(): void {
    this.#since = performance.now();
  }

  #evaluate(scored: readonly CheckedProposal[]): readonly CheckedProposal[] {
    try {
      for (const group of scored) Object.freeze(group.tickets);
      const known = new Set(scored);
      // Whatever evaluates may drop and order; a group of its own making was never checked.
      return this.table.evaluator.evaluate(scored, this.run.now).filter((group) => known.delete(group));
    } catch (error) {
      this.table.failed('evaluator', error);
      return BEST_FIRST.evaluate(scored);
    }
  }

  /** Goes through proposals while there is time, and drops what cannot be. */
  *#checked(proposals: Iterable<Proposal>): Generator<CheckedProposal> {
    let iterator: Iterator<Proposal> | undefined;
    let refusals = 0;
    try {
      iterator = proposals[Symbol.iterator]();
      for (;;) {
        const next = iterator.next();
        if (next.done) {
          iterator = undefined;
          return;
        }
        // Somebody else has taken it, another instance perhaps: there is nobody left to find a group for.
        if (!this.snapshot && !this.run.view.get(this.run.subject.id)) return;
        this.proposed++;
        const late = this.spentMs > this.#limitMs;
        if (late) this.#fail('budget');
        const checked = this.#check(next.value);
        if (checked) yield checked;
        else if (++refusals === MAX_REFUSALS) this.#fail('budget');
        if (late || refusals === MAX_REFUSALS || this.proposed === MAX_PROPOSALS) return;
      }
    } catch (error) {
      iterator = undefined;
      this.#threw(error);
    } finally {
      this.#close(iterator);
    }
  }

  #check(proposal: unknown): CheckedProposal | undefined {
    let cause: RefusalCause = 'malformed';
    let thrown: unknown;
    try {
      const checked = checkProposal(proposal, this.#grounds, this.table.checks);
      if (typeof checked === 'object') return checked;
      cause = checked;
    } catch (error) {
      thrown = error;
    }
    this.refused[cause] = (this.refused[cause] ?? 0) + 1;
    if (cause !== 'stale') this.#fail('refused', thrown ?? cause);
    return undefined;
  }

  #close(iterator: Iterator<Proposal> | undefined): void {
    try {
      iterator?.return?.();
    } catch (error) {
      this.#threw(error);
    }
  }

  #threw(error: unknown): void {
    this.#fail(isTimeout(error) ? 'timeout' : 'threw', error);
  }

  /** Remembers the first failure, and tells the table of it and of others unlike it. */
  #fail(kind: FailureKind, error?: unknown): void {
    if (this.failure === kind) return;
    this.failure ??= kind;
    this.table.failed(kind, error);
  }

  /** Work stops while somebody else acts on a group. */
  #pause(): void {
    const now = performance.now();
    this.micros += (now - this.#since) * 1_000;
    this.#since = now;
  }
}
