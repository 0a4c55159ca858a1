/** How often partners are told that one is writing, at most, in milliseconds. */
const TELL_EVERY_MS = 3_000;
/** How long somebody counts as writing after they were last seen to, in milliseconds. */
const EXPIRES_MS = 6_000;

/** Who is writing, for as long as that is news. */
export class TypingClock {
  readonly #told = new Map<string, number>();
  readonly #expiries = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly now: () => number,
    private readonly expired: (roomId: string, userId: string) => void,
  ) {}

  /** Whether the partners should be told now that one is writing. */
  isNews(roomId: string): boolean {
    const told = this.#told.get(roomId);
    if (told !== undefined && this.now() - told < TELL_EVERY_MS) return false;
    this.#told.set(roomId, this.now());
    return true;
  }

  /** One's message ends one's writing: the next key is news. */
  sent(roomId: string): void {
    this.#told.delete(roomId);
  }

  /** A partner writes, or has stopped. */
  heard(roomId: string, userId: string, typing: boolean): void {
    const key = `${roomId} ${userId}`;
    clearTimeout(this.#expiries.get(key));
    this.#expiries.delete(key);
    if (!typing) return;
    const expire = () => {
      this.#expiries.delete(key);
      this.expired(roomId, userId);
    };
    this.#expiries.set(key, setTimeout(expire, EXPIRES_MS));
  }

  clear(): void {
    for (const expiry of this.#expiries.values()) clearTimeout(expiry);
    this.#expiries.clear();
    this.#told.clear();
  }
}
