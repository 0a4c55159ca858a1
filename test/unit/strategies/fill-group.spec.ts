import { describe, expect, it } from '@jest/globals';
import { exactly, type GroupSize, type Ticket } from '../../../src/domain/ticket.js';
import { fillGroup } from '../../../src/matching/strategies/index.js';
import { ticketOf } from '../../../src/testing/index.js';
import { contextOf } from '../../support/strategies.js';

const group: GroupSize = { minimum: 2, maximum: 4, multiple: 1, patienceMs: 0 };
const people = (names: string, overrides: Partial<Ticket> = {}) =>
  [...names].map((name, i) => ticketOf(name, { group, enqueuedAt: i, ...overrides }));
const names = (tickets: readonly Ticket[] | undefined) => tickets?.map(({ participantId }) => participantId).join('');

describe('fillGroup', () => {
  it('takes the candidates as they come, and orders the room by waiting time with the subject last', () => {
    const [a, b, c, d, e] = people('abcde') as [Ticket, Ticket, Ticket, Ticket, Ticket];
    const context = contextOf([a, b, c, d, e], { subject: c });
    expect(names(fillGroup([c], [e, d, a, b], context))).toBe('adec');
    expect(names(fillGroup([e], [d, a], context))).toBe('ade');
  });

  it('counts nobody twice', () => {
    const [a, b] = people('ab') as [Ticket, Ticket];
    expect(names(fillGroup([b], [b, a, a, b], contextOf([a, b])))).toBe('ab');
    expect(fillGroup([b], [b], contextOf([a, b]))).toBeUndefined();
  });

  it('goes back to the largest size that everybody accepts', () => {
    const even = people('abcde', { group: { ...group, maximum: 6, multiple: 2 } });
    expect(names(fillGroup([even[4]!], even, contextOf(even)))).toBe('abce');
  });

  it('passes over whoever would leave no size that all accept', () => {
    const [a, b, c] = people('abc') as [Ticket, Ticket, Ticket];
    const threes = { ...a, group: exactly(3) };
    const evens = { ...b, group: { ...group, multiple: 2 } };
    const context = contextOf([threes, evens, c], { now: 10 });
    expect(fillGroup([c], [threes, evens], context)).toBe(undefined);
    expect(names(fillGroup([c], [evens, threes], context))).toBe('bc');
    expect(names(fillGroup([{ ...c, group: exactly(2) }], [threes, evens], context))).toBe('bc');
  });

  it('passes over whoever would leave a size only that is no multiple', () => {
    const [odd, b, c] = people('abc', { group: { ...group, maximum: 2, multiple: 2 } }) as [Ticket, Ticket, Ticket];
    const threes = { ...odd, group: exactly(3) };
    const wide = { ...c, group: { ...group, multiple: 2 } };
    expect(names(fillGroup([wide], [threes, b], contextOf([threes, b, wide])))).toBe('bc');
  });

  it('finds nothing around a seed that is kept apart', () => {
    const tickets = people('abc');
    const context = contextOf(tickets, { blocks: [['a', 'c']], now: 10 });
    expect(fillGroup([tickets[0]!, tickets[2]!], tickets, context)).toBeUndefined();
    expect(names(fillGroup([tickets[2]!], tickets, context))).toBe('bc');
  });

  it('obeys the rules of a strategy', () => {
    const tickets = people('abcd');
    const context = contextOf(tickets);
    const accepts = (_: readonly Ticket[], { participantId }: Ticket) => participantId !== 'b';
    const suffices = (members: readonly Ticket[]) => members.length < 4;
    expect(names(fillGroup([tickets[3]!], tickets, context, { accepts }))).toBe('acd');
    expect(names(fillGroup([tickets[3]!], tickets, context, { suffices }))).toBe('abd');
  });

  it('stops when the time of the run is up', () => {
    const tickets = Array.from({ length: 1_000 }, (_, i) => ticketOf(`p${i}`, { group }));
    const context = contextOf(tickets, { budgetMs: 0 });
    let looked = 0;
    const accepts = () => ++looked < 0;
    expect(fillGroup([tickets[0]!], tickets, context, { accepts })).toBeUndefined();
    expect(looked).toBeLessThan(100);
  });
});
