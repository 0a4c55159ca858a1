// A service of several instances for the load generator: starts a Redis and the instances, all on free ports, and when they
// answer tells on PORT where they are and which processes they are. Ends with everything it started.
//   PORT=9000 INSTANCES=2 node bench/load-instances.mjs      with REDIS_CPU=1 Redis runs on that core
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';

const project = fileURLToPath(new URL('..', import.meta.url));
const count = Number(process.env.INSTANCES ?? 2);
/** How long the servers may take to start, on a busy machine, in milliseconds. */
const START_MS = 30_000;

const folder = mkdtempSync(path.join(os.tmpdir(), 'parley-instances-'));
const children = [];
function stop(code) {
  children.forEach((child) => child.kill('SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
process.on('SIGTERM', () => stop(0));
process.on('SIGINT', () => stop(0));

function start(program, args, env) {
  const child = spawn(program, args, {
    cwd: project,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  child.on('error', ({ message }) => fail(`${program}: ${message}`));
  child.on('exit', (code) => fail(`${program} ${args[0] ?? ''} ended with status ${code}`));
  return child.pid;
}

function fail(message) {
  console.error(message);
  stop(1);
}

/** Not the one on which is told where they are: nothing listens there yet. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port === Number(process.env.PORT) ? freePort() : port;
}

async function answers(url) {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  fail(`${url} does not answer`);
}

const redisPort = await freePort();
const [program, ...args] = [
  ...(process.env.REDIS_CPU ? ['taskset', '-c', process.env.REDIS_CPU] : []),
  ...['redis-server', '--port', `${redisPort}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
];
const redis = start(program, args);
const control = new Redis({ port: redisPort, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null });
control.on('error', () => undefined);
await control.ping();
control.disconnect();

const instances = [];
for (let i = 0; i < count; i++) {
  const port = await freePort();
  const env = { PORT: `${port}`, STATE_URL: `redis://127.0.0.1:${redisPort}` };
  const pid = start(process.execPath, ['dist/main.js'], env);
  instances.push({ url: `http://127.0.0.1:${port}`, pid });
}
for (const { url } of instances) await answers(`${url}/health/ready`);
const told = JSON.stringify({ redis, instances: instances.map(({ url, pid }) => ({ url: `${url}/mcp`, pid })) });
http.createServer((_, response) => response.end(told)).listen(Number(process.env.PORT), '127.0.0.1');
