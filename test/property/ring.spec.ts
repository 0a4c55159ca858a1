import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Ring } from '../../src/domain/ring.js';

/** What a ring must look like from outside: an array that forgets its oldest items and never renumbers. */
class ModelRing {
  items: { number: number; value: number }[] = [];
  last = 0;

  constructor(private readonly capacity: number) {}

  push(value: number): number {
    this.items.push({ number: ++this.last, value });
    if (this.capacity > 0 && this.items.length > this.capacity) this.items.shift();
    return this.last;
  }
}

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), times: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), times: fc.integer({ min: 1, max: 60 }) }) },
);

describe('Ring', () => {
  it('keeps the newest items under the numbers they were given, as an array would', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 80 }),
        fc.array(operation, { maxLength: 20 }),
        fc.array(fc.tuple(fc.integer({ min: -5, max: 700 }), fc.integer({ min: -5, max: 700 })), { maxLength: 20 }),
        (capacity, operations, ranges) => {
          const ring = new Ring<number>(capacity);
          const model = new ModelRing(capacity);
          let value = 0;
          for (const { kind, times } of operations) {
            for (let i = 0; i < times; i++) {
              if (kind === 'push') expect(ring.push(++value)).toBe(model.push(value));
              else {
                ring.dropFirst();
                model.items.shift();
              }
            }
            expect(ring.size).toBe(model.items.length);
            expect(ring.last).toBe(model.last);
            expect(ring.first).toBe(model.items[0]?.number ?? model.last + 1);
          }
          for (const [from, to] of ranges) {
            const expected = model.items.filter(({ number }) => number >= from && number <= to);
            expect(ring.slice(from, to)).toEqual(expected.map((item) => item.value));
            expect(ring.get(from)).toBe(model.items.find(({ number }) => number === from)?.value);
          }
        },
      ),
    );
  });

  it('answers a range that lies before everything it keeps with nothing', () => {
    const ring = new Ring<number>(10);
    for (let i = 1; i <= 1_000; i++) ring.push(i);

    expect(ring.slice(1, 50)).toEqual([]);
    expect(ring.slice(1, 991)).toEqual([991]);
    expect(ring.slice(1_001, 2_000)).toEqual([]);
  });
});
