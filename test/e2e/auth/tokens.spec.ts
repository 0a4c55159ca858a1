import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { base64url, SignJWT } from 'jose';
import { Authority, type Overrides, signingKey } from '../../support/authority.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import {
  type Answer,
  errorOf,
  type Headers,
  initialize,
  send,
  SESSION_REVISIONS,
  StatelessPeer,
} from '../http/wire.js';

jest.setTimeout(30_000);

const METADATA = 'https://parley.example.org/.well-known/oauth-protected-resource/mcp';

let authority: Authority;
let server: TestServer;

const now = () => Math.floor(Date.now() / 1000);

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer({
    environment: { ...authority.jwt, AUTH_JWKS_COOLDOWN_SECONDS: '0', AUTH_CLOCK_SKEW_SECONDS: '10', ...environment },
  });
}

beforeEach(async () => {
  authority = await Authority.start();
});
afterEach(async () => {
  await server.close();
  await authority.close();
});

const ask = (bearer: string | undefined, headers: Headers = {}): Promise<Answer> => {
  const peer = new StatelessPeer(server.url, bearer);
  return peer.post(peer.message('tools/list'), { ...peer.headers('tools/list'), ...headers });
};

async function refusal(bearer: string): Promise<string> {
  const answer = await ask(bearer);
  expect(answer.status).toBe(401);
  expect(errorOf(answer).code).toBe(4010);
  const challenge = answer.headers['www-authenticate']!;
  expect(challenge).toMatch(/^Bearer error="invalid_token", resource_metadata="/);
  expect(answer.text + challenge).not.toContain(bearer);
  return errorOf(answer).message;
}

describe('a token of the authority', () => {
  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])('is taken when it is signed with %s', async (alg) => {
    authority.current = await signingKey('own', alg);
    authority.published = [authority.current];
    await start();
    expect((await ask(await authority.token('ann'))).status).toBe(200);
  });

  it('is verified once, and its keys are fetched once', async () => {
    await start();
    const token = await authority.token('ann');
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await ask(await authority.token('ben'))).status).toBe(200);
    expect(authority.countOf('/jwks')).toBe(1);
  });

  it('may be within the clock skew, and no further', async () => {
    await start();
    expect((await ask(await authority.token('ann', { exp: now() - 5 }))).status).toBe(200);
    expect((await ask(await authority.token('ann', { nbf: now() + 5 }))).status).toBe(200);
    expect(await refusal(await authority.token('ann', { exp: now() - 15 }))).toBe('The token has expired');
    expect(await refusal(await authority.token('ann', { nbf: now() + 60 }))).toBe('The token is not valid yet');
  });

  it.each<[string, Overrides, string]>([
    ['another issuer', { iss: 'https://elsewhere.example' }, 'The token is from another issuer'],
    ['the issuer with a slash', { iss: 'https://elsewhere.example/' }, 'The token is from another issuer'],
    ['another audience', { aud: 'https://other.example/mcp' }, 'The token is not for this service'],
    ['the audience of another path', { aud: 'https://parley.example.org' }, 'The token is not for this service'],
    ['no audience', { aud: undefined }, 'The token is not for this service'],
    ['no expiry', { exp: undefined }, 'The token does not say when it expires'],
    ['no subject', { sub: undefined }, 'The token names no subject'],
    ['an empty subject', { sub: '' }, 'The token names no subject'],
  ])('with %s is refused', async (_, overrides, message) => {
    await start();
    expect(await refusal(await authority.token('ann', overrides))).toBe(message);
  });

  it('may be for several audiences, and an operator may name others', async () => {
    await start({ AUTH_AUDIENCE: 'api://parley, other' });
    expect((await ask(await authority.token('ann', { aud: ['x', 'api://parley'] }))).status).toBe(200);
    expect(await refusal(await authority.token('ann'))).toBe('The token is not for this service');
  });
});

describe('a forged token', () => {
  beforeEach(() => start());

  it('without a signature is refused', async () => {
    const [, payload] = (await authority.token('ann')).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const header = base64url.encode(JSON.stringify({ alg, typ: 'at+jwt' }));
      await refusal(`${header}.${payload}.`);
      await refusal(`${header}.${payload}.AAAA`);
    }
  });

  it('signed with the public key as a shared secret is refused', async () => {
    const { publicJwk } = authority.current;
    const secrets = [
      JSON.stringify(publicJwk),
      publicJwk.x!,
      Buffer.from(publicJwk.x!, 'base64url').toString('latin1'),
    ];
    for (const secret of secrets) {
      const forged = await new SignJWT({ sub: 'ann', scope: 'parley:chat' })
        .setProtectedHeader({ alg: 'HS256', kid: authority.current.kid })
        .setIssuer(authority.issuer)
        .setAudience('https://parley.example.org/mcp')
        .setExpirationTime('5m')
        .sign(Buffer.from(secret.padEnd(32)));
      expect(await refusal(forged)).toBe('The token is signed with an algorithm that is not allowed');
    }
  });

  it('signed with a key of its own, under the name of the real one or embedded, is refused', async () => {
    const own = await signingKey(authority.current.kid);
    expect(await refusal(await authority.token('ann', {}, own))).toBe('The signature is wrong');
    const embedded = await new SignJWT({ sub: 'ann', scope: 'parley:chat' })
      .setProtectedHeader({ alg: 'ES256', kid: 'first', jwk: own.publicJwk, jku: `${authority.issuer}/evil/jwks` })
      .setIssuer(authority.issuer)
      .setAudience('https://parley.example.org/mcp')
      .setExpirationTime('5m')
      .sign(own.privateKey);
    expect(await refusal(embedded)).toBe('The signature is wrong');
    expect(authority.asked).not.toContain('/realm/evil/jwks');
  });

  it('with a changed payload is refused', async () => {
    const [header, , signature] = (await authority.token('ann')).split('.');
    const [, admin] = (await authority.token('ann', { scope: 'parley:chat parley:admin' })).split('.');
    expect(await refusal(`${header}.${admin}.${signature}`)).toBe('The signature is wrong');
  });

  it('that is no token at all is refused', async () => {
    for (const nonsense of ['xyzzy', 'a.b.c', '....', 'eyJhbGciOiJFUzI1NiJ9', `${'A'.repeat(2_000)}.B.C`])
      await refusal(nonsense);
  });
});

describe('the keys of the authority', () => {
  it('may change: a token of a new key is taken as soon as it is published', async () => {
    await start();
    const before = await authority.token('ann');
    expect((await ask(before)).status).toBe(200);
    await authority.rotate('second');
    expect((await ask(await authority.token('ben'))).status).toBe(200);
    expect((await ask(before)).status).toBe(200);
  });

  it('are not asked for again by every token with an unknown one', async () => {
    await start({ AUTH_JWKS_COOLDOWN_SECONDS: '3600' });
    expect((await ask(await authority.token('ann'))).status).toBe(200);
    for (let i = 0; i < 10; i++) {
      const unknown = await signingKey(`unknown-${i}`);
      expect(await refusal(await authority.token('eve', {}, unknown))).toBe('The token names no key of the issuer');
    }
    expect(authority.countOf('/jwks')).toBe(1);
  });

  it('let nobody in while they cannot be had, except whom they have let in already', async () => {
    await start();
    const known = await authority.token('ann');
    expect((await ask(known)).status).toBe(200);
    await authority.rotate('second');
    authority.broken = true;
    const answer = await ask(await authority.token('ben'));
    expect([answer.status, errorOf(answer).code, answer.headers['retry-after']]).toEqual([503, 5030, '2']);
    expect((await ask(known)).status).toBe(200);
    authority.broken = false;
    expect((await ask(await authority.token('ben'))).status).toBe(200);
  });
});

describe('without a token', () => {
  beforeEach(() => start());

  it('every method of HTTP is told where to get one', async () => {
    const peer = new StatelessPeer(server.url);
    const answers = [
      await ask(undefined),
      await initialize(server.url, SESSION_REVISIONS[0]),
      await send(server.url, 'GET', { Accept: 'text/event-stream', 'Mcp-Session-Id': 'x' }),
      await send(server.url, 'DELETE', { 'Mcp-Session-Id': 'x' }),
      await ask(undefined, { Authorization: 'Basic YW5uOnNlY3JldA==' }),
      await peer.post('this is no JSON'),
      await peer.post('x'.repeat(1_000_000)),
    ];
    for (const { status, headers } of answers) {
      expect([status, headers['www-authenticate']]).toEqual([
        401,
        `Bearer resource_metadata="${METADATA}", scope="parley:chat"`,
      ]);
    }
  });

  it('host and origin come first, and a preflight needs none', async () => {
    expect((await ask(undefined, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask(undefined, { Host: 'evil.example' })).status).toBe(403);
    const preflight = await send(server.url, 'OPTIONS', { Origin: 'http://localhost:8080' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization');
    const page = await ask(undefined, { Origin: 'http://localhost:8080' });
    expect([page.status, page.headers['access-control-expose-headers']]).toEqual([
      401,
      expect.stringContaining('WWW-Authenticate'),
    ]);
  });

  it('in the header, one in the address or a malformed header is a bad request', async () => {
    const token = await authority.token('ann');
    const peer = new StatelessPeer(new URL(`${server.url.href}?access_token=${token}`));
    const inQuery = await peer.rpc('tools/list');
    expect([inQuery.status, inQuery.headers['www-authenticate']]).toEqual([
      400,
      'Bearer error="invalid_request", error_description="A token must be in the Authorization header, never in the address"',
    ]);
    peer.bearer = token;
    expect((await peer.rpc('tools/list')).status).toBe(400);
    for (const value of ['Bearer', 'Bearer ', `Bearer ${token} ${token}`, 'Bearer "x"', 'Bearer ä']) {
      const { status, text } = await ask(undefined, { Authorization: value });
      expect([value, status]).toEqual([value, 400]);
      expect(text).not.toContain(token);
    }
    expect((await ask(undefined, { Authorization: `bearer   ${token}` })).status).toBe(200);
  });
});

describe('a token without the scope', () => {
  it.each([undefined, '', 'openid profile', 'parley:chatter', 'parley:admin', 'PARLEY:CHAT'])(
    'to talk (%p) is told which one it lacks',
    async (scope) => {
      await start();
      const answer = await ask(await authority.token('ann', { scope }));
      expect([answer.status, errorOf(answer).code]).toEqual([403, 4030]);
      expect(answer.headers['www-authenticate']).toBe(
        `Bearer error="insufficient_scope", resource_metadata="${METADATA}", scope="parley:chat", ` +
          'error_description="The token does not have the scope parley:chat"',
      );
    },
  );

  it('is read from scp as well, a list or a text', async () => {
    await start();
    expect((await ask(await authority.token('ann', { scope: undefined, scp: ['x', 'parley:chat'] }))).status).toBe(200);
    expect((await ask(await authority.token('ben', { scope: undefined, scp: 'x parley:chat' }))).status).toBe(200);
  });
});

describe('the metadata of the resource', () => {
  const places = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'];

  it('is at both places, for everybody and every page', async () => {
    await start();
    for (const place of places) {
      const { status, headers, text } = await send(new URL(place, server.url), 'GET', {
        Origin: 'https://any.example',
      });
      expect([status, headers['access-control-allow-origin']]).toEqual([200, '*']);
      expect(JSON.parse(text)).toEqual({
        resource: 'https://parley.example.org/mcp',
        authorization_servers: [authority.issuer],
        scopes_supported: ['parley:chat'],
        bearer_methods_supported: ['header'],
        resource_name: 'Parley',
      });
      const preflight = await send(new URL(place, server.url), 'OPTIONS', { Origin: 'https://any.example' });
      expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([
        204,
        'MCP-Protocol-Version',
      ]);
    }
  });

  it('is nowhere when there is no authority', async () => {
    server = await startTestServer();
    for (const place of places) expect((await send(new URL(place, server.url), 'GET')).status).toBe(404);
  });
});
