import type { FigureName } from './figure-names.js';

/** One line of a chart. */
export interface FigureSeries {
  readonly name: FigureName;
  /** Of which pool, kind or outcome; null: of all. */
  readonly of: string | null;
  /** `count` is how many at that moment. */
  readonly unit: 'count' | 'per_minute' | 'seconds';
  /** One for each entry of `at`; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

/** What happened lately, of all instances together. */
export interface FigureTable {
  /** Milliseconds that a value stands for. */
  readonly intervalMs: number;
  /** When each interval ended, in milliseconds since the epoch, ascending; one that nobody knows of is left out. */
  readonly at: readonly number[];
  /** In a fixed order; those that say nothing are left out. */
  readonly series: readonly FigureSeries[];
}
