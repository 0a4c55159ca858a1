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
  const columns = new Map<string, (number | null)[]>();
  const durations = new Map<string, Buckets[]>();

  for (const sample of samples) {
    const row = rows.get(sample.at)!;
    for (const [key, value] of Object.entries(sample.figures)) {
      const [name, bucket] = key.split('#') as [string, string?];
      if (bucket === undefined) put(columns, key, row, value, at.length);
      else bucketsOf(durations, name, at.length)[row]!.add(bucket, value);
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

function put(columns: Map<string, (number | null)[]>, key: string, row: number, value: number, rows: number): void {
  const name = nameOf(key);
  // Another version of the service may know more.
  if (!isKnown(name)) return;
  let column = columns.get(key);
  if (!column) columns.set(key, (column = new Array<null>(rows).fill(null)));
  const before = column[row]!;
  column[row] = before === null ? value : FIGURES[name].merge === 'sum' ? before + value : Math.max(before, value);
}

function bucketsOf(durations: Map<string, Buckets[]>, name: string, rows: number): Buckets[] {
  let buckets = durations.get(name);
  if (!buckets) durations.set(name, (buckets = Array.from({ length: rows }, () => new Buckets())));
  return buckets;
}

const nameOf = (key: string) => key.split('/', 1)[0]!;
const partOf = (key: string) => (key.includes('/') ? key.slice(key.indexOf('/') + 1) : null);
const isKnown = (name: string): name is NumberName => Object.hasOwn(FIGURES, name);
const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(DIGITS)));
