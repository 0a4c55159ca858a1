import type { IdentityVerifier } from './identity-verifier.js';

/** What stands before a service that does not listen itself: all its requests come through it. */
export interface Front {
  /** Says whom tokens stand for that are meant for this service; null: nobody is asked. */
  readonly verifier: IdentityVerifier | null;
  /** Lets answers that are under way reach their clients, and then closes their connections. */
  finish(): Promise<void>;
}
export const Front = Symbol.for('parley/Front');
