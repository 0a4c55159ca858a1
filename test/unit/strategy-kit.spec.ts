import { describe, expect, it } from '@jest/globals';
import type { Ticket } from '../../src/domain/ticket.js';
import { FifoStrategy, type MatchContext, type MatchingStrategy } from '../../src/matching/index.js';
import { crowdOf, MatchingBench, meet, SequentialIds, StaticView, ticketOf } from '../../src/testing/index.js';
import { ask } from '../../src/testing/strategy-contract/ask.js';
import { interruptible, isInterrupt } from '../../src/testing/strategy-contract/interrupt.js';
import { type Reach, watched } from '../../src/testing/strategy-contract/outside-world.js';

const people = (...names: string[]) => names.map((name) => ticketOf(name));

describe('StaticView', () => {
  it('shows tickets by seniority, whatever order they are given in', () => {
    const view = new StaticView([ticketOf('ann', { enqueuedAt: 2 }), ticketOf('bob', { enqueuedAt: 1 })]);
    expect([...view.tickets()].map(({ participantId }) => participantId)).toEqual(['bob', 'ann']);
    expect([view.size, view.get('ticket-of-ann')?.enqueuedAt, view.get('nobody')]).toEqual([2, 2, undefined]);
  });

  it('knows who has blocked whom, one way, and who has met whom, both ways', () => {
    const view = new StaticView([], { blocks: [['ann', 'bob']], met: [['ann', 'cid', 7]] });
    expect(view.relations('ann').blocked).toEqual(new Set(['bob']));
    expect(view.relations('bob').blocked).toEqual(new Set());
    expect([view.relations('ann').met.get('cid'), view.relations('cid').met.get('ann')]).toEqual([7, 7]);
  });

  it('shows a subject those whose group sizes overlap its own', () => {
    const [pair, trio, any] = [
      ticketOf('ann'),
      ticketOf('bob', { group: { minimum: 3, maximum: 3, multiple: 1, patienceMs: 0 } }),
      ticketOf('cid', { group: { minimum: 2, maximum: 4, multiple: 1, patienceMs: 0 } }),
    ] as const;
    const view = new StaticView([pair, trio, any]);
    const shown = (subject: Ticket) => [...view.for(subject).tickets()].map(({ participantId }) => participantId);
    expect(shown(pair)).toEqual(['ann', 'cid']);
    expect(shown(trio)).toEqual(['bob', 'cid']);
    expect(shown(any)).toEqual(['ann', 'bob', 'cid']);
    expect([view.for(pair).size, view.for(pair).get(trio.id)]).toEqual([2, undefined]);
  });
});

describe('crowdOf', () => {
  it('makes different people who came one after the other, with what is special about each', () => {
    const crowd = crowdOf(3, { until: 10_000, everyMs: 2_000, prefix: 'x', ticket: (_, priority) => ({ priority }) });
    expect(
      crowd.map(({ id, participantId, enqueuedAt, priority }) => [id, participantId, enqueuedAt, priority]),
    ).toEqual([
      ['t-x0', 'x0', 6_000, 0],
      ['t-x1', 'x1', 8_000, 1],
      ['t-x2', 'x2', 10_000, 2],
    ]);
  });

  it('makes the same crowd from the same numbers', () => {
    const draw = () => {
      const ids = new SequentialIds(7);
      return crowdOf(20, { random: () => ids.random(), ticket: (random) => ({ priority: random() }) });
    };
    expect(draw()).toEqual(draw());
    expect(new Set(draw().map(({ priority }) => priority)).size).toBe(20);
  });
});

describe('MatchingBench', () => {
  /** Meets nobody before a minute has gone by. */
  class Slow extends FifoStrategy {
    override *propose(context: MatchContext) {
      if (context.now - context.subject.enqueuedAt >= 60_000) yield* super.propose(context);
    }
    nextWake({ enqueuedAt }: Ticket, now: number): number | undefined {
      return now < enqueuedAt + 60_000 ? enqueuedAt + 60_000 : undefined;
    }
  }

  /** Proposes as the function says. */
  const proposing = (propose: MatchingStrategy['propose']): MatchingStrategy => ({ name: 'x', propose });

  it('tells who meets whom', () => {
    expect(meet(new FifoStrategy(), people('ann', 'bob', 'cid', 'dan', 'eve'))).toEqual([
      ['ann', 'bob'],
      ['cid', 'dan'],
    ]);
  });

  it('asks again at the time that a strategy named', () => {
    expect(meet(new Slow(), people('ann', 'bob'), 59_999)).toEqual([]);
    const bench = new MatchingBench(new Slow(), { start: 1_000 });
    for (const ticket of people('ann', 'bob')) expect(bench.arrive(ticket)).toEqual({ status: 'waiting' });
    expect(bench.pass(100_000)).toMatchObject([{ at: 61_000 }]);
    expect([bench.clock.now(), bench.waiting]).toEqual([101_000, []]);
  });

  it('asks again when the patience of a group ends', () => {
    const group = { minimum: 2, maximum: 3, multiple: 1, patienceMs: 30_000 };
    const pair = people('ann', 'bob').map((ticket) => ({ ...ticket, group }));
    expect(meet(new FifoStrategy(), pair, 29_999)).toEqual([]);
    expect(meet(new FifoStrategy(), pair, 30_000)).toEqual([['ann', 'bob']]);
  });

  it('compares proposals with a score, as a service does', () => {
    const scored = proposing(function* (context) {
      const { subject } = context;
      for (const { id, priority } of context.waiting())
        if (id !== subject.id) yield { tickets: [id, subject.id], score: priority };
    });
    const tickets = [3, 9, 5].map((priority) => ticketOf(`p${priority}`, { priority }));
    const bench = new MatchingBench(scored);
    for (const ticket of tickets) bench.place(ticket);
    expect(bench.arrive(ticketOf('ann'))).toMatchObject({ status: 'matched', meeting: { score: 9 } });
  });

  it('keeps apart those of whom one has blocked the other, and for the cooldown those who have met', () => {
    const blocked = new MatchingBench(new FifoStrategy());
    blocked.block('bob', 'ann');
    for (const ticket of people('ann', 'bob')) blocked.arrive(ticket);
    expect(blocked.meetings).toEqual([]);

    const again = new MatchingBench(new FifoStrategy(), { cooldownMs: 1_000 });
    for (const ticket of people('ann', 'bob', 'ann', 'bob')) again.arrive(ticket);
    expect([again.meetings.length, again.waiting.length]).toEqual([1, 2]);
    again.pass(1_000);
    again.arrive(ticketOf('cid'));
    expect(again.meetings.length).toBe(2);
  });

  it('tells of refusals, and of proposals that cannot be', () => {
    const reason = { code: 'no', text: 'Not today' };
    const refusing = { ...proposing(() => []), admit: () => ({ rejected: true as const, reason }) };
    expect(new MatchingBench(refusing).arrive(ticketOf('ann'))).toEqual({ status: 'refused', reason });

    const wild = new MatchingBench(proposing(({ subject }) => [{ tickets: [subject.id, 'nobody'] }]));
    expect([wild.arrive(ticketOf('ann')), wild.faults]).toEqual([{ status: 'waiting' }, ['refused']]);
  });

  it('throws on what a strategy throws', () => {
    const throwing = proposing(() => {
      throw new Error('boo');
    });
    expect(() => new MatchingBench(throwing).arrive(ticketOf('ann'))).toThrow('boo');
  });

  it('tells why somebody waits, in the words of the strategy', () => {
    const reason = { code: 'so', text: 'So it is' };
    const bench = new MatchingBench({ ...proposing(() => []), explainWait: () => [reason] });
    bench.arrive(ticketOf('ann'));
    expect([bench.explain('ann'), bench.explain('bob')]).toEqual([[reason], []]);
  });
});

describe('watching a strategy', () => {
  it.each<[Reach, () => unknown]>([
    ['time', () => Date.now()],
    ['time', () => new Date().getTime()],
    ['time', () => Date()],
    ['time', () => performance.now()],
    ['chance', () => Math.random()],
    ['chance', () => crypto.randomUUID()],
    ['timers', () => setTimeout(() => undefined, 0)],
    ['timers', () => queueMicrotask(() => undefined)],
    ['network', () => void fetch('http://127.0.0.1:9')],
  ])('sees it reach for %s', (reach, body) => {
    const reached = new Set<Reach>();
    watched(body, reached);
    expect([...reached]).toEqual([reach]);
  });

  it('lets it use given dates', () => {
    const reached = new Set<Reach>();
    const given = watched(() => [new Date(5).getTime(), Date.UTC(2026, 0), new Date(0) instanceof Date], reached);
    expect([given, reached]).toEqual([[5, Date.UTC(2026, 0), true], new Set()]);
  });

  it('gives the world back, also after a throw and after an end by force', () => {
    const look = () => [Date, Math, performance, globalThis].map(Object.getOwnPropertyDescriptors);
    const before = look();
    const boo = () => {
      throw new Error('boo');
    };
    expect(ask(boo)).toMatchObject({ ended: true, thrown: new Error('boo') });
    expect(
      ask(() => {
        for (;;);
      }, 20),
    ).toMatchObject({ ended: false, thrown: undefined });
    expect(look()).toEqual(before);
    expect(Math.abs(Date.now() - new Date().getTime())).toBeLessThan(1_000);
  });

  it('ends by force what does not end by itself', () => {
    expect(interruptible(1_000, () => 7)).toBe(7);
    let thrown: unknown;
    try {
      interruptible(20, () => {
        for (;;);
      });
    } catch (error) {
      thrown = error;
    }
    expect(isInterrupt(thrown)).toBe(true);
  });
});
