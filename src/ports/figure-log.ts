import type { Awaitable } from './awaitable.js';

/** The figures of one instance at one moment; plain numbers by name. */
export interface Sample {
  readonly instance: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** For how long samples are kept, in milliseconds. */
export const FIGURES_KEPT_MS = 3_600_000;

/** What the instances counted lately, for charts: the last hour, by the time of the newest sample. */
export interface FigureLog {
  add(sample: Sample): Awaitable<void>;
  /** Later than `since` (milliseconds since the epoch), of all instances, oldest first. */
  since(since: number): Awaitable<readonly Sample[]>;
}
export const FigureLog = Symbol.for('parley/FigureLog');
