// Builds, tests and packs this strategy against the packed Parley, then installs both in a fresh folder and uses them there.
//   node examples/strategy-package/check.mjs
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const example = fileURLToPath(new URL('.', import.meta.url));
const parley = path.join(example, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-strategy-'));
const [own, server] = ['own', 'server'].map((name) => path.join(work, name));
let passed = 0;
let failed = 0;

function run(command, args, cwd, stdout = 'inherit') {
  return execFileSync(command, args, { cwd, stdio: ['ignore', stdout, 'inherit'], encoding: 'utf8' });
}

/** The tarball of a package, by its path. */
function pack(folder) {
  return path.join(work, run('npm', ['pack', '--silent', '--pack-destination', work], folder, 'pipe').trim());
}

function step(name, body) {
  return Promise.resolve()
    .then(body)
    .then(
      () => passed++,
      (error) => {
        failed++;
        console.error(`${name} failed: ${error.message}`);
      },
    );
}

/** The strategy's own tests, each of which counts. */
function ownTests() {
  const report = spawnTests();
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(report)?.[1] ?? NaN);
  if (!(count('pass') > 0)) throw new Error(`no test has passed:\n${report}`);
  passed += count('pass') - 1;
  if (count('fail') > 0) throw new Error(`${count('fail')} tests failed:\n${report}`);
}

function spawnTests() {
  try {
    const tests = fs.readdirSync(path.join(own, 'dist/test')).filter((name) => name.endsWith('.test.js'));
    const files = tests.map((name) => path.join('dist/test', name));
    return run('node', ['--test', '--test-reporter=tap', ...files], own, 'pipe');
  } catch (error) {
    return String(error.stdout ?? error);
  }
}

async function pairs() {
  const environment = { PORT: '0', MATCHING_STRATEGY: 'parley-strategy-rating', MATCHING_OPTIONS: '{"spread":75}' };
  const bin = path.join(server, 'node_modules/.bin/parley');
  const child = spawn(bin, ['serve'], {
    cwd: server,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const [line] = await Promise.race([
      once(readline.createInterface({ input: child.stderr }), 'line'),
      once(child, 'exit').then(() => ['']),
    ]);
    const [, url] = /serves MCP at (\S+)/.exec(line) ?? [];
    if (url === undefined) throw new Error(`Parley did not start: ${line}`);
    run('node', ['pair.mjs', url], server);
  } finally {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  }
}

function refusesBadOptions() {
  const environment = { PORT: '0', MATCHING_STRATEGY: 'parley-strategy-rating', MATCHING_OPTIONS: '{"spread":-1}' };
  const bin = path.join(server, 'node_modules/.bin/parley');
  try {
    execFileSync(bin, ['serve'], {
      cwd: server,
      env: { ...process.env, ...environment },
      stdio: 'pipe',
      timeout: 30_000,
    });
  } catch (error) {
    const said = String(error.stderr).trim();
    if (said.includes('MATCHING_OPTIONS.spread must be a number from 0 to 10000')) return;
    throw new Error(`Parley said: ${said}`, { cause: error });
  }
  throw new Error('Parley started with a spread of -1');
}

try {
  const parleyTarball = pack(parley);
  for (const name of ['package.json', 'tsconfig.json', 'src', 'test']) {
    fs.cpSync(path.join(example, name), path.join(own, name), { recursive: true });
  }
  run('npm', ['install', '--silent', '--no-package-lock', '--no-save', parleyTarball], own);
  await step('build', () => run('npm', ['run', '--silent', 'build'], own));
  await step('tests', ownTests);

  const tarball = pack(own);
  fs.mkdirSync(server);
  fs.cpSync(path.join(example, 'pair.mjs'), path.join(server, 'pair.mjs'));
  fs.writeFileSync(path.join(server, 'package.json'), '{ "private": true, "type": "module" }\n');
  const client = '@modelcontextprotocol/client@^2.4.0';
  run('npm', ['install', '--silent', '--no-package-lock', parleyTarball, tarball, client], server);
  await step('pairing', pairs);
  await step('bad options', refusesBadOptions);
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
