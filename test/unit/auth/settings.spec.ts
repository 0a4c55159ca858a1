import { describe, expect, it } from '@jest/globals';
import { AuthService } from '../../../src/auth/index.js';
import { loadConfig } from '../../../src/config/index.js';
import { FakeClock } from '../../../src/testing/index.js';

const JWT = {
  AUTH_MODE: 'jwt',
  PUBLIC_URL: 'https://parley.example.org/',
  AUTH_ISSUER: 'https://id.example.org/realm',
  AUTH_JWKS_URL: 'https://id.example.org/realm/jwks',
};
const INTROSPECTION = {
  AUTH_MODE: 'introspection',
  PUBLIC_URL: 'https://parley.example.org',
  AUTH_ISSUER: 'https://id.example.org/realm',
  AUTH_INTROSPECTION_URL: 'http://localhost:8080/introspect',
  AUTH_CLIENT_ID: 'parley',
  AUTH_CLIENT_SECRET: 'sup3rsecret',
};

describe('the settings of authentication', () => {
  it('make the endpoint at the public address the audience, unless another is named', () => {
    expect(loadConfig(JWT).auth).toMatchObject({
      resource: 'https://parley.example.org/mcp',
      audiences: ['https://parley.example.org/mcp'],
    });
    expect(loadConfig({ ...JWT, AUTH_AUDIENCE: 'api://a, b' }).auth.audiences).toEqual(['api://a', 'b']);
  });

  it.each([JWT, INTROSPECTION, { AUTH_MODE: 'api-key', API_KEYS_FILE: 'keys.jsonl' }])(
    'must be complete for %j',
    (complete) => {
      expect(loadConfig(complete).auth.mode).toBe(complete.AUTH_MODE);
      for (const name of Object.keys(complete).filter((key) => key !== 'AUTH_MODE')) {
        expect(() => loadConfig({ ...complete, [name]: '' })).toThrow(
          `${name} is required when AUTH_MODE is ${complete.AUTH_MODE}`,
        );
      }
    },
  );

  it.each([
    ['AUTH_MODE', 'oauth', 'must be none, jwt, introspection or api-key'],
    ['AUTH_ISSUER', 'id.example.org', 'must be an https URL'],
    ['AUTH_ISSUER', 'http://id.example.org', 'must be an https URL'],
    ['AUTH_JWKS_URL', 'http://10.0.0.1/jwks', 'must be an https URL'],
    ['AUTH_JWKS_URL', 'https://sup3r:sup3rsecret@id.example.org/jwks', 'must be an https URL'],
    ['AUTH_INTROSPECTION_URL', 'ftp://localhost/introspect', 'must be an https URL'],
    ['PUBLIC_URL', 'https://parley.example.org/chat', 'must be an origin without a path'],
    ['PUBLIC_URL', 'http://parley.example.org', 'must be an https URL'],
    ['AUTH_ALGORITHMS', 'RS256,HS256', 'must list some of RS256, '],
    ['AUTH_ALGORITHMS', 'none', 'must list some of RS256, '],
    ['AUTH_ALGORITHMS', ',', 'must list'],
    ['AUTH_CLOCK_SKEW_SECONDS', '301', 'must be a whole number from 0 to 300'],
    ['AUTH_CLAIMS', '["sup3rsecret"]', 'must be a JSON object of names of attributes to names of claims'],
    ['AUTH_CLAIMS', '{"__proto__ ":"sup3rsecret"}', 'must be a JSON object'],
    ['AUTH_CLAIMS', '{"groups":7}', 'must be a JSON object'],
    ['AUTH_NONE_ON_PUBLIC_ADDRESS', 'yes', 'must be true or false'],
  ])('refuse %s=%s by name, without repeating a secret', (name, value, rule) => {
    const load = () => loadConfig({ ...JWT, [name]: value });
    expect(load).toThrow(`${name} ${rule}`);
    expect(load).not.toThrow('sup3rsecret');
  });
});

describe('no authentication', () => {
  const start = (environment: Record<string, string>) =>
    new AuthService(null, loadConfig(environment), new FakeClock()).onModuleInit();

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('is for who can reach %s', (HOST) => {
    expect(() => start({ HOST })).not.toThrow();
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'parley.example.org', '127.0.0.1.example.org'])(
    'is refused at %s, unless it is meant',
    (HOST) => {
      expect(() => start({ HOST })).toThrow(`AUTH_MODE must not be none when HOST is ${HOST}`);
      expect(() => start({ HOST })).toThrow('AUTH_NONE_ON_PUBLIC_ADDRESS=true');
      expect(() => start({ HOST, AUTH_NONE_ON_PUBLIC_ADDRESS: 'true' })).not.toThrow();
    },
  );

  it('is refused when somebody has begun to set it up', () => {
    for (const name of ['AUTH_ISSUER', 'AUTH_JWKS_URL', 'AUTH_INTROSPECTION_URL']) {
      expect(() => start({ [name]: 'https://id.example.org' })).toThrow(
        `AUTH_MODE must not be none when ${name} is set`,
      );
    }
    expect(() => start({ API_KEYS_FILE: 'keys' })).toThrow('AUTH_MODE must not be none when API_KEYS_FILE is set');
  });
});
