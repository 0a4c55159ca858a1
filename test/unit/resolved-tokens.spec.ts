import { describe, expect, it } from '@jest/globals';
import { ResolvedTokens } from '../../src/participants/resolved-tokens.js';

describe('ResolvedTokens', () => {
  it('knows whom a token named, for half a minute at least and a minute at most', () => {
    const tokens = new ResolvedTokens();
    expect(tokens.find('a', 0)).toBeUndefined();
    tokens.remember('a', 'ann');
    expect(tokens.find('a', 30_000)).toBe('ann');
    expect(tokens.find('a', 30_001)).toBe('ann');
    expect(tokens.find('a', 60_002)).toBeUndefined();
    tokens.remember('b', 'ben');
    expect(tokens.find('b', 500_000)).toBeUndefined();
  });

  it('holds no more than it may, the most recent ones', () => {
    const tokens = new ResolvedTokens();
    for (let i = 0; i < 120_000; i++) tokens.remember(`t${i}`, `p${i}`);
    expect(tokens.find('t119999')).toBe('p119999');
    expect(tokens.find('t60000')).toBe('p60000');
    expect(tokens.find('t40000')).toBeUndefined();
  });
});
