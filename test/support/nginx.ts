import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './redis.js';
import { until } from './until.js';

const CONFIGURATION = new URL('../../deploy/nginx/nginx.conf', import.meta.url);

/** The nginx of `deploy/`, on a free port, with only addresses and places of files replaced. */
export class TestNginx {
  #complaints = '';

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
  }

  /** @param upstreams ports of the instances, in the order of the configuration's */
  static async start(program: string, upstreams: readonly number[]): Promise<TestNginx> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-nginx-'));
    // Started by root, nginx serves as somebody else, who must get here.
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'logs'));
    const port = await freePort();
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, configuration(folder, port, upstreams));
    // Standard output is a socket here, which cannot be opened by name.
    const child = spawn(program, ['-p', folder, '-c', file, '-g', 'daemon off;'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const nginx = new TestNginx(port, folder, child);
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/health/balancer`).then(
        ({ ok }) => ok,
        () => false,
      );
    try {
      await until('nginx to start', () => {
        if (child.exitCode !== null) throw new Error(`nginx does not start: ${nginx.#complaints}`);
        return answers();
      });
    } catch (error) {
      await nginx.stop();
      throw error;
    }
    return nginx;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}/mcp`);
  }

  /** What it says on standard error. */
  get complaints(): string {
    return this.#complaints;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration(folder: string, port: number, upstreams: readonly number[]): string {
  let text = replaced(readFileSync(CONFIGURATION, 'utf8'), 'listen 8080;', `listen 127.0.0.1:${port};`);
  upstreams.forEach((upstream, i) => {
    text = replaced(text, `server parley-${i + 1}:3000 `, `server 127.0.0.1:${upstream} `);
  });
  return text.replaceAll('/tmp/nginx', join(folder, 'nginx')).replace('access_log /dev/stdout;', 'access_log off;');
}

function replaced(text: string, old: string, by: string): string {
  if (!text.includes(old)) throw new Error(`deploy/nginx/nginx.conf has no ${JSON.stringify(old)}`);
  return text.replaceAll(old, by);
}
