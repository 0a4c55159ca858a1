import assert from 'node:assert/strict';
import type { Ticket } from '../../domain/ticket.js';
import type { Cases } from './cases.js';
import { crowdOf } from './crowd.js';
import { interruptible, isInterrupt } from './interrupt.js';
import { MatchingBench } from './matching-bench.js';
import type { Trial } from './trial.js';
import { randomOf } from './world.js';

/** How many people wait when the cost of an arrival is measured, and how many arrivals are measured. */
const WAITING = 10_000;
const ARRIVALS = 7;
/** How many of them come first and do not count, and how many budgets each arrival may take before it counts as hanging. */
const WARM_UP = 2;
const HANGS_AFTER = { warmingUp: 60, warm: 10 };
/** How many wait when the steady stream begins, and the virtual milliseconds from one group of arrivals to the next. */
const BACKLOG = 20;
const STEP_MS = 5_000;
/** Real milliseconds that a stretch of virtual time may take. */
const TIMEOUT_MS = 30_000;

export const serviceCases: Cases = (it) => {
  it('brings together some of those who are typical of it', (trial) => {
    assert.ok(groupFor(trial), 'of 60 typical tickets nobody met anybody; does options.ticket make such as it needs?');
  });

  it('lets nobody wait for ever while others come and go', (trial) => {
    const group = groupFor(trial);
    if (!group) return;
    for (const first of group) {
      const rest = group.filter((ticket) => ticket !== first);
      const waited = inTime(() => waitOf(first, rest, trial));
      assert.ok(
        waited !== undefined,
        `${JSON.stringify(first.attributes)} still waits after ${trial.patienceMs} ms for the like of ` +
          `${JSON.stringify(rest.map(({ attributes }) => attributes))}, who come every ${STEP_MS} ms`,
      );
    }
  });

  it(`decides an arrival among ${WAITING} within its budget`, (trial) => {
    // The signal comes at half-time: whoever looks at it only now and then has the other half to end.
    const bench = new MatchingBench(trial.make(), { budgetMs: trial.budgetMs / 2 });
    const { ticket } = trial;
    for (const waiting of trial.crowd(crowdOf(WAITING, { ticket, random: randomOf(11) }))) bench.place(waiting);
    const arrivals = crowdOf(2 * ARRIVALS, { ticket, random: randomOf(13), prefix: 'new' });
    const picky = arrivals.slice(ARRIVALS).map((made) => ({ ...made, criteria: { attribute: 'unheard_of', min: 1 } }));
    for (const group of [arrivals.slice(0, ARRIVALS), picky]) {
      const costs = group.map((made, i) => {
        const { warmingUp, warm } = HANGS_AFTER;
        return costOf(made, bench, (i < WARM_UP ? warmingUp : warm) * trial.budgetMs);
      });
      const ms = median(costs.slice(WARM_UP));
      assert.ok(ms <= trial.budgetMs, `the median was ${ms.toFixed(1)} ms, the budget is ${trial.budgetMs} ms`);
    }
  });
};

/** People who, when nobody else is there, meet in time. */
function groupFor(trial: Trial): readonly Ticket[] | undefined {
  const { ticket, patienceMs } = trial;
  return inTime(() => {
    const bench = new MatchingBench(trial.make());
    for (const made of crowdOf(60, { ticket, random: randomOf(3) })) tolerant(() => bench.arrive(made));
    tolerant(() => bench.pass(patienceMs));
    return bench.meetings
      .map((meeting) => meeting.tickets)
      .find((tickets) => {
        const alone = new MatchingBench(trial.make());
        for (const made of tickets) tolerant(() => alone.arrive(made));
        tolerant(() => alone.pass(patienceMs / 2));
        return alone.meetings.some((meeting) => meeting.tickets.length === tickets.length);
      });
  });
}

/**
 * For how long the first one waits, in virtual milliseconds, when there is a queue behind them, and with every group of
 * those who would do for them comes another who competes: one like them or a typical one, of higher priority.
 * Undefined when that is longer than the patience.
 */
function waitOf(first: Ticket, rest: readonly Ticket[], trial: Trial): number | undefined {
  const bench = new MatchingBench(trial.make());
  const random = randomOf(5);
  let count = 0;
  const another = (like: Ticket): Ticket => {
    const id = `p${count++}`;
    return {
      ...like,
      id: `t-${id}`,
      participantId: id,
      party: like.party.map((m, i) => ({ ...m, participantId: `${id}-${i}` })),
    };
  };
  const typical = trial.crowd(crowdOf(20, { ticket: trial.ticket, random }));
  const rival = () => {
    const like = count % 2 === 0 ? first : (typical[Math.floor(random() * typical.length)] ?? first);
    return another({ ...like, priority: first.priority + 1 + Math.floor(random() * 3) });
  };
  const victim = bench.place(another(first));
  const start = bench.clock.now();
  for (let i = 0; i < BACKLOG; i++) bench.place(rival());
  while (bench.clock.now() - start < trial.patienceMs) {
    bench.place(rival());
    for (const like of rest.slice(1)) bench.place(another(like));
    tolerant(() => bench.arrive(another(rest[0]!)));
    const met = bench.meetings.find(({ tickets }) => tickets.some(({ id }) => id === victim.id));
    if (met) return met.at - start;
    tolerant(() => bench.pass(STEP_MS));
  }
  return undefined;
}

/** Milliseconds of work that an arrival costs; on a busy machine that is less than the time it takes. */
function costOf(ticket: Ticket, bench: MatchingBench, timeoutMs: number): number {
  const started = performance.now();
  const before = process.cpuUsage();
  inTime(() => tolerant(() => bench.arrive(ticket)), timeoutMs);
  const { user, system } = process.cpuUsage(before);
  return Math.min(performance.now() - started, (user + system) / 1_000);
}

/** Goes on when the strategy throws: another promise is about that. */
function tolerant(body: () => unknown): void {
  try {
    body();
  } catch {
    // Counted there.
  }
}

/** Fails when the strategy hangs. */
function inTime<T>(body: () => T, timeoutMs = TIMEOUT_MS): T {
  try {
    return interruptible(timeoutMs, body);
  } catch (error) {
    assert.ok(!isInterrupt(error), `the strategy was still at it after ${timeoutMs} ms`);
    throw error;
  }
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
