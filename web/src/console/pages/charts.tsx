import { type ChartLine, LineChart } from '../chart/line-chart.js';
import type { Unit } from '../chart/units.js';
import { type History, lineOf, partsOf } from '../live/figure-store.js';

export interface ChartsProps {
  readonly history: History;
  /** How much of the time is shown. */
  readonly minutes: number;
}

interface Chart {
  readonly title: string;
  readonly unit: Unit;
  readonly lines: (history: History) => readonly ChartLine[];
  readonly empty: string;
}

const line = (label: string, name: string, part: string | null = null) => ({
  of: (history: History): ChartLine => ({ label, values: lineOf(history, name, part) }),
});
const these =
  (...lines: readonly ReturnType<typeof line>[]) =>
  (history: History) =>
    lines.map(({ of }) => of(history));

/** Pools shown by themselves; where there are more, those in which most wait. */
const POOLS_SHOWN = 5;

const CHARTS: readonly Chart[] = [
  { title: 'Waiting, by pool', unit: 'count', lines: waiting, empty: 'Nothing known yet.' },
  {
    title: 'Wait until a match',
    unit: 'seconds',
    lines: these(line('half within', 'wait_p50'), line('95 % within', 'wait_p95')),
    empty: 'Nobody was matched in this time.',
  },
  {
    title: 'Messages per minute',
    unit: 'per_minute',
    lines: these(line('Messages', 'messages')),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Matches and arrivals per minute',
    unit: 'per_minute',
    lines: these(line('Matches', 'matches'), line('Arrivals', 'arrivals')),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Open streams and waits',
    unit: 'count',
    lines: these(line('Streams', 'streams'), line('Long polls', 'waits'), line('Sessions', 'sessions')),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Delivery lag',
    unit: 'seconds',
    lines: these(line('half within', 'delivery_lag_p50'), line('99 % within', 'delivery_lag_p99')),
    empty: 'Nothing was delivered in this time.',
  },
  {
    title: 'Strategy decisions per minute',
    unit: 'per_minute',
    lines: these(
      line('Runs', 'decisions', 'runs'),
      line('Groups accepted', 'decisions', 'accepted'),
      line('Refused', 'decisions', 'refused'),
      line('Failures', 'decisions', 'failures'),
    ),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Errors per minute',
    unit: 'per_minute',
    lines: these(
      line('Failed', 'errors', 'failed'),
      line('Unavailable', 'errors', 'unavailable'),
      line('Webhooks', 'errors', 'webhook'),
      line('Limits', 'errors', 'limited'),
      line('Refused by rules', 'errors', 'refused'),
    ),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Event loop delay, 99 %',
    unit: 'seconds',
    lines: these(line('Slowest instance', 'event_loop_p99')),
    empty: 'Nothing known yet.',
  },
];

/** What happened lately, drawn. */
export function Charts({ history, minutes }: ChartsProps) {
  const { at, intervalMs } = history;
  const to = at.at(-1) ?? Date.now();
  const domain = [to - minutes * 60_000, to] as const;
  return (
    <div class="charts">
      {CHARTS.map(({ title, unit, lines, empty }) => (
        <LineChart
          key={title}
          title={title}
          unit={unit}
          at={at}
          lines={lines(history)}
          domain={domain}
          gapMs={intervalMs * 2.5}
          empty={at.length === 0 ? 'The first figures come within some seconds.' : empty}
        />
      ))}
    </div>
  );
}

function waiting(history: History): readonly ChartLine[] {
  const most = (values: readonly (number | null)[]) => Math.max(0, ...values.map((value) => value ?? 0));
  return partsOf(history, 'waiting')
    .map(({ of, values }) => ({ label: of ?? '', values }))
    .sort((a, b) => most(b.values) - most(a.values))
    .slice(0, POOLS_SHOWN);
}
