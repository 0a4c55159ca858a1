import assert from 'node:assert/strict';
import type { Awaitable } from '../../ports/awaitable.js';
import type { CloudEvent, EventPublisher } from '../../ports/event-publisher.js';
import { globalTestApi, type TestApi } from '../test-api.js';

/** A publisher into a queue of its own that is still empty, and the way to look into the queue. */
export interface PublisherUnderTest {
  readonly publisher: EventPublisher;
  /** What a consumer sees, from the beginning. */
  readonly read: () => Awaitable<readonly CloudEvent[]>;
  /** Leaves room for this many events in all; the next are refused. */
  readonly limit: (events: number) => Awaitable<void>;
  readonly unlimit: () => Awaitable<void>;
}

export type MakePublisher = () => Awaitable<PublisherUnderTest>;

const KINDS = ['ticket.created', 'ticket.matched', 'room.opened', 'message.sent', 'room.closed'];

const eventOf = (number: number): CloudEvent => {
  const kind = KINDS[number % KINDS.length]!;
  return {
    specversion: '1.0',
    id: `record-${number}`,
    source: 'parley://contract',
    type: `parley.${kind}`,
    subject: `room-${number % 3}`,
    time: new Date(number).toISOString(),
    datacontenttype: 'application/json',
    dataschema: `https://example.org/${kind}.json`,
    data: { number, text: `“${number}” 🦜\n` },
  };
};
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => eventOf(from + i));
const idsOf = (events: readonly CloudEvent[]) => events.map(({ id }) => id);

/**
 * The promises every `EventPublisher` keeps. `make` is called for each case; closing what it made is the caller's business.
 *
 * @param api the test runner; its globals by default
 */
export function describeEventPublisherContract(
  name: string,
  make: MakePublisher,
  api: TestApi = globalTestApi(),
): void {
  const it = (promise: string, body: (queue: PublisherUnderTest) => Promise<void>) =>
    void api.it(promise, async () => body(await make()));

  api.describe(`EventPublisher contract: ${name}`, () => {
    it('hands events over as they are, in order', async ({ publisher, read }) => {
      await publisher.publish(range(0, 20));
      await publisher.publish(range(20, 25));
      assert.deepEqual(await read(), range(0, 25));
    });

    it('takes nothing as well', async ({ publisher, read }) => {
      await publisher.publish([]);
      assert.deepEqual(await read(), []);
    });

    it('takes a thousand at once', async ({ publisher, read }) => {
      await publisher.publish(range(0, 1_000));
      assert.deepEqual(idsOf(await read()), idsOf(range(0, 1_000)));
    });

    it('stores a repetition once, whether all of it comes again or the beginning', async ({ publisher, read }) => {
      await publisher.publish(range(0, 10));
      await publisher.publish(range(0, 10));
      await publisher.publish(range(0, 12));
      assert.deepEqual(idsOf(await read()), idsOf(range(0, 12)));
    });

    it('rejects what it cannot store, and goes on in order and without repetition when it can', async (queue) => {
      const { publisher, read } = queue;
      await publisher.publish(range(0, 5));
      await queue.limit(8);
      await assert.rejects(publisher.publish(range(5, 15)));
      await assert.rejects(publisher.publish(range(5, 15)));
      assert.deepEqual(idsOf(await read()), idsOf(range(0, 8)));
      await queue.unlimit();
      await publisher.publish(range(5, 15));
      assert.deepEqual(idsOf(await read()), idsOf(range(0, 15)));
    });

    it('takes events as large as it says', async ({ publisher, read }) => {
      const small = eventOf(1);
      const spare =
        Math.min(publisher.maxBytes, 8_000_000) - Buffer.byteLength(JSON.stringify({ ...small, data: { text: '' } }));
      const event = { ...small, data: { text: 'x'.repeat(spare) } };
      await publisher.publish([event]);
      assert.deepEqual(await read(), [event]);
    });
  });
}
