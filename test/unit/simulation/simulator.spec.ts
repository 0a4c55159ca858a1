import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { StrategySetting } from '../../../src/config/index.js';
import type { Attributes } from '../../../src/domain/participant.js';
import { exactly } from '../../../src/domain/ticket.js';
import { BestFirstEvaluator, InProcessRunner, type MatchingStrategy } from '../../../src/matching/index.js';
import { AffinityStrategy } from '../../../src/matching/strategies/affinity.strategy.js';
import { FifoStrategy } from '../../../src/matching/strategies/fifo.strategy.js';
import { PriorityStrategy } from '../../../src/matching/strategies/priority.strategy.js';
import { generateDay } from '../../../src/simulation/generate.js';
import { summarise } from '../../../src/simulation/report.js';
import { type Scenario, type Simulated, Simulator } from '../../../src/simulation/simulator.js';
import { summaryTable } from '../../../src/simulation/table.js';
import type { Arrival } from '../../../src/traces/index.js';

Logger.overrideLogger(false);

const STRATEGIES: Readonly<Record<string, () => MatchingStrategy>> = {
  fifo: () => new FifoStrategy(),
  priority: () => new PriorityStrategy(),
  affinity: () => new AffinityStrategy(),
  broken: () => ({
    name: 'broken',
    propose: () => {
      throw new Error('broken');
    },
  }),
  picky: () => ({
    name: 'picky',
    admit: () => ({ rejected: true, reason: { code: 'no', text: 'No' } }),
    propose: () => [],
  }),
};
const parts = {
  loader: { load: async ({ strategy }: StrategySetting) => new InProcessRunner(STRATEGIES[strategy]!()) },
  evaluator: new BestFirstEvaluator(),
};

/** An arrival at a number of seconds. */
const at = (seconds: number, overrides: Partial<Arrival> = {}): Arrival => ({
  at: seconds * 1000,
  pool: 'default',
  provenance: 'human',
  attributes: {},
  party: [],
  criteria: null,
  group: exactly(2),
  priority: 0,
  ...overrides,
});

const run = (arrivals: readonly Arrival[], strategy = 'fifo', overrides: Partial<Scenario> = {}) =>
  Simulator.run(
    {
      arrivals: () => arrivals,
      seed: 1,
      patienceMs: 60_000,
      talkMs: 30_000,
      cooldownMs: 0,
      groupBy: 'languages',
      ...overrides,
    },
    { strategy, options: {} },
    parts,
  );

/** What became of each arrival, with the wait in seconds. */
const outcomes = ({ visits }: Simulated) => visits.map(({ outcome, waitMs }) => [outcome, waitMs / 1000]);

/** Five people: two pairs meet, one gives up in between. */
const HAND_MADE = [
  at(0, { attributes: { languages: ['en'], interests: ['a', 'b'] } }),
  at(10, { attributes: { languages: ['en'], interests: ['a'] } }),
  at(20, { attributes: { languages: ['is'] }, patienceMs: 30_000 }),
  at(100, { attributes: { languages: ['de'], interests: ['x'] } }),
  at(130, { attributes: { languages: ['de'], interests: ['x'] } }),
];

describe('a simulation', () => {
  it('lets people meet, wait and give up as the trace says', async () => {
    const simulated = await run(HAND_MADE);
    expect(outcomes(simulated)).toEqual([
      ['matched', 10],
      ['matched', 0],
      ['gave_up', 30],
      ['matched', 30],
      ['matched', 0],
    ]);
    expect([simulated.rooms, simulated.failures]).toEqual([2, 0]);
  });

  it('counts what can be counted by hand', async () => {
    const { tookMs, ...summary } = summarise(await run(HAND_MADE));
    expect(tookMs).toBeGreaterThan(0);
    expect(summary).toEqual({
      strategy: 'fifo',
      arrivals: 5,
      matched: 4,
      gaveUp: 1,
      refused: 0,
      absent: 0,
      rooms: 2,
      matchedShare: 0.8,
      wait: { p50: 0, p90: 30_000, p99: 30_000, max: 30_000 },
      quality: 0.75,
      fairness: {
        ratio: 6,
        groups: [
          { name: 'de', arrivals: 2, matchedShare: 1, meanWaitMs: 15_000 },
          { name: 'en', arrivals: 2, matchedShare: 1, meanWaitMs: 5_000 },
          { name: 'is', arrivals: 1, matchedShare: 0, meanWaitMs: 30_000 },
        ],
      },
      failures: 0,
    });
    expect(summaryTable([{ ...summary, tookMs: 1_234 }])).toBe(
      [
        'strategy  matched  unmatched  wait p50   p90   p99   max  quality  fairness    run',
        '--------  -------  ---------  --------  ----  ----  ----  -------  --------  -----',
        'fifo        80.0%      20.0%    0:00.0  0:30  0:30  0:30    0.750      6.00  1.2 s',
      ].join('\n'),
    );
  });

  it.each(['fifo', 'priority', 'affinity'])('comes to the same end each time under %s', async (strategy) => {
    const arrivals = [...generateDay({ hours: 24, arrivals: 400, seed: 3, pool: 'default' })];
    const { tookMs: _, ...first } = await run(arrivals, strategy);
    const { tookMs: __, ...second } = await run(arrivals, strategy);
    expect(second).toEqual(first);
    expect(first.rooms).toBeGreaterThan(100);
    expect(first.visits.every(({ outcome }) => outcome === 'matched' || outcome === 'gave_up')).toBe(true);
  });

  it('holds out for the largest group, then settles for less', async () => {
    const group = { minimum: 2, maximum: 4, multiple: 1, patienceMs: 20_000 };
    const simulated = await run([at(0, { group }), at(5, { group }), at(9, { group })]);
    expect(outcomes(simulated)).toEqual([
      ['matched', 20],
      ['matched', 15],
      ['matched', 11],
    ]);
    expect(simulated.rooms).toBe(1);
  });

  it('keeps a party together', async () => {
    const party = [{ provenance: 'human' as const, attributes: {} }];
    const simulated = await run([at(0, { party, group: exactly(3) }), at(5), at(8, { group: exactly(3) })]);
    expect(outcomes(simulated)).toEqual([
      ['matched', 8],
      ['gave_up', 60],
      ['matched', 0],
    ]);
  });

  it('ends a talk when the first one has to go, and lets them come again', async () => {
    const [ann, bob] = [
      { person: 1, talkMs: 40_000 },
      { person: 2, talkMs: 90_000 },
    ];
    const simulated = await run([at(0, ann), at(0, bob), at(39, bob), at(41, ann), at(42, bob), at(43, bob)]);
    expect(simulated.visits.map(({ outcome }) => outcome)).toEqual([
      'matched',
      'matched',
      'absent',
      'matched',
      'matched',
      'absent',
    ]);
    expect(summarise(simulated)).toMatchObject({ arrivals: 4, absent: 2, rooms: 2 });
  });

  it('keeps those apart who have just met', async () => {
    const arrivals = [at(0, { person: 1 }), at(0, { person: 2 }), at(40, { person: 1 }), at(41, { person: 2 })];
    expect((await run(arrivals, 'fifo', { cooldownMs: 0 })).rooms).toBe(2);
    expect((await run(arrivals, 'fifo', { cooldownMs: 600_000 })).rooms).toBe(1);
  });

  it('looks at one pool alone, when asked to', async () => {
    const arrivals = [at(0), at(1, { pool: 'mentors' }), at(2), at(3, { pool: 'mentors' })];
    expect((await run(arrivals)).rooms).toBe(2);
    expect(outcomes(await run(arrivals, 'fifo', { pool: 'mentors' }))).toEqual([
      ['matched', 2],
      ['matched', 0],
    ]);
  });

  it('puts people into groups by the first value they give', async () => {
    const levels: Attributes[] = [{}, { level: 3 }, { level: ['a', 'b'] }];
    const arrivals = levels.map((attributes) => at(0, { attributes }));
    const { visits } = await run(arrivals, 'fifo', { groupBy: 'level' });
    expect(visits.map(({ group }) => group)).toEqual(['not told', '3', 'a']);
    const urgent = await run([at(0, { priority: 2 })], 'fifo', { groupBy: 'priority' });
    expect(urgent.visits.map(({ group }) => group)).toEqual(['2']);
  });

  it('tells of strategies that fail or refuse', async () => {
    const broken = await run(HAND_MADE, 'broken');
    expect(broken.failures).toBeGreaterThan(0);
    expect(broken.visits.every(({ outcome }) => outcome === 'gave_up')).toBe(true);
    expect(summarise(await run(HAND_MADE, 'picky'))).toMatchObject({
      refused: 5,
      matchedShare: 0,
      wait: undefined,
      quality: undefined,
    });
  });
});
