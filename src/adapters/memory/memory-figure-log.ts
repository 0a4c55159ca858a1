import { FIGURES_KEPT_MS, type FigureLog, type Sample } from '../../ports/figure-log.js';

/** Samples of the last hour, in a list. They end with the process. */
export class MemoryFigureLog implements FigureLog {
  #samples: readonly Sample[] = [];

  add(sample: Sample): void {
    const since = sample.at - FIGURES_KEPT_MS;
    this.#samples = [...this.#samples.filter(({ at }) => at > since), sample].sort((a, b) => a.at - b.at);
  }

  since(since: number): readonly Sample[] {
    return this.#samples.filter(({ at }) => at > since);
  }
}
