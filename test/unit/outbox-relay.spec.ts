import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryOutbox } from '../../src/adapters/memory/memory-outbox.js';
import { OutboxRelay } from '../../src/outbox/index.js';
import type { OutboxRecord } from '../../src/ports/outbox.js';
import { FakeClock } from '../../src/testing/index.js';
import '../support/fakes.js';
import { until } from '../support/until.js';

describe('the relay of the outbox', () => {
  const relays: OutboxRelay[] = [];
  afterEach(() => Promise.all(relays.splice(0).map((relay) => relay.stop(0))));

  function scene(records = 10_000) {
    const clock = new FakeClock();
    const outbox = new MemoryOutbox({ groups: ['events'], records });
    const taken: string[] = [];
    let failure: Error | undefined;
    let held: Promise<void> | undefined;
    const deliver = async (batch: readonly OutboxRecord[]) => {
      await held;
      if (failure) throw failure;
      taken.push(...batch.map(({ data }) => (data as { user_id: string }).user_id));
    };
    const relay = (consumer = 'one') => {
      const made = new OutboxRelay({ outbox, group: 'events', consumer, deliver, clock });
      relays.push(made);
      return made;
    };
    return {
      clock,
      taken,
      relay,
      pending: () => outbox.state('events').pending,
      write: (from: number, to: number) => {
        for (let i = from; i < to; i++) outbox.write('participant.forgotten', clock.now(), { user_id: `${i}` });
      },
      fail: (error?: Error) => (failure = error),
      hold: (until: Promise<void>) => void (held = until),
    };
  }
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);

  it('carries everything in order, in as many batches as it takes', async () => {
    const { relay, taken, write, pending } = scene();
    write(0, 1_200);
    relay().start();
    await until('all records', () => taken.length === 1_200);
    expect(taken).toEqual(names(0, 1_200));
    await until('the acknowledgement', () => pending() === 0);
    write(1_200, 1_205);
    await until('the rest', () => taken.length === 1_205);
  });

  it('keeps what is not taken, and goes on by itself', async () => {
    const { relay, taken, write, fail } = scene();
    fail(new Error('away'));
    const running = relay();
    write(0, 10);
    running.start();
    await until('failures', () => running.failures >= 2);
    expect(taken).toEqual([]);
    fail(undefined);
    await until('the records', () => taken.length === 10);
    await until('it to be well', () => running.failures === 0);
  });

  it('shares the work with another, of whom one carries at a time', async () => {
    const { relay, taken, write } = scene();
    relay('one').start();
    relay('other').start();
    for (let i = 0; i < 20; i++) {
      write(i * 100, (i + 1) * 100);
      await sleep(1);
    }
    await until('all records', () => taken.length >= 2_000);
    expect(taken).toEqual(names(0, 2_000));
  });

  it('carries what is pending when it stops', async () => {
    const { relay, taken, write } = scene();
    const running = relay();
    running.start();
    write(0, 1_700);
    await running.stop();
    expect(taken).toEqual(names(0, 1_700));
  });

  it('stops in time when nothing is taken', async () => {
    const { relay, taken, write, hold } = scene();
    hold(new Promise(() => undefined));
    const running = relay();
    write(0, 10);
    running.start();
    await running.stop(50);
    expect(taken).toEqual([]);
  });
});
