import { inWords, Problem } from '../api/problem.js';

/** Longest pause between two attempts while they fail, in milliseconds. */
const LONGEST_MS = 60_000;

export interface Polled<T> {
  /** The newest there is. */
  readonly value: T | undefined;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number | undefined;
  /** Why there is nothing newer. */
  readonly failure: string | undefined;
  /** Its HTTP status; 0: there was no answer. */
  readonly status: number | undefined;
}

export const NOTHING: Polled<never> = { value: undefined, at: undefined, failure: undefined, status: undefined };

/** Asks again and again: less often while it fails, and not at all while nobody looks. */
export class Poller<T> {
  #state: Polled<T> = NOTHING;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  /** Which question is the newest; what comes of older ones is not wanted. */
  #asked = 0;
  readonly #signals = new AbortController();

  constructor(
    private readonly load: () => Promise<T>,
    /** Null: once, and whenever it is asked to. */
    private readonly everyMs: number | null,
    private readonly tell: (state: Polled<T>) => void,
  ) {}

  start(): void {
    void this.ask();
    if (this.everyMs === null) return;
    const look = () => document.visibilityState === 'visible' && void this.ask();
    document.addEventListener('visibilitychange', look, this.#signals);
    addEventListener('online', look, this.#signals);
  }

  stop(): void {
    this.#asked++;
    clearTimeout(this.#timer);
    this.#signals.abort();
  }

  /** Asks at once. */
  async ask(): Promise<void> {
    clearTimeout(this.#timer);
    const mine = ++this.#asked;
    let wantedMs = 0;
    try {
      const value = await this.load();
      if (mine !== this.#asked) return;
      this.#failures = 0;
      this.#state = { value, at: Date.now(), failure: undefined, status: undefined };
    } catch (error) {
      if (mine !== this.#asked) return;
      this.#failures++;
      wantedMs = error instanceof Problem ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
      const status = error instanceof Problem ? error.status : undefined;
      this.#state = { ...this.#state, failure: inWords(error), status };
    }
    this.tell(this.#state);
    if (this.everyMs === null) return;
    const pauseMs = Math.min(this.everyMs * 2 ** Math.max(0, this.#failures - 1), LONGEST_MS);
    const again = () => document.visibilityState === 'visible' && void this.ask();
    this.#timer = setTimeout(again, Math.max(wantedMs, pauseMs));
  }
}
