// Builds and runs this example in a folder of its own, against the packed package, as a third party would.
//   node examples/custom-strategy/check.mjs
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const example = fileURLToPath(new URL('.', import.meta.url));
const parley = path.join(example, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-example-'));
const app = path.join(work, 'app');

function run(command, args, cwd = app) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}

try {
  run('npm', ['pack', '--silent', '--pack-destination', work], parley);
  const [tarball] = fs.readdirSync(work);
  for (const name of ['package.json', 'tsconfig.json', 'pair.mjs', 'src']) {
    fs.cpSync(path.join(example, name), path.join(app, name), { recursive: true });
  }
  run('npm', ['install', '--silent', '--no-package-lock', path.join(work, tarball)]);
  run('npm', ['run', '--silent', 'build']);
  run('npm', ['run', '--silent', 'pair']);
  run('node', ['--input-type=module', '-e', "await import('mcp-parley/testing')"]);
  run(path.join(app, 'node_modules/.bin/parley'), ['--version']);
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
console.log('The packed package works in a third-party application.');
