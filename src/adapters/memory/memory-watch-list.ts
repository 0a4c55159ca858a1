import { OVER_AT_ONCE, type WatchList } from '../../ports/watch-list.js';

/** The watches of one process. */
export class MemoryWatchList implements WatchList {
  readonly #until = new Map<string, number>();

  keep(roomId: string, until: number): void {
    this.#until.set(roomId, until);
  }

  end(roomId: string): void {
    this.#until.delete(roomId);
  }

  over(now: number): readonly string[] {
    return [...this.#until]
      .filter(([, until]) => until <= now)
      .sort(([, one], [, other]) => one - other)
      .slice(0, OVER_AT_ONCE)
      .map(([roomId]) => roomId);
  }
}
