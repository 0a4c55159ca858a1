import { describe, expect, it } from '@jest/globals';
import { exactly, type GroupSize, type Ticket } from '../../../src/domain/ticket.js';
import { FifoStrategy } from '../../../src/matching/index.js';
import { ticketOf } from '../../../src/testing/index.js';
import { contextOf, proposed, type Scene } from '../../support/strategies.js';

const fifo = new FifoStrategy();
const upTo = (maximum: number, patienceMs: number, minimum = 2): GroupSize => ({
  minimum,
  maximum,
  multiple: 1,
  patienceMs,
});
const crowd = (count: number, group: GroupSize | number = 2, overrides: Partial<Ticket> = {}) =>
  Array.from({ length: count }, (_, i) =>
    ticketOf(`p${i}`, { group: typeof group === 'number' ? exactly(group) : group, enqueuedAt: i, ...overrides }),
  );
const first = (waiting: readonly Ticket[], scene?: Scene) => proposed(fifo, waiting, scene)[0];

/** How many tickets were looked at until the first group was found. */
function consumed(waiting: readonly Ticket[], scene?: Scene): number {
  const context = contextOf(waiting, scene);
  for (const _ of fifo.propose(context)) break;
  return context.view.consumed;
}

describe('FifoStrategy', () => {
  it('puts an arrival together with whoever waits longest', () => {
    expect(first(crowd(5))).toEqual(['p0', 'p4']);
    expect(first(crowd(5, 3))).toEqual(['p0', 'p1', 'p4']);
    expect(first(crowd(16, 16))).toHaveLength(16);
  });

  it('proposes nothing while too few wait', () => {
    expect(first(crowd(1))).toBeUndefined();
    expect(first(crowd(2, 3))).toBeUndefined();
    expect(first(crowd(15, 16))).toBeUndefined();
  });

  it('looks at no more tickets however many wait', () => {
    for (const groupSize of [2, 3, 16]) {
      expect(consumed(crowd(10_000, groupSize))).toBe(consumed(crowd(100, groupSize)));
      expect(consumed(crowd(10_000, groupSize))).toBeLessThanOrEqual(2 * groupSize);
    }
  });

  it('looks at each ticket twice at most when all together are too few', () => {
    expect(consumed(crowd(15, 16))).toBeLessThanOrEqual(30);
    expect(consumed(crowd(3, upTo(16, 1_000)))).toBeLessThanOrEqual(6);
  });

  it('passes over those whom a block keeps apart from the arrival or from each other', () => {
    expect(first(crowd(4), { blocks: [['p3', 'p0']] })).toEqual(['p1', 'p3']);
    expect(first(crowd(4, 3), { blocks: [['p0', 'p1']] })).toEqual(['p0', 'p2', 'p3']);
    const blocks = [['p0', 'p1'] as const, ['p0', 'p2'] as const];
    expect(first(crowd(4, 3), { blocks })).toEqual(['p1', 'p2', 'p3']);
    expect(first(crowd(2), { blocks: [['p0', 'p1']] })).toBeUndefined();
  });

  it('passes over those whom criteria keep apart', () => {
    const waiting = crowd(4);
    waiting[0] = ticketOf('p0', { criteria: { provenance: 'agent' } });
    waiting[3] = ticketOf('p3', { criteria: { attribute: 'language', equals: 'de' }, enqueuedAt: 3 });
    waiting[2] = ticketOf('p2', { attributes: { language: 'de' }, enqueuedAt: 2 });
    expect(first(waiting)).toEqual(['p2', 'p3']);
  });

  it('fills a group up to the largest size all admit', () => {
    expect(first(crowd(9, upTo(4, 1_000)))).toEqual(['p0', 'p1', 'p2', 'p8']);
  });

  it('holds out for the largest size until one has waited long enough, then takes whoever is there', () => {
    const waiting = crowd(3, upTo(4, 1_000));
    expect(first(waiting, { now: 999 })).toBeUndefined();
    expect(first(waiting, { now: 1_000 })).toEqual(['p0', 'p1', 'p2']);
  });

  it('fills a group only to a multiple that all accept', () => {
    const pairs: GroupSize = { minimum: 2, maximum: 6, multiple: 2, patienceMs: 0 };
    expect(first(crowd(6, pairs))).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
    expect(first(crowd(5, pairs))).toEqual(['p0', 'p1', 'p2', 'p4']);
  });

  it('passes over a party too large for the seats that are left', () => {
    const party = [ticketOf('friend')];
    const waiting = [
      ticketOf('one', { group: exactly(4), enqueuedAt: 0 }),
      ticketOf('two', { group: exactly(4), enqueuedAt: 1, party }),
      ticketOf('pair', { group: exactly(4), enqueuedAt: 2, party: [ticketOf('mate')] }),
      ticketOf('me', { group: exactly(4), enqueuedAt: 3 }),
    ];
    expect(first(waiting)).toEqual(['one', 'two', 'me']);
    expect(first(waiting, { blocks: [['two', 'me']] })).toEqual(['one', 'pair', 'me']);
  });

  it('fills the seats of an open room', () => {
    const room = ticketOf('ann', { roomId: 'room', group: exactly(3), party: [ticketOf('bob')] });
    const waiting = [room, ...crowd(2, 3, { enqueuedAt: 5 })];
    expect(first(waiting)).toEqual(['ann', 'p1']);
    expect(first(waiting, { subject: room })).toEqual(['p0', 'ann']);
  });

  it('proposes no group twice', () => {
    const groups = proposed(fifo, crowd(6, 3)).map((names) => names.join());
    expect(groups).toEqual(['p0,p1,p5', 'p1,p2,p5', 'p2,p3,p5', 'p3,p4,p5']);
  });

  it('tries without whoever goes with nearly nobody', () => {
    const blocks = ['p2', 'p3', 'p4'].map((name) => ['p0', name] as const);
    expect(first(crowd(5, 4), { blocks })).toEqual(['p1', 'p2', 'p3', 'p4']);
  });

  it('gives up after so many starting points when hardly anybody goes with anybody', () => {
    const waiting = crowd(1_000, 3);
    const { view, signal, ...context } = contextOf(waiting);
    const compatible = (group: readonly Ticket[]) => group.length === 2;
    expect([...fifo.propose({ ...context, signal, compatible, waiting: () => view.tickets() })]).toEqual([]);
    expect(view.consumed).toBeLessThanOrEqual(23_000);
  });
});
