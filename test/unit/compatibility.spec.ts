import { describe, expect, it } from '@jest/globals';
import type { Ticket } from '../../src/domain/ticket.js';
import { exactly } from '../../src/domain/ticket.js';
import { metAt, obstacle } from '../../src/matching/engine/compatibility.js';
import { ticketOf } from '../../src/testing/index.js';
import { FakeView } from '../support/fakes.js';

const group = exactly(4);
const [ann, bob, cid, dan] = ['ann', 'bob', 'cid', 'dan'].map((id) => ticketOf(id, { group })) as [
  Ticket,
  Ticket,
  Ticket,
  Ticket,
];
const grounds = { view: new FakeView([]), now: 100_000, cooldownMs: 0 };

describe('the verdict on a group', () => {
  it('is asked about groups that still grow', () => {
    expect(obstacle([], grounds)).toBeUndefined();
    expect(obstacle([ann], grounds)).toBeUndefined();
    expect(obstacle([ann, bob, cid], grounds)).toBeUndefined();
    expect(obstacle([ann, bob, cid, dan], grounds)).toBeUndefined();
    expect(obstacle([ann, bob, cid, { ...dan, party: [ticketOf('eve')] }], grounds)).toBe('size');
  });

  it('looks at every pair', () => {
    for (const pair of [
      ['ann', 'bob'],
      ['dan', 'ann'],
      ['cid', 'dan'],
    ] as [string, string][]) {
      expect(obstacle([ann, bob, cid, dan], { ...grounds, view: new FakeView([], [pair]) })).toBe('blocks');
    }
  });

  it('looks at everybody in a party', () => {
    const couple = { ...ann, party: [ticketOf('eve', { attributes: { level: 1 } })] };
    const view = new FakeView([], [['bob', 'eve']], [['eve', 'cid', 99_000]]);
    expect(obstacle([couple, bob], { ...grounds, view })).toBe('blocks');
    expect(obstacle([couple, cid], { ...grounds, view, cooldownMs: 2_000 })).toBe('cooldown');
    expect(obstacle([couple, { ...dan, avoid: ['eve'] }], grounds)).toBe('avoided');
    expect(obstacle([couple, { ...dan, participantId: 'eve' }], grounds)).toBe('participants');
    expect(obstacle([couple, { ...dan, criteria: { attribute: 'level', min: 1 } }], grounds)).toBe('criteria');
    expect(obstacle([{ ...couple, criteria: { attribute: 'level', min: 1 } }, dan], grounds)).toBe('criteria');
  });

  it('does not hold a party to its own criteria', () => {
    const picky = { ...ann, party: [ticketOf('eve')], criteria: { attribute: 'level', min: 1 } };
    expect(obstacle([picky, { ...bob, attributes: { level: 1 } }], grounds)).toBeUndefined();
  });

  it('goes by whoever of two still remembers that they met, and by the later time', () => {
    const remembering = (at: Record<string, [string, number]>) => ({
      relations: (id: string) => ({ blocked: new Set<string>(), met: new Map(at[id] ? [at[id]] : []) }),
    });
    expect(metAt(remembering({}), 'ann', 'bob')).toBeUndefined();
    expect(metAt(remembering({ ann: ['bob', 5] }), 'ann', 'bob')).toBe(5);
    expect(metAt(remembering({ bob: ['ann', 7] }), 'ann', 'bob')).toBe(7);
    expect(metAt(remembering({ ann: ['bob', 5], bob: ['ann', 7] }), 'ann', 'bob')).toBe(7);
    expect(metAt(remembering({ ann: ['bob', 9], bob: ['ann', 7] }), 'ann', 'bob')).toBe(9);
  });
});
