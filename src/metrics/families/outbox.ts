import type { HistoryService } from '../../history/index.js';
import type { MessageQueueService } from '../../message-queue/index.js';
import type { Outbox, OutboxGroup, OutboxState } from '../../ports/outbox.js';
import type { Family } from '../family.js';

/** How far history and message queue are behind. */
export function outboxFamilies(
  outbox: Outbox,
  readers: readonly OutboxGroup[],
  history: HistoryService,
  queue: MessageQueueService,
  now: () => number,
): Family[] {
  const ofReaders = (read: (state: OutboxState) => number) => () =>
    Promise.all(readers.map(async (reader) => ({ labels: { reader }, value: read(await outbox.state(reader)) })));
  return [
    {
      name: 'parley_outbox_pending_records',
      help: 'Records that a reader of the outbox (history, events) has yet to take, of the whole namespace.',
      type: 'gauge',
      read: ofReaders(({ pending }) => pending),
    },
    {
      name: 'parley_outbox_lag_seconds',
      help: 'Age of the oldest record that a reader of the outbox has yet to take; 0 when there is none.',
      type: 'gauge',
      read: ofReaders(({ oldestAt }) => (oldestAt === null ? 0 : Math.max(0, now() - oldestAt) / 1000)),
    },
    {
      name: 'parley_outbox_lost_records_total',
      help: 'Records dropped before a reader had taken them, because the outbox was full (OUTBOX_RECORDS_MAX).',
      type: 'counter',
      read: ofReaders(({ lost }) => lost),
    },
    {
      name: 'parley_outbox_failures',
      help: 'Failed attempts in a row of this instance to hand records to a reader; 0 while all is well.',
      type: 'gauge',
      read: async () => {
        const failures = { history: (await history.lag())?.failures, events: queue.failures };
        return readers.map((reader) => ({ labels: { reader }, value: failures[reader] ?? 0 }));
      },
    },
  ];
}
