import type { Awaitable } from './awaitable.js';

/** Rooms that operators watch, on whichever instance, and until when. Times are milliseconds since the epoch. */
export interface WatchList {
  /** A watch of this room lasts until then, unless it is kept again. */
  keep(roomId: string, until: number): Awaitable<void>;
  end(roomId: string): Awaitable<void>;
  /** Rooms whose watch is over and has not ended, the longest over first; at most 100. */
  over(now: number): Awaitable<readonly string[]>;
}
export const WatchList = Symbol.for('parley/WatchList');

/** Most rooms that one call of `over` names. */
export const OVER_AT_ONCE = 100;
