/** For how long it is remembered whom a token names, in milliseconds, and how many of them. */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 100_000;

/**
 * Whom tokens named not long ago, so that not every call has to compute a digest and ask the state, which may be
 * elsewhere. A token never comes to name somebody else, and whoever has been forgotten is found missing by whatever step comes next.
 */
export class ResolvedTokens {
  #recent = new Map<string, string>();
  /** Those of the time before, or of the last `REMEMBERED` before. */
  #former: ReadonlyMap<string, string> = new Map();
  #since = -Infinity;

  /** @param key the token, and the principal that shows it */
  find(key: string, now = performance.now()): string | undefined {
    if (now - this.#since > REMEMBERED_MS / 2) this.#turn(now);
    return this.#recent.get(key) ?? this.#former.get(key);
  }

  remember(key: string, participantId: string): void {
    if (this.#recent.size >= REMEMBERED / 2) this.#turn(performance.now());
    this.#recent.set(key, participantId);
  }

  #turn(now: number): void {
    this.#former = now - this.#since > REMEMBERED_MS ? new Map() : this.#recent;
    this.#recent = new Map();
    this.#since = now;
  }
}
