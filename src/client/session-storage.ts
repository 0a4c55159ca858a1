import type { ChatStorage, Saved, Wish } from './chat-client.js';

/** What is used of the browser's `Storage`. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Keeps it in the browser's `sessionStorage`: for one tab, over reloads, until the tab is closed. Where the browser
 * forbids storage, or what is stored is not ours, nothing is known, and that is all.
 */
export class SessionStorage implements ChatStorage {
  /** @param storage a function, because browsers throw when a page that may not store anything names it */
  constructor(
    private readonly key = 'parley',
    private readonly storage: () => KeyValueStorage = () =>
      (globalThis as unknown as { readonly sessionStorage: KeyValueStorage }).sessionStorage,
  ) {}

  load(): Saved | undefined {
    return this.#attempt((storage) => savedFrom(JSON.parse(storage.getItem(this.key) ?? 'null')));
  }

  save(saved: Saved): void {
    this.#attempt((storage) => storage.setItem(this.key, JSON.stringify(saved)));
  }

  clear(): void {
    this.#attempt((storage) => storage.removeItem(this.key));
  }

  #attempt<T>(use: (storage: KeyValueStorage) => T): T | undefined {
    try {
      return use(this.storage());
    } catch {
      return undefined;
    }
  }
}

function savedFrom(value: unknown): Saved | undefined {
  const { participantToken, displayName, wish } = (value ?? {}) as Partial<Record<keyof Saved, unknown>>;
  if (typeof participantToken !== 'string' || typeof displayName !== 'string') return undefined;
  return { participantToken, displayName, ...(isWish(wish) && { wish }) };
}

function isWish(value: unknown): value is Wish {
  const { displayName, pool, interests, groupSize } = (value ?? {}) as Partial<Record<keyof Wish, unknown>>;
  return (
    typeof displayName === 'string' &&
    (pool === undefined || typeof pool === 'string') &&
    (interests === undefined || (Array.isArray(interests) && interests.every((item) => typeof item === 'string'))) &&
    (groupSize === undefined || typeof groupSize === 'number')
  );
}
