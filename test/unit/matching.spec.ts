import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ticket } from '../../src/domain/ticket.js';
import { FifoStrategy, type MatchContext, MatchingEngine, type MatchingStrategy } from '../../src/matching/index.js';
import type { CheckedProposal } from '../../src/matching/matching.engine.js';
import { FakeClock, SequentialIds, ticketOf } from '../../src/testing/index.js';
import { FakeView } from '../support/fakes.js';

const tickets = (...people: string[]) => people.map((id) => ticketOf(id, { id: `t-${id}` }));
const groups = (proposals: Iterable<CheckedProposal>) =>
  [...proposals].map((proposal) => proposal.tickets.map((ticket) => ticket.participantId));

describe('MatchingEngine', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });

  /** An engine whose strategy proposes what the function says. */
  function engineOf(propose: (context: MatchContext) => unknown, rest: Partial<MatchingStrategy> = {}): MatchingEngine {
    const strategy = { name: 'hostile', propose: propose as MatchingStrategy['propose'], ...rest };
    return new MatchingEngine(strategy, clock, new SequentialIds());
  }

  /** What becomes of one proposal by a strategy, among ann (who has blocked cid), bob, cid and dan. */
  function afterProposing(proposal: unknown, waiting: Ticket[] = tickets('ann', 'bob', 'cid', 'dan')) {
    const engine = engineOf(() => [proposal]);
    const view = new FakeView(waiting, [['ann', 'cid']]);
    return { groups: groups(engine.proposals('enqueue', waiting[0]!, view)), failures: engine.failures };
  }

  it('passes on a proposal that can be', () => {
    expect(afterProposing({ tickets: ['t-ann', 't-dan'] })).toEqual({ groups: [['ann', 'dan']], failures: 0 });
    expect(afterProposing({ tickets: ['t-bob', 't-cid'] })).toEqual({ groups: [['bob', 'cid']], failures: 0 });
  });

  it.each([
    ['a stranger', { tickets: ['t-ann', 'nobody'] }],
    ['a ticket twice', { tickets: ['t-ann', 't-ann'] }],
    ['too few', { tickets: ['t-ann'] }],
    ['too many', { tickets: ['t-ann', 't-bob', 't-dan'] }],
    ['nobody', { tickets: [] }],
    ['a pair of whom one has blocked the other', { tickets: ['t-ann', 't-cid'] }],
    ['tickets instead of their ids', { tickets: tickets('ann', 'bob') }],
    ['ids that are no texts', { tickets: [new String('t-ann'), 't-bob'] }],
    ['no list', { tickets: 't-ann' }],
    ['no tickets', {}],
    ['a text', 'ann and bob'],
    [
      'what throws when it is looked at',
      {
        get tickets() {
          throw new Error('boo');
        },
      },
    ],
  ])('turns down a proposal of %s, and counts it', (_, proposal) => {
    expect(afterProposing(proposal)).toEqual({ groups: [], failures: 1 });
  });

  it('turns down a group from another pool, of another size, and of one participant', () => {
    const own = ticketOf('ann', { id: 't-ann' });
    for (const other of [{ pool: 'other' }, { groupSize: 3 }, { participantId: 'ann' }]) {
      const waiting = [own, ticketOf('bob', { id: 't-bob', ...other })];
      expect(afterProposing({ tickets: ['t-ann', 't-bob'] }, waiting)).toEqual({ groups: [], failures: 1 });
    }
  });

  it('passes on reasons that are reasons, and drops what is none', () => {
    const reason = { code: 'tea', text: 'You both like tea' };
    const reasonsOf = (reasons: unknown) => {
      const waiting = tickets('ann', 'bob');
      const engine = engineOf(() => [{ tickets: ['t-ann', 't-bob'], reasons }]);
      return [...engine.proposals('enqueue', waiting[0]!, new FakeView(waiting))].map((proposal) => proposal.reasons);
    };
    expect(reasonsOf([reason])).toEqual([[reason]]);
    expect(reasonsOf([null, 7, { code: 1, text: 'x' }, { ...reason, secret: 'x' }])).toEqual([[reason]]);
    for (const none of [undefined, null, 7, 'because', { length: 1 }]) expect(reasonsOf(none)).toEqual([[]]);
  });

  it('goes on after a bad proposal', () => {
    const engine = engineOf(() => [{ tickets: ['nobody'] }, null, { tickets: ['t-ann', 't-bob'] }]);
    const waiting = tickets('ann', 'bob');
    expect(groups(engine.proposals('enqueue', waiting[0]!, new FakeView(waiting)))).toEqual([['ann', 'bob']]);
    expect(engine.failures).toBe(2);
  });

  it.each<[string, (context: MatchContext) => unknown]>([
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
    ['answers with nothing', () => undefined],
    ['answers with a promise', () => Promise.resolve([])],
    ['answers with what cannot be gone through', () => ({ [Symbol.iterator]: 7 })],
  ])('survives a strategy that %s, and counts it', (_, propose) => {
    const waiting = tickets('ann', 'bob');
    const engine = engineOf(propose);
    expect(groups(engine.proposals('enqueue', waiting[0]!, new FakeView(waiting)))).toEqual([]);
    expect(engine.failures).toBe(1);
  });

  it('keeps what a strategy proposed before it threw', () => {
    const waiting = tickets('ann', 'bob');
    const engine = engineOf(function* () {
      yield { tickets: ['t-ann', 't-bob'] };
      throw new Error('boo');
    });
    expect(groups(engine.proposals('enqueue', waiting[0]!, new FakeView(waiting)))).toEqual([['ann', 'bob']]);
  });

  it('stops a strategy that proposes the impossible forever, and lets it clean up', () => {
    let proposed = 0;
    let closed = false;
    const waiting = tickets('ann', 'bob');
    const engine = engineOf(function* () {
      try {
        for (;;) yield { tickets: [`nobody-${proposed++}`] };
      } finally {
        closed = true;
      }
    });

    expect(groups(engine.proposals('enqueue', waiting[0]!, new FakeView(waiting)))).toEqual([]);
    expect(proposed).toBe(100);
    expect(closed).toBe(true);
  });

  it('stops a strategy whose time is up, and tells it by its signal', () => {
    let signal: AbortSignal | undefined;
    let proposed = 0;
    const waiting = tickets('ann', 'bob');
    const engine = engineOf(function* (context) {
      signal = context.signal;
      for (;;) {
        proposed++;
        clock.advance(20);
        yield { tickets: ['t-ann', 't-bob'] };
      }
    });

    expect(groups(engine.proposals('enqueue', waiting[0]!, new FakeView(waiting)))).toHaveLength(3);
    expect([proposed, signal?.aborted, engine.failures]).toEqual([3, true, 1]);
  });

  it('lets a strategy clean up when the first proposal was good enough, and survives a clean-up that throws', () => {
    let closed = 0;
    const waiting = tickets('ann', 'bob');
    const engine = engineOf(() => ({
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: { tickets: ['t-ann', 't-bob'] } }),
        return: () => {
          closed++;
          throw new Error('boo');
        },
      }),
    }));
    for (const proposal of engine.proposals('enqueue', waiting[0]!, new FakeView(waiting))) {
      expect(proposal.tickets).toHaveLength(2);
      break;
    }
    expect([closed, engine.failures]).toEqual([1, 1]);
  });

  it('tells a strategy all it may know', () => {
    const waiting = tickets('ann', 'bob', 'cid');
    let seen: Record<string, unknown> = {};
    const engine = engineOf((context) => {
      const { pool, now, trigger, subject, size } = context;
      seen = { pool, now, trigger, subject: subject.id, size, waiting: [...context.waiting()].map(({ id }) => id) };
      seen.compatible = [
        context.compatible([waiting[0]!, waiting[1]!]),
        context.compatible([waiting[0]!, waiting[2]!]),
        context.compatible([waiting[0]!, waiting[0]!]),
      ];
      seen.random = context.random();
      return [];
    });
    groups(engine.proposals('enqueue', waiting[2]!, new FakeView(waiting, [['ann', 'cid']])));
    expect(seen).toEqual({
      pool: 'default',
      now: clock.now(),
      trigger: 'enqueue',
      subject: 't-cid',
      size: 3,
      waiting: ['t-ann', 't-bob', 't-cid'],
      compatible: [true, false, false],
      random: new SequentialIds().random(),
    });
  });

  describe('admitting a ticket', () => {
    const ticket = ticketOf('ann', { attributes: { level: 1 } });
    const admitting = (admit: (ticket: Ticket) => unknown) => {
      const engine = engineOf(() => [], { admit: admit as NonNullable<MatchingStrategy['admit']> });
      return { verdict: engine.admit(ticket), failures: engine.failures };
    };

    it('takes it as it is when the strategy has no say', () => {
      expect(engineOf(() => []).admit(ticket)).toEqual({ ticket });
    });

    it('lets a strategy set attributes and priority, and nothing else', () => {
      const greedy = {
        ...ticket,
        id: 'x',
        participantId: 'bob',
        pool: 'other',
        groupSize: 16,
        version: 9,
        priority: 5,
      };
      expect(admitting(() => ({ ...greedy, attributes: { level: 2 } }))).toEqual({
        verdict: { ticket: { ...ticket, attributes: { level: 2 }, priority: 5 } },
        failures: 0,
      });
    });

    it('lets a strategy refuse it with a reason', () => {
      const reason = { code: 'too_new', text: 'Come back tomorrow' };
      expect(admitting(() => ({ rejected: true, reason })).verdict).toEqual({ refused: reason });
      const { verdict } = admitting(() => ({ rejected: true }));
      expect('refused' in verdict && verdict.refused.text).toMatch(/\w/);
    });

    it.each([
      ['throws', () => Promise.reject.call(undefined)],
      ['answers with a promise', () => Promise.resolve(ticket)],
      ['answers with a flag', () => true],
      ['answers with half a ticket', () => ({ priority: 1 })],
      ['gives a priority that is no number', () => ({ ...ticket, priority: NaN })],
    ])('takes it as it is when the strategy %s, and counts it', (_, admit) => {
      expect(admitting(admit)).toEqual({ verdict: { ticket }, failures: 1 });
    });
  });

  describe('explaining a wait', () => {
    const [ann, bob] = tickets('ann', 'bob') as [Ticket, Ticket];
    const explaining = (explainWait: (() => unknown) | undefined, waiting = [ann]) =>
      engineOf(() => [], { explainWait: explainWait as MatchingStrategy['explainWait'] }).explain(
        waiting[0]!,
        new FakeView(waiting),
      );

    it('uses the words of the strategy', () => {
      const reason = { code: 'no_mentor', text: 'No mentor has come yet' };
      expect(explaining(() => [reason])).toEqual([reason]);
    });

    it('has words of its own when the strategy has none', () => {
      expect(explaining(undefined)).toEqual([
        { code: 'too_few_waiting', text: 'Waiting for 1 more participant to arrive' },
      ]);
      expect(explaining(undefined, [{ ...ann, groupSize: 4 }])[0]?.text).toBe(
        'Waiting for 3 more participants to arrive',
      );
      expect(explaining(undefined, [ann, bob])[0]?.code).toBe('nobody_compatible');
    });

    it.each([
      ['throws', () => JSON.parse('{') as unknown],
      ['says nothing', () => []],
      ['answers with a text', () => 'soon'],
      ['answers with a promise', () => Promise.resolve([])],
    ])('has words of its own when the strategy %s', (_, explainWait) => {
      expect(explaining(explainWait)[0]?.code).toBe('too_few_waiting');
    });
  });
});

describe('FifoStrategy', () => {
  const crowd = (count: number, groupSize: number) =>
    Array.from({ length: count }, (_, i) => ticketOf(`p${i}`, { id: `t${i}`, groupSize }));
  const propose = (waiting: Ticket[], blocks: [string, string][] = []) => {
    const view = new FakeView(waiting, blocks);
    const engine = new MatchingEngine(new FifoStrategy(), new FakeClock(), new SequentialIds());
    const first = engine.proposals('enqueue', waiting.at(-1)!, view).next().value as CheckedProposal | undefined;
    return { group: first?.tickets.map(({ participantId }) => participantId), consumed: view.consumed };
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
    expect(propose(crowd(2, 3)).consumed).toBe(0);
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
      compatible: (group: readonly Ticket[]) => group.length === 2,
    } as Partial<MatchContext> as MatchContext;

    expect([...new FifoStrategy().propose(context)]).toEqual([]);
    expect(view.consumed).toBeLessThanOrEqual(33 * 1_001);
  });
});
