import { describe, expect, it } from '@jest/globals';
import { DueQueue } from '../../src/adapters/memory/due-queue.js';
import { WaitingQueue } from '../../src/adapters/memory/waiting-queue.js';
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
});

describe('WaitingQueue', () => {
  const filled = (...ids: string[]) => {
    const queue = new WaitingQueue();
    return { queue, nodes: ids.map((id) => queue.add(ticketOf(id))) };
  };
  const order = (queue: WaitingQueue) => [...queue.tickets()].map((ticket) => ticket.participantId);

  it('keeps the order when the first, the last, one between and all are taken out', () => {
    const { queue, nodes } = filled('a', 'b', 'c', 'd', 'e');
    queue.remove(nodes[2]!);
    expect(order(queue)).toEqual(['a', 'b', 'd', 'e']);
    queue.remove(nodes[0]!);
    queue.remove(nodes[4]!);
    expect(order(queue)).toEqual(['b', 'd']);
    queue.add(ticketOf('f'));
    expect(order(queue)).toEqual(['b', 'd', 'f']);
    expect(queue.status(nodes[3]!)).toMatchObject({ position: 2, queueLength: 3 });
    queue.remove(nodes[1]!);
    queue.remove(nodes[3]!);
    expect([order(queue), queue.size]).toEqual([['f'], 1]);
  });

  it('can be gone through while those gone past are taken out', () => {
    const { queue, nodes } = filled('a', 'b', 'c');
    const seen: string[] = [];
    for (const ticket of queue.tickets()) {
      seen.push(ticket.participantId);
      queue.remove(nodes[seen.length - 1]!);
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(queue.size).toBe(0);
  });

  it('tells places from 1 and gives the front of the queue', () => {
    const { queue, nodes } = filled('a', 'b', 'c');
    expect(nodes.map((node) => queue.status(node).position)).toEqual([1, 2, 3]);
    expect(queue.front(2).map(({ ticket, position }) => [ticket.participantId, position])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(queue.front(0)).toEqual([]);
    expect(queue.front(10)).toHaveLength(3);
  });

  it('remembers the newest twenty matches', () => {
    const { queue, nodes } = filled('a');
    for (let i = 1; i <= 50; i++) queue.matches.push(i);
    expect(queue.status(nodes[0]!).matchedAt).toEqual(Array.from({ length: 20 }, (_, i) => 31 + i));
  });
});
