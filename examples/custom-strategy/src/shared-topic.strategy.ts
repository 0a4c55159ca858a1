import { Injectable } from '@nestjs/common';
import type { MatchContext, MatchingStrategy, Proposal, Reason, Rejection, Ticket } from 'mcp-parley';
import { TopicsService } from './topics.module.js';

/** Pairs those who want to talk about the same thing; of several, whoever has waited longest. */
@Injectable()
export class SharedTopicStrategy implements MatchingStrategy {
  static readonly apiVersion = '1.0';
  readonly name = 'shared-topic';

  constructor(private readonly topics: TopicsService) {}

  admit(ticket: Ticket): Ticket | Rejection {
    const { topic } = ticket.attributes;
    if (typeof topic === 'string') {
      return { ...ticket, attributes: { ...ticket.attributes, topic: this.topics.normalise(topic) } };
    }
    return { rejected: true, reason: { code: 'no_topic', text: 'say in attributes.topic what to talk about' } };
  }

  *propose({ subject, waiting, compatible, complete }: MatchContext): Iterable<Proposal> {
    const { topic } = subject.attributes;
    for (const other of waiting()) {
      const pair = [other, subject];
      if (other.attributes.topic !== topic || !compatible(pair) || !complete(pair)) continue;
      const reasons = [{ code: 'shared_topic', text: `You both want to talk about ${String(topic)}` }];
      yield { tickets: [other.id, subject.id], reasons };
    }
  }

  explainWait({ attributes }: Ticket): readonly Reason[] {
    return [{ code: 'no_shared_topic', text: `Nobody else wants to talk about ${String(attributes.topic)} yet` }];
  }
}
