import { freezeTicket } from '../../domain/frozen.js';
import type { Reason, Ticket } from '../../domain/ticket.js';
import {
  BestFirstEvaluator,
  type CheckedProposal,
  CHECKS,
  type FailureKind,
  InProcessRunner,
  type MatchingStrategy,
  type MatchTrigger,
  type Run,
  Turn,
} from '../../matching/index.js';
import { FakeClock } from '../fake-clock.js';
import { StaticView } from './static-view.js';

/** Soonest that a strategy is asked again for a ticket, in milliseconds. */
const SHORTEST_WAKE_MS = 100;

/** People who were put together. */
export interface Meeting extends CheckedProposal {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What became of somebody who came. */
export type Arrival =
  | { readonly status: 'matched'; readonly meeting: Meeting }
  | { readonly status: 'waiting' }
  | { readonly status: 'refused'; readonly reason: Reason };

export interface BenchOptions {
  /** Time at the start, in milliseconds since the epoch. */
  readonly start?: number;
  /** Seeds the context's `random()`. */
  readonly seed?: number;
  /** For how long two who have met are kept apart, in milliseconds; 0, not at all, by default. */
  readonly cooldownMs?: number;
  /** Real milliseconds that a run may take; 10 seconds by default, so that no slow machine changes who meets. */
  readonly budgetMs?: number;
}

/**
 * A pool for one strategy in virtual time: who would meet whom, and when. Proposals are checked and compared as in a
 * service; what the strategy throws is thrown on.
 */
export class MatchingBench {
  readonly clock: FakeClock;
  readonly meetings: Meeting[] = [];
  /** What the strategy did wrong: proposals that had to be turned down, runs that had to be cut off. */
  readonly faults: FailureKind[] = [];
  readonly #runner: InProcessRunner;
  readonly #evaluator = new BestFirstEvaluator();
  readonly #view = new StaticView();
  readonly #wakes = new Map<string, number>();
  readonly #options: Required<BenchOptions>;
  #runs = 0;

  constructor(strategy: MatchingStrategy, options: BenchOptions = {}) {
    this.clock = new FakeClock(options.start);
    this.#runner = new InProcessRunner(strategy);
    this.#options = { start: this.clock.now(), seed: 1, cooldownMs: 0, budgetMs: 10_000, ...options };
  }

  /** Everybody who waits, longest first. */
  get waiting(): readonly Ticket[] {
    return [...this.#view.tickets()];
  }

  /** Somebody comes, and the strategy is asked. The wait is counted from now. */
  arrive(ticket: Ticket): Arrival {
    const verdict = this.#runner.admit(ticket);
    if ('rejected' in verdict) return { status: 'refused', reason: verdict.reason };
    const { attributes, priority } = verdict;
    const meeting = this.#ask('enqueue', this.place({ ...ticket, attributes, priority }));
    return meeting ? { status: 'matched', meeting } : { status: 'waiting' };
  }

  /** Lets a ticket wait without asking the strategy, as when others came while it was suspended. */
  place(ticket: Ticket): Ticket {
    const placed = freezeTicket({ ...ticket, enqueuedAt: this.clock.now() });
    this.#view.add(placed);
    return placed;
  }

  /** Moves time on by `ms` milliseconds, asking again for those whose time comes. Returns who met meanwhile. */
  pass(ms: number): Meeting[] {
    const end = this.clock.now() + ms;
    const before = this.meetings.length;
    for (let next = this.#nextWake(end); next; next = this.#nextWake(end)) {
      const [id, at] = next;
      this.clock.advance(Math.max(0, at - this.clock.now()));
      this.#wakes.delete(id);
      this.#ask('tick', this.#view.get(id)!);
    }
    this.clock.advance(end - this.clock.now());
    return this.meetings.slice(before);
  }

  /** One participant blocks another. */
  block(who: string, whom: string): void {
    this.#view.block(who, whom);
  }

  /** Why somebody still waits, in the strategy's words. */
  explain(participantId: string): readonly Reason[] {
    const ticket = this.waiting.find((waiting) => waiting.participantId === participantId);
    return ticket ? this.#runner.explainWait(this.#run('tick', ticket)) : [];
  }

  /** Carries out what the strategy proposes until the subject is taken; returns the subject's meeting. */
  #ask(trigger: MatchTrigger, subject: Ticket): Meeting | undefined {
    const run = this.#run(trigger, subject);
    for (const group of this.#groups(run)) {
      const meeting = { ...group, at: run.now };
      this.#meet(meeting);
      if (group.tickets.some(({ id }) => id === subject.id)) return meeting;
    }
    const wakes = [this.#runner.nextWake(subject, run.now), subject.enqueuedAt + subject.group.patienceMs];
    const ahead = wakes.filter((at) => at !== undefined && at > run.now) as number[];
    if (ahead.length > 0) this.#wakes.set(subject.id, Math.max(Math.min(...ahead), run.now + SHORTEST_WAKE_MS));
    return undefined;
  }

  /** The groups that a service would claim, in its order. */
  *#groups(run: Run): Generator<CheckedProposal> {
    const thrown: unknown[] = [];
    const failed = (kind: FailureKind, error?: unknown) => {
      if (kind === 'threw') thrown.push(error);
      else this.faults.push(kind);
    };
    const turn = new Turn(run, this.#runner, { evaluator: this.#evaluator, checks: CHECKS, failed, ended: () => {} });
    yield* turn.start() as Iterable<CheckedProposal>;
    if (thrown.length > 0) throw thrown[0];
  }

  #meet(meeting: Meeting): void {
    this.meetings.push(meeting);
    for (const [i, ticket] of meeting.tickets.entries()) {
      this.#view.remove(ticket.id);
      this.#wakes.delete(ticket.id);
      for (const other of meeting.tickets.slice(0, i)) {
        this.#view.meet(ticket.participantId, other.participantId, meeting.at);
      }
    }
  }

  #run(trigger: MatchTrigger, subject: Ticket): Run {
    const { seed, cooldownMs, budgetMs } = this.#options;
    const view = this.#view.for(subject);
    return { trigger, subject, view, now: this.clock.now(), seed: seed + this.#runs++, cooldownMs, budgetMs };
  }

  #nextWake(until: number): [string, number] | undefined {
    let next: [string, number] | undefined;
    for (const wake of this.#wakes) if (wake[1] <= until && (!next || wake[1] < next[1])) next = wake;
    return next;
  }
}

/**
 * Who meets whom when these people come one after the other and then `waitMs` milliseconds go by: the participants of
 * each group in the order in which they were given, the groups in the order of their meetings.
 */
export function meet(strategy: MatchingStrategy, tickets: readonly Ticket[], waitMs = 0): string[][] {
  const bench = new MatchingBench(strategy);
  for (const ticket of tickets) bench.arrive(ticket);
  bench.pass(waitMs);
  return bench.meetings.map((meeting) => {
    const ids = new Set(meeting.tickets.map(({ id }) => id));
    return tickets.filter(({ id }) => ids.has(id)).map(({ participantId }) => participantId);
  });
}
