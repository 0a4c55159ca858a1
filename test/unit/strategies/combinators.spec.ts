import { describe, expect, it } from '@jest/globals';
import { exactly, type Ticket } from '../../../src/domain/ticket.js';
import { FifoStrategy, type MatchingStrategy, type Proposal } from '../../../src/matching/index.js';
import {
  AffinityStrategy,
  firstOf,
  PriorityStrategy,
  SkillsStrategy,
  withAging,
  withCooldown,
} from '../../../src/matching/strategies/index.js';
import { ticketOf } from '../../../src/testing/index.js';
import { contextOf, explained, proposed } from '../../support/strategies.js';

const MINUTE = 60_000;
const tickets = (...names: string[]) => names.map((name, i) => ticketOf(name, { enqueuedAt: i * MINUTE }));

/** A strategy that says just what a test wants. */
const fixed = (proposals: Proposal[], rest: Partial<MatchingStrategy> = {}): MatchingStrategy => ({
  name: 'fixed',
  propose: () => proposals,
  ...rest,
});
const pair = (name: string, score?: number): Proposal => ({
  tickets: [`ticket-of-${name}`, 'ticket-of-me'],
  ...(score !== undefined && { score }),
});

describe('withCooldown', () => {
  const strategy = withCooldown(new FifoStrategy(), MINUTE);
  const waiting = tickets('a', 'b', 'me');

  it('keeps two apart for a time after they have met', () => {
    const at = (now: number) => proposed(strategy, waiting, { now, meetings: [['me', 'a', 1_000]] });
    expect(at(MINUTE)).toEqual([['b', 'me']]);
    expect(at(MINUTE + 1_000)[0]).toEqual(['a', 'me']);
  });

  it('keeps the members of parties apart, and leaves those of one party together', () => {
    const group = exactly(3);
    const party = ticketOf('a', { group, party: [ticketOf('friend')] });
    const met = (one: string, other: string) =>
      proposed(strategy, [party, ticketOf('me', { group })], { meetings: [[one, other, 0]] });
    expect(met('friend', 'me')).toEqual([]);
    expect(met('friend', 'a')).toEqual([['a', 'me']]);
  });

  it('lets a strategy that asks find the next best group', () => {
    const group = { group: exactly(3) };
    const four = tickets('a', 'b', 'c', 'me').map((ticket) => ({ ...ticket, ...group }));
    const [first] = proposed(strategy, four, { now: 4 * MINUTE, meetings: [['a', 'b', 4 * MINUTE]] });
    expect(first).toEqual(['a', 'c', 'me']);
  });

  it('drops what a strategy proposes without asking', () => {
    const rash = withCooldown(fixed([pair('a'), pair('b'), pair('nobody')]), MINUTE);
    const proposals = [...rash.propose(contextOf(waiting, { meetings: [['me', 'a', 0]] }))];
    expect(proposals).toEqual([pair('b'), pair('nobody')]);
  });

  it('wants to be asked again until the last cooldown must have ended', () => {
    const ticket = ticketOf('me', { enqueuedAt: 5 });
    expect(strategy.nextWake!(ticket, 5)).toBe(6_005);
    expect(strategy.nextWake!(ticket, 59_000)).toBe(60_005);
    expect(strategy.nextWake!(ticket, 60_005)).toBeUndefined();
    const eager = withCooldown(fixed([], { nextWake: (_, now) => now + 1 }), MINUTE);
    expect([eager.nextWake!(ticket, 5), eager.nextWake!(ticket, 60_005)]).toEqual([6, 60_006]);
    expect(withCooldown(new FifoStrategy(), 0).nextWake!(ticket, 5)).toBeUndefined();
  });

  it('explains whom one has met, then what the strategy says', () => {
    const text = 'because';
    const talkative = withCooldown(fixed([], { explainWait: () => [{ code: 'x', text }] }), MINUTE);
    const meetings = [['me', 'a', 0] as const, ['b', 'me', 0] as const];
    expect(explained(talkative, waiting)).toEqual([text]);
    expect(explained(talkative, waiting, { meetings: meetings.slice(1) })[0]).toBe(
      '1 waiting has met you only recently',
    );
    expect(explained(talkative, waiting, { meetings })).toEqual(['2 waiting have met you only recently', text]);
  });
});

describe('withAging', () => {
  it('adds points for the companions’ waiting to scores', () => {
    const strategy = withAging(fixed([pair('b', 3), pair('a', 2)]), { pointsPerMinute: 2 });
    const context = contextOf(tickets('a', 'b', 'me'), { now: 2 * MINUTE });
    expect([...strategy.propose(context)]).toEqual([pair('b', 5), pair('a', 6)]);
  });

  it('does so for what a strategy found by asking, without looking for it', () => {
    const waiting = tickets('a', 'b', 'me').map((ticket) => ({ ...ticket, attributes: { interests: 'chess' } }));
    const affinity = new AffinityStrategy({ points_per_minute: 0 });
    const context = contextOf(waiting, { now: 2 * MINUTE });
    const scores = Array.from(withAging(affinity, { pointsPerMinute: 1 }).propose(context), ({ score }) => score);
    expect(scores).toEqual([3, 2]);
    expect(context.view.consumed).toBe(waiting.length);
  });

  it('leaves alone what has no score or is nobody’s', () => {
    const strategy = withAging(fixed([pair('a'), pair('nobody', 1)]), { pointsPerMinute: 1 });
    expect([...strategy.propose(contextOf(tickets('a', 'me'), { now: MINUTE }))]).toEqual([
      pair('a'),
      pair('nobody', 1),
    ]);
  });
});

describe('firstOf', () => {
  const waiting = tickets('a', 'b', 'me');

  it('asks the next only when the one before has nothing to propose', () => {
    const [first, second] = [fixed([pair('a')]), fixed([pair('b')])];
    const ids = (...strategies: MatchingStrategy[]) =>
      Array.from(firstOf(...strategies).propose(contextOf(waiting)), (proposal) => proposal.tickets[0]);
    expect(ids(first, second)).toEqual(['ticket-of-a']);
    expect(ids(fixed([]), second)).toEqual(['ticket-of-b']);
    expect(ids(fixed([]), fixed([]))).toEqual([]);
  });

  it('lets a ticket pass all, until one refuses it', () => {
    const refuse = fixed([], { admit: () => ({ rejected: true, reason: { code: 'no', text: 'No' } }) });
    const more = (points: number) =>
      fixed([], { admit: (ticket) => ({ ...ticket, priority: ticket.priority * 2 + points }) });
    const ticket = ticketOf('me');
    expect(firstOf(more(1), fixed([]), more(5)).admit!(ticket)).toMatchObject({ priority: 7 });
    expect(firstOf(more(1), refuse).admit!(ticket)).toMatchObject({ rejected: true });
  });

  it('wakes at the earliest of their times and explains in the words of the first that has some', () => {
    const says = (text: string, at?: number) =>
      fixed([], { nextWake: () => at, explainWait: () => (text === '' ? [] : [{ code: text, text }]) });
    const strategy = firstOf(says(''), says('later', 90), says('sooner', 50), fixed([]));
    expect(strategy.nextWake!(ticketOf('me'), 0)).toBe(50);
    expect(explained(strategy, waiting)).toEqual(['later']);
    expect(firstOf(fixed([])).nextWake!(ticketOf('me'), 0)).toBeUndefined();
  });
});

describe('combinators', () => {
  it('are named after what they combine', () => {
    const combined = firstOf(
      withCooldown(new AffinityStrategy(), 1),
      withAging(new SkillsStrategy(), { pointsPerMinute: 1 }),
    );
    expect(combined.name).toBe('first-of(cooldown(affinity),aging(skills))');
  });

  it('leave to a strategy what they do not change', () => {
    const admit = (ticket: Ticket) => ({ ...ticket, priority: 3 });
    for (const wrapped of [
      withCooldown(fixed([], { admit }), 1),
      withAging(fixed([], { admit }), { pointsPerMinute: 1 }),
    ]) {
      expect(wrapped.admit!(ticketOf('me'))).toMatchObject({ priority: 3 });
    }
    const plain = withAging(new PriorityStrategy(), { pointsPerMinute: 1 });
    expect(plain.nextWake!(ticketOf('me'), 0)).toBeUndefined();
    expect(plain.explainWait!(ticketOf('me'), contextOf([ticketOf('me')]))).toEqual([]);
  });

  it('refuse what makes no sense', () => {
    expect(() => firstOf()).toThrow('at least one strategy');
    expect(() => withCooldown(new FifoStrategy(), NaN)).toThrow('0 or more milliseconds');
    expect(() => withAging(new FifoStrategy(), { pointsPerMinute: -1 })).toThrow('0 or more');
  });
});
