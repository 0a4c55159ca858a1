import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { type Identity, type IdentityVerifier, McpRegistry, type Refusal } from '../../../src/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { CHAT_EXTENSION, errorOf, rpcOf, StatelessPeer, structured } from '../http/wire.js';

jest.setTimeout(30_000);

/** What the host application knows about its people. */
@Injectable()
class People {
  readonly banned = new Set<string>();
}

@Module({ providers: [People], exports: [People] })
class PeopleModule {}

@Injectable()
class BadgeVerifier implements IdentityVerifier {
  constructor(private readonly people: People) {}

  async verify(token: string): Promise<Identity | Refusal> {
    const [name, ...scopes] = token.split('.');
    if (name === 'storm') throw new Error('the badge office is closed');
    if (this.people.banned.has(name!)) return { refused: `"${name}" has handed in the badge\n` };
    return {
      principal: name!,
      scopes: new Set(scopes.map((scope) => `parley:${scope}`)),
      expiresAt: null,
      attributes: { staff: true },
      displayName: `Dr ${name}`,
    };
  }

  tell: (principal: string) => void = () => undefined;
  onRevoked(tell: (principal: string) => void): void {
    this.tell = tell;
  }
}

describe('a verifier of the host application', () => {
  let server: TestServer;
  afterEach(() => server.close());

  const start = async () => {
    const identity = { useClass: BadgeVerifier, imports: [PeopleModule] };
    server = await startTestServer({ identity, environment: { AUTH_CACHE_SECONDS: 1 } });
    for (const scope of ['parley:moderate', 'parley:admin'] as const) {
      server.app.get(McpRegistry, { strict: false }).addTool({
        name: scope.replace('parley:', ''),
        title: 'For few',
        description: 'For few.',
        inputSchema: { type: 'object', properties: {} },
        scope,
        call: async () => ({ content: [] }),
      });
    }
  };
  const peer = (badge?: string) => new StatelessPeer(server.url, badge);

  it('says who somebody is, what they are called, and who is not let in', async () => {
    await start();
    expect((await peer().rpc('tools/list')).headers['www-authenticate']).toBe('Bearer scope="parley:chat"');
    await peer('ann.chat').call('enter_queue');
    const criteria = { attribute: 'staff', equals: true };
    const found = structured(await peer('ben.chat').call('enter_queue', { criteria }));
    expect(found).toMatchObject({ status: 'matched', partner: { display_name: 'Dr ann' } });

    const stream = await peer('ann.chat').subscribe({ [CHAT_EXTENSION]: {} });
    server.app.get(People, { strict: false }).banned.add('ann');
    expect(await stream.ended).toBe(true);
    const refused = await peer('ann.chat').rpc('tools/list');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      'Bearer error="invalid_token", scope="parley:chat", error_description="?ann? has handed in the badge?"',
    ]);
  });

  it('may take a principal’s word back at once', async () => {
    await start();
    await peer('ann.chat').call('enter_queue');
    const stream = await peer('ann.chat').subscribe({ [CHAT_EXTENSION]: {} });
    server.app.get<BadgeVerifier>(Symbol.for('parley/IdentityVerifier'), { strict: false }).tell('ann');
    expect(await stream.ended).toBe(true);
  });

  it('lets nobody in when it fails', async () => {
    await start();
    const answer = await peer('storm.chat').rpc('tools/list');
    expect([answer.status, answer.text.includes('badge office')]).toEqual([503, false]);
  });

  it.each([
    ['ann.chat', 403, 403],
    ['ann.chat.moderate', 200, 403],
    ['ann.chat.admin', 200, 200],
  ])('lets %s use tools by their scope', async (badge, moderate, admin) => {
    await start();
    expect((await peer(badge).call('moderate')).status).toBe(moderate);
    const answer = await peer(badge).call('admin');
    expect(answer.status).toBe(admin);
    if (admin === 403) {
      expect(answer.headers['www-authenticate']).toBe(
        'Bearer error="insufficient_scope", scope="parley:admin", error_description="The token does not have the scope parley:admin"',
      );
    } else expect(rpcOf(answer).result).toBeDefined();
  });

  it('is one too many beside AUTH_MODE', async () => {
    await start();
    await expect(
      startTestServer({
        identity: { useClass: BadgeVerifier, imports: [PeopleModule] },
        environment: { AUTH_MODE: 'api-key', API_KEYS_FILE: 'keys' },
      }),
    ).rejects.toThrow('AUTH_MODE must be none when the application brings a verifier of its own');
  });

  it('is missed by tools that need more than to talk', async () => {
    server = await startTestServer();
    server.app.get(McpRegistry, { strict: false }).addTool({
      name: 'ban',
      title: 'Ban',
      description: 'Bans.',
      inputSchema: { type: 'object', properties: {} },
      scope: 'parley:moderate',
      call: async () => ({ content: [] }),
    });
    const answer = await peer().call('ban');
    expect([answer.status, errorOf(answer).message]).toEqual([
      403,
      'This needs the scope parley:moderate, and so authentication',
    ]);
  });
});
