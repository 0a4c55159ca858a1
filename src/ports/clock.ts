/** Time, injected so that no test sleeps to be right. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}
export const Clock = Symbol.for('parley/Clock');
