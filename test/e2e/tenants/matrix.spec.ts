import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { McpRegistry } from '../../../src/mcp-transport/index.js';
import { SCOPES } from '../../../src/ports/identity-verifier.js';
import { FakeClock } from '../../../src/testing/index.js';
import { Authority } from '../../support/authority.js';
import { TestTenants } from '../../support/tenants.js';
import { type Json, rpcOf, send, SessionPeer, StatelessPeer } from '../http/wire.js';

jest.setTimeout(60_000);

/** What the protocol itself has. */
const PROTOCOL: readonly (readonly [string, Json])[] = [
  ['server/discover', {}],
  ['tools/list', {}],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['prompts/list', {}],
  ['prompts/get', { name: 'find_partner' }],
  ['subscriptions/listen', { notifications: {} }],
];

describe('the principal of another tenant, whatever its scopes', () => {
  let authority: Authority;
  let tenants: TestTenants;
  const clock = new FakeClock(Date.now());
  const everything = SCOPES.join(' ');

  beforeAll(async () => {
    authority = await Authority.start();
    tenants = await TestTenants.start({ HISTORY_URL: 'memory:' }, undefined, {
      way: 'path and audience',
      authority,
      clock,
    });
  });
  afterAll(async () => {
    await tenants?.close();
    await authority.close();
  });

  it('is nobody to every tool, resource, prompt and method, in either era', async () => {
    const registry = tenants.server.tenants.get('acme')!.get(McpRegistry, { strict: false });
    const uris = registry.resources.flatMap(({ resource, template }) => [resource?.uri, template?.uriTemplate]);
    const requests: (readonly [string, Json])[] = [
      ...PROTOCOL,
      ...[...registry.tools.keys()].map((name) => ['tools/call', { name, arguments: {} }] as const),
      ...[...registry.methods.keys()].map((name) => [name, {}] as const),
      ...uris.flatMap((uri) => (uri === undefined ? [] : [['resources/read', { uri }] as const])),
    ];
    expect(requests.length).toBeGreaterThan(25);
    const acme = tenants.endpoint('acme');
    const [ours, theirs] = [await tenants.token('acme', 'ann'), await tenants.token('globex', 'ann', everything)];
    const session = await SessionPeer.open(acme, undefined, ours);
    const stranger = session.at(acme);
    stranger.bearer = theirs;
    const refusal = { status: 401, error: { code: 4010, message: 'The token is not for this service' } };
    for (const peer of [new StatelessPeer(acme, theirs), stranger]) {
      for (const [method, params] of requests) {
        const answer = await peer.rpc(method, params);
        expect([method, params, { status: answer.status, error: rpcOf(answer).error }]).toEqual([
          method,
          params,
          refusal,
        ]);
      }
    }
    expect((await stranger.delete()).status).toBe(401);
    expect((await session.delete()).status).toBe(204);
  });

  it('is nobody to every route of operators', async () => {
    const headersOf = async (tenant: string) => ({
      Authorization: `Bearer ${await tenants.token(tenant, 'ops', everything)}`,
    });
    const document = await send(tenants.at('acme', '/admin/openapi.json'), 'GET', await headersOf('acme'));
    const { paths } = JSON.parse(document.text) as { paths: Record<string, Record<string, unknown>> };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
    );
    expect(routes.length).toBeGreaterThan(20);
    const headers = await headersOf('globex');
    // Operators' tokens that are no good are few in a minute.
    const paceMs = 6_000;
    for (const [method, path] of routes) {
      clock.advance(paceMs);
      const below = path.replace(/^\/admin/, '').replaceAll(/\{\w+\}/g, 'x');
      const { status, text } = await send(tenants.at('acme', `/admin${below}`), method, headers);
      expect([method, path, status, text.includes('acme')]).toEqual([method, path, 401, false]);
    }
  });
});
