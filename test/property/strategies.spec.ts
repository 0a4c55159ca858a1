import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isComplete, type Ticket } from '../../src/domain/ticket.js';
import { FifoStrategy, type MatchContext, type MatchingStrategy } from '../../src/matching/index.js';
import {
  AffinityStrategy,
  fillGroup,
  firstOf,
  PriorityStrategy,
  SkillsStrategy,
  withAging,
  withCooldown,
} from '../../src/matching/strategies/index.js';
import { ticketOf } from '../../src/testing/index.js';
import { contextOf, type Scene } from '../support/strategies.js';

const group = fc
  .record({
    minimum: fc.integer({ min: 2, max: 4 }),
    more: fc.integer({ min: 0, max: 3 }),
    multiple: fc.constantFrom(1, 1, 1, 2, 3),
    patienceMs: fc.constantFrom(0, 50, 1_000),
  })
  .map(({ minimum, more, ...rest }) => ({ minimum, maximum: minimum + more, ...rest }));

const some = (words: readonly string[]) => fc.array(fc.constantFrom(...words), { maxLength: 3 });

const person = fc.record({
  group: fc.oneof(fc.constant({ minimum: 2, maximum: 2, multiple: 1, patienceMs: 0 }), group),
  friends: fc.constantFrom(0, 0, 0, 0, 1, 2),
  isRoom: fc.constantFrom(false, false, false, true),
  priority: fc.integer({ min: 0, max: 5 }),
  gapMs: fc.integer({ min: 0, max: 30 }),
  attributes: fc.record({
    interests: some(['chess', 'jazz', 'cats']),
    languages: some(['de', 'en']),
    needs: some(['go', 'sql:3', 'css:2']),
    offers: some(['go:2', 'sql:4', 'css']),
  }),
  criteria: fc.constantFrom(null, null, null, { attribute: 'languages', equals: 'de' }),
});

const scene: fc.Arbitrary<{ waiting: Ticket[] } & Scene> = fc
  .record({
    people: fc.array(person, { minLength: 1, maxLength: 20 }),
    place: fc.nat(),
    laterMs: fc.constantFrom(0, 100, 200_000),
    seed: fc.nat(),
    blocks: fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 10 }),
    meetings: fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 5 }),
  })
  .map(({ people, place, laterMs, seed, blocks, meetings }) => {
    let enqueuedAt = 0;
    const waiting = people.map(({ friends, isRoom, gapMs, ...rest }, i) =>
      ticketOf(`p${i}`, {
        ...rest,
        party: Array.from({ length: friends }, (_, j) => ticketOf(`p${i}-${j}`)),
        roomId: isRoom ? `r${i}` : null,
        enqueuedAt: (enqueuedAt += gapMs),
      }),
    );
    return {
      waiting,
      subject: waiting[place % waiting.length]!,
      now: enqueuedAt + laterMs,
      seed,
      blocks: blocks.map(([a, b]) => [`p${a}`, `p${b}`] as const),
      meetings: meetings.map(([a, b]) => [`p${a}`, `p${b}`, enqueuedAt] as const),
    };
  });

const strategies: [string, () => MatchingStrategy][] = [
  ['fifo', () => new FifoStrategy()],
  ['priority', () => new PriorityStrategy()],
  ['affinity', () => new AffinityStrategy()],
  ['skills', () => new SkillsStrategy()],
  ['withCooldown', () => withCooldown(new AffinityStrategy(), 1_000)],
  ['withAging', () => withAging(new SkillsStrategy(), { pointsPerMinute: 1 })],
  ['firstOf', () => firstOf(new SkillsStrategy(), new FifoStrategy())],
];

const ticketsOf = (ids: readonly string[], context: MatchContext) => {
  const byId = new Map(Array.from(context.waiting(), (ticket) => [ticket.id, ticket]));
  return ids.map((id) => byId.get(id)!);
};

describe.each(strategies)('%s', (_, make) => {
  it('proposes only groups around the subject that may be claimed as they are, and none twice', () => {
    fc.assert(
      fc.property(scene, ({ waiting, ...rest }) => {
        const context = contextOf(waiting, rest);
        const seen = new Set<string>();
        for (const { tickets } of make().propose(context)) {
          const members = ticketsOf(tickets, context);
          expect(members).not.toContain(undefined);
          expect(tickets).toContain(context.subject.id);
          expect(context.compatible(members)).toBe(true);
          expect(isComplete(members, context.now)).toBe(true);
          expect(seen.has([...tickets].sort().join())).toBe(false);
          seen.add([...tickets].sort().join());
        }
      }),
    );
  });

  it('proposes the same for the same tickets, clock and seed, whatever it was asked before', () => {
    fc.assert(
      fc.property(scene, scene, (first, { waiting, ...rest }) => {
        const used = make();
        Array.from(used.propose(contextOf(first.waiting, first)));
        expect([...used.propose(contextOf(waiting, rest))]).toEqual([...make().propose(contextOf(waiting, rest))]);
      }),
    );
  });

  it('wakes after now or not at all', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (enqueuedAt, now) => {
        expect(make().nextWake?.(ticketOf('p', { enqueuedAt }), now) ?? Infinity).toBeGreaterThan(now);
      }),
    );
  });
});

describe('fillGroup', () => {
  it('looks at each candidate once, however large the group', () => {
    fc.assert(
      fc.property(scene, ({ waiting, ...rest }) => {
        let asked = 0;
        const { subject, ...context } = contextOf(waiting, rest);
        const compatible = (members: readonly Ticket[]) => (asked++, context.compatible(members));
        fillGroup([subject], waiting, { ...context, subject, compatible });
        expect(asked).toBeLessThanOrEqual(waiting.length);
      }),
    );
  });

  it('finds a pair whenever there is one for somebody who wants just one partner', () => {
    fc.assert(
      fc.property(scene, ({ waiting, ...rest }) => {
        const context = contextOf(waiting, rest);
        const { subject } = context;
        fc.pre(subject.group.maximum === 2);
        const pairs = waiting.filter(
          (other) =>
            other !== subject &&
            context.compatible([subject, other]) &&
            isComplete([subject, other], context.now) &&
            other.party.length + subject.party.length === 0,
        );
        expect(fillGroup([subject], waiting, context)?.map(({ id }) => id)).toEqual(
          pairs.length === 0 ? undefined : [pairs[0]!.id, subject.id],
        );
      }),
    );
  });
});
