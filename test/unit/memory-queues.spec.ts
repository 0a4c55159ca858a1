import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DueQueue } from '../../src/adapters/memory/due-queue.js';
import { inSeniority, PoolQueues } from '../../src/adapters/memory/pool-queues.js';
import { TicketRecord, WaitingQueue } from '../../src/adapters/memory/waiting-queue.js';
import { exactly, type GroupSize, type Ticket } from '../../src/domain/ticket.js';
import { ticketOf } from '../../src/testing/index.js';

describe('DueQueue', () => {
  it('hands out what is due, earliest first and once, and never early', () => {
    const queue = new DueQueue();
    queue.schedule('late', 30_000);
    queue.schedule('early', 10_000);
    queue.schedule('between', 20_500);

    expect(queue.take(9_999)).toEqual([]);
    expect(queue.take(20_999)).toEqual(['early']);
    expect(queue.take(60_000)).toEqual(['between', 'late']);
    expect(queue.take(60_000)).toEqual([]);
    expect(queue.size).toBe(0);
  });

  it('hands out within the second what falls due inside it', () => {
    const queue = new DueQueue();
    queue.schedule('a', 10_001);
    expect(queue.take(10_001)).toEqual([]);
    expect(queue.take(11_000)).toEqual(['a']);
  });

  it('knows a key at one time only, the last that was set', () => {
    const queue = new DueQueue();
    queue.schedule('a', 10_000);
    queue.schedule('a', 5_000);
    queue.schedule('b', 5_000);
    queue.schedule('b', 50_000);

    expect(queue.size).toBe(2);
    expect(queue.take(20_000)).toEqual(['a']);
    expect(queue.take(50_000)).toEqual(['b']);
  });

  it('forgets what is cancelled', () => {
    const queue = new DueQueue();
    queue.schedule('a', 1_000);
    queue.schedule('b', 1_000);
    queue.cancel('a');
    queue.cancel('never there');

    expect(queue.take(1_000)).toEqual(['b']);
    queue.cancel('b');
    expect(queue.size).toBe(0);
  });

  it('hands out no more than is wanted, and the rest when asked again', () => {
    const queue = new DueQueue();
    for (const key of ['a', 'b', 'c']) queue.schedule(key, 10_000);
    queue.schedule('d', 11_000);

    expect(queue.take(20_000, 0)).toEqual([]);
    expect(queue.take(20_000, 2)).toEqual(['a', 'b']);
    queue.schedule('early', 5_000);
    expect(queue.take(20_000, 2)).toEqual(['early', 'c']);
    expect([queue.take(20_000, 2), queue.size]).toEqual([['d'], 0]);
  });
});

const record = (id: string, ticket: Partial<Ticket> = {}) => new TicketRecord<string>(ticketOf(id, ticket), [id]);
const ids = (tickets: Iterable<Ticket>) => [...tickets].map((ticket) => ticket.participantId);

describe('WaitingQueue', () => {
  const filled = (...names: string[]) => {
    const queue = new WaitingQueue<string>();
    const records = names.map((id) => record(id));
    for (const one of records) queue.add(one);
    return { queue, records };
  };

  it('keeps the order when the first, the last, one between and all are taken out', () => {
    const { queue, records } = filled('a', 'b', 'c', 'd', 'e');
    queue.remove(records[2]!);
    expect(ids(queue.tickets())).toEqual(['a', 'b', 'd', 'e']);
    queue.remove(records[0]!);
    queue.remove(records[4]!);
    expect(ids(queue.tickets())).toEqual(['b', 'd']);
    queue.add(record('f'));
    expect(ids(queue.tickets())).toEqual(['b', 'd', 'f']);
    expect([queue.position(records[3]!), queue.size]).toEqual([2, 3]);
    queue.remove(records[1]!);
    queue.remove(records[3]!);
    expect([ids(queue.tickets()), queue.size]).toEqual([['f'], 1]);
  });

  it('can be gone through while those gone past, and those to come, are taken out', () => {
    const { queue, records } = filled('a', 'b', 'c', 'd');
    const seen: string[] = [];
    for (const ticket of queue.tickets()) {
      seen.push(ticket.participantId);
      if (ticket.participantId !== 'a') continue;
      queue.remove(records[0]!);
      queue.remove(records[1]!);
    }
    expect(seen).toEqual(['a', 'c', 'd']);
    expect(queue.size).toBe(2);
  });

  it('tells places from 1', () => {
    const { queue, records } = filled('a', 'b', 'c');
    expect(records.map((one) => queue.position(one))).toEqual([1, 2, 3]);
  });

  it('remembers the newest twenty matches', () => {
    const { queue } = filled('a');
    for (let i = 1; i <= 50; i++) queue.matches.push(i);
    expect(queue.matchedAt()).toEqual(Array.from({ length: 20 }, (_, i) => 31 + i));
  });

  it('lets everybody in by seniority, whenever they come', () => {
    const coming = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 9 }), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(coming, (drawn) => {
        const queue = new WaitingQueue<string>();
        let inside: TicketRecord<string>[] = [];
        drawn.forEach(([enqueuedAt, order, leaves], i) => {
          const one = record(`${i}`, { enqueuedAt });
          one.order = order * 100 + i;
          queue.add(one);
          inside.push(one);
          if (!leaves) return;
          const [first] = inside;
          queue.remove(first!);
          inside = inside.slice(1);
        });
        const seniority = [...inside].sort((a, b) => a.ticket.enqueuedAt - b.ticket.enqueuedAt || a.order - b.order);
        expect(ids(queue.tickets())).toEqual(seniority.map((one) => one.ticket.participantId));
        expect(seniority.map((one) => queue.position(one))).toEqual(seniority.map((_, i) => i + 1));
      }),
    );
  });
});

describe('PoolQueues', () => {
  const range = (minimum: number, maximum: number, multiple = 1): GroupSize => ({
    ...{ minimum, maximum, multiple, patienceMs: 0 },
  });

  it('shows a ticket the queues with which it shares a size', () => {
    const queues = new PoolQueues<string>();
    queues.add(record('two', { group: exactly(2) }));
    queues.add(record('three', { group: exactly(3) }));
    queues.add(record('two to four', { group: range(2, 4) }));
    queues.add(record('even', { group: range(2, 6, 2) }));
    queues.add(record('elsewhere', { pool: 'mentors' }));
    const seen = (group: GroupSize, pool = 'default') =>
      ids(inSeniority(queues.overlapping(ticketOf('x', { group, pool }))));

    expect(seen(exactly(2))).toEqual(['two', 'two to four', 'even']);
    expect(seen(exactly(3))).toEqual(['three', 'two to four']);
    expect(seen(range(3, 5, 3))).toEqual(['three', 'two to four']);
    expect(seen(range(4, 16))).toEqual(['two to four', 'even']);
    expect(seen(range(7, 16))).toEqual([]);
    expect(seen(exactly(2), 'mentors')).toEqual(['elsewhere']);
    expect(seen(exactly(2), 'nobody-here')).toEqual([]);
  });

  it('merges queues in order of seniority, looking only as far as it is asked', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 2, max: 5 }), fc.nat({ max: 9 })), { maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.nat({ max: 40 }), (drawn, wanted) => {
        const queues = new PoolQueues<string>();
        const records = drawn.map(([size, enqueuedAt], i) => record(`${i}`, { group: range(2, size), enqueuedAt }));
        for (const one of records) queues.add(one);
        const seniority = records
          .sort((a, b) => a.ticket.enqueuedAt - b.ticket.enqueuedAt || a.order - b.order)
          .map((one) => one.ticket.participantId);
        const seen: string[] = [];
        for (const ticket of inSeniority(queues.overlapping(ticketOf('x')))) {
          if (seen.length === wanted) break;
          seen.push(ticket.participantId);
        }
        expect(seen).toEqual(seniority.slice(0, wanted));
      }),
    );
  });

  it('keeps the recent matches of a size nobody waits for, until many others have come', () => {
    const queues = new PoolQueues<string>();
    const pair = record('a', { group: exactly(2) });
    queues.add(pair);
    pair.queue!.remove(pair);
    queues.matched([pair], 5_000);
    expect(queues.find(pair.ticket)?.matchedAt()).toEqual([5_000]);

    for (let maximum = 3; maximum <= 16; maximum++) {
      for (let minimum = 2; minimum <= 4 && minimum <= maximum; minimum++) {
        queues.add(record(`${minimum}-${maximum}`, { group: range(minimum, maximum) }));
      }
    }
    expect(queues.find(pair.ticket)).toBeUndefined();
    expect(queues.size).toBe(41);
  });
});
