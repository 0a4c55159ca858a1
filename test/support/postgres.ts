import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './redis.js';
import { until } from './until.js';

/** How long the server may take to start, on a busy machine, in milliseconds. */
const START_MS = 60_000;
/** PostgreSQL refuses to run as root: then it is this unprivileged user, which every machine has. */
const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;
const asNobody = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** A PostgreSQL of a test's own, on a free port. */
export class TestPostgres {
  #process: ChildProcess | undefined;
  #databases = 0;

  private constructor(
    /** Where `initdb` and `postgres` are. */
    private readonly programs: string,
    /** Belongs to whoever the server runs as. */
    readonly folder: string,
    readonly port: number,
  ) {}

  /** @param program the path of `initdb` */
  static async start(program: string): Promise<TestPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const postgres = new TestPostgres(dirname(program), folder, await freePort());
    const settings = ['--username=parley', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'];
    await promisify(execFile)(program, [...settings, '--pgdata', join(folder, 'data')], { cwd: folder, ...asNobody });
    await postgres.run();
    return postgres;
  }

  /** The address of a database. */
  url(database = 'postgres'): string {
    return `postgres://parley:not-told@127.0.0.1:${this.port}/${database}`;
  }

  /** Makes an empty database. @returns its address */
  async database(): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.query(`create database ${name}`);
    return this.url(name);
  }

  /** Runs one statement, to look at what is there. */
  async query(text: string, url = this.url()): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts the server, anew after `kill`. */
  async run(): Promise<void> {
    const { programs, folder, port } = this;
    const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=60', 'shared_buffers=16MB'];
    const args = ['-D', join(folder, 'data'), '-p', `${port}`, '-h', '127.0.0.1', '-k', folder];
    this.#process = spawn(join(programs, 'postgres'), [...args, ...settings.flatMap((setting) => ['-c', setting])], {
      stdio: 'ignore',
      cwd: folder,
      ...asNobody,
    });
    const answers = async () => {
      await this.query('select 1');
      return true;
    };
    await until('PostgreSQL to start', () => answers().catch(() => false), START_MS);
  }

  /** Stops every process of the server in the middle of whatever it does, until `wake`. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  wake(): void {
    this.#signal('SIGCONT');
  }

  /** Ends the server as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    this.#signal('SIGKILL');
    await ended;
    this.#process = undefined;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** To the server and to each of its connections, which are processes of their own. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    for (const each of [pid, ...children.filter((child) => child !== '').map(Number)]) {
      try {
        process.kill(each, signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}
