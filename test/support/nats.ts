import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { freePort } from './redis.js';
import { until } from './until.js';

/** How long a server may take to start, on a busy machine, in milliseconds. */
const START_MS = 20_000;

/** A stored message, as a test looks at it. */
export interface Stored {
  readonly seq: number;
  readonly subject: string;
  readonly header: (name: string) => string;
  readonly json: { readonly id: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> };
}

/** A NATS server of a test's own with JetStream, on a free port. */
export class TestNats {
  #process: ChildProcess | undefined;
  #connection: NatsConnection | undefined;

  private constructor(
    private readonly program: string,
    readonly port: number,
    private readonly folder: string,
    private readonly login: Pick<NodeConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator'>,
  ) {}

  /**
   * @param settings further lines of the configuration file; `jetstream` is on unless they say something of it
   * @param login what the test itself connects with
   */
  static async start(
    program: string,
    settings = '',
    login: Pick<NodeConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator'> = {},
  ): Promise<TestNats> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-nats-'));
    const nats = new TestNats(program, await freePort(), folder, login);
    const jetstream = settings.includes('jetstream') ? '' : `jetstream { store_dir: "${join(folder, 'store')}" }\n`;
    writeFileSync(nats.#file, `host: 127.0.0.1\nport: ${nats.port}\n${jetstream}${settings}\n`);
    await nats.run();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get #file(): string {
    return join(this.folder, 'nats.conf');
  }

  /** Starts the server, anew after `kill`; what is stored stays. */
  async run(): Promise<void> {
    const child = spawn(this.program, ['-c', this.#file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(
      'NATS to start',
      () => {
        if (child.exitCode !== null) throw new Error(`NATS did not start: ${said}`);
        return said.includes('Server is ready');
      },
      START_MS,
    );
  }

  /** Ends the server as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await this.#connection?.close();
    this.#connection = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Holds the server up, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }

  async stop(): Promise<void> {
    this.signal('SIGCONT');
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A connection for looking at what is there. */
  async control(): Promise<NatsConnection> {
    return (this.#connection ??= await connect({
      servers: [`127.0.0.1:${this.port}`],
      reconnect: false,
      ...this.login,
    }));
  }

  async manager(): Promise<JetStreamManager> {
    return jetstreamManager(await this.control(), { checkAPI: false });
  }

  /** Everything in a stream, oldest first; nothing when there is no stream. */
  async stored(stream: string): Promise<readonly Stored[]> {
    const { streams } = await this.manager();
    const info = await streams.info(stream).catch(() => undefined);
    const all: Stored[] = [];
    if (!info || info.state.messages === 0) return all;
    for (let seq = info.state.first_seq; seq <= info.state.last_seq; seq++) {
      const message = await streams.getMessage(stream, { seq }).catch(() => undefined);
      if (!message) continue;
      const { subject, header } = message;
      all.push({ seq, subject, header: (name) => header.get(name), json: message.json<Stored['json']>() });
    }
    return all;
  }
}
