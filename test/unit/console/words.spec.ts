import { describe, expect, it } from '@jest/globals';
import { duration, number } from '../../../web/src/console/chart/units.js';
import { ago, span } from '../../../web/src/console/parts/times.js';
import { hrefOf, placeOf, SECTIONS } from '../../../web/src/console/places.js';

describe('words of the console', () => {
  it.each([
    [0, '0 s'],
    [0.00021, '0.21 ms'],
    [0.0155, '16 ms'],
    [2.54, '2.5 s'],
    [75, '1.3 min'],
    [5_400, '1.5 h'],
    [259_200, '3 d'],
  ])('say %s seconds as %s on an axis', (seconds, words) => expect(duration(seconds)).toBe(words));

  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [7_500, '2 h 5 min'],
    [273_600, '3 d 4 h'],
  ])('say %s seconds as %s in a sentence', (seconds, words) => expect(span(seconds)).toBe(words));

  it('say whether something was or will be', () => {
    const now = Date.UTC(2026, 0, 1);
    const at = (ms: number) => ago(new Date(now + ms).toISOString(), now);
    expect([at(-2_000), at(-90_000), at(3_600_000)]).toEqual(['now', '1 min 30 s ago', 'in 1 h']);
  });

  it('write numbers so that they can be read', () => {
    expect([0.25, 12, 1_591, 25_000].map(number)).toEqual(['0.3', '12', '1,591', '25K']);
  });
});

describe('places of the console', () => {
  it('are found again by their address, whatever their names hold', () => {
    const name = 'a/b?c#d ü';
    const { section, id } = placeOf(hrefOf('pools', name), SECTIONS);
    expect([section, id]).toEqual(['pools', name]);
    const { query } = placeOf(hrefOf('people', undefined, { principal: name }), SECTIONS);
    expect(query.get('principal')).toBe(name);
  });

  it.each(['', '#', '#/nowhere/x', '#/audit/x', '#/cases/%E0%A4%A'])(
    'lead %j to the first one or to a list',
    (hash) => {
      const { section, id } = placeOf(hash, ['cases', 'people']);
      expect([section, id]).toEqual(['cases', undefined]);
    },
  );
});
