import { describe, it } from '@jest/globals';
import { describeEventPublisherContract, MemoryEventPublisher } from '../../src/testing/index.js';

describeEventPublisherContract(
  'memory',
  () => {
    const publisher = new MemoryEventPublisher();
    return {
      publisher,
      read: () => publisher.events,
      limit: (events) => void (publisher.capacity = events),
      unlimit: () => void (publisher.capacity = Infinity),
    };
  },
  { describe, it },
);
