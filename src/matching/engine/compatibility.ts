import { satisfies } from '../../domain/criteria.js';
import { headcount, membersOf, type Ticket, type TicketMember } from '../../domain/ticket.js';
import type { WaitingView } from '../../ports/state-store.js';

/** What a verdict rests on besides the tickets; a run is one. */
export interface Grounds {
  readonly view: Pick<WaitingView, 'relations'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For how long two who have met are kept apart, in milliseconds; 0: not at all. */
  readonly cooldownMs: number;
}

/** One thing that must hold among the tickets of a group, cheap for two tickets of one participant each. */
export interface CompatibilityRule {
  readonly name: 'participants' | 'size' | 'rooms' | 'avoided' | 'criteria' | 'blocks' | 'cooldown';
  holds(group: readonly Ticket[], grounds: Grounds): boolean;
}

/** Every rule of compatibility, the cheapest first. */
export const COMPATIBILITY: readonly CompatibilityRule[] = [
  { name: 'participants', holds: eachPair((a, b) => noMembers(a, b, isSame)) },
  { name: 'size', holds: (group) => isAdmitted(headcount(group), group) },
  { name: 'rooms', holds: eachPair((a, b) => a.roomId === null || b.roomId === null) },
  { name: 'avoided', holds: eachPair((a, b) => !avoids(a, b) && !avoids(b, a)) },
  { name: 'criteria', holds: eachPair((a, b) => accepts(a, b) && accepts(b, a)) },
  { name: 'blocks', holds: eachPair((a, b, grounds) => noMembers(a, b, isBlocked, grounds)) },
  {
    name: 'cooldown',
    holds: eachPair((a, b, grounds) => grounds.cooldownMs === 0 || noMembers(a, b, haveMet, grounds)),
  },
];

/** The first rule that keeps a group apart. */
export function obstacle(group: readonly Ticket[], grounds: Grounds): CompatibilityRule['name'] | undefined {
  for (const rule of COMPATIBILITY) if (!rule.holds(group, grounds)) return rule.name;
  return undefined;
}

/** When two were last in a matched room together, as far as either of them remembers. */
export function metAt(view: Grounds['view'], participantId: string, other: string): number | undefined {
  const own = view.relations(participantId).met.get(other);
  const theirs = view.relations(other).met.get(participantId);
  return own === undefined || (theirs !== undefined && theirs > own) ? theirs : own;
}

function eachPair(test: (a: Ticket, b: Ticket, grounds: Grounds) => boolean): CompatibilityRule['holds'] {
  return (group, grounds) => {
    if (group.length === 2) return test(group[0]!, group[1]!, grounds);
    // Whoever asks about one more puts it first: pairs that were never looked at come before the others.
    for (let i = 0; i < group.length; i++) {
      for (let j = i + 1; j < group.length; j++) if (!test(group[i]!, group[j]!, grounds)) return false;
    }
    return true;
  };
}

type MemberTest<T> = (a: TicketMember, b: TicketMember, grounds: T) => boolean;

function noMembers(a: Ticket, b: Ticket, test: MemberTest<undefined>): boolean;
function noMembers(a: Ticket, b: Ticket, test: MemberTest<Grounds>, grounds: Grounds): boolean;
function noMembers<T>(a: Ticket, b: Ticket, test: MemberTest<T>, grounds?: T): boolean {
  if (a.party.length === 0 && b.party.length === 0) return !test(a, b, grounds as T);
  return membersOf(a).every((one) => membersOf(b).every((other) => !test(one, other, grounds as T)));
}

const isSame = (a: TicketMember, b: TicketMember) => a.participantId === b.participantId;

const isBlocked: MemberTest<Grounds> = (a, b, { view }) =>
  contains(view.relations(a.participantId).blocked, b.participantId) ||
  contains(view.relations(b.participantId).blocked, a.participantId);

/** Mostly nobody has blocked anybody, and then no hash is needed. */
const contains = (ids: ReadonlySet<string>, id: string) => ids.size > 0 && ids.has(id);

const haveMet: MemberTest<Grounds> = (a, b, { view, now, cooldownMs }) =>
  now - (metAt(view, a.participantId, b.participantId) ?? -Infinity) < cooldownMs;

const avoids = (a: Ticket, b: Ticket) =>
  a.avoid.length > 0 && membersOf(b).some(({ participantId }) => a.avoid.includes(participantId));

/** Whether everybody behind the other ticket is what this one asks for. */
function accepts({ criteria }: Ticket, other: Ticket): boolean {
  if (criteria === null) return true;
  return satisfies(criteria, other) && other.party.every((member) => satisfies(criteria, member));
}

function isAdmitted(size: number, group: readonly Ticket[]): boolean {
  for (const ticket of group) if (size > ticket.group.maximum) return false;
  return true;
}
