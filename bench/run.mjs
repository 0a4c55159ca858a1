// Parley's own benchmark: the service in one process, its clients in this one, over loopback, in both eras.
//   npm run bench                              messages, matches, latency, memory: a table, in about two minutes
//   npm run bench -- --out FOLDER              the same and charts of it (SVG), with the figures as results.json
//   npm run bench -- --baseline FILE           against the results.json of another run
//   npm run bench -- --growth --out FOLDER     how cost grows with pairs, idle participants, room size and message size
//   npm run bench -- --state URL               with the state in a Redis
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { barCharts, growthCharts } from './suite/charts.mjs';
import { table } from './suite/figures.mjs';
import { growth } from './suite/growth.mjs';
import { ERAS } from './suite/participant.mjs';
import { reference } from './suite/reference.mjs';
import { latency, matches, memory, start, throughput } from './suite/scenarios.mjs';

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string' },
    baseline: { type: 'string' },
    growth: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    state: { type: 'string' },
  },
});
const seconds = Number(flags.seconds);
if (!(seconds >= 1 && seconds <= 60)) fail('--seconds must be a number from 1 to 60');
const baseline = flags.baseline && read(flags.baseline);
const environment = flags.state ? { STATE_URL: flags.state, STATE_NAMESPACE: `bench-${process.pid}` } : undefined;

const say = (text) => console.error(`  ${text}`);
console.error(
  `Node.js ${process.version}, ${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.availableParallelism()} cores`,
);
if (flags.growth) {
  const results = await growth({ seconds, environment, say });
  write('growth.json', results, growthCharts(results));
} else {
  const results = await measure();
  console.log(table(results, baseline));
  write('results.json', results, barCharts(results));
}

async function measure() {
  say('reference');
  const results = { node: process.version, reference: await reference(seconds), startMs: await start(), eras: {} };
  for (const era of ERAS) {
    say(`${era}: messages by push`);
    const push = await throughput({ era, seconds, environment });
    say(`${era}: messages by wait_for_message`);
    const wait = await throughput({ era, delivery: 'wait', seconds, environment });
    say(`${era}: latency at half of that rate`);
    const late = await latency({ era, rate: push.perSecond / 2, seconds, environment });
    say(`${era}: matches`);
    const pairs = await matches({ era, seconds, environment });
    say(`${era}: memory`);
    const idle = await memory({ era, environment });
    results.eras[era] = {
      messages: push.perSecond,
      messagesCpu: push.cpuPer1k,
      waits: wait.perSecond,
      matches: pairs.perSecond,
      ...late,
      memory: idle.rssKiB,
    };
  }
  return results;
}

function write(name, results, charts) {
  if (flags.out === undefined) return;
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(path.join(flags.out, name), `${JSON.stringify(results, null, 2)}\n`);
  for (const [file, svg] of Object.entries(charts)) writeFileSync(path.join(flags.out, file), svg);
  console.error(`Written to ${flags.out}: ${[name, ...Object.keys(charts)].join(', ')}`);
}

function read(file) {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof results.reference === 'number' && typeof results.eras === 'object') return results;
  } catch {
    // Told below.
  }
  return fail(`--baseline must be the results.json of a run: ${file} is none`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
