import { Injectable } from '@nestjs/common';
import type { Reason, Ticket } from '../domain/ticket.js';
import type { MatchContext, MatchingStrategy, Proposal } from './matching-strategy.js';

const LONGEST_WAITING: Reason = { code: 'longest_waiting', text: 'You were next in line' };

/** How many starting points are tried for a group of three or more when blocks stand between those waiting. */
const MAX_ANCHORS = 32;

/** First in, first out: an arrival meets the oldest compatible tickets. Constant time while nobody has blocked anybody. */
@Injectable()
export class FifoStrategy implements MatchingStrategy {
  readonly name = 'fifo';

  *propose(context: MatchContext): Iterable<Proposal> {
    const { subject } = context;
    if (context.size < subject.groupSize) return;
    let anchors = 0;
    for (const anchor of context.waiting()) {
      if (anchor.id === subject.id || !context.compatible([subject, anchor])) continue;
      const group = this.#complete([subject, anchor], context);
      // Those who waited come first, the subject last: that is the order of the members in the room.
      if (group) yield { tickets: [...group.slice(1), subject].map(({ id }) => id), reasons: [LONGEST_WAITING] };
      if (subject.groupSize > 2 && ++anchors === MAX_ANCHORS) return;
    }
  }

  #complete(group: Ticket[], context: MatchContext): Ticket[] | undefined {
    const { groupSize } = context.subject;
    if (group.length === groupSize) return group;
    const taken = new Set(group.map((ticket) => ticket.id));
    for (const ticket of context.waiting()) {
      if (taken.has(ticket.id) || !context.compatible([...group, ticket])) continue;
      group.push(ticket);
      if (group.length === groupSize) return group;
    }
    return undefined;
  }
}
