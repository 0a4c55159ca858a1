import { describe, expect, it } from '@jest/globals';
import { estimateWaitSeconds } from '../../src/domain/wait-estimate.js';

const NOW = 10_000_000;
const ago = (...seconds: number[]) => seconds.map((s) => NOW - s * 1_000);

describe('the estimate of a wait', () => {
  it('is unknown while there were fewer than three recent matches', () => {
    expect(estimateWaitSeconds(1, 2, [], NOW)).toBeNull();
    expect(estimateWaitSeconds(1, 2, ago(20, 10), NOW)).toBeNull();
    expect(estimateWaitSeconds(1, 2, ago(5_000, 4_000, 901, 20, 10), NOW)).toBeNull();
  });

  it('is the usual time between matches for whoever is next', () => {
    expect(estimateWaitSeconds(1, 2, ago(60, 40, 20), NOW)).toBe(20);
    expect(estimateWaitSeconds(2, 2, ago(60, 40, 20), NOW)).toBe(20);
    expect(estimateWaitSeconds(1, 2, ago(9_000, 60, 40, 20), NOW)).toBe(20);
  });

  it('grows with the groups in front', () => {
    expect(estimateWaitSeconds(3, 2, ago(60, 40, 20), NOW)).toBe(40);
    expect(estimateWaitSeconds(3, 3, ago(60, 40, 20), NOW)).toBe(20);
    expect(estimateWaitSeconds(10, 2, ago(60, 40, 20), NOW)).toBe(100);
  });

  it('grows while nothing happens, and is never less than a second', () => {
    expect(estimateWaitSeconds(1, 2, ago(600, 590, 580), NOW)).toBe(200);
    expect(estimateWaitSeconds(1, 2, ago(0, 0, 0), NOW)).toBe(1);
  });
});
