import type { IncomingMessage } from 'node:http';
import type { Identity } from '../ports/identity-verifier.js';

/** What a verified token allows for as long as it is good. */
export class Grant {
  readonly #ends = new Set<() => void>();

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
  onEnd(request: IncomingMessage, end: () => void): () => void {
    this.#ends.add(end);
    this.watched.set(this, request);
    return () => {
      this.#ends.delete(end);
      if (this.#ends.size === 0) this.watched.delete(this);
    };
  }

  end(): void {
    this.freshUntil = 0;
    this.watched.delete(this);
    const ends = [...this.#ends];
    this.#ends.clear();
    ends.forEach((end) => end());
  }
}
