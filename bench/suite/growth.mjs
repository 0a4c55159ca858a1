// How cost grows with one thing at a time.
import { ERAS } from './participant.mjs';
import { throughput } from './scenarios.mjs';

/** What is varied, over which values. */
export const GROWTHS = [
  { key: 'pairs', name: 'pairs that talk', values: [1, 4, 16, 64, 256] },
  { key: 'idle', name: 'idle participants beside 32 pairs', values: [0, 1_000, 2_000, 5_000, 10_000] },
  { key: 'people', name: 'people in a room, one of whom talks', values: [2, 4, 8, 16, 32], pairs: 16 },
  { key: 'size', name: 'characters of a message', values: [64, 256, 1_024, 2_048, 4_000] },
];

/** @returns by what is varied and by era: `{value, perSecond, cpuPer1k}` of each */
export async function growth({ seconds, environment, say }) {
  const results = {};
  for (const { key, name, values, pairs = 32 } of GROWTHS) {
    results[key] = {};
    for (const era of ERAS) {
      results[key][era] = [];
      for (const value of values) {
        const figures = await throughput({ era, pairs, seconds, environment, [key]: value });
        say(
          `${era}: ${value} ${name}: ${Math.round(figures.perSecond)}/s, ${figures.cpuPer1k.toFixed(1)} ms per 1,000`,
        );
        results[key][era].push({ value, ...figures });
      }
    }
  }
  return results;
}
