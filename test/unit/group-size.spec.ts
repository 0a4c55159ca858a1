import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/index.js';
import { exactly } from '../../src/domain/ticket.js';
import { groupFor } from '../../src/queue/group-size.js';

const poolOf = (settings: object) =>
  loadConfig({ POOLS: JSON.stringify([{ name: 'pool', ...settings }]) }).pools.get('pool')!;

describe('The group that a ticket asks for', () => {
  it.each([
    { what: 'the smallest of the pool', settings: {}, size: undefined, people: 1, group: exactly(2) },
    { what: 'the size it names', settings: {}, size: 5, people: 1, group: exactly(5) },
    {
      what: 'the smallest multiple',
      settings: { min_group_size: 3, group_size_multiple: 2 },
      size: undefined,
      people: 1,
      group: exactly(4),
    },
    {
      what: 'the smallest that holds more than the party',
      settings: { max_party_size: 3 },
      size: undefined,
      people: 3,
      group: exactly(4),
    },
    {
      what: 'the largest, for as long as the pool is patient',
      settings: { max_group_size: 7, group_size_multiple: 2, group_patience_seconds: 30 },
      size: undefined,
      people: 1,
      group: { minimum: 2, maximum: 6, multiple: 2, patienceMs: 30_000 },
    },
    {
      what: 'one size where there is but one, however patient the pool',
      settings: { max_group_size: 2, group_patience_seconds: 30 },
      size: undefined,
      people: 1,
      group: exactly(2),
    },
  ])('is $what', ({ settings, size, people, group }) => {
    expect(groupFor(poolOf(settings), size, people)).toEqual(group);
  });

  it.each([
    [{ min_group_size: 3 }, 2, 1, 'group_size 2 is not possible in pool "pool"', 'Use a group_size from 3 to 16.'],
    [
      { max_group_size: 4, group_size_multiple: 2 },
      3,
      1,
      'group_size 3 is not possible in pool "pool"',
      'Use a group_size from 2 to 4 that is a multiple of 2.',
    ],
    [
      { max_party_size: 3 },
      3,
      3,
      'A party of 3 leaves no seat for anybody else in a group of 3',
      'Use a larger group_size or a smaller party.',
    ],
    [
      { max_group_size: 4, group_size_multiple: 2, max_party_size: 3 },
      2,
      2,
      'A party of 2 leaves no seat for anybody else in a group of 2',
      'Use a larger group_size or a smaller party.',
    ],
  ])(
    'is refused in a pool with %j for a group_size of %s and a party of %i',
    (settings, size, people, message, hint) => {
      expect(() => groupFor(poolOf(settings), size, people)).toThrow(expect.objectContaining({ message, hint }));
    },
  );

  it('always has a seat for somebody else and keeps to the pool', () => {
    const pools = fc.record({
      minGroupSize: fc.integer({ min: 2, max: 16 }),
      maxGroupSize: fc.integer({ min: 2, max: 16 }),
      groupSizeMultiple: fc.integer({ min: 1, max: 16 }),
      groupPatienceMs: fc.option(fc.nat()),
    });
    const size = fc.option(fc.integer({ min: 2, max: 16 }), { nil: undefined });
    fc.assert(
      fc.property(pools, size, fc.integer({ min: 1, max: 15 }), (settings, size, people) => {
        const pool = { ...poolOf({}), ...settings };
        let group;
        try {
          group = groupFor(pool, size, people);
        } catch {
          return;
        }
        const { minimum, maximum, multiple } = group;
        expect(minimum).toBeGreaterThan(people);
        expect(minimum).toBeGreaterThanOrEqual(pool.minGroupSize);
        expect(maximum).toBeGreaterThanOrEqual(minimum);
        expect(maximum).toBeLessThanOrEqual(pool.maxGroupSize);
        expect([minimum % pool.groupSizeMultiple, maximum % pool.groupSizeMultiple, minimum % multiple]).toEqual([
          0, 0, 0,
        ]);
      }),
    );
  });
});
