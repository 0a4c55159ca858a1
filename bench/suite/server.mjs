// The service under measurement, in a process of its own that tells what it uses.
import { fork } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const PROBE = new URL('./probe.mjs', import.meta.url).href;
/** How long the service may take to start, in milliseconds. */
const START_MS = 30_000;
/** Rates and counts are lifted, for what is measured is the service and not its limits; all else is as in production. */
const ENVIRONMENT = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'error',
  MESSAGE_RATE_COUNT: '0',
  JOIN_RATE_COUNT: '0',
  PARTICIPANTS_MAX: '0',
  SESSIONS_MAX: '0',
  WAITS_PER_PARTICIPANT: '0',
  POOLS: '[{"name":"default"},{"name":"groups","max_group_size":16},{"name":"nobody"}]',
};

export class Server {
  #child;

  /** @param environment further variables, e.g. STATE_URL */
  static async start(environment = {}) {
    const server = new Server();
    server.port = await freePort();
    const began = performance.now();
    server.#child = fork(MAIN, [], {
      execArgv: ['--expose-gc', '--import', PROBE],
      env: { ...process.env, ...ENVIRONMENT, ...environment, PORT: String(server.port) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    server.#child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-2_000)));
    let over;
    server.#child.once('exit', (code) => (over = new Error(`the service has ended with ${code}: ${said}`)));
    while (!(await answers(server.port))) {
      if (over) throw over;
      if (performance.now() - began > START_MS) throw new Error('the service does not start');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    /** From the start of the process to its first answer, in milliseconds. */
    server.startMs = performance.now() - began;
    return server;
  }

  /** What the process has used: `{cpuMs, rss, heap}`; after a collection if `collect`. */
  usage(collect = false) {
    return new Promise((resolve) => {
      this.#child.once('message', resolve);
      this.#child.send({ collect });
    });
  }

  stop() {
    if (this.#child.exitCode !== null) return Promise.resolve();
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    return ended;
  }
}

async function answers(port) {
  return fetch(`http://127.0.0.1:${port}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
