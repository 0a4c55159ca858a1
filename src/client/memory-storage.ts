import type { ChatStorage, Saved } from './chat-client.js';

/** Keeps what it is given for as long as it lives: for tests, and for faces without a reload. */
export class MemoryStorage implements ChatStorage {
  #saved: Saved | undefined;

  constructor(saved?: Saved) {
    this.#saved = saved;
  }

  load(): Saved | undefined {
    return this.#saved;
  }

  save(saved: Saved): void {
    this.#saved = saved;
  }

  clear(): void {
    this.#saved = undefined;
  }
}
