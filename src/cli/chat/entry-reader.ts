import type { Conversation, Entry } from '../../client/index.js';

/** Remembers what of each conversation was shown, for faces that show a thing once and cannot take it back. */
export class EntryReader {
  readonly #shown = new Map<string, Set<string>>();

  /** What was not shown yet, in order. One's own messages wait until they are sent or have failed. */
  news({ roomId, entries }: Conversation): readonly Entry[] {
    const shown = this.#shown.get(roomId) ?? new Set();
    this.#shown.set(roomId, shown);
    return entries.filter((entry) => {
      const delivery = entry.kind === 'message' ? entry.delivery : undefined;
      if (delivery === 'sending') return false;
      // A message that failed is shown again once it is sent after all.
      const key = delivery === 'failed' ? `failed ${entry.key}` : entry.key;
      return !shown.has(key) && shown.add(key);
    });
  }

  /** Whether anything of it was shown. */
  knows(roomId: string): boolean {
    return this.#shown.has(roomId);
  }

  forget(roomId: string): void {
    this.#shown.delete(roomId);
  }
}
