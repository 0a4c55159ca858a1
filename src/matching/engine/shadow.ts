import type { Logger } from '@nestjs/common';
import { Breaker } from './breaker.js';
import { faultOf } from './fault.js';
import { isPromise } from './promises.js';
import type { CheckRule } from './proposal-check.js';
import type { CheckedProposal, ProposalEvaluator, Proposals } from '../proposal-evaluator.js';
import { ChoiceCounters, type ShadowStatistics, StrategyCounters } from './pool-statistics.js';
import type { Run, StrategyRunner } from '../strategy-runner.js';
import { Turn } from './turn.js';

type Choice = CheckedProposal | undefined;

/** Asks a candidate what it would do where the live strategy decides, and counts how the two compare. Claims nothing. */
export class Shadow {
  readonly #breaker = new Breaker();
  readonly #counters: StrategyCounters;
  readonly #live = new ChoiceCounters();
  readonly #candidate = new ChoiceCounters();
  readonly #verdicts = { same: 0, different: 0, onlyLive: 0, onlyShadow: 0, neither: 0 };
  #busy = false;
  #skipped = 0;

  constructor(
    private readonly runner: StrategyRunner,
    private readonly pool: string,
    private readonly evaluator: ProposalEvaluator,
    private readonly checks: readonly CheckRule[],
    private readonly logger: Logger,
  ) {
    this.#counters = new StrategyCounters(runner.name);
  }

  /**
   * Begins a run beside one of the live strategy, before that claims anything. Whoever runs the live strategy says what it
   * chose by calling what this returns. Never throws.
   */
  observe(run: Run): ((live: Choice) => void) | undefined {
    const trial = this.#breaker.suspended;
    if (!this.#breaker.admits(run.now)) return undefined;
    // A candidate elsewhere would be asked later, about others than the live strategy was.
    if (this.#busy) {
      this.#skipped++;
      return undefined;
    }
    const turn = new Turn(
      run,
      this.runner,
      {
        evaluator: this.evaluator,
        checks: this.checks,
        failed: (kind, error) => this.#failed(kind, error),
        ended: () => this.#ended(turn, trial),
      },
      true,
    );
    const answer = turn.start();
    if (!isPromise(answer)) {
      settleOnFirst(answer);
      return (live) => this.#compare(turn, live);
    }
    this.#busy = true;
    const over = answer.then(settleOnFirst).finally(() => (this.#busy = false));
    return (live) => void over.then(() => this.#compare(turn, live));
  }

  snapshot(): ShadowStatistics {
    return {
      ...this.#counters.snapshot(),
      suspended: this.#breaker.suspended,
      skipped: this.#skipped,
      ...this.#verdicts,
      live: this.#live.snapshot(),
      candidate: this.#candidate.snapshot(),
    };
  }

  async close(): Promise<void> {
    await this.runner.close();
  }

  #compare({ first, failure, run }: Turn, live: Choice): void {
    if (failure && !first) return;
    if (live) this.#live.count(live, run.now);
    if (first) this.#candidate.count(first, run.now);
    this.#verdicts[verdict(live, first)]++;
  }

  #failed(kind: Parameters<StrategyCounters['failed']>[0], error: unknown): void {
    this.#counters.failed(kind);
    const { name } = this.runner;
    const { pool } = this;
    this.logger.warn({ msg: 'shadow strategy failure', strategy: name, pool, kind, error: faultOf(error) });
  }

  #ended(turn: Turn, trial: boolean): void {
    this.#counters.count(turn);
    if (!turn.failure) this.#breaker.succeeded(trial);
    else if (this.#breaker.failed(turn.run.now, trial)) {
      this.logger.error({ msg: 'shadow strategy suspended', strategy: this.runner.name, pool: this.pool });
    }
  }
}

/** Asks for the first group alone. */
function settleOnFirst(proposals: Proposals): void {
  for (const group of proposals) return proposals.settle(group);
  proposals.settle();
}

function verdict(live: Choice, candidate: Choice): 'same' | 'different' | 'onlyLive' | 'onlyShadow' | 'neither' {
  if (!live) return candidate ? 'onlyShadow' : 'neither';
  if (!candidate) return 'onlyLive';
  const ids = new Set(live.tickets.map(({ id }) => id));
  return ids.size === candidate.tickets.length && candidate.tickets.every(({ id }) => ids.has(id))
    ? 'same'
    : 'different';
}
