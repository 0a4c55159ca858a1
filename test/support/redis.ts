import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from './until.js';

/** How long a server may take to start, on a busy machine, in milliseconds. */
const START_MS = 20_000;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A Redis of a test's own, on a free port. */
export class TestRedis {
  #process: ChildProcess | undefined;
  #control: Redis | undefined;

  private constructor(
    private readonly program: string,
    readonly port: number,
    private readonly folder: string,
    private readonly settings: readonly string[],
  ) {}

  /**
   * @param settings further arguments of the program
   * @param configure writes a configuration file; a Sentinel must have one
   */
  static async start(
    program: string,
    settings: readonly string[] = [],
    configure?: (path: string) => void,
  ): Promise<TestRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-redis-'));
    const file = join(folder, 'redis.conf');
    configure?.(file);
    const redis = new TestRedis(program, await freePort(), folder, configure ? [file, ...settings] : settings);
    await redis.run();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** A connection for looking at what is there. */
  get control(): Redis {
    return (this.#control ??= new Redis({ port: this.port, host: '127.0.0.1' }));
  }

  /** Starts the server, anew after `kill`. */
  async run(): Promise<void> {
    const { port, folder } = this;
    const [first, ...settings] = this.settings;
    const isFile = first !== undefined && !first.startsWith('--');
    const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
    // A Sentinel keeps nothing that could be saved.
    const args = isFile ? [first, ...own, ...settings] : [...own, '--save', '', ...this.settings];
    this.#process = spawn(this.program, args, { stdio: 'ignore' });
    const probe = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null });
    probe.on('error', () => undefined);
    try {
      await until('Redis to start', () => Promise.race([probe.ping().then(() => true), pause(1_000)]), START_MS);
    } finally {
      probe.disconnect();
    }
  }

  /** Ends the server as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    this.#control?.disconnect();
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const pause = (ms: number) => new Promise<false>((resolve) => setTimeout(resolve, ms, false).unref());
