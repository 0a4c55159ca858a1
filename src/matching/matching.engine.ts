import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ParleyConfig, type PoolSettings } from '../config/index.js';
import type { Reason, Ticket } from '../domain/ticket.js';
import { Clock } from '../ports/clock.js';
import type { PoolControl } from '../ports/operator-steps.js';
import { Ids } from '../ports/ids.js';
import type { Awaitable } from '../ports/awaitable.js';
import type { WaitingView } from '../ports/state-store.js';
import { type Decision, DecisionLog } from './engine/decision-log.js';
import type { MatchTrigger } from './matching-strategy.js';
import { PoolMatcher } from './engine/pool-matcher.js';
import type { PoolStatistics } from './engine/pool-statistics.js';
import { ProposalEvaluator, type Proposals } from './proposal-evaluator.js';
import { StrategyLoader } from './strategy-loader.js';
import type { StrategyRunner } from './strategy-runner.js';

/** What the settings of an operator are called in messages. */
const LABELS = { strategy: 'strategy', options: 'options' };

/** Matching in every pool: strategies propose, the engine disposes. No promise where a strategy runs in this thread. */
@Injectable()
export class MatchingEngine implements OnModuleInit, OnModuleDestroy {
  readonly #pools = new Map<string, PoolMatcher>();
  readonly #decisions: DecisionLog;
  #isClosed = false;

  constructor(
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(StrategyLoader) private readonly loader: StrategyLoader,
    @Inject(ProposalEvaluator) private readonly evaluator: ProposalEvaluator,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {
    this.#decisions = new DecisionLog(config.matchingDecisions);
  }

  /** Loads what every pool names. @throws ConfigurationError */
  async onModuleInit(): Promise<void> {
    const loaded: StrategyRunner[] = [];
    const load = async (setting: PoolSettings['matching']) => {
      const runner = await this.loader.load(setting);
      loaded.push(runner);
      return runner;
    };
    try {
      for (const pool of this.config.pools.values()) {
        const live = await load(pool.matching);
        const fallback = pool.fallback === 'fifo' ? await load({ strategy: 'fifo', options: {} }) : undefined;
        const shadow = pool.shadow ? await load(pool.shadow) : undefined;
        this.#pools.set(pool.name, new PoolMatcher(pool, { live, fallback, shadow }, this.#services()));
      }
    } catch (error) {
      await Promise.allSettled(loaded.map(async (runner) => runner.close()));
      throw error;
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  /**
   * Finds, checks and creates a strategy for a pool, as at the start; null: the one that is configured.
   * @throws ConfigurationError
   */
  async load(pool: string, setting: PoolControl['strategy']): Promise<StrategyRunner> {
    const { matching } = this.config.pools.get(pool)!;
    return this.loader.load(setting ? { ...setting, labels: LABELS } : matching);
  }

  /**
   * Has a strategy that was loaded match in a pool from now on; no ticket is lost. The one before is closed when it has
   * answered what it was asked.
   */
  async use(pool: string, runner: StrategyRunner): Promise<void> {
    if (this.#isClosed) await runner.close();
    else await this.#pools.get(pool)!.use(runner);
  }

  /** The ticket as the strategy wants it queued, or the reason why not. Never throws or rejects. */
  admit(ticket: Ticket): Awaitable<{ ticket: Ticket } | { refused: Reason }> {
    return this.#of(ticket).admit(ticket);
  }

  /** Checked groups. Never throws or rejects. */
  propose(trigger: MatchTrigger, subject: Ticket, view: WaitingView): Awaitable<Proposals> {
    return this.#of(subject).propose(trigger, subject, view);
  }

  /** When to ask again for a ticket without an arrival, in milliseconds since the epoch; after now. Never throws or rejects. */
  nextWake(ticket: Ticket): Awaitable<number | undefined> {
    return this.#of(ticket).nextWake(ticket);
  }

  /** Why a ticket still waits, in words a person understands. Never throws or rejects. */
  explain(ticket: Ticket, view: WaitingView): Awaitable<readonly Reason[]> {
    return this.#of(ticket).explain(ticket, view);
  }

  /** The newest decisions, of one pool or of all, newest first. */
  decisions(limit: number, pool?: string): readonly Decision[] {
    return this.#decisions.newest(limit, pool);
  }

  /** What was done in every pool since the start. */
  statistics(): readonly PoolStatistics[] {
    return [...this.#pools.values()].map((pool) => pool.statistics());
  }

  #services() {
    const { evaluator, clock, ids, config } = this;
    return { evaluator, clock, ids, decisions: this.#decisions, budgetMs: config.strategyBudgetMs };
  }

  /** Tickets are made only for pools that are configured. */
  #of({ pool }: Ticket): PoolMatcher {
    const matcher = this.#pools.get(pool);
    if (!matcher) throw new Error(`no strategy is loaded for the pool ${JSON.stringify(pool)}`);
    return matcher;
  }
}
