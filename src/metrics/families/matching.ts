import type { PoolSettings } from '../../config/index.js';
import type { MatchingEngine, PoolStatistics } from '../../matching/index.js';
import type { PoolFigures } from '../../ports/operator-steps.js';
import type { StateStore } from '../../ports/state-store.js';
import { type Family, histogramSamples, type Sample } from '../family.js';

const MICROS_PER_SECOND = 1_000_000;

type Part = Pick<PoolStatistics, 'strategy' | 'runs' | 'proposals' | 'refusals' | 'failures' | 'duration'>;

/** Who waits, and what strategies do about it. */
export function matchingFamilies(
  engine: MatchingEngine,
  state: StateStore,
  pools: ReadonlyMap<string, PoolSettings>,
  now: () => number,
): Family[] {
  const inPools = (read: (figures: PoolFigures) => number) => async () =>
    (await state.poolFigures([...pools.keys()])).map((figures) => ({
      labels: { pool: figures.pool },
      value: read(figures),
    }));
  return [
    {
      name: 'parley_queue_tickets',
      help: 'Tickets waiting in a pool, of the whole namespace; those of open rooms not counted.',
      type: 'gauge',
      read: inPools(({ waiting }) => waiting),
    },
    {
      name: 'parley_queue_oldest_seconds',
      help: 'For how long the ticket that waits longest has waited in a pool; 0 when nobody waits.',
      type: 'gauge',
      read: inPools(({ oldestAt }) => (oldestAt === null ? 0 : Math.max(0, now() - oldestAt) / 1000)),
    },
    {
      name: 'parley_strategy_runs_total',
      help: 'Runs of a strategy; its role is live, fallback or shadow.',
      type: 'counter',
      read: () => partsOf(engine).map(([labels, { runs }]) => ({ labels, value: runs })),
    },
    {
      name: 'parley_strategy_proposals_total',
      help: 'Groups that a strategy proposed.',
      type: 'counter',
      read: () => partsOf(engine).map(([labels, { proposals }]) => ({ labels, value: proposals })),
    },
    {
      name: 'parley_strategy_refusals_total',
      help: 'Proposals that the engine refused, by cause.',
      type: 'counter',
      read: () => partsOf(engine).flatMap(([labels, { refusals }]) => split(labels, 'cause', refusals)),
    },
    {
      name: 'parley_strategy_failures_total',
      help: 'Failures of a strategy, by kind.',
      type: 'counter',
      read: () => partsOf(engine).flatMap(([labels, { failures }]) => split(labels, 'kind', failures)),
    },
    {
      name: 'parley_strategy_duration_seconds',
      help: 'How long runs of a strategy took.',
      type: 'histogram',
      read: () =>
        partsOf(engine).flatMap(([labels, { duration }]) =>
          histogramSamples('parley_strategy_duration_seconds', labels, duration, MICROS_PER_SECOND),
        ),
    },
    {
      name: 'parley_strategy_suspended',
      help: '1 while the strategy of a pool is suspended.',
      type: 'gauge',
      read: () => engine.statistics().map(({ pool, suspended }) => ({ labels: { pool }, value: Number(suspended) })),
    },
    {
      name: 'parley_strategy_suspensions_total',
      help: 'How often the strategy of a pool was suspended, or had to remain so.',
      type: 'counter',
      read: () => engine.statistics().map(({ pool, suspensions }) => ({ labels: { pool }, value: suspensions })),
    },
  ];
}

/** Every strategy that is asked, with its labels. */
function partsOf(engine: MatchingEngine): [Record<'pool' | 'strategy' | 'role', string>, Part][] {
  return engine
    .statistics()
    .flatMap(({ pool, fallback, shadow, ...live }) =>
      Object.entries({ live, fallback, shadow }).flatMap(([role, part]) =>
        part ? [[{ pool, strategy: part.strategy, role }, part] satisfies [object, Part]] : [],
      ),
    );
}

const split = (
  labels: Readonly<Record<string, string>>,
  label: string,
  counts: Readonly<Record<string, number>>,
): Sample[] => Object.entries(counts).map(([key, value]) => ({ labels: { ...labels, [label]: key }, value }));
