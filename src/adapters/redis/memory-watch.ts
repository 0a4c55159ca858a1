import { Logger } from '@nestjs/common';

/** Notices when Redis no longer has what was written to it, and says so. */
export class MemoryWatch {
  readonly #logger = new Logger('Redis');
  #epoch: string | undefined;
  #newest = 0;

  constructor(private readonly namespace: string) {}

  /**
   * @param epoch what tells this memory of the server from any it had before
   * @param newest number of the newest step known to it
   * @returns whether it is still the same memory
   */
  see(epoch: string, newest = 0): boolean {
    const isSame = this.#epoch === undefined || this.#epoch === epoch;
    const { namespace } = this;
    if (!isSame) {
      const msg = 'Redis has lost its memory: participants, tickets, rooms and messages of before are gone';
      this.#logger.error({ msg, namespace });
    } else if (newest < this.#newest) {
      const msg = 'Redis has lost its latest writes: events and what came with them are gone';
      this.#logger.error({ msg, namespace, steps: this.#newest - newest });
    }
    this.#epoch = epoch;
    this.#newest = newest;
    return isSame;
  }
}
