import { Logger } from '@nestjs/common';
import type { OutboxGroup } from '../../ports/outbox.js';

/** Least time between two lines, in milliseconds. */
const PAUSE_MS = 60_000;

/** Says that the outbox was too full for one of its readers, at most once a minute. */
export class LossLog {
  readonly #logger = new Logger('Outbox');
  #told = 0;
  #toldAt = -Infinity;

  constructor(
    private readonly group: OutboxGroup,
    private readonly records: number,
  ) {}

  /** @param lost how many records the reader has lost in all */
  note(lost: number): void {
    if (lost <= this.#told || performance.now() - this.#toldAt < PAUSE_MS) return;
    const { group, records: holds } = this;
    const msg = 'the outbox is full: its oldest records were dropped before they were taken';
    this.#logger.warn({ msg, reader: group, holds, dropped: lost - this.#told, dropped_in_all: lost });
    this.#told = lost;
    this.#toldAt = performance.now();
  }
}
