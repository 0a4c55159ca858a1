import type { Attributes } from '../domain/participant.js';
import type { Awaitable } from './awaitable.js';

/** What a caller may do: talk, look after what others say, run the service. */
export const SCOPES = ['parley:chat', 'parley:moderate', 'parley:admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Whom a bearer token stands for. */
export interface Identity {
  /** The same for every token of the same party, and never that of another one. Other participants never learn it. */
  readonly principal: string;
  /** What the token allows; those that Parley does not know mean nothing to it. */
  readonly scopes: ReadonlySet<string>;
  /** From when on the token is no good, in milliseconds since the epoch; null: until it is verified in vain. */
  readonly expiresAt: number | null;
  /**
   * What the principal's participants are, whatever a caller says of them; undefined: they have no such attribute,
   * whatever a caller says.
   */
  readonly attributes: Readonly<Record<string, Attributes[string] | undefined>>;
  /** The tenant that the token is for, where there are several; no other one lets its bearer in. */
  readonly tenant?: string | undefined;
  /** The name of a participant that says none itself. */
  readonly displayName?: string | undefined;
}

/** Why a token is no good, in words that its bearer is told: they never repeat the token or who else it may be of. */
export interface Refusal {
  readonly refused: string;
}

/** Says whom a bearer token stands for. */
export interface IdentityVerifier {
  /** Rejects when it cannot tell for now: nobody is let in then, and callers are told to come back. */
  verify(token: string): Awaitable<Identity | Refusal>;
  /** Takes a function that it calls with each principal that is no longer let in, whatever was verified before. */
  onRevoked?(tell: (principal: string) => void): void;
}
export const IdentityVerifier = Symbol.for('parley/IdentityVerifier');
