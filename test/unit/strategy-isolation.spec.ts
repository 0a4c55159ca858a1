import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ticket } from '../../src/domain/ticket.js';
import { WorkerRunner } from '../../src/matching/isolation/worker.runner.js';
import type { Proposal } from '../../src/matching/index.js';
import { ticketOf } from '../../src/testing/index.js';
import { until } from '../support/until.js';
import { Waiting } from '../support/waiting.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/strategies/${name}`, import.meta.url));

/** Milliseconds for a strategy that never ends, and for any other on a busy machine. */
const BRIEF_MS = 500;
const AMPLE_MS = 10_000;

const open: WorkerRunner[] = [];
async function start(name: string, options = {}, budgetMs = AMPLE_MS): Promise<WorkerRunner> {
  const runner = await WorkerRunner.start({ strategy: fixture(name), options }, budgetMs);
  open.push(runner);
  return runner;
}

function runOf(view: Waiting, subject: Ticket, budgetMs = AMPLE_MS) {
  return { trigger: 'enqueue' as const, subject, view, now: 0, seed: 1, cooldownMs: 0, budgetMs };
}

/** A run for somebody who tells the obedient strategy what to do, and for Ann, who waits. */
function told(what: string, budgetMs?: number) {
  const subject = ticketOf('Teller', { attributes: { do: what } });
  return runOf(new Waiting([ticketOf('Ann'), subject]), subject, budgetMs);
}
const both = { tickets: ['ticket-of-Ann', 'ticket-of-Teller'], reasons: [] };

/** What came out of a run, and the error at its end. */
async function outcome(proposed: Promise<Iterable<Proposal>>): Promise<{ proposals: Proposal[]; error?: Error }> {
  const proposals: Proposal[] = [];
  try {
    for (const proposal of await proposed) proposals.push(proposal);
  } catch (error) {
    return { proposals, error: error as Error };
  }
  return { proposals };
}

afterEach(() => Promise.all(open.splice(0).map((runner) => runner.close())));

describe('a strategy in a thread of its own', () => {
  /** Used by one test after the other, whatever it was told before. */
  let obedient: WorkerRunner;
  beforeAll(async () => {
    obedient = await WorkerRunner.start({ strategy: fixture('obedient.mjs'), options: {} }, AMPLE_MS);
  });
  afterAll(() => obedient.close());

  it('sees who waits, and proposes', async () => {
    const runner = await start('greedy.mjs');
    expect(runner.name).toBe('greedy');
    const subject = ticketOf('Dan');
    const view = new Waiting([ticketOf('Ann'), ticketOf('Bob'), subject]);
    view.block('Ann', 'Dan');

    const { proposals } = await outcome(runner.propose(runOf(view, subject)));
    expect(proposals).toEqual([
      { tickets: ['ticket-of-Bob', 'ticket-of-Dan'], score: 1, reasons: [{ code: 'greedy', text: 'First come' }] },
    ]);
  });

  it('hears of blocks while it runs', async () => {
    const runner = await start('greedy.mjs');
    const [ann, dan] = [ticketOf('Ann'), ticketOf('Dan')];
    const view = new Waiting([ann, dan]);
    expect((await outcome(runner.propose(runOf(view, dan)))).proposals).toHaveLength(1);
    view.block('Ann', 'Dan');
    expect((await outcome(runner.propose(runOf(view, dan)))).proposals).toHaveLength(0);
  });

  it('answers whatever else a strategy may be asked', async () => {
    const subject = ticketOf('Ann');
    expect(await obedient.admit(subject)).toEqual({ ...subject, priority: 7 });
    expect(await obedient.admit(ticketOf('Ann', { attributes: { admit: 'refuse' } }))).toEqual({
      rejected: true,
      reason: { code: 'no', text: 'Not you' },
    });
    expect(await obedient.nextWake(subject, 5)).toBe(1_005);
    expect(await obedient.explainWait(runOf(new Waiting([subject]), subject))).toEqual([
      { code: 'waiting', text: '1 wait, 0 runs' },
    ]);
  });

  it('answers at once for what a strategy does not have', async () => {
    const runner = await start('greedy.mjs');
    const subject = ticketOf('Ann');
    expect(runner.admit(subject)).toBe(subject);
    expect(runner.nextWake(subject, 5)).toBeUndefined();
    expect(runner.explainWait(runOf(new Waiting([subject]), subject))).toEqual([]);
  });

  it('does not ask for somebody who has gone', async () => {
    expect((await outcome(obedient.propose(runOf(new Waiting(), ticketOf('Ann'))))).proposals).toEqual([]);
  });

  it('asks for one ticket after the other', async () => {
    const view = new Waiting();
    const runs = ['Ann', 'Bob', 'Cat'].map((name) => {
      const subject = ticketOf(name);
      view.list.push(subject);
      return outcome(obedient.propose(runOf(view, subject)));
    });
    // The first began at once, the others when all three were there.
    expect((await Promise.all(runs)).map(({ proposals }) => proposals[0]!.tickets.length)).toEqual([1, 3, 3]);
  });

  it('gets its options, checked and frozen, and what its modules provide', async () => {
    const measured = await start('measured.mjs', { floor: 4 });
    const withImports = await start('with-imports.mjs');
    const subject = ticketOf('Ann');
    const run = runOf(new Waiting([subject]), subject);
    expect((await outcome(measured.propose(run))).proposals).toMatchObject([{ reasons: [{ text: '4 true true' }] }]);
    expect((await outcome(withImports.propose(run))).proposals).toMatchObject([{ score: 5 }]);
  });

  it.each([
    ['hang', BRIEF_MS, /took more than \d+ ms and was stopped$/, []],
    ['exit', AMPLE_MS, /ended its thread$/, []],
    ['eat', BRIEF_MS, /(memory|more than \d+ ms)/, []],
    ['throw', AMPLE_MS, /^as I was told$/, [both]],
    ['slow', BRIEF_MS, /used up its time/, [both]],
  ])('loses one run, and no other, when it should %s', async (what, budgetMs, message, made) => {
    await outcome(obedient.propose(told('nothing')));
    const [failed, next] = await Promise.all([
      outcome(obedient.propose(told(what, budgetMs))),
      outcome(obedient.propose(told('nothing'))),
    ]);
    expect(failed.error?.message).toMatch(message);
    expect(failed.proposals.slice(0, 1)).toEqual(made);
    expect(next).toEqual({ proposals: [both] });
  });

  it.each(['crash', 'reject'])('is started again when it comes to %s between two runs', async (what) => {
    const run = told('nothing');
    const runs = async () => (await obedient.explainWait(run))[0]!.text;
    await outcome(obedient.propose(told(what)));
    // What is asked while it goes down may fail.
    await until('a new thread', async () => (await runs().catch(() => '')) === '2 wait, 0 runs');
    expect(await outcome(obedient.propose(run))).toEqual({ proposals: [both] });
    expect(await runs()).toBe('2 wait, 1 runs');
  });

  it('is stopped when it hangs in anything else it is asked', async () => {
    const runner = await start('obedient.mjs', {}, BRIEF_MS);
    const admitted = runner.admit(ticketOf('Ann', { attributes: { admit: 'hang' } })) as Promise<unknown>;
    await expect(admitted).rejects.toMatchObject({ name: 'TimeoutError' });
    expect((await outcome(runner.propose(told('nothing')))).proposals).toEqual([both]);
  });

  it('brings over no more than the engine can use, and only data', async () => {
    expect((await outcome(obedient.propose(told('many')))).proposals).toHaveLength(100);

    const { proposals } = await outcome(obedient.propose(told('junk')));
    expect(proposals).toEqual([
      both,
      { tickets: [], reasons: [] },
      { tickets: [], reasons: [] },
      { tickets: ['', '', ''], reasons: [{ code: 'a', text: 'b'.repeat(500) }] },
      { tickets: Array.from({ length: 17 }, () => 'x'), reasons: [] },
    ]);
  });

  it('stays closed', async () => {
    const runner = await start('obedient.mjs');
    const running = outcome(runner.propose(told('hang')));
    await runner.close();
    expect((await running).error?.message).toMatch(/was closed$/);
    expect((await outcome(runner.propose(told('nothing')))).error?.message).toMatch(/closed/);
  });

  it('answers everything it was asked before it retires', async () => {
    const runner = await start('obedient.mjs');
    const asked = [outcome(runner.propose(told('nothing'))), outcome(runner.propose(told('nothing')))];
    await runner.retire();
    expect(await Promise.all(asked)).toEqual([{ proposals: [both] }, { proposals: [both] }]);
    expect((await outcome(runner.propose(told('nothing')))).error?.message).toMatch(/closed/);
  });

  it('holds neither the service nor other strategies up while it hangs', async () => {
    const other = await start('greedy.mjs');
    const subject = ticketOf('Dan');
    const view = new Waiting([ticketOf('Ann'), subject]);
    const { view: waiting, subject: teller } = told('hang');

    const stuck = outcome(obedient.propose(runOf(waiting, teller, 3_000)));
    const served = outcome(other.propose(runOf(view, subject)));
    expect(await Promise.race([stuck, served])).toEqual(await served);
    expect((await served).proposals).toHaveLength(1);
    expect((await stuck).error?.name).toBe('TimeoutError');
  });
});
