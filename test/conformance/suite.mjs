import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const RUN_MS = 180_000;

const SUITE = dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'));

/** The server scenarios that a revision requires, in the suite's order. */
export async function requiredScenarios(revision) {
  const requirements = await readFile(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8');
  const [, list] = /^server:\n((?: {2}- \S+\n)+)/m.exec(requirements) ?? [];
  if (list === undefined) throw new Error(`The suite lists no server scenarios for ${revision}`);
  return list.match(/(?<=- )\S+/g);
}

/**
 * Runs what the suite has for servers of a revision against `url`: `{ results, log }`. By scenario, `results` has the
 * messages of the checks that failed and of those that only warn.
 */
export async function runSuite(node, revision, url) {
  const directory = await mkdtemp(join(tmpdir(), 'parley-conformance-'));
  try {
    const args = ['server', '--url', url, '--requirements', revision, '--output-dir', directory];
    const log = await execute(node, [join(SUITE, 'dist', 'index.js'), ...args]);
    return { results: await readResults(directory), log };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a program says. How it ends does not matter: what it found out is in the files it writes. */
function execute(node, args) {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return new Promise((resolve) => {
    const child = execFile(node, args, { env, timeout: RUN_MS, maxBuffer: 1 << 28 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin.end();
  });
}

/** The suite writes `server-{scenario}-{time}/checks.json` for each scenario that came to its end. */
async function readResults(directory) {
  const results = {};
  for (const name of await readdir(directory)) {
    const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT[\dZ-]+$/.exec(name) ?? [];
    if (scenario === undefined) continue;
    const checks = JSON.parse(await readFile(join(directory, name, 'checks.json'), 'utf8'));
    results[scenario] = {
      failures: checks.length === 0 ? ['it checked nothing'] : messages(checks, 'FAILURE'),
      warnings: messages(checks, 'WARNING'),
    };
  }
  return results;
}

const messages = (checks, status) =>
  checks
    .filter((check) => check.status === status)
    .map(({ id, errorMessage, description }) => `${id}: ${errorMessage ?? description}`);
