import { Backoff } from './backoff.js';
import type { Link } from './chat-state.js';
import { Refusal } from './connection.js';

/** A connection that held this long was a good one: the next try after it comes soon. In milliseconds. */
const HELD_MS = 5_000;

export interface LinkKeeperOptions {
  /** Connects. A `Refusal` ends the tries; any other failure is tried again later. */
  readonly attempt: () => Promise<void>;
  readonly show: (link: Link) => void;
  readonly now: () => number;
  readonly random: () => number;
}

/** Keeps a connection: tries until there is one, and again whenever it is lost. */
export class LinkKeeper {
  readonly #options: LinkKeeperOptions;
  readonly #backoff: Backoff;
  #phase: 'stopped' | 'trying' | 'online' | 'waiting' | 'refused' = 'stopped';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onlineSince = 0;
  /** Why the connection was lost before the try that made it had ended. */
  #lostWhy: string | undefined;
  #tries = 0;

  constructor(options: LinkKeeperOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ random: options.random });
  }

  get online(): boolean {
    return this.#phase === 'online';
  }

  /** Whether it was started and not stopped since. */
  get running(): boolean {
    return this.#phase !== 'stopped';
  }

  /** Which try this is: what began before it says nothing of the connection that it made. */
  get tries(): number {
    return this.#tries;
  }

  /** Settles after the first try, however it ended. */
  async start(): Promise<void> {
    if (this.#phase !== 'stopped') return;
    this.#options.show({ state: 'connecting' });
    await this.#try();
  }

  /** Tries at once, while waiting for the next try or refused. */
  wake(): void {
    if (this.#phase === 'refused') this.#options.show({ state: 'connecting' });
    if (this.#phase === 'refused' || this.#phase === 'waiting') void this.#try();
  }

  /**
   * The connection is gone.
   * @param since the `tries` when whatever failed had begun
   */
  lost(why: string, since = this.#tries): void {
    if (since !== this.#tries) return;
    if (this.#phase === 'trying') this.#lostWhy ??= why;
    if (this.#phase !== 'online') return;
    if (this.#options.now() - this.#onlineSince >= HELD_MS) this.#backoff.reset();
    this.#later(why);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#tries++;
    this.#phase = 'stopped';
    this.#options.show({ state: 'closed' });
  }

  async #try(): Promise<void> {
    clearTimeout(this.#timer);
    const turn = ++this.#tries;
    this.#phase = 'trying';
    this.#lostWhy = undefined;
    const failure = await this.#options.attempt().then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    if (turn !== this.#tries) return;
    const why = failure?.message ?? this.#lostWhy;
    if (failure instanceof Refusal) {
      this.#phase = 'refused';
      this.#options.show({ state: 'refused', why: failure.message });
    } else if (why !== undefined) {
      this.#later(why);
    } else {
      this.#phase = 'online';
      this.#onlineSince = this.#options.now();
      this.#options.show({ state: 'online' });
    }
  }

  #later(why: string): void {
    this.#phase = 'waiting';
    const delayMs = this.#backoff.next();
    this.#timer = setTimeout(() => void this.#try(), delayMs);
    this.#options.show({ state: 'reconnecting', retryAt: this.#options.now() + delayMs, why });
  }
}
