import { readFile } from 'node:fs/promises';
import { compare } from './compare.mjs';
import { findNode22 } from './node-22.mjs';
import { startServer } from './server.mjs';
import { requiredScenarios, runSuite } from './suite.mjs';

const REVISIONS = ['2025-11-25', '2026-07-28'];

/** By revision and scenario: why Parley need not pass it. Only what Parley has no use for may stand there. */
const EXCEPTIONS = JSON.parse(await readFile(new URL('exceptions.json', import.meta.url), 'utf8'));

const OUTPUT_SHOWN = 4_000;

for (const revision of Object.keys(EXCEPTIONS)) {
  if (!REVISIONS.includes(revision)) throw new Error(`exceptions.json names ${revision}, which is not run`);
}

const totals = { passed: 0, excepted: 0, failed: 0 };
const node = await findNode22();
for (const revision of REVISIONS) {
  const required = await requiredScenarios(revision);
  const { results, log } = await onFreshServer((url) => runSuite(node, revision, url));
  const failures = Object.fromEntries(Object.entries(results).map(([scenario, result]) => [scenario, result.failures]));
  const rows = compare(required, failures, EXCEPTIONS[revision] ?? {});

  console.log(`\nRevision ${revision}, ${required.length} server scenarios`);
  for (const { scenario, outcome, note } of rows) {
    totals[outcome]++;
    print(outcome, scenario, note, results[scenario]?.warnings);
  }
  for (const [scenario, result] of Object.entries(results)) {
    if (required.includes(scenario)) continue;
    const outcome = result.failures.length === 0 ? 'passed' : `${result.failures.length} failed`;
    print('not scored', scenario, outcome, result.warnings);
  }
  if (required.some((scenario) => results[scenario] === undefined)) console.log(log.slice(-OUTPUT_SHOWN));
}
if (totals.excepted > 0) console.log(`\n${totals.excepted} excepted, see test/conformance/exceptions.json`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;

async function onFreshServer(use) {
  const server = await startServer();
  try {
    return await use(server.url);
  } finally {
    await server.close();
  }
}

function print(outcome, scenario, note, warnings = []) {
  console.log(`  ${outcome.padEnd(10)}  ${scenario.padEnd(46)} ${note}`.trimEnd());
  for (const warning of warnings) console.log(`  ${''.padEnd(10)}  warning: ${warning}`);
}
