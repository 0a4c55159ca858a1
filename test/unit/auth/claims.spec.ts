import { describe, expect, it } from '@jest/globals';
import { identityOf } from '../../../src/auth/claims.js';
import { loadConfig } from '../../../src/config/index.js';
import type { Identity } from '../../../src/ports/identity-verifier.js';

function identity(claims: object, mapping: Record<string, string> = {}): Identity {
  const { auth } = loadConfig({
    AUTH_ISSUER: 'https://id.example.org',
    AUTH_CLAIMS: JSON.stringify(mapping),
    AUTH_DISPLAY_NAME_CLAIM: 'name',
  });
  const found = identityOf({ sub: 'ann', ...claims }, auth);
  if ('refused' in found) throw new Error(found.refused);
  return found;
}

describe('an identity from claims', () => {
  it('is the issuer’s subject, until the token has expired for every clock', () => {
    expect(identity({ exp: 1_000 })).toMatchObject({
      principal: 'https://id.example.org#ann',
      expiresAt: 1_030_000,
    });
  });

  it('has what the mapping finds, by name before path, and knows what it lacks', () => {
    const claims = {
      'https://example.org/level': 3,
      realm_access: { roles: ['red', 'blue'] },
      'a.b': 'by name',
      a: { b: 'by path' },
      name: 'Ann',
    };
    const mapping = {
      level: 'https://example.org/level',
      groups: 'realm_access.roles',
      exact: 'a.b',
      missing: 'nowhere.at.all',
      inherited: 'constructor.name',
    };
    expect(identity(claims, mapping)).toMatchObject({
      attributes: { level: 3, groups: ['red', 'blue'], exact: 'by name', missing: undefined, inherited: undefined },
      displayName: 'Ann',
    });
    expect(Object.keys(identity({}, mapping).attributes)).toEqual(Object.keys(mapping));
  });

  it('leaves out what an attribute cannot hold', () => {
    const claims = {
      object: { a: 1 },
      nothing: null,
      long: 'x'.repeat(257),
      hidden: 'a\u202eb',
      mixed: ['a', 1, null, 'x'.repeat(257), '\ud800', 'b'],
      many: Array.from({ length: 40 }, (_, i) => `g${i}`),
    };
    const { attributes } = identity(claims, Object.fromEntries(Object.keys(claims).map((name) => [name, name])));
    expect(attributes).toMatchObject({
      object: undefined,
      nothing: undefined,
      long: undefined,
      hidden: undefined,
      mixed: ['a', 'b'],
    });
    expect(attributes['many']).toHaveLength(32);
  });

  it('reads scopes from scope or scp, as a text or a list', () => {
    for (const claims of [{ scope: 'a  b' }, { scp: 'a b' }, { scp: ['a', 7, 'b'] }, { scope: ['a', 'b'] }]) {
      expect(identity(claims).scopes).toEqual(new Set(['a', 'b']));
    }
    for (const claims of [{}, { scope: 7 }, { scope: '' }]) expect(identity(claims).scopes.size).toBe(0);
  });
});
