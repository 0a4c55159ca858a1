import type { Reason, Ticket } from '../domain/ticket.js';

/** A proposal that passed every check. */
export interface CheckedProposal {
  readonly tickets: readonly Ticket[];
  readonly score: number | undefined;
  readonly reasons: readonly Reason[];
}

/** Groups to claim, best first; lazy for strategies in this thread. Stop asking once the subject is matched, then settle. */
export interface Proposals extends Iterable<CheckedProposal> {
  /** Ends the run, whatever became of it; nothing is counted before. @param chosen the group that was taken last, if any */
  settle(chosen?: CheckedProposal): void;
}

/** Which of several groups are claimed, and in what order. */
export interface ProposalEvaluator {
  /** The groups to claim, best first, no ticket in two of them. @param now milliseconds since the epoch */
  evaluate(proposals: readonly CheckedProposal[], now: number): readonly CheckedProposal[];
}
export const ProposalEvaluator = Symbol.for('parley/ProposalEvaluator');
