import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ticket } from '../../src/domain/ticket.js';
import type { MatchContext, MatchingEngine, MatchingStrategy } from '../../src/matching/index.js';
import { InProcessRunner } from '../../src/matching/engine/in-process.runner.js';
import type { Proposals } from '../../src/matching/proposal-evaluator.js';
import type { StrategyRunner } from '../../src/matching/strategy-runner.js';
import { FakeClock, ticketOf } from '../../src/testing/index.js';
import { Elsewhere } from '../support/elsewhere.js';
import { engineOf, FakeView, groupsOf, settled } from '../support/fakes.js';

const SHADOWED = { POOLS: JSON.stringify([{ name: 'default', strategy: 'live', shadow: { strategy: 'shadow' } }]) };
const START = new FakeClock().now();
const waiting = ['ann', 'bob', 'cid'].map((id, i) => ticketOf(id, { id: `t-${id}`, enqueuedAt: START - 1_000 * i }));
const [ann] = waiting as [Ticket];
const group = (...who: string[]) => ({ tickets: who.map((name) => `t-${name}`) });

describe('a candidate in the shadow of the live strategy', () => {
  let answers: { live: () => unknown; shadow: () => unknown };
  let contexts: MatchContext[];
  let view: FakeView;
  let engine: MatchingEngine;

  const strategyOf = (name: 'live' | 'shadow'): MatchingStrategy => ({
    name,
    propose: (context) => {
      contexts.push(context);
      return answers[name]() as never;
    },
  });
  const start = async (shadow: StrategyRunner = new InProcessRunner(strategyOf('shadow'))) => {
    const live = new InProcessRunner(strategyOf('live'));
    engine = await engineOf({ load: async ({ strategy }) => (strategy === 'shadow' ? shadow : live) }, SHADOWED);
  };
  beforeEach(async () => {
    answers = { live: () => [group('ann', 'bob')], shadow: () => [group('bob', 'ann')] };
    contexts = [];
    view = new FakeView(waiting);
    await start();
  });

  /** Claims the first group that the live strategy finds. */
  const match = () => {
    const [found] = groupsOf(engine.propose('enqueue', ann, view) as Proposals, 1);
    for (const { id } of found?.tickets ?? []) view.remove(id);
    return found?.tickets.map(({ participantId }) => participantId);
  };
  const shadow = () => engine.statistics()[0]!.shadow!;
  const verdicts = () => {
    const { same, different, onlyLive, onlyShadow, neither } = shadow();
    return Object.entries({ same, different, onlyLive, onlyShadow, neither }).flatMap(([name, n]) =>
      Array<string>(n).fill(name),
    );
  };

  it.each([
    ['same', [group('ann', 'bob')], [group('bob', 'ann'), group('ann', 'cid')]],
    ['different', [group('ann', 'bob')], [group('ann', 'cid')]],
    ['onlyLive', [group('ann', 'bob')], []],
    ['onlyShadow', [], [group('ann', 'bob')]],
    ['neither', [], []],
  ])('is compared by what each would do first: %s', (verdict, live, candidate) => {
    answers = { live: () => live, shadow: () => candidate };
    expect(match()).toEqual(live.length > 0 ? ['ann', 'bob'] : undefined);
    expect(verdicts()).toEqual([verdict]);
  });

  it('is asked about the same tickets at the same time with the same seed, before anything is claimed', () => {
    const seen: unknown[] = [];
    answers.live = answers.shadow = () => {
      const { subject, now, size } = contexts.at(-1)!;
      seen.push({ subject, now, size, random: contexts.at(-1)!.random() });
      return [];
    };
    match();
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual(seen[1]);
  });

  it('claims nothing, is no decision, and changes nothing for the live one when it fails', () => {
    answers.shadow = () => JSON.parse('{');
    expect(match()).toEqual(['ann', 'bob']);
    expect(engine.decisions(10).map(({ strategy }) => strategy)).toEqual(['live']);
    expect(engine.statistics()[0]!).toMatchObject({ suspended: false, failures: { threw: 0 } });
    expect(shadow()).toMatchObject({ runs: 1, failures: { threw: 1 } });
    expect(verdicts()).toEqual([]);
  });

  it('is not asked any more for a while after three failures in a row', () => {
    answers = { live: () => [], shadow: () => [group('nobody')] };
    for (let i = 0; i < 5; i++) match();
    expect(shadow()).toMatchObject({ runs: 3, suspended: true, refusals: { stranger: 3 } });
    expect(engine.statistics()[0]!).toMatchObject({ runs: 5, suspended: false });
  });

  it('shows how good the groups of both were and how long those in them had waited', () => {
    answers = { live: () => [{ ...group('ann', 'bob'), score: 2 }], shadow: () => [group('bob', 'cid')] };
    match();
    expect(shadow()).toMatchObject({
      live: { groups: 1, scored: 1, scores: 2, waitMs: 500 },
      candidate: { groups: 1, scored: 0, scores: 0, waitMs: 1_500 },
    });
  });

  describe('in another thread', () => {
    let elsewhere: Elsewhere;
    beforeEach(async () => {
      elsewhere = new Elsewhere();
      await start(elsewhere);
    });

    it('keeps nobody waiting, and is compared by those it was shown when its answer comes', async () => {
      expect(match()).toEqual(['ann', 'bob']);
      expect(verdicts()).toEqual([]);
      await elsewhere.answer(['ann', 'bob']);
      expect(elsewhere.shown).toEqual([['ann', 'bob', 'cid']]);
      expect(verdicts()).toEqual(['same']);
    });

    it('is passed over while it thinks', async () => {
      match();
      match();
      await elsewhere.answer(['ann', 'cid']);
      expect([verdicts(), shadow().skipped]).toEqual([['different'], 1]);
      match();
      await elsewhere.answer();
      expect(verdicts()).toEqual(['different', 'neither']);
    });

    it('may fail unheard', async () => {
      match();
      await elsewhere.fail();
      await settled();
      expect([verdicts(), shadow().failures.threw]).toEqual([[], 1]);
    });
  });
});
