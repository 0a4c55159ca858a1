import type { Reason, Ticket } from '../domain/ticket.js';

/** A proposal that passed every check. */
export interface CheckedProposal {
  readonly tickets: readonly Ticket[];
  readonly score: number | undefined;
  readonly reasons: readonly Reason[];
}

/** Which of several groups are claimed, and in what order. */
export interface ProposalEvaluator {
  /** The groups to claim, best first, no ticket in two of them. @param now milliseconds since the epoch */
  evaluate(proposals: readonly CheckedProposal[], now: number): readonly CheckedProposal[];
}
export const ProposalEvaluator = Symbol.for('parley/ProposalEvaluator');
