import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ParleyModule } from '../../src/index.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { type Headers, POST_HEADERS, send, StatelessPeer } from './http/wire.js';

/** The bytes of an answer, which may be compressed. */
function bytes(url: URL, headers: Record<string, string>): Promise<{ head: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (head) => {
      const chunks: Buffer[] = [];
      head.on('data', (chunk: Buffer) => chunks.push(chunk));
      head.on('end', () => resolve({ head, body: Buffer.concat(chunks) }));
    })
      .once('error', reject)
      .end();
  });
}

describe('the page', () => {
  let server: TestServer | undefined;
  const start = async (environment = {}) => {
    server = await startTestServer({ environment });
    return new URL('/', server.url);
  };
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const assetsOf = (html: string) => [...html.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, path]) => path!);

  it('is served at / with all that it loads, and nothing else of the build is', async () => {
    const url = await start();
    const page = await send(url, 'GET');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const assets = assetsOf(page.text);
    expect(assets.some((path) => path.endsWith('.js'))).toBe(true);
    expect(assets.some((path) => path.endsWith('.css'))).toBe(true);
    for (const path of assets) expect((await send(new URL(path, url), 'GET')).status).toBe(200);
    for (const path of [
      '/app.html',
      '/index.html',
      '/web.module.js',
      '/assets/',
      '/assets/gone.js',
      '/assets/..%2fapp.html',
    ]) {
      expect([path, (await send(new URL(path, url), 'GET')).status]).toEqual([path, 404]);
    }
    expect((await send(url, 'POST', POST_HEADERS, '{}')).status).toBe(404);
  });

  it('may do nothing but load its own files and talk to its own server', async () => {
    const url = await start();
    const page = await send(url, 'GET');
    const policy = new Map(
      page.headers['content-security-policy']!.toString()
        .split('; ')
        .map((rule) => {
          const [name, ...values] = rule.split(' ');
          return [name!, values.join(' ')];
        }),
    );
    expect(Object.fromEntries(policy)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:",
      'connect-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'require-trusted-types-for': "'script'",
    });
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    expect(page.text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  });

  it('is asked for anew each time, and its assets never again', async () => {
    const url = await start();
    const page = await send(url, 'GET');
    expect(page.headers['cache-control']).toBe('no-cache');
    const [script] = assetsOf(page.text);
    const asset = await send(new URL(script!, url), 'GET');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    for (const [target, { headers }] of [
      [url, page],
      [new URL(script!, url), asset],
    ] as const) {
      const tag = headers.etag!;
      for (const known of [tag, `"other", ${tag}`, tag.slice(2), '*']) {
        const again = await send(target, 'GET', { 'If-None-Match': known });
        expect([again.status, again.text, again.headers.etag]).toEqual([304, '', tag]);
      }
      expect((await send(target, 'GET', { 'If-None-Match': '"other"' })).status).toBe(200);
    }
  });

  it('comes compressed to those who take it so', async () => {
    const url = await start();
    const plain = await send(url, 'GET');
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(plain.headers.vary).toBe('Accept-Encoding');
    for (const [accept, encoding, decode] of [
      ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
      ['gzip;q=1.0, br;q=0', 'gzip', gunzipSync],
      ['GZIP', 'gzip', gunzipSync],
    ] as const) {
      const { head, body } = await bytes(url, { 'Accept-Encoding': accept });
      expect(head.headers['content-encoding']).toBe(encoding);
      expect(head.headers['content-length']).toBe(String(body.length));
      expect(decode(body).toString()).toBe(plain.text);
    }
    expect((await bytes(url, { 'Accept-Encoding': 'zstd' })).head.headers).not.toHaveProperty('content-encoding');
  });

  it('answers HEAD as GET, without the body', async () => {
    const url = await start();
    const { date: _date, ...get } = (await send(url, 'GET')).headers;
    const head = await send(url, 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers).toMatchObject(get);
  });

  it('is under the same roof as /mcp: a rebound name sees nothing of it', async () => {
    const url = await start({ ALLOWED_HOSTS: 'chat.example' });
    const knock = (Host: string) => send(url, 'GET', { Host });
    for (const host of ['localhost', `127.0.0.1:${url.port}`, 'chat.example'])
      expect((await knock(host)).status).toBe(200);
    const refused = await knock('evil.example');
    expect(refused.status).toBe(403);
    expect(refused.text).toMatch(/^The Host header /);
  });

  it('is not there when WEB_PAGE is false', async () => {
    const url = await start({ WEB_PAGE: 'false' });
    expect((await send(url, 'GET')).status).toBe(404);
  });
});

describe('a browser on the page’s own origin', () => {
  let server: TestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  /** The status that a page of an origin gets from a host that is served at a public address. */
  const asking = async (environment: Readonly<Record<string, string>>) => {
    server = await startTestServer({ environment });
    const peer = new StatelessPeer(new URL(`http://127.0.0.1:${server.url.port}/mcp`));
    const message = peer.message('server/discover');
    return async (Origin: string, Host: string) => {
      const headers: Headers = { ...peer.headers('server/discover'), Origin, Host };
      const { status, headers: answered } = await peer.post(message, headers);
      expect(answered['access-control-allow-origin']).toBe(status === 200 ? Origin : undefined);
      return status;
    };
  };

  it('passes at a public address when its host is allowed by name, with or without a proxy that ends TLS', async () => {
    const ask = await asking({
      HOST: '0.0.0.0',
      AUTH_NONE_ON_PUBLIC_ADDRESS: 'true',
      ALLOWED_HOSTS: 'chat.example,api.example:8443',
    });
    expect(await ask('https://chat.example', 'chat.example')).toBe(200);
    expect(await ask('http://Chat.Example:3000', 'chat.example:3000')).toBe(200);
    expect(await ask('https://api.example:8443', 'api.example:8443')).toBe(200);
    expect(await ask('https://chat.example:444', 'chat.example')).toBe(403);
    expect(await ask('https://api.example:8443', 'chat.example')).toBe(403);
    expect(await ask('https://evil.example', 'chat.example')).toBe(403);
    expect(await ask('ftp://chat.example', 'chat.example')).toBe(403);
    expect(await ask('https://chat.example.evil', 'chat.example')).toBe(403);
  });

  it('passes at a public address by a loopback name, but never merely because any host does', async () => {
    const ask = await asking({ HOST: '0.0.0.0', AUTH_NONE_ON_PUBLIC_ADDRESS: 'true' });
    expect(await ask('http://localhost:3000', 'localhost:3000')).toBe(200);
    expect(await ask('http://127.0.0.1:3000', '127.0.0.1:3000')).toBe(200);
    expect(await ask('http://localhost:3001', 'localhost:3000')).toBe(403);
    // What a rebound name looks like: the attacker's, in both headers.
    expect(await ask('http://evil.example', 'evil.example')).toBe(403);
    expect(await ask('http://192.168.1.9:3000', '192.168.1.9:3000')).toBe(403);
  });

  it('passes on loopback behind a proxy whose host is allowed', async () => {
    const ask = await asking({ ALLOWED_HOSTS: 'chat.example' });
    expect(await ask('https://chat.example', 'chat.example')).toBe(200);
    expect(await ask('https://evil.example', 'evil.example')).toBe(403);
  });
});

describe('a host application', () => {
  @Controller()
  class HomeController {
    @Get()
    home() {
      return 'at home';
    }
  }
  const start = async (controllers: (typeof HomeController)[]) => {
    const parley = ParleyModule.register({ environment: { LOG_LEVEL: 'error' } });
    @Module({ imports: [parley], controllers })
    class HostModule {}
    const app = await NestFactory.create<NestFastifyApplication>(HostModule, new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    return app;
  };
  let app: NestFastifyApplication;
  const read = async () => (await send(new URL(await app.getUrl()), 'GET')).text;
  afterEach(() => app.close());

  describe('with a / of its own', () => {
    beforeEach(async () => {
      app = await start([HomeController]);
    });

    it('keeps it', async () => {
      expect(await read()).toBe('at home');
    });
  });

  describe('without one', () => {
    beforeEach(async () => {
      app = await start([]);
    });

    it('gets the page', async () => {
      expect(await read()).toMatch(/<title>Parley/);
    });
  });
});
