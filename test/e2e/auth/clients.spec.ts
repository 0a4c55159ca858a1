import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClientCredentialsProvider as ProviderV2 } from '@modelcontextprotocol/client';
import { ClientCredentialsProvider as ProviderV1 } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Authority } from '../../support/authority.js';
import { type ConnectOptions, connectV1, connectV2, ERAS } from '../../support/clients.js';
import { useParley } from '../../support/parley.js';

jest.setTimeout(60_000);

/** Clients check that the metadata is about the address they connect to, so it must be known before the service starts. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const parley = useParley();
let authority: Authority;

beforeEach(async () => {
  authority = await Authority.start();
  const PORT = await freePort();
  const PUBLIC_URL = `http://127.0.0.1:${PORT}`;
  await parley.start({ environment: { ...authority.jwt, PORT, PUBLIC_URL, AUTH_CLOCK_SKEW_SECONDS: '0' } });
});
afterEach(() => authority.close());

const audience = () => parley.server.url.href;

describe.each(ERAS)('an SDK client in $era', ({ era, connect }) => {
  const credentials = (clientId: string): ConnectOptions => {
    const options = { clientId, clientSecret: 'secret', expectedIssuer: authority.issuer };
    const provider =
      era === '2025-11-25'
        ? // Without a browser, the 1.x line does not ask by itself for the scope it was told it needs.
          new ProviderV1({ ...options, scope: 'parley:chat' })
        : new ProviderV2(options);
    return { authProvider: provider };
  };

  it('talks with a token of its own', async () => {
    const tokens = await Promise.all(['ann', 'ben'].map((sub) => authority.token(sub, { aud: audience() })));
    const [ann, ben] = await Promise.all(tokens.map((bearer) => parley.client(connect, { bearer })));
    const { roomId } = await parley.match(ann!, ben!);
    await ben!.say(roomId, 'hello');
    await ann!.hearsMessage('hello');
    expect(ann!.token).toBeUndefined();
  });

  it('finds out where to get a token, gets it, and talks', async () => {
    const ann = await parley.client(connect, credentials('ann'));
    const ben = await parley.client(connect, credentials('ben'));
    const { roomId } = await parley.match(ann, ben);
    await ben.say(roomId, 'hello');
    await ann.hearsMessage('hello');
    expect(authority.countOf('/.well-known/oauth-authorization-server/realm')).toBeGreaterThanOrEqual(2);
    expect(authority.countOf('/token')).toBe(2);
  });

  it('gets another token when the first has expired, and is the same participant', async () => {
    authority.tokenSeconds = 6;
    const ann = await parley.client(connect, credentials('ann'));
    const { user_id } = await ann.become('enter_queue', { display_name: 'Ann' });
    authority.tokenSeconds = 300;
    // Answered when the token expires, at the latest.
    await ann.ok('wait_for_message', { timeout_seconds: 40 });
    expect((await ann.ok('get_status')).user_id).toBe(user_id);
    // The stream of a session gets one of its own.
    expect(authority.countOf('/token')).toBeGreaterThanOrEqual(2);
  });

  it('is turned away with a token for another service, before it has said anything', async () => {
    const bearer = await authority.token('ann', { aud: 'https://other.example/mcp' });
    await expect(connect(parley.server.url, { bearer })).rejects.toThrow();
  });
});

it('the same principal is the same participant for clients of both eras at once', async () => {
  const bearer = () => authority.token('ann', { aud: audience() });
  const older = await parley.client(connectV1, { bearer: await bearer() });
  const newer = await parley.client(connectV2, { bearer: await bearer() });
  const ben = await parley.client(connectV2, { bearer: await authority.token('ben', { aud: audience() }) });
  await older.enter({ display_name: 'Ann' });
  await newer.listen();
  const { room_id } = await ben.enter({ display_name: 'Ben' });
  await ben.say(room_id, 'hello both');
  await Promise.all([older.hearsMessage('hello both'), newer.hearsMessage('hello both')]);
  await newer.say(room_id, 'hello back');
  await ben.hearsMessage('hello back');
});
