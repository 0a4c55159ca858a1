import type { Sample } from '../ports/figure-log.js';
import { Buckets } from './buckets.js';
import { DURATIONS, type DurationName, FIGURES, type FigureName, type NumberName } from './figure-names.js';
import type { FigureSeries, FigureTable } from './figure-table.js';

const MINUTE_MS = 60_000;
/** Figures of a chart need no more digits. */
const DIGITS = 4;

/**
 * The figures of all instances as one table. A sample names a number `name` or `name/part`, and how many durations there
 * were from `lower` to `upper` seconds `name#lower:upper`; a rate that is not named was zero.
 *
 * @param samples by time
 */
export function mergeSamples(samples: readonly Sample[], intervalMs: number): FigureTable {
  const at = [...new Set(samples.map((sample) => sample.at))];
  const rows = new Map(at.map((time, row) => [time, row]));
  const columns = new Map<string, Column>();
  const durations = new Map<string, Buckets[]>();
  // The same keys come again and again: what they mean is found out once.
  const takers = new Map<string, Taker>();
  const takerOf = (key: string): Taker => {
    const [name, bucket] = key.split('#') as [string, string?];
    return bucket === undefined
      ? numberTaker(columns, key, at.length)
      : durationTaker(durations, name, bucket, at.length);
  };

  for (const sample of samples) {
    const row = rows.get(sample.at)!;
    for (const key in sample.figures) {
      let take = takers.get(key);
      if (!take) takers.set(key, (take = takerOf(key)));
      take(row, sample.figures[key]!);
    }
  }

  const perMinute = MINUTE_MS / intervalMs;
  const numbers = (Object.keys(FIGURES) as NumberName[]).flatMap((name) =>
    [...columns]
      .filter(([key]) => nameOf(key) === name)
      .map(([key, values]): FigureSeries => {
        const { unit } = FIGURES[name];
        const shown =
          unit === 'per_minute' ? values.map((value) => rounded((value ?? 0) * perMinute)) : values.map(rounded);
        return { name, of: partOf(key), unit, values: shown };
      }),
  );
  const percentiles = (Object.keys(DURATIONS) as DurationName[]).flatMap((name) => {
    const buckets = durations.get(name);
    if (!buckets) return [];
    return DURATIONS[name].map((percentile): FigureSeries => {
      const share = Number(percentile.slice(1)) / 100;
      const values = buckets.map((each) => rounded(each.percentile(share)));
      return { name: `${name}_${percentile}` as FigureName, of: null, unit: 'seconds', values };
    });
  });
  return { intervalMs, at, series: [...numbers, ...percentiles] };
}

type Column = (number | null)[];
type Taker = (row: number, value: number) => void;

function numberTaker(columns: Map<string, Column>, key: string, rows: number): Taker {
  const name = nameOf(key);
  // Another version of the service may know more.
  if (!isKnown(name)) return () => undefined;
  const column: Column = new Array<null>(rows).fill(null);
  columns.set(key, column);
  const { merge } = FIGURES[name];
  return (row, value) => {
    const before = column[row]!;
    column[row] = before === null ? value : merge === 'sum' ? before + value : Math.max(before, value);
  };
}

function durationTaker(durations: Map<string, Buckets[]>, name: string, bucket: string, rows: number): Taker {
  let buckets = durations.get(name);
  if (!buckets) durations.set(name, (buckets = Array.from({ length: rows }, () => new Buckets())));
  const all = buckets;
  return (row, value) => all[row]!.add(bucket, value);
}

const nameOf = (key: string) => key.split('/', 1)[0]!;
const partOf = (key: string) => (key.includes('/') ? key.slice(key.indexOf('/') + 1) : null);
const isKnown = (name: string): name is NumberName => Object.hasOwn(FIGURES, name);
const rounded = (value: number | null) =>
  value === null || Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
