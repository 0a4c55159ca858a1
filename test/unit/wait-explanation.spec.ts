import { describe, expect, it } from '@jest/globals';
import type { Criterion } from '../../src/domain/criteria.js';
import { exactly, type Ticket } from '../../src/domain/ticket.js';
import type { MatchingStrategy } from '../../src/matching/index.js';
import { FakeClock, ticketOf } from '../../src/testing/index.js';
import { engineOf, FakeView } from '../support/fakes.js';

const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((id) => ticketOf(id, { id: `t-${id}` })) as [Ticket, Ticket, Ticket];

describe('explaining a wait', () => {
  const explaining = async (
    explainWait: (() => unknown) | undefined,
    waiting = [ann],
    view = new FakeView(waiting),
  ) => {
    const strategy = { name: 'mute', propose: () => [], explainWait } as MatchingStrategy;
    return (await engineOf(strategy, {}, new FakeClock(10_000))).explain(waiting[0]!, view);
  };
  const texts = async (waiting: Ticket[], view?: FakeView) =>
    (await explaining(undefined, waiting, view)).map(({ text }) => text);

  it('uses the words of the strategy', async () => {
    const reason = { code: 'no_mentor', text: 'No mentor has come yet' };
    expect(await explaining(() => [reason])).toEqual([reason]);
  });

  it('has words of its own when the strategy has none', async () => {
    expect(await explaining(undefined)).toEqual([
      { code: 'too_few_waiting', text: 'Waiting for 1 more participant to arrive' },
    ]);
    expect(await texts([{ ...ann, group: exactly(4) }])).toEqual(['Waiting for 3 more participants to arrive']);
    expect((await explaining(undefined, [ann, bob]))[0]?.code).toBe('nobody_compatible');
  });

  it.each([
    ['throws', () => JSON.parse('{') as unknown],
    ['says nothing', () => []],
    ['answers with a text', () => 'soon'],
    ['answers with a promise', () => Promise.resolve([])],
  ])('has words of its own when the strategy %s', async (_, explainWait) => {
    expect((await explaining(explainWait))[0]?.code).toBe('too_few_waiting');
  });

  it('counts whom the criteria of the ticket exclude, and by what', async () => {
    const criteria: Criterion = {
      all: [
        { attribute: 'language', in: ['de', 'fr'] },
        { attribute: 'level', min: 3 },
      ],
    };
    const speaks = (ticket: Ticket, language: string, level: number) => ({
      ...ticket,
      attributes: { language, level },
    });
    expect(await texts([{ ...ann, criteria }, speaks(bob, 'en', 3), speaks(cid, 'en', 1)])).toEqual([
      '2 candidates excluded by language',
      '1 candidate excluded by level',
      'Waiting for 1 more participant to arrive',
    ]);
  });

  it('keeps to itself what others ask for and whom they have blocked', async () => {
    const picky = { ...bob, criteria: { attribute: 'secret_wish', equals: true } };
    const view = new FakeView([ann, picky, cid], [['cid', 'ann']]);
    const said = (await texts([ann], view)).join('. ');
    expect(said).toBe(
      '1 candidate looking for somebody else. 1 candidate not compatible. Waiting for 1 more participant to arrive',
    );
  });

  it('says when a smaller group will do', async () => {
    const group = { minimum: 2, maximum: 4, multiple: 1, patienceMs: 12_000 };
    const waiting = [
      { ...ann, group, enqueuedAt: 9_500 },
      { ...bob, group, enqueuedAt: 9_500 },
    ];
    expect(await texts(waiting)).toEqual(['Waiting for a larger group; a smaller one will do in 12 s']);
  });

  it('counts the seats that parties take', async () => {
    const trio = { ...ann, group: exactly(6), party: [ticketOf('eve')] };
    const couple = { ...bob, group: exactly(6), party: [ticketOf('fay')] };
    expect(await texts([trio, couple])).toEqual(['Waiting for 2 more participants to arrive']);
  });

  it('looks at no more candidates however many wait', async () => {
    const crowd = Array.from({ length: 5_000 }, (_, i) => ticketOf(`p${i}`));
    const view = new FakeView([ann, ...crowd.map((ticket, i) => ({ ...ticket, id: `t${i}` }))]);
    await texts([ann], view);
    expect(view.consumed).toBeLessThanOrEqual(202);
  });
});
