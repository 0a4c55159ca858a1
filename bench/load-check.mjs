// Runs the load generator's scenarios against Parley, in both eras, by push and by long poll, and checks that nothing is
// lost, duplicated, misordered or misrouted, and that throughput keeps up with the plain node:http reference.
//   node bench/load-check.mjs [seconds per run]      LOAD names the generator's folder, ../shared/load by default
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const load = path.resolve(process.env.LOAD ?? path.join(project, '../shared/load'));
const seconds = process.argv[2] ?? '3';
/**
 * The goal is half of the reference; the rest is room for the noise of a shared machine. Calls per second or, which others
 * on the machine disturb less, calls per second of processor time: the better counts, for a loss shows in both.
 */
const MIN_RATIO = { push: 0.4, wait: 0.35 };
/** The reference and Parley in turn, so many times: these figures are medians of the ratios within a round. */
const ROUNDS = '3';

if (!existsSync(path.join(load, 'compare.mjs'))) {
  console.error(`No load generator at ${load}: set LOAD to its folder.`);
  process.exit(2);
}
const temporary = mkdtempSync(path.join(os.tmpdir(), 'parley-load-'));
const ERAS = [
  ['raw', 'parley'],
  ['raw-2026', 'parley-2026'],
];
let passed = 0;
let failed = 0;

function run(title, targets, scenario, rounds, flags, minRatio) {
  const summary = path.join(temporary, 'summary.json');
  const compare = ['--config', path.join(project, 'bench/load-targets.mjs'), '--targets', targets.join(',')];
  const { status } = spawnSync(
    process.execPath,
    // prettier-ignore
    [path.join(load, 'compare.mjs'), ...compare, '--scenario', scenario, '--rounds', rounds, '--json', summary, '--', ...flags],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000, env: { ...process.env, LOAD: load } },
  );
  const { rows } = status === 0 ? JSON.parse(readFileSync(summary, 'utf8')) : {};
  const row = rows?.find(({ target }) => target === targets.at(-1));
  const ratio = minRatio && row && Math.max(row['calls/s'].ratio, 1 / row['cpu us/msg'].ratio);
  const ok = status === 0 && row.ok === row.runs && (minRatio === undefined || ratio >= minRatio);
  if (ok) passed++;
  else failed++;
  const figure = ratio === undefined ? '' : `, ${ratio.toFixed(2)} of the reference (at least ${minRatio})`;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title}${status === 0 ? '' : `, exit status ${status}`}${figure}`);
}

for (const [reference, parley] of ERAS) {
  for (const delivery of ['push', 'wait']) {
    const title = (scenario) => `${parley} ${delivery} ${scenario}`;
    const flags = ['--delivery', delivery, '--duration', seconds];
    run(title('lifecycle'), [parley], 'lifecycle', '1', flags);
    run(title('match'), [parley], 'match', '1', flags);
    run(title('latency'), [parley], 'latency', '1', [...flags, '--rate', '500']);
    const warm = [...flags, '--warmup', '2', '--warmup-messages', '15000'];
    const against = `${title('throughput')} against ${reference}`;
    run(against, [reference, parley], 'throughput', ROUNDS, warm, MIN_RATIO[delivery]);
  }
}
rmSync(temporary, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
