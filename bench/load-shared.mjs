// Runs the load generator over two instances on one Redis, in both eras, and checks that nothing is lost, duplicated,
// misordered or misrouted, that each instance bears at least 0.4 of what the plain node:http reference does, and that
// messages arrive in less than twice the time that one instance with its state in memory takes at the same rate: half of
// what the instances were seen to take at most, or as told. Both are warm by then.
//   npm run build; node bench/load-shared.mjs [seconds per run] [messages/s of the latency runs]
// LOAD names the generator's folder, ../shared/load by default. What an instance bears is counted in processor time, as if it
// and Redis had a core each. The instances run on one core; Redis runs on that of the generator, which has time to spare and
// therefore does not spin.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const load = path.resolve(process.env.LOAD ?? path.join(project, '../shared/load'));
const [seconds = '5', givenRate] = process.argv.slice(2);
const INSTANCES = 2;
const MIN_RATIO = 0.4;
const MAX_SLOWER = 2;
const ROUNDS = '3';
/** What of the most that instances take is offered to see how fast they are. */
const SHARE = 0.5;
const WARM_LATENCY = ['--warmup', '10', '--pacer', 'timer'];
/** Where compare.mjs has the generator run. */
const LOAD_CPU = '1';

if (!existsSync(path.join(load, 'compare.mjs'))) {
  console.error(`No load generator at ${load}: set LOAD to its folder.`);
  process.exit(2);
}
const temporary = mkdtempSync(path.join(os.tmpdir(), 'parley-load-'));
let runs = 0;

/** The results of each round, by target; undefined when a run had a fault. */
function compare(targets, scenario, rounds, flags) {
  const log = path.join(temporary, `${++runs}.jsonl`);
  const config = ['--config', path.join(project, 'bench/load-targets.mjs'), '--targets', targets.join(',')];
  const { status } = spawnSync(
    process.execPath,
    // prettier-ignore
    [path.join(load, 'compare.mjs'), ...config, '--scenario', scenario, '--rounds', rounds, '--retries', '0', '--log', log, '--', '--duration', seconds, ...flags],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LOAD: load, INSTANCES: `${INSTANCES}`, REDIS_CPU: LOAD_CPU },
    },
  );
  if (status !== 0) return undefined;
  const results = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return targets.map((target) => results.filter((result) => result.target === target));
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

let failed = 0;
function report(title, ok, figures = '') {
  if (!ok) failed++;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title}${figures && `: ${figures}`}`);
}

for (const era of ['', '-2026']) {
  const shared = `parley-redis${era}`;
  for (const scenario of ['lifecycle', 'match']) {
    for (const delivery of ['push', 'wait']) {
      report(`${shared} ${delivery} ${scenario}`, compare([shared], scenario, '1', ['--delivery', delivery]));
    }
  }

  const warm = ['--warmup', '2', '--warmup-messages', '15000'];
  const throughput = compare([`raw${era}`, shared], 'throughput', ROUNDS, warm);
  let rate = givenRate;
  if (throughput) {
    const [references, ours] = throughput;
    const reference = median(references.map((result) => 1e3 * result.serverCpuPer1k));
    const [redis, instances] = ['redis', 'instances'].map((who) =>
      median(ours.map(({ notes }) => notes[`${who}_ns_per_message`] / 1e3)),
    );
    const ratio = reference / Math.max(instances, INSTANCES * redis);
    rate ??= Math.round(SHARE * median(ours.map((result) => result.callsPerSec))).toString();
    const costs = `Redis ${redis.toFixed(0)}, instances ${instances.toFixed(0)}, reference ${reference.toFixed(0)} us a message`;
    report(`${shared} throughput`, ratio >= MIN_RATIO, `${ratio.toFixed(2)} of the reference per instance (${costs})`);
  } else report(`${shared} throughput`, false);

  const latency = rate && compare([`parley${era}`, shared], 'latency', ROUNDS, ['--rate', rate, ...WARM_LATENCY]);
  if (latency) {
    const [memory, redis] = latency.map((results) => median(results.map(({ deliveryMs }) => deliveryMs.p99)));
    const figures = `p99 ${redis.toFixed(1)} ms, in memory ${memory.toFixed(1)} ms, at ${rate} messages/s`;
    report(`${shared} latency`, redis < MAX_SLOWER * memory, figures);
  } else report(`${shared} latency`, false);
}
rmSync(temporary, { recursive: true });
process.exit(failed > 0 ? 1 : 0);
