import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Ticket } from '../../src/domain/ticket.js';
import { FifoStrategy, type MatchingEngine, type MatchingStrategy } from '../../src/matching/index.js';
import { InProcessRunner } from '../../src/matching/engine/in-process.runner.js';
import type { Proposals } from '../../src/matching/proposal-evaluator.js';
import type { StrategyLoader } from '../../src/matching/strategy-loader.js';
import { FakeClock, ticketOf } from '../../src/testing/index.js';
import { engineOf, FakeView, groupsOf } from '../support/fakes.js';

const [ann, bob] = ['ann', 'bob'].map((id) => ticketOf(id, { id: `t-${id}` })) as [Ticket, Ticket];
const poolWith = (fallback: 'fifo' | 'none') => ({
  POOLS: JSON.stringify([{ name: 'default', strategy: 'x', fallback }]),
});

describe('suspending a strategy', () => {
  let clock: FakeClock;
  let engine: MatchingEngine;
  let answer: () => unknown;
  const strategy: MatchingStrategy = { name: 'shaky', propose: () => answer() as never };
  const loader: StrategyLoader = {
    load: async ({ strategy: name }) => new InProcessRunner(name === 'fifo' ? new FifoStrategy() : strategy),
  };
  const start = async (fallback: 'fifo' | 'none') => {
    engine = await engineOf(loader, poolWith(fallback), clock);
  };

  const fail = () => {
    throw new Error('boo');
  };
  const pair = () => [{ tickets: ['t-ann', 't-bob'], reasons: [{ code: 'own', text: 'Its own' }] }];
  /** Who found the group: the strategy, first in first out, or nobody. */
  const ask = () => {
    const [group] = groupsOf(engine.propose('enqueue', ann, new FakeView([ann, bob])) as Proposals, 1);
    return group?.reasons[0]!.code ?? 'nobody';
  };
  const asking = (times: number) => Array.from({ length: times }, ask);

  beforeEach(async () => {
    clock = new FakeClock();
    answer = fail;
    await start('fifo');
  });

  it('happens after three failures in a row, and lets first in, first out take over', () => {
    expect(asking(5)).toEqual(['nobody', 'nobody', 'nobody', 'longest_waiting', 'longest_waiting']);
    const { suspended, suspensions, runs, failures, fallback } = engine.statistics()[0]!;
    expect({ suspended, suspensions, runs, threw: failures.threw }).toEqual({
      suspended: true,
      suspensions: 1,
      runs: 3,
      threw: 3,
    });
    expect(fallback).toMatchObject({ strategy: 'fifo', runs: 2 });
    expect(engine.decisions(4).map((decision) => [decision.strategy, decision.fallback])).toEqual([
      ['fifo', true],
      ['fifo', true],
      ['shaky', false],
      ['shaky', false],
    ]);
  });

  it('leaves a pool without a fallback unmatched, and says so to those who wait', async () => {
    await start('none');
    answer = fail;
    asking(3);
    answer = pair;
    expect(ask()).toBe('nobody');
    expect((await engine.explain(ann, new FakeView([ann])))[0]?.code).toBe('matching_paused');
    expect(engine.admit(ann)).toEqual({ ticket: ann });
    expect(await engine.nextWake(ann)).toBe(clock.now() + 60_000);
  });

  it.each<[string, () => unknown]>([
    ['throws', fail],
    ['proposes what cannot be', () => [{ tickets: ['nobody'] }]],
    [
      'is stopped from outside',
      () => {
        throw Object.assign(new Error('took too long'), { name: 'TimeoutError' });
      },
    ],
  ])('happens to a strategy that %s', (_, failure) => {
    answer = failure;
    asking(3);
    expect(engine.statistics()[0]!.suspended).toBe(true);
  });

  it('happens to a strategy that takes too long', () => {
    const now = jest.spyOn(performance, 'now');
    let real = 0;
    now.mockImplementation(() => real);
    answer = () => ((real += 60_000), pair());
    expect(asking(4)).toEqual(['own', 'own', 'own', 'longest_waiting']);
    now.mockRestore();
  });

  it('does not happen while failures are not in a row', () => {
    for (const next of [fail, fail, pair, fail, fail, pair]) {
      answer = next;
      ask();
    }
    expect(engine.statistics()[0]!).toMatchObject({ suspended: false, suspensions: 0 });
  });

  it('ends when a run that is tried after a minute goes well', () => {
    asking(3);
    answer = pair;
    clock.advance(59_999);
    expect(ask()).toBe('longest_waiting');
    clock.advance(1);
    expect(asking(2)).toEqual(['own', 'own']);
    expect(engine.statistics()[0]!.suspended).toBe(false);
  });

  it('goes on for another minute when the run that is tried fails', () => {
    asking(3);
    clock.advance(60_000);
    expect(asking(2)).toEqual(['nobody', 'longest_waiting']);
    clock.advance(59_999);
    expect(ask()).toBe('longest_waiting');
    clock.advance(1);
    expect(ask()).toBe('nobody');
    expect(engine.statistics()[0]!.suspensions).toBe(3);
  });

  it('counts again from none after it has ended', () => {
    asking(3);
    clock.advance(60_000);
    answer = pair;
    ask();
    answer = fail;
    expect(asking(3)).toEqual(['nobody', 'nobody', 'nobody']);
    expect(ask()).toBe('longest_waiting');
  });

  it('is logged as an error that names the strategy, the pool and who stands in', () => {
    const logged: unknown[] = [];
    const error = jest
      .spyOn(Logger.prototype, 'error')
      .mockImplementation((message: unknown) => void logged.push(message));
    asking(5);
    expect(logged).toEqual([
      { msg: 'strategy suspended', strategy: 'shaky', pool: 'default', after: 'threw', fallback: 'fifo' },
    ]);
    error.mockRestore();
  });

  it('asks the stand-in about everything else too', async () => {
    strategy.explainWait = () => [{ code: 'own', text: 'Its own' }];
    expect((await engine.explain(ann, new FakeView([ann])))[0]?.code).toBe('own');
    asking(3);
    expect((await engine.explain(ann, new FakeView([ann])))[0]?.code).toBe('too_few_waiting');
    delete strategy.explainWait;
  });
});
