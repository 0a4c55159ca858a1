import fc from 'fast-check';
import type { Ticket } from '../../../src/domain/ticket.js';
import type { MatchContext, MatchingStrategy, Proposal } from '../../../src/matching/index.js';

const ids = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 6 }).map((i) => `t${i}`) }, fc.string({ maxLength: 3 })),
  { maxLength: 5 },
);
const score = fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, '9' as never)), {
  nil: undefined,
});

/** A proposal, or something in its place. */
const proposal: fc.Arbitrary<(context: MatchContext) => unknown> = fc.oneof(
  fc.record({ tickets: ids, score }).map((made) => () => made),
  fc.anything().map((made) => () => made),
  // Something else each time it is looked at.
  fc.array(ids, { minLength: 2, maxLength: 3 }).map((lists) => () => {
    let looks = 0;
    return {
      get tickets() {
        return lists[looks++ % lists.length];
      },
    };
  }),
  fc.tuple(ids, ids).map(([one, other]) => () => {
    let looks = 0;
    return { tickets: new Proxy(one, { get: (list, key) => Reflect.get(looks++ % 2 ? list : other, key) as unknown }) };
  }),
  fc.constant(() => ({
    get tickets(): string[] {
      throw new Error('boo');
    },
  })),
  // Tickets rewritten so that they fit, then proposed.
  ids.map((tickets) => (context: MatchContext) => {
    for (const ticket of [context.subject, ...context.waiting()]) rewrite(ticket);
    return { tickets };
  }),
  fc.constant(() => {
    throw new Error('boo');
  }),
);

/** Tries to make a ticket fit any group. */
function rewrite(ticket: Ticket): void {
  const wanted: Partial<Ticket> = {
    pool: 'default',
    criteria: null,
    roomId: null,
    participantId: ticket.id,
    version: 0,
  };
  const attempts = [
    ...Object.entries(wanted).map(
      ([key, value]) =>
        () =>
          Reflect.set(ticket, key, value),
    ),
    () => Reflect.set(ticket.group, 'minimum', 1),
    () => Reflect.set(ticket.group, 'maximum', 16),
    () => (ticket.party as unknown[]).splice(0),
    () => (ticket.avoid as unknown[]).splice(0),
    () => Reflect.set(ticket.attributes, 'level', 9),
    () => Reflect.set(ticket.criteria ?? {}, 'min', 0),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      // It is frozen; there is always another proposal.
    }
  }
}

/** Does one bad thing after another. */
const malicious = fc.array(proposal, { maxLength: 20 }).map((proposals): MatchingStrategy => ({
  name: 'malicious',
  *propose(context) {
    for (const make of proposals) yield make(context) as Proposal;
  },
}));

/** Proposes every group there could be, whatever the engine says of it. */
const careless = fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }).map((score): MatchingStrategy => ({
  name: 'careless',
  *propose(context) {
    const all = [...context.waiting()].map(({ id }) => id);
    for (const a of all) {
      yield { tickets: [a], score };
      for (const b of all) {
        if (a <= b) yield { tickets: [a, b], score };
        for (const c of all) if (a < b && b < c) yield { tickets: [a, b, c], score };
      }
    }
  },
}));

export const hostileStrategy: fc.Arbitrary<MatchingStrategy> = fc.oneof(malicious, careless);
