// Builds, tests and packs this strategy against the packed Parley, then installs both in a fresh folder and uses them there.
//   node examples/strategy-package/check.mjs
import assert from 'node:assert/strict';
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

const compiledTests = () =>
  fs
    .readdirSync(path.join(own, 'dist/test'))
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => path.join('dist/test', name));

/** Tests of a strategy, each of which counts. */
function tests(cwd, ...files) {
  let report;
  try {
    report = run('node', ['--test', '--test-reporter=tap', ...files], cwd, 'pipe');
  } catch (error) {
    report = String(error.stdout);
  }
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(report)?.[1]);
  if (!(count('pass') > 0)) throw new Error(`no test has passed:\n${report}`);
  // One more is counted for the step as a whole.
  passed += count('pass') - 1;
  if (count('fail') > 0) throw new Error(`${count('fail')} tests failed:\n${report}`);
}

/** Starts Parley with a strategy and runs a client against it. */
async function serves(strategy, options, script) {
  const environment = { PORT: '0', MATCHING_STRATEGY: strategy, MATCHING_OPTIONS: options };
  const child = spawn(path.join(server, 'node_modules/.bin/parley'), ['serve'], {
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
    return run('node', [script, url], server, 'pipe');
  } finally {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  }
}

async function refusesBadOptions() {
  const rule = 'MATCHING_OPTIONS.spread must be a number from 0 to 10000';
  await assert.rejects(serves('parley-strategy-rating', '{"spread":-1}', 'pair.mjs'), ({ message }) =>
    message.includes(rule),
  );
}

try {
  const parleyTarball = pack(parley);
  for (const name of ['package.json', 'tsconfig.json', 'src', 'test']) {
    fs.cpSync(path.join(example, name), path.join(own, name), { recursive: true });
  }
  run('npm', ['install', '--silent', '--no-package-lock', '--no-save', parleyTarball], own);
  await step('build', () => run('npm', ['run', '--silent', 'build'], own));
  await step('tests', () => tests(own, ...compiledTests()));

  const tarball = pack(own);
  fs.mkdirSync(server);
  fs.cpSync(path.join(example, 'pair.mjs'), path.join(server, 'pair.mjs'));
  fs.writeFileSync(path.join(server, 'package.json'), '{ "private": true, "type": "module" }\n');
  const client = '@modelcontextprotocol/client@^2.4.0';
  run('npm', ['install', '--silent', '--no-package-lock', parleyTarball, tarball, client], server);
  await step('pairing', async () => console.log(await serves('parley-strategy-rating', '{"spread":75}', 'pair.mjs')));
  await step('bad options', refusesBadOptions);

  // The first strategy of docs/matching.md, as a reader would try it.
  fs.cpSync(path.join(example, '../first-strategy'), server, { recursive: true });
  await step('tests of the first strategy', () => tests(server));
  await step('first strategy', async () => {
    const said = await serves('./shared-topic.js', '', 'meet.mjs');
    assert.match(said, /^Cleo: matched with Ben\. You both want to talk about tea\n/);
    assert.match(said, /^Ann: waits\. Nobody else wants to talk about chess yet$/m);
  });
  await step('simulation', () => {
    const table = run(
      'npx',
      ['parley', 'simulate', '--strategies', 'fifo,./shared-topic.js', '--generate', '1'],
      server,
      'pipe',
    );
    assert.match(table, /^shared-topic/m);
  });
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
