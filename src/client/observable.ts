/** A value that is replaced as a whole, and who wants to know. */
export class Observable<T> {
  #value: T;
  readonly #listeners = new Set<{ readonly call: () => void }>();
  #telling = false;
  #changes = 0;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  /** Replaces the value; the same one again is no change. */
  set(value: T): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#changes++;
    if (!this.#telling) this.#tell();
  }

  /** Calls back once after each change, also after one that a listener makes. Returns how to stop. */
  subscribe(call: () => void): () => void {
    const listener = { call };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    this.#telling = true;
    for (; this.#changes > 0; this.#changes--) {
      for (const { call } of [...this.#listeners]) {
        try {
          call();
        } catch (error) {
          console.error(error);
        }
      }
    }
    this.#telling = false;
  }
}
