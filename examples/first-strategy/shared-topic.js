/** Pairs those who want to talk about the same thing; of several, whoever has waited longest. */
export default class SharedTopicStrategy {
  static apiVersion = '1.0';
  name = 'shared-topic';

  *propose(context) {
    const { subject } = context;
    const { topic } = subject.attributes;
    for (const other of context.waiting()) {
      const pair = [other, subject];
      if (other.attributes.topic !== topic || !context.compatible(pair) || !context.complete(pair)) continue;
      yield {
        tickets: pair.map((ticket) => ticket.id),
        reasons: [{ code: 'shared_topic', text: `You both want to talk about ${topic}` }],
      };
    }
  }

  explainWait(ticket) {
    return [{ code: 'no_shared_topic', text: `Nobody else wants to talk about ${ticket.attributes.topic} yet` }];
  }
}
