import { Logger } from '@nestjs/common';
import type { PoolSettings } from '../../config/index.js';
import { freezeTicket } from '../../domain/frozen.js';
import type { Attributes } from '../../domain/participant.js';
import type { Reason, Ticket } from '../../domain/ticket.js';
import type { Clock } from '../../ports/clock.js';
import type { Ids } from '../../ports/ids.js';
import type { Awaitable } from '../../ports/awaitable.js';
import type { WaitingView } from '../../ports/state-store.js';
import { Breaker } from './breaker.js';
import type { DecisionLog, FailureKind } from './decision-log.js';
import { faultOf } from './fault.js';
import type { MatchTrigger, Rejection } from '../matching-strategy.js';
import { type PoolStatistics, StrategyCounters } from './pool-statistics.js';
import { isPromise } from './promises.js';
import { CHECKS, type CheckRule } from './proposal-check.js';
import type { ProposalEvaluator, Proposals } from '../proposal-evaluator.js';
import { reasonsOf } from './reasons.js';
import { Shadow } from './shadow.js';
import type { Run, StrategyRunner } from '../strategy-runner.js';
import { Turn } from './turn.js';
import { explainWait } from './wait-explanation.js';

/** What a refusal without a reason is called. */
const REFUSED: Reason = { code: 'refused', text: 'The ticket does not fit this pool' };
const PAUSED: Reason = { code: 'matching_paused', text: 'Matching in this pool is paused' };

const NOTHING: Proposals = Object.assign([], { settle: () => undefined });

/** Who matches in a pool, who stands in, and who is tried out beside. */
export interface PoolRunners {
  readonly live: StrategyRunner;
  readonly fallback?: StrategyRunner | undefined;
  readonly shadow?: StrategyRunner | undefined;
}

export interface PoolServices {
  readonly evaluator: ProposalEvaluator;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly decisions: DecisionLog;
  /** How long one run may take, in milliseconds of real time. */
  readonly budgetMs: number;
  /** What a group must be; all there is by default. */
  readonly checks?: readonly CheckRule[];
}

/** A runner and what became of its runs. */
interface Player {
  readonly runner: StrategyRunner;
  readonly counters: StrategyCounters;
}

/** Asks the strategy of one pool and trusts nothing it says: what it does wrong harms only itself. Never throws or rejects. */
export class PoolMatcher {
  readonly #logger = new Logger('Matching');
  #breaker = new Breaker();
  #live: Player;
  readonly #fallback: Player | undefined;
  readonly #shadow: Shadow | undefined;
  readonly #checks: readonly CheckRule[];
  #suspensions = 0;

  constructor(
    private readonly pool: Pick<PoolSettings, 'name' | 'cooldownMs'>,
    { live, fallback, shadow }: PoolRunners,
    private readonly services: PoolServices,
  ) {
    this.#checks = services.checks ?? CHECKS;
    this.#live = playerOf(live);
    this.#fallback = fallback && playerOf(fallback);
    this.#shadow = shadow && new Shadow(shadow, pool.name, services.evaluator, this.#checks, this.#logger);
  }

  /** Has another strategy match from now on. What the one before has been asked it still answers. */
  async use(runner: StrategyRunner): Promise<void> {
    const before = this.#live.runner;
    this.#live = playerOf(runner);
    this.#breaker = new Breaker();
    await before.retire();
  }

  /** The ticket as the strategy wants it queued, or the reason why not. */
  admit(ticket: Ticket): Awaitable<{ ticket: Ticket } | { refused: Reason }> {
    const player = this.#player();
    if (!player) return { ticket };
    return this.#ask(
      player,
      'admit',
      () => player.runner.admit(ticket),
      (verdict) => admitted(ticket, verdict),
      () => ({ ticket }),
    );
  }

  /** Groups for an arrival, checked, best first. */
  propose(trigger: MatchTrigger, subject: Ticket, view: WaitingView): Awaitable<Proposals> {
    const run = this.#run(trigger, subject, view);
    const trial = this.#breaker.suspended;
    const player = this.#breaker.admits(run.now) ? this.#live : this.#fallback;
    if (!player) return NOTHING;
    const compare = this.#shadow?.observe(run);
    const turn = new Turn(run, player.runner, {
      evaluator: this.services.evaluator,
      checks: this.#checks,
      failed: (kind, error) => this.#failed(player, kind, error),
      ended: () => {
        this.#ended(turn, player, trial);
        compare?.(turn.first);
      },
    });
    return turn.start();
  }

  /** When to ask again for a ticket without an arrival, in milliseconds since the epoch; after now. */
  nextWake(ticket: Ticket): Awaitable<number | undefined> {
    const now = this.services.clock.now();
    const { group, enqueuedAt } = ticket;
    // Whoever met somebody before joining may meet them again by the end of a cooldown that began then, at the latest.
    const known = [enqueuedAt + this.pool.cooldownMs, this.#fallback ? undefined : this.#breaker.retryAt];
    if (group.maximum > group.minimum) known.push(enqueuedAt + group.patienceMs);
    const player = this.#player();
    if (!player) return earliest(known, now);
    return this.#ask(
      player,
      'wake',
      () => player.runner.nextWake(ticket, now),
      (at: unknown) => {
        if (at !== undefined && typeof at !== 'number') throw new TypeError('neither a time nor undefined');
        return earliest([...known, at], now);
      },
      () => earliest(known, now),
    );
  }

  /** Why a ticket still waits, in words a person understands. */
  explain(ticket: Ticket, view: WaitingView): Awaitable<readonly Reason[]> {
    const run = this.#run('tick', ticket, view);
    const player = this.#player();
    if (!player) return [PAUSED, ...explainWait(run)];
    return this.#ask(
      player,
      'explain',
      () => player.runner.explainWait(run),
      (answer) => {
        const reasons = reasonsOf(answer);
        return reasons.length > 0 ? reasons : explainWait(run);
      },
      () => explainWait(run),
    );
  }

  statistics(): PoolStatistics {
    return {
      pool: this.pool.name,
      ...this.#live.counters.snapshot(),
      suspended: this.#breaker.suspended,
      suspensions: this.#suspensions,
      fallback: this.#fallback?.counters.snapshot() ?? null,
      shadow: this.#shadow?.snapshot() ?? null,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#live.runner.close(), this.#fallback?.runner.close(), this.#shadow?.close()]);
  }

  /** Who is asked now about anything but groups. */
  #player(): Player | undefined {
    return this.#breaker.suspended ? this.#fallback : this.#live;
  }

  #run(trigger: MatchTrigger, subject: Ticket, view: WaitingView): Run {
    const { clock, ids, budgetMs } = this.services;
    const seed = Math.floor(ids.random() * 2 ** 32);
    return { trigger, subject, view, now: clock.now(), seed, cooldownMs: this.pool.cooldownMs, budgetMs };
  }

  /** Asks, now or later, and reads the answer; what is thrown on the way is counted, and the other answer taken. */
  #ask<T, R>(
    player: Player,
    kind: FailureKind,
    ask: () => Awaitable<T>,
    read: (answer: T) => R,
    otherwise: () => R,
  ): Awaitable<R> {
    const failed = (error: unknown) => {
      this.#failed(player, kind, error);
      return otherwise();
    };
    try {
      const answer = ask();
      return isPromise(answer) ? answer.then(read).catch(failed) : read(answer);
    } catch (error) {
      return failed(error);
    }
  }

  #failed({ runner, counters }: Player, kind: FailureKind, error: unknown): void {
    counters.failed(kind);
    const { name: pool } = this.pool;
    this.#logger.warn({ msg: 'strategy failure', strategy: runner.name, pool, kind, error: faultOf(error) });
  }

  #ended(turn: Turn, player: Player, trial: boolean): void {
    player.counters.count(turn);
    this.#record(turn, player);
    if (player !== this.#live) return;
    if (turn.failure) this.#suspend(turn, trial);
    else this.#breaker.succeeded(trial);
  }

  #suspend({ run, failure }: Turn, trial: boolean): void {
    if (!this.#breaker.failed(run.now, trial)) return;
    this.#suspensions++;
    this.#logger.error({
      msg: 'strategy suspended',
      strategy: this.#live.runner.name,
      pool: this.pool.name,
      after: failure,
      fallback: this.#fallback?.runner.name ?? 'none',
    });
  }

  #record({ run, waiting, proposed, refused, failure, chosen, micros }: Turn, player: Player): void {
    this.services.decisions.add({
      at: run.now,
      pool: this.pool.name,
      strategy: player.runner.name,
      fallback: player === this.#fallback,
      trigger: run.trigger,
      ticketId: run.subject.id,
      waiting,
      proposed,
      refused,
      failure,
      chosen: chosen?.tickets.map(({ id }) => id) ?? null,
      score: chosen?.score ?? null,
      reasons: chosen?.reasons.map(({ code }) => code) ?? [],
      micros: Math.round(micros),
    });
  }
}

const playerOf = (runner: StrategyRunner): Player => ({ runner, counters: new StrategyCounters(runner.name) });

/** The earliest of some times that is still to come. */
function earliest(times: readonly (number | undefined)[], now: number): number | undefined {
  let first: number | undefined;
  for (const at of times) if (at !== undefined && at > now && at < (first ?? Infinity)) first = at;
  return first;
}

/** What a strategy's verdict on a ticket means. Attributes and priority are the strategy's to set; who waits where is not. */
function admitted(ticket: Ticket, verdict: Ticket | Rejection): { ticket: Ticket } | { refused: Reason } {
  if (verdict === ticket) return { ticket };
  if ('rejected' in verdict) return { refused: reasonsOf([verdict.reason])[0] ?? REFUSED };
  const { attributes, priority } = verdict;
  if (!Number.isFinite(priority)) throw new TypeError('neither a ticket nor a rejection');
  return { ticket: freezeTicket({ ...ticket, attributes: attributesOf(attributes), priority }) };
}

/** A copy of attributes that the strategy has no hold on. */
function attributesOf(value: unknown): Attributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no attributes');
  const entries = Object.entries(value).map(([name, item]): [string, Attributes[string]] => [name, plain(item)]);
  return Object.fromEntries(entries);
}

function plain(item: unknown): Attributes[string] {
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return item;
  if (Array.isArray(item) && item.every((one) => typeof one === 'string')) return [...item] as string[];
  throw new TypeError('an attribute is neither text, number, flag nor a list of texts');
}
