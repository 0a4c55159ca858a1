import { describe, expect, it } from '@jest/globals';
import type { Attributes } from '../../../src/domain/participant.js';
import { exactly, type Ticket } from '../../../src/domain/ticket.js';
import { PriorityStrategy } from '../../../src/matching/strategies/index.js';
import { ticketOf } from '../../../src/testing/index.js';
import { proposed, toldOf } from '../../support/strategies.js';

const MINUTE = 60_000;
const person = (name: string, priority: number, minutes = 0, overrides: Partial<Ticket> = {}) =>
  ticketOf(name, { priority, enqueuedAt: minutes * MINUTE, ...overrides });

describe('PriorityStrategy', () => {
  it('lets an arrival meet the most urgent, and the next when that one cannot', () => {
    const waiting = [person('low', 1), person('top', 9), person('mid', 5), person('me', 0)];
    expect(proposed(new PriorityStrategy(), waiting)).toEqual([
      ['top', 'me'],
      ['mid', 'me'],
      ['low', 'me'],
    ]);
    expect(proposed(new PriorityStrategy(), waiting, { blocks: [['top', 'me']] })[0]).toEqual(['mid', 'me']);
  });

  it('prefers whoever came first among equals', () => {
    expect(proposed(new PriorityStrategy(), [person('a', 1), person('b', 1), person('me', 0)])[0]).toEqual(['a', 'me']);
  });

  it('lets the urgency of those who wait grow, so that nobody starves', () => {
    const waiting = [person('patient', 0, 0), person('vip', 10, 30), person('me', 0, 31)];
    const first = (points_per_minute: number) =>
      proposed(new PriorityStrategy({ points_per_minute }), waiting, { now: 31 * MINUTE })[0];
    expect(first(0)).toEqual(['vip', 'me']);
    expect(first(0.3)).toEqual(['vip', 'me']);
    expect(first(1)).toEqual(['patient', 'me']);
  });

  it('fills a group with the most urgent', () => {
    const group = { group: exactly(3) };
    const waiting = [person('a', 1, 0, group), person('b', 3, 0, group), person('c', 2, 0, group)];
    expect(proposed(new PriorityStrategy(), [...waiting, person('me', 0, 1, group)])[0]).toEqual(['b', 'c', 'me']);
  });

  it('says why in words', () => {
    expect(toldOf(new PriorityStrategy(), [person('a', 1), person('me', 0)])).toEqual([
      'Your turn came by priority and waiting time',
    ]);
  });

  it.each<[Attributes, number]>([
    [{ plan: 'gold' }, 20],
    [{ plan: 'tin' }, 0],
    [{ plan: 'gold', newcomer: true }, 25],
    [{ topics: ['grief', 'work'] }, 7],
    [{ level: 3 }, -4],
    [{}, 0],
  ])('adds the points of attributes such as %j when a ticket comes', (attributes, points) => {
    const strategy = new PriorityStrategy({
      weights: {
        plan: { gold: 20, silver: 10 },
        newcomer: { true: 5 },
        topics: { grief: 7, work: 2 },
        level: { 3: -4 },
        constructor: { name: 99 },
      },
    });
    const ticket = person('me', 1, 0, { attributes });
    expect(strategy.admit(ticket)).toEqual({ ...ticket, priority: 1 + points });
  });
});
