import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Authority, type Overrides } from '../../support/authority.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { errorOf, StatelessPeer } from '../http/wire.js';

jest.setTimeout(30_000);

const now = () => Math.floor(Date.now() / 1000);

describe('introspection', () => {
  let authority: Authority;
  let server: TestServer;

  async function start(environment: Record<string, string> = {}): Promise<void> {
    server = await startTestServer({ environment: { ...authority.introspection, ...environment } });
  }
  const ask = (bearer: string) => new StatelessPeer(server.url, bearer).rpc('tools/list');

  beforeEach(async () => {
    authority = await Authority.start();
  });
  afterEach(async () => {
    await server.close();
    await authority.close();
  });

  it('asks once about a token, with the credentials of the service, however many come with it at once', async () => {
    await start();
    const token = await authority.token('ann');
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(authority.countOf('/introspect')).toBe(1);
  });

  it('asks once about a token that is no good, and tells the bearer so', async () => {
    await start();
    for (let i = 0; i < 5; i++) {
      const answer = await ask('opaque-nonsense');
      expect([answer.status, errorOf(answer).message]).toEqual([
        401,
        'The token is unknown, has expired or was revoked',
      ]);
    }
    expect(authority.countOf('/introspect')).toBe(1);
  });

  it.each<[string, Overrides]>([
    ['for another service', { aud: 'https://other.example' }],
    ['for nobody', { aud: undefined }],
    ['of another issuer', { iss: 'https://other.example' }],
    ['that has expired', { exp: now() - 3_600 }],
    ['that is not valid yet', { nbf: now() + 3_600 }],
    ['without a subject', { sub: undefined }],
  ])('does not take a live token %s', async (_, overrides) => {
    await start();
    expect((await ask(await authority.token('ann', overrides))).status).toBe(401);
  });

  it('takes a token without an expiry or an issuer', async () => {
    await start();
    expect((await ask(await authority.token('ann', { exp: undefined, iss: undefined }))).status).toBe(200);
  });

  it('lets nobody in while the authority is down, slow or refuses the service itself, and asks again after', async () => {
    await start();
    const token = await authority.token('ann');
    authority.broken = true;
    const answer = await ask(token);
    expect([answer.status, errorOf(answer).code, answer.headers['retry-after']]).toEqual([503, 5030, '2']);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    authority.broken = false;
    expect((await ask(token)).status).toBe(200);
    await server.close();
    await start({ AUTH_CLIENT_SECRET: 'wrong' });
    expect((await ask(token)).status).toBe(503);
    await server.close();
    await start({ AUTH_TIMEOUT_MS: '100' });
    authority.delayMs = 3_000;
    expect((await ask(token)).status).toBe(503);
  });
});
