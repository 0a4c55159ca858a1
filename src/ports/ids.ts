/** Randomness, injected so that tests can be repeated. */
export interface Ids {
  /** A UUID for participants, tickets, rooms, messages and sessions. */
  uuid(): string;
  /** An unguessable value of `bytes` random bytes, base64url. */
  secret(bytes: number): string;
  /** A number in [0, 1). */
  random(): number;
}
export const Ids = Symbol.for('parley/Ids');
