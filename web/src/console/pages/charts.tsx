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
  /** Left out when there is nothing to draw, because not every service has it. */
  readonly isOptional?: boolean;
}

/** A line of a chart, of a figure or of one part of it. */
interface Drawn {
  readonly label: string;
  readonly name: string;
  readonly of?: string;
}

const these =
  (...drawn: readonly Drawn[]) =>
  (history: History): readonly ChartLine[] =>
    drawn.map(({ label, name, of = null }) => ({ label, values: lineOf(history, name, of) }));

/** As `these`, but without what nobody knows of. */
const known =
  (...drawn: readonly Drawn[]) =>
  (history: History): readonly ChartLine[] =>
    these(...drawn)(history).filter(({ values }) => values.some((value) => value !== null));

/** As `these`, but without what did not happen. */
const happened =
  (...drawn: readonly Drawn[]) =>
  (history: History): readonly ChartLine[] =>
    these(...drawn)(history).filter(({ values }) => values.some((value) => value !== null && value > 0));

/** Least time that is shown, when no more is known of, in milliseconds. */
const LEAST_MS = 180_000;

/** Pools shown by themselves; where there are more, those in which most wait. */
const POOLS_SHOWN = 5;

const CHARTS: readonly Chart[] = [
  { title: 'Waiting, by pool', unit: 'count', lines: waiting, empty: 'Nothing known yet.' },
  {
    title: 'Wait until a match',
    unit: 'seconds',
    lines: these({ label: 'half within', name: 'wait_p50' }, { label: '95 % within', name: 'wait_p95' }),
    empty: 'Nobody was matched in this time.',
  },
  {
    title: 'Messages per minute',
    unit: 'per_minute',
    lines: these({ label: 'Messages', name: 'messages' }),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Matches and arrivals per minute',
    unit: 'per_minute',
    lines: these({ label: 'Matches', name: 'matches' }, { label: 'Arrivals', name: 'arrivals' }),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Open streams and waits',
    unit: 'count',
    lines: these(
      { label: 'Streams', name: 'streams' },
      { label: 'Long polls', name: 'waits' },
      { label: 'Sessions', name: 'sessions' },
    ),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Delivery lag',
    unit: 'seconds',
    lines: these(
      { label: 'half within', name: 'delivery_lag_p50' },
      { label: '99 % within', name: 'delivery_lag_p99' },
    ),
    empty: 'Nothing was delivered in this time.',
  },
  {
    title: 'Strategy decisions per minute',
    unit: 'per_minute',
    lines: these(
      { label: 'Runs', name: 'decisions', of: 'runs' },
      { label: 'Accepted', name: 'decisions', of: 'accepted' },
      { label: 'Refused', name: 'decisions', of: 'refused' },
      { label: 'Failures', name: 'decisions', of: 'failures' },
    ),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Errors per minute',
    unit: 'per_minute',
    lines: happened(
      { label: 'Failed', name: 'errors', of: 'failed' },
      { label: 'Unavailable', name: 'errors', of: 'unavailable' },
      { label: 'Webhooks', name: 'errors', of: 'webhook' },
      { label: 'Limits', name: 'errors', of: 'limited' },
      { label: 'Refused by rules', name: 'errors', of: 'refused' },
    ),
    empty: 'None in this time.',
  },
  {
    title: 'Event loop and strategies',
    unit: 'seconds',
    lines: these(
      { label: 'Delay of the loop, 99 %', name: 'event_loop_p99' },
      { label: 'A run, 99 %', name: 'strategy_p99' },
    ),
    empty: 'Nothing known yet.',
  },
  {
    title: 'Webhooks, history, message queue: lag',
    unit: 'seconds',
    lines: known(
      { label: 'Webhooks, 95 %', name: 'webhook_lag_p95' },
      { label: 'History', name: 'history_lag' },
      { label: 'Message queue', name: 'message_queue_lag' },
    ),
    empty: 'Nothing known yet.',
    isOptional: true,
  },
];

/** What happened lately, drawn. */
export function Charts({ history, minutes }: ChartsProps) {
  const { at, intervalMs } = history;
  const to = at.at(-1) ?? Date.now();
  const domain = [Math.max(to - minutes * 60_000, Math.min(at[0] ?? to, to - LEAST_MS)), to] as const;
  return (
    <div class="charts">
      {CHARTS.map((chart) => ({ ...chart, drawn: chart.lines(history) }))
        .filter(({ isOptional = false, drawn }) => !isOptional || drawn.length > 0)
        .map(({ title, unit, drawn, empty }) => (
          <LineChart
            key={title}
            title={title}
            unit={unit}
            at={at}
            lines={drawn}
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
