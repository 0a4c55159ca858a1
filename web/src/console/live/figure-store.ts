import type { Figures } from '../api/answers.js';

/** For how long figures are kept, in milliseconds. */
const KEPT_MS = 3_600_000;

/** One line of a chart. */
export interface Line {
  readonly name: string;
  readonly of: string | null;
  readonly unit: string;
  /** One for each moment; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

/** What happened lately, in columns. */
export interface History {
  /** Milliseconds since the epoch, ascending. */
  readonly at: readonly number[];
  readonly intervalMs: number;
  readonly lines: readonly Line[];
}

export const NO_HISTORY: History = { at: [], intervalMs: 10_000, lines: [] };

/** The history with what has come since, without what has grown too old. */
export function extended(before: History, { at, series, interval_ms: intervalMs }: Figures): History {
  const last = before.at.at(-1) ?? -Infinity;
  const first = at.findIndex((time) => time > last);
  if (first < 0) return before;
  const added = at.slice(first);
  const keptFrom = added.at(-1)! - KEPT_MS;
  const drop = before.at.findIndex((time) => time > keptFrom);
  const kept = drop < 0 ? [] : before.at.slice(drop);

  const known = new Map(before.lines.map((line) => [keyOf(line), line]));
  const fresh = new Map(series.map((line) => [keyOf(line), line]));
  const lines = [...new Set([...known.keys(), ...fresh.keys()])].map((key): Line => {
    const { name, of, unit } = (fresh.get(key) ?? known.get(key))!;
    const old = drop < 0 ? [] : (known.get(key)?.values.slice(drop) ?? kept.map(() => null));
    const now = fresh.get(key)?.values.slice(first) ?? added.map(() => (unit === 'per_minute' ? 0 : null));
    return { name, of, unit, values: [...old, ...now] };
  });
  return { at: [...kept, ...added], intervalMs, lines };
}

const keyOf = ({ name, of }: Pick<Line, 'name' | 'of'>) => `${name}/${of ?? ''}`;

/** What is counted by how often it happens: where nobody says anything, it did not. */
const RATES = new Set(['messages', 'matches', 'arrivals', 'errors', 'decisions']);

/** The values of one line. */
export function lineOf({ at, lines }: History, name: string, of: string | null = null): readonly (number | null)[] {
  const found = lines.find((line) => line.name === name && line.of === of);
  return found?.values ?? at.map(() => (RATES.has(name) ? 0 : null));
}

/** All parts of a figure, by what they are of. */
export const partsOf = ({ lines }: History, name: string): readonly Line[] =>
  lines.filter((line) => line.name === name);

/** The sum of the parts of a figure, of those that are named or of all; null where nobody knows of any. */
export function summed(history: History, name: string, of?: readonly string[]): readonly (number | null)[] {
  const parts = of?.map((part) => lineOf(history, name, part)) ?? partsOf(history, name).map(({ values }) => values);
  return history.at.map((_, i) => {
    const known = parts.map((values) => values[i] ?? null).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
}
