import { describe, expect, it } from '@jest/globals';
import { SystemIds } from '../../src/adapters/system/system-ids.js';

/** Of rooms, participants and sessions, and of the tokens that name them. */
describe('an id', () => {
  const ids = new SystemIds();
  const many = <T>(make: () => T) => Array.from({ length: 10_000 }, make);

  it('cannot be guessed: each is random, and long enough', () => {
    const uuids = many(() => ids.uuid());
    expect(new Set(uuids).size).toBe(uuids.length);
    // RFC 9562: version 4 has 122 random bits.
    for (const id of uuids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const secrets = many(() => Buffer.from(ids.secret(16), 'base64url'));
    expect(new Set(secrets.map(String)).size).toBe(secrets.length);
    for (const secret of secrets) expect(secret).toHaveLength(16);
  });
});
