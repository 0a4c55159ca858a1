// Targets for the load generator's compare.mjs: Parley and the plain node:http reference, in both protocol eras.
//   LOAD=../shared/load; node $LOAD/compare.mjs --config bench/load-targets.mjs --targets raw,parley --scenario throughput
// LOAD names the generator's folder, beside the checkout by default.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const load = path.resolve(process.env.LOAD ?? path.join(project, '../shared/load'));
const profile = (name) => path.join(load, 'profiles', `${name}.mjs`);

/** Every rate and count limit is lifted; everything else is as in production. */
const env = {
  NODE_ENV: 'production',
  PORT: '{port}',
  LOG_LEVEL: 'warn',
  MESSAGE_RATE_COUNT: '0',
  JOIN_RATE_COUNT: '0',
  PARTICIPANTS_MAX: '0',
  SESSIONS_MAX: '0',
  WAITS_PER_PARTICIPANT: '0',
};
const parley = {
  cmd: ['node', '--expose-gc', '--import', path.join(load, 'gc-hook.mjs'), 'dist/main.js'],
  cwd: project,
  env,
};
/** Two instances on one Redis. */
const shared = { ...parley, cmd: ['node', 'bench/load-instances.mjs'], startTimeoutMs: 60_000 };
const driver = ['--driver', path.relative(path.join(load, 'drivers'), path.join(project, 'bench/load-driver'))];
const raw = { cmd: ['node', '--expose-gc', path.join(load, 'ref/raw.mjs')] };
const in2026 = ['--era', '2026', '--profile', path.join(project, 'bench/load-profile-2026.mjs')];

export default {
  raw,
  'raw-2026': { ...raw, bench: ['--era', '2026', '--profile', profile('ref-2026')] },
  parley: { ...parley, bench: ['--profile', profile('parley-2025')] },
  'parley-2026': { ...parley, bench: in2026 },
  'parley-redis': { ...shared, bench: [...driver, '--profile', profile('parley-2025')] },
  'parley-redis-2026': { ...shared, bench: [...driver, ...in2026] },
};
