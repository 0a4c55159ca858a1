import { Injectable } from '@nestjs/common';
import type { Reason } from '../../domain/ticket.js';
import type { MatchContext, MatchingStrategy, Proposal } from '../matching-strategy.js';
import { groupsAround } from './fill-group.js';

const LONGEST_WAITING: Reason = { code: 'longest_waiting', text: 'You were next in line' };

/** First in, first out: an arrival meets the oldest compatible tickets. Constant time while nothing keeps anybody apart. */
@Injectable()
export class FifoStrategy implements MatchingStrategy {
  static readonly apiVersion = '1.0';
  readonly name = 'fifo';

  *propose(context: MatchContext): Iterable<Proposal> {
    if (context.size < 2) return;
    for (const group of groupsAround(context, () => context.waiting())) {
      yield { tickets: group.map(({ id }) => id), reasons: [LONGEST_WAITING] };
    }
  }
}
