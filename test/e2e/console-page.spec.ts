import { afterEach, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/server.js';
import { send } from './http/wire.js';

const ADMIN_TOKEN = 'a-token-for-operators-of-at-least-32-characters';

describe('the console', () => {
  let server: TestServer | undefined;
  const start = async (environment = {}) => {
    server = await startTestServer({ environment: { ADMIN_TOKEN, ...environment } });
    return new URL('/console', server.url);
  };
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('is served with all that it loads, and may load nothing else', async () => {
    const url = await start();
    const page = await send(url, 'GET');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(page.headers['content-security-policy']);
    for (const rule of ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"]) {
      expect(policy).toContain(rule);
    }
    expect(policy).not.toContain('unsafe');
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(assets.some((path) => path.endsWith('.js'))).toBe(true);
    for (const path of assets) {
      expect(path).toMatch(/^\.\/console\/assets\//);
      expect((await send(new URL(path, url), 'GET')).status).toBe(200);
    }
  });

  it('is for hosts that are ours, and tells nobody a thing without a token', async () => {
    const url = await start();
    expect((await send(url, 'GET', { Host: 'rebound.example' })).status).toBe(403);
    expect((await send(url, 'POST', {}, '')).status).toBe(404);
    const { text } = await send(url, 'GET');
    expect(text).not.toContain(ADMIN_TOKEN);
    expect((await send(new URL('/admin/overview', url), 'GET')).status).toBe(401);
  });

  it.each([{ CONSOLE: 'false' }, { ADMIN: 'false' }])('is not there with %j', async (environment) => {
    expect((await send(await start(environment), 'GET')).status).toBe(404);
  });
});
