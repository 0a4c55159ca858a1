import { describe, expect, it } from '@jest/globals';
import { matchQuality } from '../../../src/simulation/match-quality.js';

describe('the quality of a match', () => {
  it('is the shared part of all interests', () => {
    expect(matchQuality([{ interests: ['a', 'b'] }, { interests: ['b', 'c'] }])).toBeCloseTo(1 / 3);
    expect(matchQuality([{ interests: 'Music, films' }, { interests: ['films', 'music'] }])).toBe(1);
  });

  it('is the part of all needs that the others meet at the level wanted', () => {
    const one = { needs: ['sql:3', 'rust:2'], offers: ['python:4'] };
    const other = { needs: ['python:4'], offers: ['sql:5', 'rust:1'] };
    expect(matchQuality([one, other])).toBeCloseTo(2 / 3);
  });

  it('is the mean of interests and needs where both can be told', () => {
    expect(matchQuality([{ interests: ['a'], needs: ['sql'] }, { interests: ['a'] }])).toBe(0.5);
  });

  it('is 0 for those who have no language in common', () => {
    expect(
      matchQuality([
        { languages: ['de'], interests: ['a'] },
        { languages: ['fr'], interests: ['a'] },
      ]),
    ).toBe(0);
    expect(matchQuality([{ languages: ['de'], interests: ['a'] }, { interests: ['a'] }])).toBe(1);
  });

  it('is the mean over all pairs of a group', () => {
    expect(matchQuality([{ interests: ['a'] }, { interests: ['a'] }, { interests: ['b'] }])).toBeCloseTo(1 / 3);
  });

  it('cannot be told of people who say nothing of themselves', () => {
    expect(matchQuality([{}, {}])).toBeUndefined();
    expect(matchQuality([{ interests: ['a'] }])).toBeUndefined();
  });
});
