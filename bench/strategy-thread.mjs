/**
 * What a strategy in a thread of its own costs a run, by the number waiting, and whether one that never ends holds up the
 * service: `npm run build && node bench/strategy-thread.mjs`
 */
import { fileURLToPath } from 'node:url';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MemoryStateStore } from '../dist/adapters/memory/memory-state-store.js';
import { WorkerRunner } from '../dist/matching/isolation/worker.runner.js';
import { stateLimits, ticketOf } from '../dist/testing/index.js';

const RUNS = 200;
const fixture = (name) => fileURLToPath(new URL(`../test/fixtures/strategies/${name}`, import.meta.url));
const start = (name) => WorkerRunner.start({ strategy: fixture(name), options: {} }, 50);
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const micros = (ms) => `${Math.round(ms * 1000)} µs`;

/** A pool of so many. */
async function poolOf(waiting) {
  const state = new MemoryStateStore(stateLimits({ participants: 0 }));
  let last;
  for (let i = 0; i < waiting; i++) {
    const id = `p${i}`;
    const person = { id, logId: id, tokenDigest: null, principal: null, displayName: id, provenance: 'human' };
    const attributes = { language: 'en', interests: ['chess', 'music', 'rust'] };
    await state.createParticipant({ ...person, attributes }, 0);
    const { ticket } = await state.enqueue({ ticket: ticketOf(id, { attributes }), ttlMs: 0, roomsPerPool: 0 }, 0);
    last = ticket;
  }
  return { subject: last, view: await state.waiting(last) };
}

const runOf = ({ subject, view }, budgetMs = 50) => ({
  trigger: 'enqueue',
  subject,
  view,
  now: 0,
  seed: 1,
  cooldownMs: 0,
  budgetMs,
});

console.log('waiting   first run   median run   of it in the service’s thread');
for (const waiting of [2, 10, 1_000, 10_000]) {
  const pool = await poolOf(waiting);
  const runner = await start('looking.mjs');
  const first = performance.now();
  await runner.propose(runOf(pool));
  const firstTook = performance.now() - first;
  const [whole, own] = [[], []];
  for (let i = 0; i < RUNS; i++) {
    const before = performance.now();
    const proposed = runner.propose(runOf(pool));
    own.push(performance.now() - before);
    await proposed;
    whole.push(performance.now() - before);
  }
  await runner.close();
  const row = [String(waiting).padEnd(8), micros(firstTook).padStart(11), micros(median(whole)).padStart(11)];
  console.log(row.join('  '), micros(median(own)).padStart(11));
}

const pool = await poolOf(2);
const [hanging, other] = [await start('obedient.mjs'), await start('looking.mjs')];
await other.propose(runOf(pool));
const hang = { ...pool, subject: { ...pool.subject, attributes: { do: 'hang' } } };
await hanging.propose(runOf(pool));
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let over = false;
const stuck = hanging.propose(runOf(hang, 2_000)).then(
  () => undefined,
  (error) => {
    over = true;
    return error.message;
  },
);
const others = [];
while (!over) {
  const before = performance.now();
  await other.propose(runOf(pool));
  others.push(performance.now() - before);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
delay.disable();
console.log(
  `\nbeside an endless loop of 2 s: ${others.length} runs of another strategy, median ${micros(median(others))}`,
);
console.log(`longest delay of the event loop: ${(delay.max / 1e6).toFixed(1)} ms; ${await stuck}`);
await hanging.close();
await other.close();
