import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventQueue } from '../../../src/simulation/event-queue.js';

describe('events in virtual time', () => {
  it('come by time, those of the same time as they were put in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const queue = new EventQueue<number>();
        times.forEach((at, index) => queue.push(at, index));
        const taken = times.map(() => queue.pop()!);
        const expected = times.map((at, event) => ({ at, event })).sort((a, b) => a.at - b.at || a.event - b.event);
        expect(taken.map(({ at, event }) => ({ at, event }))).toEqual(expected);
        expect([queue.size, queue.nextAt, queue.pop()]).toEqual([0, Infinity, undefined]);
      }),
    );
  });
});
