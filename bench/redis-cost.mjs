// What steps cost: processor time of Redis and of the instances for each, as the load generator's chats have them. Starts a
// redis-server of its own on a free port; two instances share it, in this process.
//   npm run build; node bench/redis-cost.mjs [posts]
// REDIS_ARGS passes settings on to the server, e.g. "--io-threads 2"; RATES=1 limits rates as in production; OUTBOX=history
// names the readers of the outbox, with commas.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { RedisStateStore } from '../dist/adapters/redis/redis-state-store.js';

const POSTS = Number(process.argv[2] ?? 40_000);
/** Steps under way at a time on each instance, as of so many people who each wait for their answer. */
const AT_ONCE = 32;
const PAIRS = 64;
const TEXT = 'x'.repeat(64);
const free = { burst: 0, perMs: 0 };
const limits = {
  ...{ participants: 0, participantsPerPrincipal: 0, ticketsPerParticipant: 5, roomsPerParticipant: 20 },
  ...{ eventLogEntries: 500, eventLogAgeMs: 600_000, roomHistory: 500, endedRooms: 1_000, endedRoomAgeMs: 600_000 },
  ...{ reports: 1_000, presenceMs: 90_000, graceMs: 30_000, retentionMs: 86_400_000 },
  messageRate: process.env.RATES ? { burst: 1_000_000, perMs: 1_000 } : free,
  joinRate: free,
  outbox: { groups: process.env.OUTBOX?.split(',') ?? [], records: 100_000 },
};

const server = createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address();
await new Promise((resolve) => server.close(resolve));
const settings = process.env.REDIS_ARGS?.split(' ') ?? [];
const redis = spawn('redis-server', ['--port', `${port}`, '--save', '', ...settings], { stdio: 'ignore' });
const control = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null });
control.on('error', () => undefined);
await control.ping();

const options = { url: `redis://127.0.0.1:${port}`, namespace: 'parley' };
const stores = [await RedisStateStore.open(options, limits), await RedisStateStore.open(options, limits)];
let heard = 0;
const elsewhere = { appended: (all) => (heard += all.length), live: () => undefined, missed: () => undefined };
for (const store of stores) await store.listen(elsewhere);

/** Processor time of the server and number of commands, without this very look. */
async function meter() {
  const info = await control.info('all');
  const number = (pattern) => Number(pattern.exec(info)?.[1] ?? 0);
  const commands = [...info.matchAll(/cmdstat_([^:]+):calls=(\d+),usec=(\d+)/g)].map(([, name, calls, usec]) => [
    name,
    { calls: Number(calls), usec: Number(usec) },
  ]);
  return {
    redis: 1e6 * (number(/used_cpu_user:(\S+)/) + number(/used_cpu_sys:(\S+)/)),
    net: number(/total_net_input_bytes:(\d+)/) + number(/total_net_output_bytes:(\d+)/),
    own: process.cpuUsage(),
    at: performance.now(),
    commands: Object.fromEntries(commands),
  };
}

async function measure(title, count, step) {
  let next = 0;
  const work = async () => {
    while (next < count) await step(next++);
  };
  const before = await meter();
  await Promise.all(Array.from({ length: 2 * AT_ONCE }, work));
  const after = await meter();
  const own = process.cpuUsage(before.own);
  const each = (name, what) => ((after.commands[name]?.[what] ?? 0) - (before.commands[name]?.[what] ?? 0)) / count;
  const inside = Object.keys(after.commands).filter((name) => !/^(fcall|info|ping|client|hello|select)/.test(name));
  const row = {
    step: title,
    'Redis, us': ((after.redis - before.redis) / count).toFixed(1),
    'of these in the function': each('fcall', 'usec').toFixed(1),
    commands: inside.reduce((sum, name) => sum + each(name, 'calls'), 0).toFixed(1),
    'instances, us': ((own.user + own.system) / count).toFixed(1),
    'net, bytes': ((after.net - before.net) / count).toFixed(0),
    'per second': (count / ((after.at - before.at) / 1_000)).toFixed(0),
  };
  if (process.env.DETAILS) {
    const used = inside.filter((name) => each(name, 'calls') > 0.01);
    console.log(
      title,
      used
        .map(
          (name) =>
            `${name} ${each(name, 'calls').toFixed(2)}x ${(each(name, 'usec') / each(name, 'calls')).toFixed(1)}`,
        )
        .join(', '),
    );
  }
  return row;
}

const participant = () => ({
  ...{ id: randomUUID(), logId: randomUUID().slice(0, 8), tokenDigest: randomUUID(), principal: null },
  ...{ displayName: 'Somebody', provenance: 'human', attributes: {} },
});
const ticketOf = (person) => ({
  ...{ id: randomUUID(), pool: 'default', participantId: person.id, principal: null, displayName: 'Somebody' },
  ...{
    provenance: 'human',
    attributes: {},
    criteria: null,
    group: { minimum: 2, maximum: 2, multiple: 1, patienceMs: 0 },
  },
  ...{ priority: 0, enqueuedAt: Date.now(), version: 1, avoid: [], party: [], roomId: null },
});
const pairs = [];
for (let i = 0; i < PAIRS; i++) {
  const people = [participant(), participant()];
  for (const person of people) await stores[0].createParticipant(person, Date.now());
  pairs.push({ people, roomId: randomUUID(), cursors: [0, 0] });
}
const pairOf = (i) => pairs[i % PAIRS];
const now = () => Date.now();
const rows = [];

const tickets = [];
const enqueue = async (i) => {
  const pair = pairs[i >> 1];
  const ticket = ticketOf(pair.people[i & 1]);
  (tickets[i >> 1] ??= [])[i & 1] = { id: ticket.id, version: 1 };
  await stores[i & 1].enqueue({ ticket, ttlMs: 600_000, roomsPerPool: 0 }, now());
};
const claim = async (i) =>
  stores[i & 1].claim({ pool: 'default', roomId: pairs[i].roomId, tickets: tickets[i], reasons: [] }, now());
rows.push(await measure('enqueue', 2 * PAIRS, enqueue));
rows.push(await measure('claim of two', PAIRS, claim));
const post = (i) => {
  const pair = pairOf(i);
  const { id } = pair.people[(i / PAIRS) & 1];
  return stores[i & 1].post({ participantId: id, roomId: pair.roomId, messageId: randomUUID(), text: TEXT }, now());
};
await measure('warm', POSTS / 2, post);
rows.push(await measure('post to one partner', POSTS, post));
const heads = await Promise.all(
  pairs.map(async ({ people }) => (await stores[0].participant(people[0].id, now())).head),
);
const read = (behind) => (i) =>
  stores[i & 1].readEvents(pairOf(i).people[0].id, { after: heads[i % PAIRS] - behind, limit: 50 }, now());
rows.push(await measure('read events, one new', POSTS, read(1)));
rows.push(await measure('read events, nothing new', POSTS, read(0)));
const acknowledge = (i) => {
  const behind = 200 - Math.floor(i / PAIRS);
  return stores[i & 1].acknowledge(pairOf(i).people[0].id, heads[i % PAIRS] - behind);
};
rows.push(await measure('acknowledge one', Math.min(POSTS, PAIRS * 200), acknowledge));
console.table(rows);
for (const store of stores) store.onApplicationShutdown();
control.disconnect();
redis.kill();
