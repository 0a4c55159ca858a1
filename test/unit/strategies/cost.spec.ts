import { describe, expect, it } from '@jest/globals';
import type { Attributes } from '../../../src/domain/participant.js';
import type { Ticket } from '../../../src/domain/ticket.js';
import { FifoStrategy, type MatchingStrategy } from '../../../src/matching/index.js';
import { AffinityStrategy, PriorityStrategy, SkillsStrategy } from '../../../src/matching/strategies/index.js';
import { SequentialIds, ticketOf } from '../../../src/testing/index.js';
import { contextOf } from '../../support/strategies.js';

const HOUR = 3_600_000;
/**
 * How long an arrival may take, in milliseconds of processor time: many times what is promised, so that a slow and busy
 * machine passes and a cost that grows faster than the number of those waiting does not.
 */
const GENEROUS_MS = 200;

/** So many who came one after the other within an hour. */
function crowd(count: number): Ticket[] {
  const ids = new SequentialIds();
  const some = (most: number, kinds: number, word: (kind: number) => string) =>
    Array.from({ length: 1 + Math.floor(ids.random() * most) }, () => word(Math.floor(ids.random() * kinds)));
  const skill = (kind: number) => `skill ${kind}:${1 + Math.floor(ids.random() * 5)}`;
  return Array.from({ length: count }, (_, i) => {
    const attributes: Attributes = {
      interests: some(6, 60, (kind) => `interest ${kind}`),
      languages: some(2, 5, (kind) => `language ${kind}`),
      needs: some(3, 40, skill),
      offers: some(4, 40, skill),
    };
    return ticketOf(`p${i}`, { attributes, enqueuedAt: Math.floor((i * HOUR) / count), priority: i % 7 });
  });
}

/** Milliseconds of processor time that the median of some arrivals took. */
function medianOf(strategy: MatchingStrategy, waiting: readonly Ticket[]): number {
  const took = Array.from({ length: 15 }, (_, seed) => {
    const subject = waiting[(seed * 7_919) % waiting.length]!;
    const context = contextOf(waiting, { seed, subject, now: HOUR });
    const start = process.cpuUsage();
    for (const proposal of strategy.propose(context)) if (proposal.score === undefined) break;
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  });
  return took.sort((a, b) => a - b)[7]!;
}

describe('an arrival while ten thousand wait', () => {
  const waiting = crowd(10_000);

  it.each<[string, MatchingStrategy, number]>([
    ['fifo', new FifoStrategy(), 20],
    ['priority', new PriorityStrategy(), GENEROUS_MS],
    ['affinity', new AffinityStrategy(), GENEROUS_MS],
    ['skills', new SkillsStrategy(), GENEROUS_MS],
  ])('is decided fast by %s', (_, strategy, bound) => {
    medianOf(strategy, waiting);
    expect(medianOf(strategy, waiting)).toBeLessThan(bound);
  });
});
