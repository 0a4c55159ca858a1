import type { LiveData, LiveName, LogEntry } from '../domain/event.js';
import type { EventSlice } from '../ports/state-store.js';
import type { Awaitable } from '../ports/awaitable.js';

/** One open stream of one participant, as a reader of its event log. */
export interface EventListener {
  /**
   * Takes the next entry; false asks for a pause until `drained`.
   * @param truncated entries before this one are no longer kept and were not delivered
   */
  event(entry: LogEntry, truncated: boolean): boolean;
  /** Takes something that is never logged; it may be dropped. */
  live(name: LiveName, data: LiveData[LiveName]): void;
  drained(): Promise<void>;
  /** Reading failed for good, or its participant may no longer listen; the stream should end. The client has its cursor. */
  failed(error: unknown): void;
}

/** Entries read at a time while catching up. */
const PAGE = 128;

/**
 * Delivers a log to a listener in order, each entry once: live while the listener keeps up, from the log whenever it
 * does not, so that nothing queues up in between.
 */
export class LogFollower {
  #catchingUp = false;
  #behind = false;
  #closed = false;
  /** Entries before the next one to deliver were lost. */
  #truncated = false;

  /** @param position deliver the entries after this one */
  constructor(
    readonly participantId: string,
    private position: number,
    private readonly listener: EventListener,
    private readonly read: (after: number, limit: number) => Awaitable<EventSlice>,
  ) {}

  /** Called for each new entry of the log, in any order and any number of times. */
  hear(entry: LogEntry): void {
    if (this.#catchingUp) this.#behind = true;
    else if (entry.seq <= this.position || this.#closed) return;
    else if (entry.seq === this.position + 1) this.#deliver(entry);
    else this.catchUp();
  }

  /** New entries may not have been heard. */
  missed(): void {
    if (this.#catchingUp) this.#behind = true;
    else this.catchUp();
  }

  live(name: LiveName, data: LiveData[LiveName]): void {
    if (this.#catchingUp || this.#closed) return;
    try {
      this.listener.live(name, data);
    } catch (error) {
      this.end(error);
    }
  }

  close(): void {
    this.#closed = true;
  }

  catchUp(): void {
    if (this.#catchingUp || this.#closed) return;
    this.#catchingUp = true;
    this.#readOn().catch((error: unknown) => this.end(error));
  }

  async #readOn(): Promise<void> {
    do {
      this.#behind = false;
      const slice = await this.read(this.position, PAGE);
      if (this.#closed) return;
      this.#truncated ||= slice.truncated;
      for (const entry of slice.entries) {
        if (!this.#give(entry)) await this.listener.drained();
        if (this.#closed) return;
      }
      if (slice.entries.length === PAGE) this.#behind = true;
      else this.position = slice.position;
    } while (this.#behind);
    this.#catchingUp = false;
  }

  #give(entry: LogEntry): boolean {
    const truncated = this.#truncated;
    this.#truncated = false;
    this.position = entry.seq;
    return this.listener.event(entry, truncated);
  }

  /** A listener that throws harms itself only: whoever else hears the same event goes on. */
  #deliver(entry: LogEntry): void {
    try {
      if (this.#give(entry)) return;
    } catch (error) {
      this.end(error);
      return;
    }
    this.#catchingUp = true;
    this.listener
      .drained()
      .then(() => this.#readOn())
      .catch((error: unknown) => this.end(error));
  }

  /** Tells the listener that it hears nothing more, and why. */
  end(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.listener.failed(error);
  }
}
