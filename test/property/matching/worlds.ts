import fc from 'fast-check';
import { type GroupSize, membersOf, type Ticket } from '../../../src/domain/ticket.js';
import { ticketOf } from '../../../src/testing/index.js';

/** Everything that bears on who may meet whom. The first ticket is the subject. */
export interface World {
  readonly tickets: readonly Ticket[];
  readonly blocks: readonly (readonly [string, string])[];
  readonly meetings: readonly (readonly [string, string, number])[];
  readonly cooldownMs: number;
}

export const NOW = 100_000;

const person = fc.integer({ min: 0, max: 7 }).map((i) => `p${i}`);
const twoPeople = fc.tuple(person, person).filter(([a, b]) => a !== b);
const attributes = fc.record({ level: fc.integer({ min: 0, max: 2 }) });
const group: fc.Arbitrary<GroupSize> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ minimum: 2, maximum: 2, multiple: 1, patienceMs: 0 }) },
  fc.record({
    minimum: fc.integer({ min: 2, max: 3 }),
    maximum: fc.integer({ min: 3, max: 5 }),
    multiple: fc.integer({ min: 1, max: 2 }),
    patienceMs: fc.constantFrom(0, 50_000),
  }),
);
const seldom = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });

const ticket = fc
  .record({
    participantId: person,
    pool: seldom(fc.constant('other'), 'default'),
    attributes,
    party: seldom(fc.array(fc.record({ id: person, attributes }), { minLength: 1, maxLength: 2 }), []),
    criteria: seldom(fc.record({ attribute: fc.constant('level'), min: fc.integer({ min: 1, max: 2 }) }), null),
    group,
    enqueuedAt: fc.integer({ min: 0, max: NOW }),
    roomId: fc.constantFrom(null, null, null, 'room-1', 'room-2'),
    avoid: seldom(fc.array(person, { minLength: 1, maxLength: 3 }), []),
  })
  .map(({ party, ...ticket }) => ({
    ...ticket,
    party: [...new Map(party.map((member) => [member.id, member])).values()]
      .filter(({ id }) => id !== ticket.participantId)
      .map(({ id, attributes }) => ticketOf(id, { attributes })),
  }));

export const world: fc.Arbitrary<World> = fc.record({
  tickets: fc
    .array(ticket, { minLength: 2, maxLength: 6 })
    .map((tickets) => tickets.map(({ participantId, ...rest }, i) => ticketOf(participantId, { ...rest, id: `t${i}` })))
    .map(([subject, ...others]) => [{ ...subject!, pool: 'default' }, ...others]),
  blocks: fc.array(twoPeople, { maxLength: 4 }),
  meetings: fc.array(
    fc.tuple(twoPeople, fc.integer({ min: 0, max: NOW })).map(([[a, b], at]) => [a, b, at] as const),
    { maxLength: 4 },
  ),
  cooldownMs: fc.constantFrom(0, 60_000),
});

/** Why a group must never be, by the words of the rules and not by the engine's own. */
export function whyNot(group: readonly Ticket[], { tickets, blocks, meetings, cooldownMs }: World): string | undefined {
  const size = group.reduce((sum, { party }) => sum + 1 + party.length, 0);
  if (group.some(({ id }) => !tickets.some((waiting) => waiting.id === id))) return 'somebody does not wait';
  if (group.some(({ pool }) => pool !== tickets[0]!.pool)) return 'somebody waits in another pool';
  if (new Set(group.flatMap(everybody)).size < size) return 'somebody is in it twice';
  if (group.filter(({ roomId }) => roomId !== null).length > 1) return 'two rooms';
  if (group.every(({ roomId }) => roomId !== null)) return 'nobody new';
  for (const { group: wanted } of group) {
    if (size < wanted.minimum || size > wanted.maximum || size % wanted.multiple > 0) return 'a size somebody refuses';
  }
  const larger = size < Math.min(...group.map((one) => one.group.maximum));
  if (larger && group.every((one) => NOW < one.enqueuedAt + one.group.patienceMs)) return 'nobody has waited enough';

  for (const a of group) {
    for (const b of group) {
      if (a === b) continue;
      const level = (a.criteria as { min?: number } | null)?.min ?? 0;
      if (membersOf(b).some(({ attributes }) => (attributes.level as number) < level)) return 'not what was asked for';
      if (everybody(b).some((id) => a.avoid.includes(id))) return 'an offer came to nothing';
      const apart = (x: string, y: string) => everybody(a).includes(x) && everybody(b).includes(y);
      if (blocks.some(([x, y]) => apart(x, y))) return 'a block';
      if (cooldownMs > 0 && meetings.some(([x, y, at]) => apart(x, y) && NOW - at < cooldownMs))
        return 'too soon again';
    }
  }
  return undefined;
}

const everybody = (ticket: Ticket) => membersOf(ticket).map(({ participantId }) => participantId);
