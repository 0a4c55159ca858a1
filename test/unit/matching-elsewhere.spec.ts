import { beforeEach, describe, expect, it } from '@jest/globals';
import { exactly, type Ticket } from '../../src/domain/ticket.js';
import type { MatchingEngine } from '../../src/matching/index.js';
import type { CheckedProposal } from '../../src/matching/proposal-evaluator.js';
import { ticketOf } from '../../src/testing/index.js';
import { Elsewhere } from '../support/elsewhere.js';
import { engineOf, FakeView, groupsOf } from '../support/fakes.js';

const waiting = ['ann', 'bob', 'cid'].map((id) => ticketOf(id, { id: `t-${id}` }));
const [ann, bob, cid] = waiting as [Ticket, Ticket, Ticket];
const people = ({ tickets }: CheckedProposal) => tickets.map(({ participantId }) => participantId);

describe('a strategy in another thread', () => {
  let runner: Elsewhere;
  let engine: MatchingEngine;
  let view: FakeView;
  beforeEach(async () => {
    runner = new Elsewhere();
    engine = await engineOf({ load: async () => runner });
    view = new FakeView(waiting);
  });
  const ask = async (answering: () => Promise<void>) => {
    const asked = engine.propose('enqueue', ann, view);
    await answering();
    return groupsOf(await asked).map(people);
  };
  const statistics = () => engine.statistics()[0]!;

  it('is shown who waits when it is asked, and its answer is passed on', async () => {
    expect(await ask(() => runner.answer(['ann', 'bob'], ['ann', 'cid']))).toEqual([
      ['ann', 'bob'],
      ['ann', 'cid'],
    ]);
    expect(runner.shown).toEqual([['ann', 'bob', 'cid']]);
  });

  it('is not blamed for those who left while it thought', async () => {
    const groups = await ask(async () => {
      view.remove('t-bob');
      await runner.answer(['ann', 'bob'], ['ann', 'cid']);
    });
    expect(groups).toEqual([['ann', 'cid']]);
    expect(statistics()).toMatchObject({ refusals: { stale: 1, stranger: 0 }, failures: { refused: 0 } });
  });

  it('is blamed for those it was never shown', async () => {
    expect(await ask(() => runner.answer(['ann', 'bob'], ['ann', 'nobody']))).toEqual([['ann', 'bob']]);
    expect(statistics()).toMatchObject({ refusals: { stale: 0, stranger: 1 }, failures: { refused: 1 } });
  });

  it.each([
    ['threw', new Error('boo')],
    ['timeout', Object.assign(new Error('took more than 50 ms'), { name: 'TimeoutError' })],
  ] as const)('counts what went wrong there as %s, and rejects nothing', async (kind, error) => {
    for (let i = 0; i < 3; i++) expect(await ask(() => runner.fail(error))).toEqual([]);
    expect(statistics()).toMatchObject({ failures: { [kind]: 3 }, suspended: true, runs: 3 });
  });

  it('stays suspended when a run that began before ends well', async () => {
    const early = engine.propose('enqueue', ann, view);
    for (let i = 0; i < 3; i++) expect(await ask(() => runner.fail())).toEqual([]);
    await runner.answer(['ann', 'bob']);
    expect(groupsOf(await early).map(people)).toEqual([['ann', 'bob']]);
    expect(statistics().suspended).toBe(true);
  });

  it('answers everything else in its own time', async () => {
    const other = ticketOf('dan', { group: exactly(3) });
    expect(await engine.admit(other)).toEqual({ ticket: other });
    expect(await engine.nextWake(other)).toBeUndefined();
    expect(await engine.explain(other, view)).toEqual([{ code: 'far', text: 'From afar' }]);
    runner.explainWait = () => Promise.reject(new Error('boo'));
    expect(await engine.explain(bob, view)).not.toEqual([]);
    runner.nextWake = () => Promise.reject(new Error('boo'));
    expect(await engine.nextWake(cid)).toBeUndefined();
    runner.admit = () => Promise.reject(new Error('boo'));
    expect(await engine.admit(cid)).toEqual({ ticket: cid });
    expect(statistics().failures).toMatchObject({ admit: 1, wake: 1, explain: 1 });
  });
});
