import { Injectable } from '@nestjs/common';
import type { CheckedProposal, ProposalEvaluator } from '../proposal-evaluator.js';

/** The highest score first; among equals the group whose oldest ticket waits longest; no ticket twice. */
@Injectable()
export class BestFirstEvaluator implements ProposalEvaluator {
  evaluate(proposals: readonly CheckedProposal[]): readonly CheckedProposal[] {
    const ranked = proposals.map((proposal) => ({
      proposal,
      score: proposal.score ?? -Infinity,
      since: Math.min(...proposal.tickets.map(({ enqueuedAt }) => enqueuedAt)),
    }));
    // Infinity minus itself is no number, so equals are told apart first.
    ranked.sort((a, b) => (a.score === b.score ? a.since - b.since : b.score - a.score));
    const taken = new Set<string>();
    const chosen: CheckedProposal[] = [];
    for (const { proposal } of ranked) {
      if (proposal.tickets.some(({ id }) => taken.has(id))) continue;
      for (const { id } of proposal.tickets) taken.add(id);
      chosen.push(proposal);
    }
    return chosen;
  }
}
