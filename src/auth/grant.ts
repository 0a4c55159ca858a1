import type { IncomingMessage } from 'node:http';
import type { Identity } from '../ports/identity-verifier.js';

/** What to do when a token is no longer any good: because its time is over, or because it was taken back before. */
export type GrantEnd = (why: 'expired' | 'revoked') => void;

/** What a verified token allows for as long as it is good. */
export class Grant {
  readonly #ends = new Set<GrantEnd>();

  constructor(
    private current: Identity,
    /** Until when it is believed without verifying the token again, in milliseconds since the epoch. */
    public freshUntil: number,
    /** Grants on which something depends, and a request that holds the token, to verify it again meanwhile. */
    private readonly watched: Map<Grant, IncomingMessage>,
  ) {}

  get identity(): Identity {
    return this.current;
  }

  /** What verifying the token again has found. */
  renew(identity: Identity, freshUntil: number): void {
    this.current = identity;
    this.freshUntil = freshUntil;
  }

  /**
   * Calls back once when the token is no longer any good, until the returned function is called.
   * @param request one that presented it
   */
  onEnd(request: IncomingMessage, end: GrantEnd): () => void {
    this.#ends.add(end);
    this.watched.set(this, request);
    return () => {
      this.#ends.delete(end);
      if (this.#ends.size === 0) this.watched.delete(this);
    };
  }

  /** Whether its time is over. */
  isOver(now: number): boolean {
    const { expiresAt } = this.current;
    return expiresAt !== null && expiresAt <= now;
  }

  /** Ends what depends on it: before its time, it was taken back. */
  end(now: number): void {
    const why = this.isOver(now) ? 'expired' : 'revoked';
    this.freshUntil = 0;
    this.watched.delete(this);
    const ends = [...this.#ends];
    this.#ends.clear();
    ends.forEach((end) => end(why));
  }
}
