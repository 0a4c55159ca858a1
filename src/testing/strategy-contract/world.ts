import { exactly, type Ticket } from '../../domain/ticket.js';
import type { MatchingStrategy, Run } from '../../matching/index.js';
import { ticketOf } from '../builders.js';
import { SequentialIds } from '../sequential-ids.js';
import { crowdOf, type TicketMaker } from './crowd.js';
import { type Acquaintances, StaticView } from './static-view.js';

const NOW = Date.UTC(2026, 0, 1, 12);
const COOLDOWN_MS = 3_600_000;

/** A pool at one moment, with everything in it that keeps people apart. Made anew from its seed as often as needed. */
export interface World {
  readonly seed: number;
  readonly now: number;
  readonly cooldownMs: number;
  readonly tickets: readonly Ticket[];
  readonly acquaintances: Acquaintances;
}

/** A world of tickets typical of a strategy. The strategy's own `admit` has had its say about them. */
export function worldOf(seed: number, strategy: MatchingStrategy, ticket: TicketMaker, count: number): World {
  const random = randomOf(seed);
  const chance = (share: number) => random() < share;
  const tickets = crowdOf(count, { ticket, random, until: NOW, everyMs: 20_000 })
    .map((typical) => ({ ...typical, ...strangeness(typical, random) }))
    .flatMap((made) => admitted(strategy, made) ?? []);
  const people = tickets.map(({ participantId }) => participantId);
  const pairs = people.flatMap((who, i) => people.slice(0, i).map((whom) => [who, whom] as const));
  const blocks = pairs
    .filter(() => chance(0.15))
    .map(([who, whom]) => (chance(0.5) ? ([who, whom] as const) : ([whom, who] as const)));
  const apart = new Set(blocks.flatMap(([who, whom]) => [`${who} ${whom}`, `${whom} ${who}`]));
  // One thing at a time keeps a pair apart, so that a strategy that ignores only one of them is found out by that one.
  const met = pairs
    .filter(([who, whom]) => chance(0.2) && !apart.has(`${who} ${whom}`))
    .map(([who, whom]) => [who, whom, NOW - Math.floor(random() * 2 * COOLDOWN_MS)] as const);
  return { seed, now: NOW, cooldownMs: COOLDOWN_MS, tickets, acquaintances: { blocks, met } };
}

/** A run in a world, on tickets of its own, so that what a strategy does to them harms no other run. */
export function runIn(world: World, subject: number): Run {
  const tickets = JSON.parse(JSON.stringify(world.tickets)) as Ticket[];
  const own = tickets[subject]!;
  return {
    trigger: subject === tickets.length - 1 ? 'enqueue' : 'tick',
    subject: own,
    view: new StaticView(tickets, world.acquaintances).for(own),
    now: world.now,
    seed: world.seed,
    cooldownMs: world.cooldownMs,
    budgetMs: 1_000,
  };
}

/** The ticket as a strategy wants it queued; undefined when it is refused. What `admit` does wrong is no matter here. */
export function admitted(strategy: MatchingStrategy, ticket: Ticket): Ticket | undefined {
  try {
    const verdict = strategy.admit?.(ticket) ?? ticket;
    if ('rejected' in verdict) return undefined;
    return { ...ticket, attributes: verdict.attributes ?? {}, priority: verdict.priority ?? 0 };
  } catch {
    return ticket;
  }
}

/** Evenly spread numbers in [0, 1), the same for the same seed. */
export function randomOf(seed: number): () => number {
  const ids = new SequentialIds(seed * 2_654_435_761);
  ids.random();
  return () => ids.random();
}

/** What any pool may put in a strategy's way, now and then: other groups, parties, open rooms, criteria, failed offers. */
function strangeness(ticket: Ticket, random: () => number): Partial<Ticket> {
  const chance = (share: number) => random() < share;
  const someone = () => `p${Math.floor(random() * 30)}`;
  const side = chance(0.5) ? 'left' : 'right';
  return {
    attributes: { ...ticket.attributes, side },
    ...(chance(0.3) && { criteria: { attribute: 'side', equals: chance(0.5) ? 'left' : 'right' } }),
    ...(chance(0.1) && { criteria: { provenance: 'human' } }),
    ...(chance(0.3) && { provenance: 'human' }),
    ...(chance(0.2) && { group: exactly(3) }),
    ...(chance(0.2) && { group: { minimum: 2, maximum: 4, multiple: chance(0.3) ? 2 : 1, patienceMs: 120_000 } }),
    ...(chance(0.1) && { party: [ticketOf(`${ticket.participantId}-friend`)], group: exactly(4) }),
    ...(chance(0.1) && { roomId: `room-of-${ticket.participantId}` }),
    ...(chance(0.1) && { avoid: [someone(), someone()] }),
    ...(chance(0.3) && { priority: Math.floor(random() * 10) }),
  };
}
