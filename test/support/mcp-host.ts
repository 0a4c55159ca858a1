import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** What MCP Apps prescribe for a view that declares nothing external; what the proxy holds inherits it. */
const VIEW_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "media-src 'self' data:; connect-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'self'";

/** Serves the minimal MCP host of test/browser/host, built for the occasion. */
export class McpHost {
  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    /** Where the host is; the proxy for views is on another origin. */
    readonly url: URL,
  ) {}

  static async start(): Promise<McpHost> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-host-'));
    const vite = file('node_modules/vite/bin/vite.js');
    await promisify(execFile)(process.execPath, [vite, 'build', file('test/browser/host'), '--outDir', folder]);
    const server = createServer((request, response) => {
      const path = new URL(request.url!, 'http://host').pathname;
      const headers = {
        'Content-Type': TYPES[extname(path)] ?? 'text/html',
        ...(path === '/sandbox.html' && { 'Content-Security-Policy': VIEW_POLICY }),
      };
      readFile(join(folder, path === '/' ? 'index.html' : path)).then(
        (body) => response.writeHead(200, headers).end(body),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new McpHost(server, folder, new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}
