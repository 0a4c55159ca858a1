import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryStateStore } from '../../../src/adapters/memory/memory-state-store.js';
import type { Ticket } from '../../../src/domain/ticket.js';
import { BestFirstEvaluator } from '../../../src/matching/engine/best-first.evaluator.js';
import { DecisionLog } from '../../../src/matching/engine/decision-log.js';
import type { MatchingStrategy } from '../../../src/matching/index.js';
import { InProcessRunner } from '../../../src/matching/engine/in-process.runner.js';
import { PoolMatcher } from '../../../src/matching/engine/pool-matcher.js';
import { CHECKS, type CheckRule } from '../../../src/matching/engine/proposal-check.js';
import type { CheckedProposal } from '../../../src/matching/proposal-evaluator.js';
import { FakeClock, SequentialIds, stateLimits } from '../../../src/testing/index.js';
import { FakeView } from '../../support/fakes.js';
import { hostileStrategy } from './hostile-strategies.js';
import { NOW, whyNot, type World, world } from './worlds.js';

function matcherOf(strategy: MatchingStrategy, cooldownMs = 0, checks: readonly CheckRule[] = CHECKS): PoolMatcher {
  return new PoolMatcher(
    { name: 'default', cooldownMs },
    { live: new InProcessRunner(strategy) },
    {
      evaluator: new BestFirstEvaluator(),
      clock: new FakeClock(NOW),
      ids: new SequentialIds(),
      decisions: new DecisionLog(10),
      budgetMs: 1_000,
      checks,
    },
  );
}

/** The groups an engine passes on for the first ticket of a world. */
function groupsIn(
  { tickets, blocks, meetings, cooldownMs }: World,
  strategy: MatchingStrategy,
  checks?: readonly CheckRule[],
) {
  const view = new FakeView(tickets, blocks, meetings);
  const matcher = matcherOf(strategy, cooldownMs, checks);
  return [...(matcher.propose('enqueue', tickets[0]!, view) as Iterable<CheckedProposal>)].map(
    (group) => group.tickets,
  );
}

/** No group is passed on that must not be. */
const safety = (checks?: readonly CheckRule[]) =>
  fc.property(world, hostileStrategy, (given, strategy) => {
    const untouched = structuredClone(given);
    for (const group of groupsIn(given, strategy, checks)) expect(whyNot(group, untouched)).toBeUndefined();
    expect(given).toEqual(untouched);
  });

/** What goes wrong first without a rule of the check. */
const WITHOUT: Record<string, string> = {
  pool: 'somebody waits in another pool',
  participants: 'somebody is in it twice',
  rooms: 'two rooms',
  avoided: 'an offer came to nothing',
  criteria: 'not what was asked for',
  blocks: 'a block',
  cooldown: 'too soon again',
  complete: 'a size somebody refuses',
  newcomer: 'nobody new',
};

describe('matching with a hostile strategy', () => {
  it('never passes on a group that must not be', () => {
    fc.assert(safety(), { numRuns: 1_000 });
  });

  it('passes on every group that may be', () => {
    fc.assert(
      fc.property(world, (given) => {
        const all = given.tickets.flatMap((a, i) => given.tickets.slice(i + 1).map((b) => [a, b]));
        const proposed = all.map((pair) => ({ tickets: pair.map(({ id }) => id) }));
        const found = groupsIn(given, { name: 'thorough', propose: () => proposed });
        expect(found).toEqual(all.filter((pair) => whyNot(pair, given) === undefined));
      }),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries(WITHOUT))('would pass one on if %s were not checked', (name, reason) => {
    const weakened = CHECKS.filter((rule) => rule.name !== name);
    const { failed, errorInstance } = fc.check(safety(weakened), { numRuns: 5_000, seed: 1, endOnFailure: true });
    expect(failed).toBe(true);
    expect((errorInstance as Error).message).toContain(reason);
  });

  it('is shown to need every rule of the check', () => {
    expect(Object.keys(WITHOUT).sort()).toEqual(CHECKS.map(({ name }) => name).sort());
  });

  it('puts nobody into two rooms', () => {
    fc.assert(
      fc.property(fc.array(hostileStrategy, { minLength: 2, maxLength: 8 }), world, (strategies, given) => {
        const store = new MemoryStateStore(stateLimits());
        const people = new Set(given.tickets.map(({ participantId }) => participantId));
        for (const id of people) store.createParticipant({ ...newcomer, id, logId: `log-of-${id}` }, NOW);
        const claimed: string[] = [];
        const waiting = given.tickets.filter(
          ({ pool, roomId, party }) => pool === 'default' && !roomId && !party.length,
        );
        for (const [i, ticket] of waiting.entries()) {
          const entered = store.enqueue({ ticket, ttlMs: 0, roomsPerPool: 0 }, NOW);
          if (entered.status !== 'waiting') continue;
          const view = store.waiting(entered.ticket);
          const strategy = strategies[i % strategies.length]!;
          const groups = matcherOf(strategy).propose('enqueue', entered.ticket, view) as Iterable<CheckedProposal>;
          for (const { tickets, reasons } of groups) {
            const claim = { pool: 'default', roomId: `room-${claimed.length}`, groups: [{ tickets, reasons }] };
            const room = store.claim(claim, NOW);
            if (room) claimed.push(...tickets.map((one: Ticket) => one.id));
          }
        }
        expect(claimed).toEqual([...new Set(claimed)]);
      }),
      { numRuns: 300 },
    );
  });
});

const newcomer = {
  tokenDigest: null,
  principal: null,
  displayName: 'Anonymous',
  provenance: 'human_via_agent' as const,
  attributes: {},
};
