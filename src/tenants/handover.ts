import { hash } from 'node:crypto';
import type { Identity } from '../ports/identity-verifier.js';

/** For how long what the front has verified need not be verified again, in milliseconds, and of how many tokens. */
const HELD_MS = 1_000;
const HELD = 10_000;

/** Whom the front has just found tokens to stand for, so that the authority is not asked again by the tenant. */
export class Handover {
  /** By digest of the token. */
  readonly #held = new Map<string, { readonly identity: Identity; readonly until: number }>();

  give(token: string, identity: Identity): void {
    if (this.#held.size >= HELD) this.#held.clear();
    this.#held.set(digestOf(token), { identity, until: performance.now() + HELD_MS });
  }

  /** Once, and only right away. */
  take(token: string): Identity | undefined {
    if (this.#held.size === 0) return undefined;
    const digest = digestOf(token);
    const held = this.#held.get(digest);
    this.#held.delete(digest);
    return held && performance.now() < held.until ? held.identity : undefined;
  }
}

const digestOf = (token: string) => hash('sha256', token, 'base64url');
