import type { Criterion } from '../domain/criteria.js';
import type { Attributes } from '../domain/participant.js';
import type { Ticket, TicketMember } from '../domain/ticket.js';
import type { Arrival, Arriving } from '../traces/index.js';

/**
 * What a trace may keep of a ticket: how it is to be matched, and of attributes only the listed ones. Names, ids and
 * principals are not in it, and criteria say nothing about other attributes.
 *
 * @param at milliseconds since the trace began
 */
export function withoutPersonalData(ticket: Ticket, at: number, attributes: ReadonlySet<string>): Arrival {
  const { pool, party, criteria, group, priority } = ticket;
  return {
    at,
    pool,
    ...arrivingOf(ticket, attributes),
    party: party.map((member) => arrivingOf(member, attributes)),
    criteria: criteria === null ? null : (pruned(criteria, attributes) ?? null),
    group,
    priority,
  };
}

function arrivingOf(member: TicketMember, listed: ReadonlySet<string>): Arriving {
  const attributes: Attributes = Object.fromEntries(
    Object.entries(member.attributes).filter(([name]) => listed.has(name)),
  );
  return { provenance: member.provenance, attributes };
}

/** The part of a criterion about listed attributes, never stricter than the whole; undefined when nothing is left. */
function pruned(criterion: Criterion, listed: ReadonlySet<string>): Criterion | undefined {
  if ('provenance' in criterion) return criterion;
  if ('attribute' in criterion) return listed.has(criterion.attribute) ? criterion : undefined;
  if ('all' in criterion) return filled({ all: criterion.all.map((one) => pruned(one, listed)).filter(isThere) });
  // Whom an alternative that is left out would have let in must not be kept out by the others.
  if ('any' in criterion) {
    const any = criterion.any.map((one) => pruned(one, listed));
    return any.every(isThere) ? { any } : undefined;
  }
  // Weaker inside is stricter outside: what cannot be kept whole goes.
  return filled({ none: criterion.none.filter((one) => isListed(one, listed)) });
}

function isListed(criterion: Criterion, listed: ReadonlySet<string>): boolean {
  if ('provenance' in criterion) return true;
  if ('attribute' in criterion) return listed.has(criterion.attribute);
  return branches(criterion).every((one) => isListed(one, listed));
}

type Branch = Extract<Criterion, { all: unknown } | { any: unknown } | { none: unknown }>;

const branches = (branch: Branch) => ('all' in branch ? branch.all : 'any' in branch ? branch.any : branch.none);

const filled = <T extends Branch>(branch: T): T | undefined => (branches(branch).length > 0 ? branch : undefined);

const isThere = (criterion: Criterion | undefined): criterion is Criterion => criterion !== undefined;
