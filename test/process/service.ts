import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.js';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The built service as a process of its own, with everything it says. Build it first. */
export class ServiceProcess {
  stdout = '';
  stderr = '';
  /** Settles with the exit code, or with the name of the signal that ended the process. */
  readonly exited: Promise<number | string>;
  #over = false;

  private constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        resolve(code ?? signal!);
      });
    });
  }

  /** Nothing of this process's environment reaches the service but what is given; it listens on a free port. */
  static run(
    environment: Readonly<Record<string, string>> = {},
    script = 'dist/main.js',
    ...args: string[]
  ): ServiceProcess {
    return ServiceProcess.#spawn(environment, [file(script), ...args]);
  }

  /** As `run`, from another working directory. */
  static runIn(cwd: string, environment: Readonly<Record<string, string>> = {}): ServiceProcess {
    return ServiceProcess.#spawn(environment, [file('dist/main.js')], cwd);
  }

  /** Runs a module given as text, as if it stood at the top of the repository. */
  static evaluate(code: string): ServiceProcess {
    return ServiceProcess.#spawn({}, ['--input-type=module', '--eval', code], file('.'));
  }

  static #spawn(environment: Readonly<Record<string, string>>, args: readonly string[], cwd?: string): ServiceProcess {
    const env = { PATH: process.env['PATH'], PORT: '0', ...environment };
    return new ServiceProcess(spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** A service that has said where it is. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const service = ServiceProcess.run(environment);
    try {
      await service.announced();
    } catch (error) {
      await service.end();
      throw error;
    }
    return service;
  }

  /** A service whose HTTP server never finishes closing. */
  static stuck(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const preload = "import http from 'node:http'; http.Server.prototype.close = function () { return this; };";
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(preload)}`;
    return ServiceProcess.start({ ...environment, NODE_OPTIONS });
  }

  /** The MCP endpoint, as the service itself says; with tenants, that of the first. */
  get url(): URL {
    const [, url] = /serves MCP(?: to \d+ tenants)? at ([^\s,]+)/.exec(this.stderr) ?? [];
    if (url === undefined) throw new Error(`no endpoint in: ${this.stderr}`);
    return new URL(url);
  }

  /** Every line on stdout, which must be JSON. */
  get log(): readonly LogLine[] {
    return this.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** What stands on stderr besides the three lines at the start. */
  get complaints(): readonly string[] {
    return this.stderr
      .split('\n')
      .slice(3)
      .filter((line) => line !== '');
  }

  async announced(): Promise<void> {
    await until('the service to say where it is', () => this.#over || this.stderr.split('\n').length > 3);
    if (this.#over) throw new Error(`the service did not start: ${this.stderr}`);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends the process, however it stands. */
  async end(): Promise<void> {
    if (!this.#over) this.kill('SIGKILL');
    await this.exited;
  }
}

export interface LogLine {
  readonly level: string;
  readonly timestamp: number;
  readonly context?: string;
  readonly message: string | Readonly<Record<string, unknown>>;
}
