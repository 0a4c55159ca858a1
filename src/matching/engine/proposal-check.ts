import { isComplete, type Ticket } from '../../domain/ticket.js';
import type { WaitingView } from '../../ports/state-store.js';
import { COMPATIBILITY, type Grounds } from './compatibility.js';
import type { CheckedProposal } from '../proposal-evaluator.js';
import { reasonsOf } from './reasons.js';

/** Most tickets of one proposal: a group of 16 who all come alone. */
const MAX_TICKETS = 16;

/**
 * Why a proposal is turned down. `malformed`: no list of ids, or a score that is no number; `stranger`: somebody who does
 * not wait in the pool; `stale`: somebody who did when the strategy was asked, which is nobody's fault; `duplicate`: a
 * ticket twice; `incompatible`: they must not meet; `size`: not a number of people that all of them accept now.
 */
export type RefusalCause = 'malformed' | 'stranger' | 'stale' | 'duplicate' | 'incompatible' | 'size';

/** What a proposal is checked against. */
export interface CheckGrounds extends Grounds {
  readonly view: Pick<WaitingView, 'relations' | 'get'>;
  readonly subject: Ticket;
  /** Whether a ticket that is not waiting now was when the strategy was asked. */
  hasGone(ticketId: string): boolean;
}

/** One thing that must hold of every group that is claimed. */
export interface CheckRule {
  readonly name: string;
  readonly cause: RefusalCause;
  holds(group: readonly Ticket[], grounds: CheckGrounds): boolean;
}

/** All that must hold of a group of waiting tickets; none of it follows from the rest. */
export const CHECKS: readonly CheckRule[] = [
  { name: 'pool', cause: 'stranger', holds: (group, { subject }) => group.every(({ pool }) => pool === subject.pool) },
  // Size is part of being complete.
  ...COMPATIBILITY.filter((rule) => rule.name !== 'size').map((rule): CheckRule => ({
    ...rule,
    cause: 'incompatible',
  })),
  { name: 'complete', cause: 'size', holds: (group, { now }) => isComplete(group, now) },
  { name: 'newcomer', cause: 'size', holds: (group) => group.some(({ roomId }) => roomId === null) },
];

/** What a strategy proposed, if it can be; nothing the strategy made is kept. Throws what its getters throw. */
export function checkProposal(
  proposal: unknown,
  grounds: CheckGrounds,
  checks: readonly CheckRule[] = CHECKS,
): CheckedProposal | RefusalCause {
  const { tickets: ids, score, reasons } = proposal as Partial<Record<keyof CheckedProposal, unknown>>;
  if (!Array.isArray(ids) || !(score === undefined || Number.isFinite(score))) return 'malformed';
  const { length } = ids;
  if (length > MAX_TICKETS) return 'size';
  const tickets: Ticket[] = [];
  for (let i = 0; i < length; i++) {
    const id: unknown = ids[i];
    if (typeof id !== 'string') return 'malformed';
    const ticket = grounds.view.get(id);
    if (!ticket) return grounds.hasGone(id) ? 'stale' : 'stranger';
    tickets.push(ticket);
  }
  for (const rule of checks) {
    if (rule.holds(tickets, grounds)) continue;
    return rule.name === 'participants' && new Set(tickets).size < length ? 'duplicate' : rule.cause;
  }
  return { tickets, score: score as number | undefined, reasons: reasonsOf(reasons) };
}
