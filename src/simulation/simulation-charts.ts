import { barChart, dotChart, lineChart, type Series, type Spread, spreadChart } from './charts/index.js';
import { matchedWaits, mean, percentile, qualities, type Summary, waitingOverTime } from './report.js';
import type { Simulated } from './simulator.js';
import { percent } from './units.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Where waits are read off, in milliseconds. */
const WAIT_TICKS = [
  { value: SECOND, label: '≤ 1 s' },
  { value: 5 * SECOND, label: '5 s' },
  { value: 15 * SECOND, label: '15 s' },
  { value: MINUTE, label: '1 min' },
  { value: 5 * MINUTE, label: '5 min' },
  { value: 15 * MINUTE, label: '15 min' },
  { value: HOUR, label: '1 h' },
];
/** How many points a line has at most. */
const POINTS = 240;

/** A run with its summary. */
export interface Result {
  readonly run: Simulated;
  readonly summary: Summary;
}

/** The charts of a simulation: SVG text by file name. @param attribute by which the summaries group people */
export function simulationCharts(results: readonly Result[], attribute: string): ReadonlyMap<string, string> {
  const charts = [
    ['wait.svg', waitChart(results)],
    ['quality.svg', qualityChart(results)],
    ['unmatched.svg', unmatchedChart(results)],
    ['fairness.svg', fairnessChart(results, attribute)],
    ['waiting.svg', waitingChart(results)],
  ] as const;
  return new Map(charts);
}

function waitChart(results: readonly Result[]): string {
  const longest = Math.max(15 * MINUTE, ...results.map(({ summary }) => summary.wait?.max ?? 0));
  const end = WAIT_TICKS.find(({ value }) => value >= longest)?.value ?? longest;
  return lineChart({
    title: 'How soon people are matched',
    subtitle: 'The further up and left, the better. The gap above the end of a line is those who gave up.',
    x: {
      name: 'waited at most',
      scale: 'log',
      domain: [SECOND, end],
      ticks: WAIT_TICKS.filter(({ value }) => value <= end),
    },
    y: { name: 'matched, of all who arrived', domain: [0, 1], format: wholePercent },
    steps: true,
    series: results.map(({ run, summary }) => {
      const waits = matchedWaits(run.visits);
      const points: [number, number][] = [];
      for (let i = 0; i <= POINTS; i++) {
        const wait = SECOND * (end / SECOND) ** (i / POINTS);
        points.push([wait, countUpTo(waits, wait) / Math.max(1, summary.arrivals)]);
      }
      return { name: summary.strategy, points };
    }),
  });
}

function qualityChart(results: readonly Result[]): string {
  const rows = results.flatMap(({ run, summary }): Spread[] => {
    const sorted = qualities(run.visits);
    if (sorted.length === 0) return [];
    const at = (part: number) => percentile(sorted, part);
    return [
      {
        name: summary.strategy,
        p10: at(0.1),
        p25: at(0.25),
        p50: at(0.5),
        p75: at(0.75),
        p90: at(0.9),
        mean: mean(sorted)!,
      },
    ];
  });
  return spreadChart({
    title: 'How well those who meet fit each other',
    subtitle:
      'Dot: mean. Thick: the middle half, with a mark at the median. Thin: all but the best and the worst tenth.',
    measure: {
      name: 'match quality (0: nothing in common, 1: all)',
      maximum: Math.max(0.1, ...rows.map(({ p90, mean }) => Math.max(p90, mean))),
      format: (value) => value.toFixed(2),
    },
    rows,
  });
}

function unmatchedChart(results: readonly Result[]): string {
  const rows = results.map(({ summary }) => ({ name: summary.strategy, value: 1 - summary.matchedShare }));
  return barChart({
    title: 'Who leaves without a match',
    subtitle: 'Those who gave up waiting or were refused, of all who arrived.',
    measure: { name: 'unmatched', maximum: Math.max(0.01, ...rows.map(({ value }) => value)), format: percent },
    rows,
  });
}

function fairnessChart(results: readonly Result[], attribute: string): string {
  const [first] = results;
  const names = first?.summary.fairness.groups ?? [];
  const minutes = results.map(
    ({ summary }) => new Map(summary.fairness.groups.map(({ name, meanWaitMs }) => [name, meanWaitMs / MINUTE])),
  );
  const rows = names.map(({ name, arrivals }) => ({
    name: `${name.slice(0, 24)} (${arrivals})`,
    values: minutes.map((run) => run.get(name)),
  }));
  return dotChart({
    title: `How fairly the wait is shared, by ${attribute}`,
    subtitle:
      'Mean wait until a match or until giving up. The closer the rows, the fairer. In brackets: how many arrived.',
    measure: {
      name: 'mean wait (minutes)',
      maximum: Math.max(0.1, ...rows.flatMap(({ values }) => values.map((value) => value ?? 0))),
      format: (value) => String(Math.round(value * 100) / 100),
    },
    series: results.map(({ summary }) => summary.strategy),
    rows,
  });
}

function waitingChart(results: readonly Result[]): string {
  const end = Math.max(1, ...results.flatMap(({ run }) => (run.visits.length > 0 ? [run.visits.at(-1)!.at] : [])));
  const parts = Math.min(POINTS / 2, Math.max(12, Math.ceil(end / (10 * MINUTE))));
  const unit = end > 3 * HOUR ? HOUR : MINUTE;
  const series = results.map(({ run, summary }): Series => {
    const counts = waitingOverTime(run.visits, end, parts);
    return { name: summary.strategy, points: counts.map((count, i) => [((i + 0.5) * end) / parts / unit, count]) };
  });
  const most = Math.max(1, ...series.flatMap(({ points }) => points.map(([, count]) => count)));
  return lineChart({
    title: 'How many wait, over time',
    subtitle: `Mean number of waiting tickets within each ${Math.round(end / parts / MINUTE) || 1} minutes.`,
    x: {
      name: unit === HOUR ? 'hours since the start' : 'minutes since the start',
      domain: [0, end / unit],
      ...(unit === HOUR && end <= 30 * HOUR && { ticks: hours(end / HOUR) }),
    },
    y: { name: 'waiting', domain: [0, most * 1.05] },
    series,
  });
}

const hours = (end: number) =>
  Array.from({ length: Math.floor(end / 3 + 0.05) + 1 }, (_, index) => ({ value: index * 3, label: `${index * 3} h` }));

const wholePercent = (share: number) => `${Math.round(share * 100)}%`;

function countUpTo(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
