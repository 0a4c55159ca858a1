import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConfigurationError } from '../../src/config/index.js';
import { exactly, type Ticket } from '../../src/domain/ticket.js';
import {
  FifoStrategy,
  type MatchContext,
  type MatchingEngine,
  type MatchingStrategy,
} from '../../src/matching/index.js';
import { InProcessRunner } from '../../src/matching/engine/in-process.runner.js';
import type { CheckedProposal, ProposalEvaluator, Proposals } from '../../src/matching/proposal-evaluator.js';
import type { StrategyLoader } from '../../src/matching/strategy-loader.js';
import { FakeClock, ticketOf } from '../../src/testing/index.js';
import { engineOf, FakeView, groupsOf } from '../support/fakes.js';

const tickets = (...people: string[]) => people.map((id) => ticketOf(id, { id: `t-${id}` }));
const people = ({ tickets }: CheckedProposal) => tickets.map((ticket) => ticket.participantId);
const proposals = (engine: MatchingEngine, subject: Ticket, view: FakeView) =>
  engine.propose('enqueue', subject, view) as Proposals;
const groups = (engine: MatchingEngine, subject: Ticket, view: FakeView) =>
  groupsOf(proposals(engine, subject, view)).map(people);

/** What went wrong, by kind and by cause, as far as anything did. */
function faults(engine: MatchingEngine): Record<string, number> {
  const { failures, refusals } = engine.statistics()[0]!;
  return Object.fromEntries(Object.entries({ ...failures, ...refusals }).filter(([, count]) => count > 0));
}

type Propose = (context: MatchContext) => unknown;
const hostile = (propose: Propose, rest: Partial<MatchingStrategy> = {}): MatchingStrategy => ({
  name: 'hostile',
  propose: propose as MatchingStrategy['propose'],
  ...rest,
});

/** Real time, moved by a test. */
let performanceNow = 0;
beforeEach(() => {
  performanceNow = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => performanceNow);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('MatchingEngine', () => {
  const [ann, bob, cid, dan] = tickets('ann', 'bob', 'cid', 'dan') as [Ticket, Ticket, Ticket, Ticket];

  /** What becomes of one proposal by a strategy, among ann (who has blocked cid), bob, cid and dan. */
  async function afterProposing(proposal: unknown, waiting: Ticket[] = [ann, bob, cid, dan]) {
    const engine = await engineOf(hostile(() => [proposal]));
    const view = new FakeView(waiting, [['ann', 'cid']]);
    return { groups: groups(engine, waiting[0]!, view), faults: faults(engine) };
  }

  it('passes on a proposal that can be', async () => {
    expect(await afterProposing({ tickets: ['t-ann', 't-dan'] })).toEqual({ groups: [['ann', 'dan']], faults: {} });
    expect(await afterProposing({ tickets: ['t-bob', 't-cid'] })).toEqual({ groups: [['bob', 'cid']], faults: {} });
  });

  it.each([
    ['a stranger', 'stranger', { tickets: ['t-ann', 'nobody'] }],
    ['a ticket twice', 'duplicate', { tickets: ['t-ann', 't-ann'] }],
    ['too few', 'size', { tickets: ['t-ann'] }],
    ['too many', 'size', { tickets: ['t-ann', 't-bob', 't-dan'] }],
    ['nobody', 'size', { tickets: [] }],
    ['more than any group holds', 'size', { tickets: Array.from({ length: 17 }, (_, i) => `t-${i}`) }],
    ['a pair of whom one has blocked the other', 'incompatible', { tickets: ['t-ann', 't-cid'] }],
    ['tickets instead of their ids', 'malformed', { tickets: [ann, bob] }],
    ['ids that are no texts', 'malformed', { tickets: [new String('t-ann'), 't-bob'] }],
    ['no list', 'malformed', { tickets: 't-ann' }],
    ['no tickets', 'malformed', {}],
    ['a text', 'malformed', 'ann and bob'],
    ['a score that is no number', 'malformed', { tickets: ['t-ann', 't-dan'], score: NaN }],
    [
      'what throws when it is looked at',
      'malformed',
      {
        get tickets() {
          throw new Error('boo');
        },
      },
    ],
  ])('turns down a proposal of %s, and counts it', async (_, cause, proposal) => {
    expect(await afterProposing(proposal)).toEqual({ groups: [], faults: { refused: 1, [cause]: 1 } });
  });

  it.each<[string, string, Partial<Ticket>]>([
    ['from another pool', 'stranger', { pool: 'other' }],
    ['of another size', 'size', { group: exactly(3) }],
    ['of one participant', 'incompatible', { participantId: 'ann' }],
    ['of those whose offer came to nothing', 'incompatible', { avoid: ['ann'] }],
    ['of whom one does not want the other', 'incompatible', { criteria: { attribute: 'level', min: 1 } }],
    ['with somebody who came along with both', 'incompatible', { party: [ticketOf('ann')], group: exactly(3) }],
  ])('turns down a group %s', async (_, cause, other) => {
    const waiting = [ann, { ...bob, ...other }];
    const { groups, faults } = await afterProposing({ tickets: ['t-ann', 't-bob'] }, waiting);
    expect({ groups, faults }).toEqual({ groups: [], faults: { refused: 1, [cause]: 1 } });
  });

  it('turns down two open rooms, and an open room with nobody to join it', async () => {
    const room = (id: string) => ticketOf(id, { id: `t-${id}`, roomId: `room-${id}` });
    const waiting = [room('ann'), room('bob'), ticketOf('cid', { id: 't-cid' })];
    expect((await afterProposing({ tickets: ['t-ann', 't-bob'] }, waiting)).faults).toMatchObject({ incompatible: 1 });
    expect((await afterProposing({ tickets: ['t-bob', 't-cid'] }, waiting)).groups).toEqual([['bob', 'cid']]);

    const full = ticketOf('dan', { id: 't-dan', roomId: 'room-dan', party: [ticketOf('eve')] });
    expect((await afterProposing({ tickets: ['t-dan'] }, [full])).faults).toMatchObject({ size: 1 });
  });

  it('counts people, not tickets', async () => {
    const group = { minimum: 3, maximum: 4, multiple: 1, patienceMs: 0 };
    const [party, one, two] = [
      { ...ann, group, party: [ticketOf('eve')] },
      { ...bob, group },
      { ...dan, group, party: [ticketOf('fay'), ticketOf('gus')] },
    ];
    const waiting = [party, one, two];
    expect((await afterProposing({ tickets: ['t-ann', 't-bob'] }, waiting)).groups).toEqual([['ann', 'bob']]);
    expect((await afterProposing({ tickets: ['t-ann', 't-dan'] }, waiting)).groups).toEqual([]);
  });

  it('keeps those who have met apart for the time of the pool', async () => {
    const pools = { POOLS: JSON.stringify([{ name: 'default', cooldown_seconds: 60 }]) };
    const clock = new FakeClock();
    const engine = await engineOf(
      hostile(() => [{ tickets: ['t-ann', 't-bob'] }]),
      pools,
      clock,
    );
    const view = new FakeView([ann, bob], [], [['ann', 'bob', clock.now()]]);
    clock.advance(59_999);
    expect(groups(engine, ann, view)).toEqual([]);
    clock.advance(1);
    expect(groups(engine, ann, view)).toEqual([['ann', 'bob']]);
  });

  it('passes on reasons that are reasons, within bounds, and drops what is none', async () => {
    const reason = { code: 'tea', text: 'You both like tea' };
    const reasonsOf = async (reasons: unknown) => {
      const engine = await engineOf(hostile(() => [{ tickets: ['t-ann', 't-bob'], reasons }]));
      return groupsOf(proposals(engine, ann, new FakeView([ann, bob]))).map((proposal) => proposal.reasons);
    };
    expect(await reasonsOf([reason])).toEqual([[reason]]);
    expect(await reasonsOf([null, 7, { code: 1, text: 'x' }, { ...reason, secret: 'x' }])).toEqual([[reason]]);
    for (const none of [undefined, null, 7, 'because', { length: 1 }]) expect(await reasonsOf(none)).toEqual([[]]);
    const [many] = await reasonsOf(Array.from({ length: 50 }, () => ({ code: 'x', text: 'x'.repeat(1_000) })));
    expect([many!.length, many![0]!.text.length]).toEqual([10, 500]);
  });

  it('goes on after a bad proposal, and counts the run as failed once', async () => {
    const engine = await engineOf(hostile(() => [{ tickets: ['nobody'] }, null, { tickets: ['t-ann', 't-bob'] }]));
    expect(groups(engine, ann, new FakeView([ann, bob]))).toEqual([['ann', 'bob']]);
    expect(faults(engine)).toEqual({ refused: 1, stranger: 1, malformed: 1 });
  });

  it('does not blame a strategy for those who left while its groups were claimed', async () => {
    const engine = await engineOf(hostile(() => ['t-bob', 't-cid'].map((id) => ({ tickets: ['t-ann', id] }))));
    const waiting = [ann, bob, cid];
    const view = new FakeView(waiting);
    const found: string[][] = [];
    const run = proposals(engine, ann, view);
    for (const group of run) {
      found.push(people(group));
      view.remove('t-cid');
    }
    run.settle();
    expect(found).toEqual([['ann', 'bob']]);
    expect(faults(engine)).toEqual({ stale: 1 });
  });

  it('does not blame a strategy for a subject that another instance has taken', async () => {
    const engine = await engineOf(hostile(() => ['t-bob', 't-cid'].map((id) => ({ tickets: ['t-ann', id] }))));
    expect(groups(engine, ann, new FakeView([bob, cid]))).toEqual([]);
    expect(faults(engine)).toEqual({});
  });

  it.each<[string, Propose]>([
    [
      'throws at once',
      () => {
        throw new Error('boo');
      },
    ],
    [
      'throws what is no error',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw null;
      },
    ],
    [
      'throws between proposals',
      function* () {
        yield* [];
        throw new Error('boo');
      },
    ],
    [
      'throws what cannot be read',
      () => {
        const error = new Error('boo');
        for (const name of ['name', 'message'])
          Object.defineProperty(error, name, { get: () => JSON.parse('{') as never });
        throw error;
      },
    ],
    ['answers with nothing', () => undefined],
    ['answers with a promise', () => Promise.resolve([])],
    ['answers with a promise that is broken', () => Promise.reject(new Error('boo'))],
    ['answers with what cannot be gone through', () => ({ [Symbol.iterator]: 7 })],
    ['goes through proposals that are no steps', () => ({ [Symbol.iterator]: () => ({ next: () => undefined }) })],
    [
      'changes a ticket',
      ({ subject }) => {
        (subject as { priority: number }).priority = 9;
        return [];
      },
    ],
    [
      'changes the attributes of somebody who waits',
      (context) => {
        for (const { attributes } of context.waiting()) (attributes as Record<string, unknown>).level = 9;
        return [];
      },
    ],
    [
      'asks about what are no tickets',
      (context) => {
        context.compatible([null, undefined] as unknown as Ticket[]);
        return [];
      },
    ],
  ])('survives a strategy that %s, and counts it', async (_, propose) => {
    const waiting = tickets('ann', 'bob');
    const engine = await engineOf(hostile(propose));
    expect(groups(engine, waiting[0]!, new FakeView(waiting))).toEqual([]);
    expect(faults(engine)).toEqual({ threw: 1 });
    expect(waiting).toEqual(tickets('ann', 'bob'));
  });

  it('keeps what a strategy proposed before it threw', async () => {
    for (const score of [undefined, 1]) {
      const engine = await engineOf(
        hostile(function* () {
          yield { tickets: ['t-ann', 't-bob'], score };
          throw new Error('boo');
        }),
      );
      expect(groups(engine, ann, new FakeView([ann, bob]))).toEqual([['ann', 'bob']]);
    }
  });

  it('stops a strategy that proposes the impossible forever, and lets it clean up', async () => {
    let proposed = 0;
    let closed = false;
    const engine = await engineOf(
      hostile(function* () {
        try {
          for (;;) yield { tickets: [`nobody-${proposed++}`] };
        } finally {
          closed = true;
        }
      }),
    );

    expect(groups(engine, ann, new FakeView([ann, bob]))).toEqual([]);
    expect(proposed).toBe(100);
    expect(closed).toBe(true);
  });

  it('stops a strategy that proposes the same group for ever', async () => {
    const engine = await engineOf(
      hostile(function* () {
        for (;;) yield { tickets: ['t-ann', 't-bob'] };
      }),
    );
    expect(groups(engine, ann, new FakeView([ann, bob]))).toHaveLength(1_000);
  });

  it('stops a strategy whose time is up, and tells it by its signal', async () => {
    const aborted: boolean[] = [];
    const engine = await engineOf(
      hostile(function* ({ signal }) {
        for (;;) {
          aborted.push(signal.aborted);
          performanceNow += 20;
          yield { tickets: ['t-ann', 't-bob'] };
        }
      }),
      { STRATEGY_BUDGET_MS: '50' },
    );

    expect(groups(engine, ann, new FakeView([ann, bob]))).toHaveLength(3);
    // Four fifths of the time is the strategy's; the rest is for what it still has to say.
    expect(aborted).toEqual([false, false, true]);
    expect(faults(engine)).toEqual({ budget: 1 });
  });

  it('blames no strategy that stops when its signal says so', async () => {
    const engine = await engineOf(
      hostile(function* ({ signal }) {
        while (!signal.aborted) performanceNow++;
        yield { tickets: ['t-ann', 't-bob'] };
      }),
      { STRATEGY_BUDGET_MS: '50' },
    );

    expect(groups(engine, ann, new FakeView([ann, bob]))).toHaveLength(1);
    expect(faults(engine)).toEqual({});
  });

  it('aborts the signal of a run shortly before its time is up, whenever it is looked at', async () => {
    let heard = 0;
    const aborted: boolean[] = [];
    const engine = await engineOf(
      hostile(({ signal }) => {
        signal.addEventListener('abort', () => heard++);
        for (const ms of [39, 1, 1]) {
          performanceNow += ms;
          aborted.push(signal.aborted);
        }
        return [];
      }),
      { STRATEGY_BUDGET_MS: '50' },
    );
    groups(engine, ann, new FakeView([ann, bob]));
    expect([aborted, heard]).toEqual([[false, true, true], 1]);
  });

  it('counts what a strategy works, not what others do before it goes on', async () => {
    const aborted: boolean[] = [];
    const engine = await engineOf(
      hostile(function* ({ signal }) {
        aborted.push(signal.aborted);
        for (const id of ['t-bob', 't-cid']) yield { tickets: ['t-ann', id] };
        aborted.push(signal.aborted);
      }),
      { STRATEGY_BUDGET_MS: '50' },
    );
    const asked = [1, 2, 3, 4].map(() => proposals(engine, ann, new FakeView([ann, bob, cid])));
    for (const found of asked) {
      // The others' turns, while this one was asked already.
      performanceNow += 100;
      for (const group of found) performanceNow += group.tickets.length * 100;
      found.settle();
    }
    expect(aborted).toEqual(Array(8).fill(false));
    expect([faults(engine), engine.statistics()[0]!.suspended]).toEqual([{}, false]);
  });

  it('does not count the time that a claim takes against a strategy', async () => {
    const engine = await engineOf(
      hostile(() => ['t-bob', 't-cid', 't-dan'].map((id) => ({ tickets: ['t-ann', id] }))),
      { STRATEGY_BUDGET_MS: '50' },
    );
    let claims = 0;
    const found = proposals(engine, ann, new FakeView([ann, bob, cid, dan]));
    for (const group of found) {
      performanceNow += 1_000;
      claims += group.tickets.length / 2;
    }
    found.settle();
    expect(claims).toBe(3);
    expect(faults(engine)).toEqual({});
  });

  it('lets a strategy clean up when the first proposal was good enough, and survives a clean-up that throws', async () => {
    let closed = 0;
    const engine = await engineOf(
      hostile(() => ({
        [Symbol.iterator]: () => ({
          next: () => ({ done: false, value: { tickets: ['t-ann', 't-bob'] } }),
          return: () => {
            closed++;
            throw new Error('boo');
          },
        }),
      })),
    );
    expect(groupsOf(proposals(engine, ann, new FakeView([ann, bob])), 1).map(people)).toEqual([['ann', 'bob']]);
    expect([closed, faults(engine)]).toEqual([1, { threw: 1 }]);
  });

  it('tells a strategy all it may know', async () => {
    let seen: Record<string, unknown> = {};
    const clock = new FakeClock();
    const engine = await engineOf(
      hostile((context) => {
        const { pool, now, trigger, subject, size } = context;
        seen = { pool, now, trigger, subject: subject.id, size, waiting: [...context.waiting()].map(({ id }) => id) };
        const pairs = [
          [ann, bob],
          [ann, cid],
          [cid, ann],
          [ann, ann],
        ];
        seen.compatible = pairs.map((pair) => context.compatible(pair));
        seen.complete = [context.complete([ann]), context.complete([ann, bob]), context.complete([ann, bob, cid])];
        seen.metAt = [context.metAt('ann', 'bob'), context.metAt('bob', 'ann'), context.metAt('bob', 'cid')];
        const numbers = [context.random(), context.random(), context.random()];
        seen.random = new Set(numbers).size === 3 && numbers.every((number) => number >= 0 && number < 1);
        return [];
      }),
      {},
      clock,
    );
    groups(engine, cid, new FakeView([ann, bob, cid], [['ann', 'cid']], [['ann', 'bob', 5]]));
    expect(seen).toEqual({
      pool: 'default',
      now: clock.now(),
      trigger: 'enqueue',
      subject: 't-cid',
      size: 3,
      waiting: ['t-ann', 't-bob', 't-cid'],
      compatible: [true, false, false, false],
      complete: [false, true, false],
      metAt: [5, 5, undefined],
      random: true,
    });
  });

  describe('choosing between proposals with a score', () => {
    const view = () => new FakeView([ann, bob, cid, dan].map((ticket, i) => ({ ...ticket, enqueuedAt: i })));
    const scored = (score: number | undefined, ...who: string[]) => ({
      tickets: who.map((name) => `t-${name}`),
      score,
    });
    const choosing = async (list: unknown[], evaluator?: ProposalEvaluator) => {
      const engine = await engineOf(
        hostile(() => list),
        {},
        new FakeClock(),
        evaluator,
      );
      return { groups: groups(engine, ann, view()), faults: faults(engine) };
    };

    it('prefers the higher score, then whoever waits longest, and takes nobody twice', async () => {
      expect((await choosing([scored(1, 'ann', 'bob'), scored(2, 'ann', 'cid')])).groups).toEqual([['ann', 'cid']]);
      expect(
        (await choosing([scored(1, 'cid', 'dan'), scored(1, 'bob', 'cid'), scored(1, 'ann', 'dan')])).groups,
      ).toEqual([
        ['ann', 'dan'],
        ['bob', 'cid'],
      ]);
    });

    it('passes on one without a score before the strategy is asked for the next', async () => {
      const asked: string[] = [];
      const engine = await engineOf(
        hostile(function* () {
          for (const name of ['bob', 'cid']) {
            asked.push(name);
            yield scored(undefined, 'ann', name);
          }
        }),
      );
      const iterator = proposals(engine, ann, view())[Symbol.iterator]();
      expect(people(iterator.next().value as CheckedProposal)).toEqual(['ann', 'bob']);
      expect(asked).toEqual(['bob']);
    });

    it('settles those with a score before one without, and a hundred of them at once', async () => {
      const mixed = [
        scored(1, 'ann', 'bob'),
        scored(2, 'ann', 'cid'),
        scored(undefined, 'ann', 'dan'),
        scored(9, 'bob', 'dan'),
      ];
      expect((await choosing(mixed)).groups).toEqual([
        ['ann', 'cid'],
        ['ann', 'dan'],
        ['bob', 'dan'],
      ]);
      const late = [...Array.from({ length: 100 }, () => scored(1, 'ann', 'bob')), scored(2, 'ann', 'cid')];
      expect((await choosing(late)).groups).toEqual([
        ['ann', 'bob'],
        ['ann', 'cid'],
      ]);
    });

    it('can be replaced', async () => {
      const worstFirst = {
        evaluate: (list: readonly CheckedProposal[]) => list.toSorted((a, b) => a.score! - b.score!),
      };
      expect((await choosing([scored(2, 'ann', 'bob'), scored(1, 'ann', 'cid')], worstFirst)).groups[0]).toEqual([
        'ann',
        'cid',
      ]);
    });

    it.each<[string, ProposalEvaluator['evaluate'], number]>([
      ['throws', () => JSON.parse('{') as never, 1],
      ['answers with nothing', () => undefined as never, 1],
      ['answers with a promise', () => Promise.resolve([]) as never, 1],
      ['adds somebody to a group', (list) => ((list[0]!.tickets as Ticket[]).push(dan), list), 1],
    ])('does without an evaluator that %s', async (_, evaluate, count) => {
      const list = [scored(1, 'ann', 'bob'), scored(2, 'ann', 'cid')];
      expect(await choosing(list, { evaluate })).toEqual({ groups: [['ann', 'cid']], faults: { evaluator: count } });
    });

    it('takes from an evaluator only what was checked', async () => {
      const made: CheckedProposal = { tickets: [bob, dan], score: 1, reasons: [] };
      const { groups } = await choosing([scored(1, 'ann', 'cid')], { evaluate: (list) => [made, ...list, ...list] });
      expect(groups).toEqual([['ann', 'cid']]);
    });
  });

  describe('admitting a ticket', () => {
    const ticket = ticketOf('ann', { attributes: { level: 1 } });
    const admitting = async (admit: (ticket: Ticket) => unknown) => {
      const engine = await engineOf(hostile(() => [], { admit: admit as NonNullable<MatchingStrategy['admit']> }));
      return { verdict: await engine.admit(ticket), faults: faults(engine) };
    };

    it('takes it as it is when the strategy has no say, without a promise', async () => {
      expect((await engineOf(hostile(() => []))).admit(ticket)).toEqual({ ticket });
    });

    it('lets a strategy set attributes and priority, and nothing else', async () => {
      const greedy = {
        ...ticket,
        id: 'x',
        participantId: 'bob',
        pool: 'other',
        group: exactly(16),
        version: 9,
        priority: 5,
      };
      expect(await admitting(() => ({ ...greedy, attributes: { level: 2, likes: ['tea'] } }))).toEqual({
        verdict: { ticket: { ...ticket, attributes: { level: 2, likes: ['tea'] }, priority: 5 } },
        faults: {},
      });
    });

    it('leaves a strategy no hold on the attributes it set', async () => {
      const attributes = { likes: ['tea'] };
      const { verdict } = await admitting(() => ({ ...ticket, attributes }));
      attributes.likes.push('cake');
      expect(verdict).toEqual({ ticket: { ...ticket, attributes: { likes: ['tea'] } } });
    });

    it('lets a strategy refuse it with a reason', async () => {
      const reason = { code: 'too_new', text: 'Come back tomorrow' };
      expect((await admitting(() => ({ rejected: true, reason }))).verdict).toEqual({ refused: reason });
      const { verdict } = await admitting(() => ({ rejected: true }));
      expect('refused' in verdict && verdict.refused.text).toMatch(/\w/);
    });

    it.each([
      ['throws', () => Promise.reject.call(undefined)],
      ['answers with a promise', () => Promise.resolve(ticket)],
      ['answers with a flag', () => true],
      ['answers with half a ticket', () => ({ priority: 1 })],
      ['gives a priority that is no number', () => ({ ...ticket, priority: NaN })],
      ['gives attributes that are a list', () => ({ ...ticket, attributes: ['x'] })],
      ['gives an attribute that is no plain value', () => ({ ...ticket, attributes: { x: { y: 1 } } })],
    ])('takes it as it is when the strategy %s, and counts it', async (_, admit) => {
      expect(await admitting(admit)).toEqual({ verdict: { ticket }, faults: { admit: 1 } });
    });
  });

  describe('asking again without an arrival', () => {
    const pools = { POOLS: JSON.stringify([{ name: 'default', cooldown_seconds: 60 }]) };
    const waking = async (nextWake: (() => unknown) | undefined, overrides: Partial<Ticket> = {}, environment = {}) => {
      const clock = new FakeClock(1_000);
      const strategy = hostile(() => [], { nextWake: nextWake as MatchingStrategy['nextWake'] });
      const engine = await engineOf(strategy, environment, clock);
      return { at: await engine.nextWake({ ...ann, enqueuedAt: 500, ...overrides }), faults: faults(engine) };
    };
    const patient = { group: { minimum: 2, maximum: 4, multiple: 1, patienceMs: 5_000 } };

    it('comes when the strategy, the patience of the group or the cooldown says, whichever is first', async () => {
      expect((await waking(undefined)).at).toBeUndefined();
      expect((await waking(() => 2_000)).at).toBe(2_000);
      expect((await waking(() => 2_000, patient)).at).toBe(2_000);
      expect((await waking(() => 9_000, patient)).at).toBe(5_500);
      expect((await waking(undefined, patient)).at).toBe(5_500);
      expect((await waking(undefined, {}, pools)).at).toBe(60_500);
    });

    it('comes after now or not at all', async () => {
      for (const at of [1_000, 0, NaN, Infinity]) expect(await waking(() => at)).toEqual({ at: undefined, faults: {} });
      expect((await waking(undefined, { ...patient, enqueuedAt: -5_000 })).at).toBeUndefined();
    });

    it.each([
      ['throws', () => JSON.parse('{') as unknown],
      ['answers with a text', () => 'soon'],
      ['answers with a promise', () => Promise.resolve(2_000)],
    ])('goes by the patience of the group when the strategy %s', async (_, nextWake) => {
      expect(await waking(nextWake, patient)).toEqual({ at: 5_500, faults: { wake: 1 } });
    });
  });

  describe('remembering decisions', () => {
    it("keeps the newest, with all an operator needs and nobody's name", async () => {
      const reason = { code: 'tea', text: 'Ann and Bob like tea' };
      const engine = await engineOf(
        hostile(function* () {
          performanceNow += 2;
          yield { tickets: ['nobody'] };
          yield { tickets: ['t-ann', 't-bob'], score: 3, reasons: [reason] };
        }),
        { MATCHING_DECISIONS: '2' },
      );
      const view = new FakeView([ann, bob]);
      groups(engine, bob, view);
      groups(engine, bob, view);
      const found = proposals(engine, ann, view);
      const [group] = found;
      performanceNow += 100;
      expect(people(group!)).toEqual(['ann', 'bob']);
      view.remove('t-bob');
      found.settle(group);
      expect(engine.decisions(10)).toHaveLength(2);
      expect(engine.decisions(10, 'other')).toEqual([]);
      expect(engine.decisions(1)).toEqual([
        {
          at: new FakeClock().now(),
          pool: 'default',
          strategy: 'hostile',
          fallback: false,
          trigger: 'enqueue',
          ticketId: 't-ann',
          waiting: 2,
          proposed: 2,
          refused: { stranger: 1 },
          failure: 'refused',
          chosen: ['t-ann', 't-bob'],
          score: 3,
          reasons: ['tea'],
          micros: 2_000,
        },
      ]);
      expect(engine.decisions(2)[1]).toMatchObject({ ticketId: 't-bob', chosen: null, score: null, reasons: [] });
    });

    it('keeps none when told so', async () => {
      const engine = await engineOf(new FifoStrategy(), { MATCHING_DECISIONS: '0' });
      expect(groups(engine, ann, new FakeView([ann, bob]))).toEqual([['bob', 'ann']]);
      expect(engine.decisions(10)).toEqual([]);
    });

    it('counts runs, proposals and how long they took', async () => {
      const engine = await engineOf(
        hostile(() => {
          performanceNow += 0.03;
          return [{ tickets: ['t-ann', 't-bob'] }];
        }),
      );
      groups(engine, ann, new FakeView([ann, bob]));
      groups(engine, ann, new FakeView([ann, bob]));
      const { strategy, pool, runs, proposals, duration } = engine.statistics()[0]!;
      expect({ strategy, pool, runs, proposals }).toEqual({
        strategy: 'hostile',
        pool: 'default',
        runs: 2,
        proposals: 2,
      });
      expect(duration.count).toBe(2);
      expect(duration.sum).toBeCloseTo(60, 5);
      expect(duration.counts[duration.bounds.indexOf(50)]).toBe(2);
    });
  });

  describe('starting and ending', () => {
    it('loads what every pool names, and closes it all in the end', async () => {
      const loaded: string[] = [];
      const closed: string[] = [];
      const pools = [
        { name: 'a', strategy: 'one', fallback: 'fifo', shadow: { strategy: 'two' } },
        { name: 'b', strategy: 'three' },
      ];
      const engine = await engineOf(recordingLoader(loaded, closed), { POOLS: JSON.stringify(pools) });
      expect(loaded).toEqual(['', 'one', 'fifo', 'two', 'three']);
      await engine.onModuleDestroy();
      expect(closed.sort()).toEqual(loaded.sort());
    });

    it('leaves nothing behind when one of them cannot be loaded', async () => {
      const closed: string[] = [];
      const loader = recordingLoader([], closed, 'bad');
      const pools = {
        POOLS: JSON.stringify([
          { name: 'a', strategy: 'good' },
          { name: 'b', strategy: 'bad' },
        ]),
      };
      await expect(engineOf(loader, pools)).rejects.toThrow('no such strategy');
      expect(closed).toEqual(['', 'good']);
    });
  });
});

/** Notes what is loaded and closed; one name cannot be loaded. */
function recordingLoader(loaded: string[], closed: string[], bad?: string): StrategyLoader {
  return {
    load: async ({ strategy: name }) => {
      if (name === bad) throw new ConfigurationError('no such strategy');
      loaded.push(name);
      const runner = new InProcessRunner(new FifoStrategy());
      return Object.assign(runner, { close: () => void closed.push(name) });
    },
  };
}

describe('FifoStrategy', () => {
  const crowd = (count: number, groupSize: number) =>
    Array.from({ length: count }, (_, i) => ticketOf(`p${i}`, { id: `t${i}`, group: exactly(groupSize) }));
  let engine: MatchingEngine;
  beforeEach(async () => {
    engine = await engineOf(new FifoStrategy());
  });
  const propose = (waiting: Ticket[], blocks: [string, string][] = []) => {
    const view = new FakeView(waiting, blocks);
    const [first] = proposals(engine, waiting.at(-1)!, view);
    return { group: first && people(first), consumed: view.consumed };
  };

  it('puts an arrival together with whoever waits longest', () => {
    expect(propose(crowd(5, 2)).group).toEqual(['p0', 'p4']);
    expect(propose(crowd(5, 3)).group).toEqual(['p0', 'p1', 'p4']);
    expect(propose(crowd(16, 16)).group).toHaveLength(16);
  });

  it('proposes nothing while too few wait', () => {
    expect(propose(crowd(1, 2)).group).toBeUndefined();
    expect(propose(crowd(2, 3)).group).toBeUndefined();
  });

  it('looks at no more tickets however many wait', () => {
    for (const groupSize of [2, 3, 16]) {
      expect(propose(crowd(10_000, groupSize)).consumed).toBe(propose(crowd(100, groupSize)).consumed);
      expect(propose(crowd(10_000, groupSize)).consumed).toBeLessThanOrEqual(2 * groupSize);
    }
    expect(propose(crowd(2, 3)).consumed).toBeLessThanOrEqual(3);
  });

  it('passes over those whom a block keeps apart from the arrival or from each other', () => {
    expect(propose(crowd(4, 2), [['p3', 'p0']]).group).toEqual(['p1', 'p3']);
    expect(propose(crowd(4, 3), [['p0', 'p1']]).group).toEqual(['p0', 'p2', 'p3']);
    expect(
      propose(crowd(4, 3), [
        ['p0', 'p1'],
        ['p0', 'p2'],
      ]).group,
    ).toEqual(['p1', 'p2', 'p3']);
    expect(propose(crowd(2, 2), [['p0', 'p1']]).group).toBeUndefined();
  });

  it('gives up after so many starting points when blocks make a group of three unlikely', () => {
    const waiting = crowd(1_000, 3);
    const view = new FakeView(waiting);
    const context = {
      subject: waiting.at(-1)!,
      size: waiting.length,
      waiting: () => view.tickets(),
      signal: new AbortController().signal,
      compatible: (group: readonly Ticket[]) => group.length === 2,
      complete: (group: readonly Ticket[]) => group.length === 3,
    } as Partial<MatchContext> as MatchContext;

    expect([...new FifoStrategy().propose(context)]).toEqual([]);
    expect(view.consumed).toBeLessThanOrEqual(33 * 1_001);
  });
});
