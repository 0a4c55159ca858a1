import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { satisfies } from '../../domain/criteria.js';
import { headcount, isComplete, membersOf, type Ticket } from '../../domain/ticket.js';
import type { Run } from '../../matching/index.js';
import type { Cases, It } from './cases.js';

/** Each rule is checked by itself and from the tickets alone, not by asking the engine. */
export const safetyCases: Cases = (it) => {
  it('proposes waiting tickets only', ({ samples }) => {
    for (const { proposals, run, where } of samples) {
      for (const { tickets } of proposals) {
        assert.ok(Array.isArray(tickets), `${where}: ${inspect(tickets)} is no list of ids`);
        for (const id of tickets as readonly string[])
          assert.ok(run.view.get(id), `${where}: ${inspect(id)} does not wait`);
      }
    }
  });

  it('proposes no ticket twice in one group', ({ samples }) => {
    for (const { proposals, where } of samples) {
      for (const { tickets } of proposals) {
        assert.equal(new Set(tickets).size, tickets?.length ?? 0, `${where}: ${inspect(tickets)}`);
      }
    }
  });

  keeps(it, 'keeps apart those of whom one has blocked the other', (group, { view }) =>
    eachPerson(group, (one, other) => !view.relations(one).blocked.has(other)),
  );

  keeps(it, 'keeps apart for the cooldown those who have met', (group, { view, now, cooldownMs }) =>
    eachPerson(group, (one, other) => now - (view.relations(one).met.get(other) ?? -Infinity) >= cooldownMs),
  );

  keeps(it, 'keeps apart those whose last offer came to nothing', (group) =>
    eachPair(group, (one, other) => membersOf(other).every(({ participantId }) => !one.avoid.includes(participantId))),
  );

  keeps(it, 'gives everybody only those they asked for', (group) =>
    eachPair(group, (one, other) => membersOf(other).every((member) => satisfies(one.criteria, member))),
  );

  keeps(it, 'fills no more than one open room at a time', (group) => group.filter(({ roomId }) => roomId).length <= 1);

  keeps(
    it,
    'proposes groups of a size that all of them accept by now',
    (group, { now }) => headcount(group) > 1 && isComplete(group, now),
  );
};

/** Checks a rule for every group of waiting tickets without repetition; the rest is for the other promises. */
function keeps(it: It, promise: string, holds: (group: readonly Ticket[], run: Run) => boolean): void {
  it(promise, ({ samples }) => {
    for (const { proposals, run, where } of samples) {
      for (const { tickets } of proposals) {
        const ids: readonly string[] = Array.isArray(tickets) ? tickets : [];
        const group = ids.flatMap((id) => run.view.get(id) ?? []);
        if (ids.length === 0 || group.length < ids.length || new Set(ids).size < ids.length) continue;
        assert.ok(holds(group, run), `${where}: ${ids.join(', ')}`);
      }
    }
  });
}

const eachPair = (group: readonly Ticket[], holds: (one: Ticket, other: Ticket) => boolean) =>
  group.every((one) => group.every((other) => one === other || holds(one, other)));

const eachPerson = (group: readonly Ticket[], holds: (one: string, other: string) => boolean) =>
  eachPair(group, (a, b) =>
    membersOf(a).every((one) => membersOf(b).every((other) => holds(one.participantId, other.participantId))),
  );
