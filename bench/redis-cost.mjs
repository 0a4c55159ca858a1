// What steps cost: processor time of Redis and of the instances for each, as the load generator's chats have them, and what
// is kept takes in memory. Starts a redis-server of its own on a free port; the instances that share it are in this process.
//   npm run build; node bench/redis-cost.mjs [posts]
// INSTANCES=4 changes their number (2); REDIS_ARGS passes settings on to the server, e.g. "--io-threads 2"; RATES=1 limits rates as in production; OUTBOX=history
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
const INSTANCES = Number(process.env.INSTANCES ?? 2);
const TEXT = 'x'.repeat(64);
const now = () => Date.now();
const free = { burst: 0, perMs: 0 };
const limits = {
  ...{ participants: 0, participantsPerPrincipal: 0, ticketsPerParticipant: 5, roomsPerParticipant: 20 },
  ...{ eventLogEntries: 500, eventLogAgeMs: 600_000, roomHistory: 500, endedRooms: 1_000, endedRoomAgeMs: 600_000 },
  ...{ presenceMs: 90_000, graceMs: 30_000, retentionMs: 86_400_000 },
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
const stores = [];
for (let i = 0; i < INSTANCES; i++) stores.push(await RedisStateStore.open(options, limits));
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

/** What is added to the memory of the server by each of so many; the feed, which has a bound, aside. */
async function memory() {
  const store = await RedisStateStore.open({ ...options, namespace: 'sizes' }, limits);
  const used = async () => {
    const [, bytes] = /used_memory:(\d+)/.exec(await control.info('memory'));
    return Number(bytes) - ((await control.memory('USAGE', '{sizes}:feed')) ?? 0);
  };
  const sizes = [];
  let before = await used();
  /** @param freed bytes that were given back for each */
  const note = async (what, count, freed = 0) => {
    const after = await used();
    sizes.push({ kept: what, bytes: Math.round((after - before) / count) + freed });
    before = after;
  };
  const count = 2_000;
  const people = Array.from({ length: count }, participant);
  for (const person of people) await store.createParticipant(person, now());
  await note('participant', count);
  const waiting = people.map(ticketOf);
  for (const ticket of waiting) await store.enqueue({ ticket, ttlMs: 600_000, roomsPerPool: 0 }, now());
  await note('waiting ticket', count);
  const rooms = [];
  for (let i = 0; i < count; i += 2) {
    rooms.push(randomUUID());
    const groups = [{ tickets: waiting.slice(i, i + 2), reasons: [] }];
    await store.claim({ pool: 'default', roomId: rooms.at(-1), groups }, now());
  }
  await note('room of two', rooms.length, 2 * sizes.at(-1).bytes);
  for (let i = 0; i < 40 * rooms.length; i++) {
    const at = i % rooms.length;
    const message = { participantId: people[2 * at].id, roomId: rooms[at], messageId: randomUUID(), text: TEXT };
    await store.post(message, now());
  }
  await note(`message of ${TEXT.length} characters, with its event`, 40 * rooms.length);
  store.onApplicationShutdown();
  return sizes;
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
const storeOf = (i) => stores[i % INSTANCES];
const rows = [];

const tickets = [];
const enqueue = async (i) => {
  const pair = pairs[i >> 1];
  const ticket = ticketOf(pair.people[i & 1]);
  (tickets[i >> 1] ??= [])[i & 1] = { id: ticket.id, version: 1 };
  await storeOf(i).enqueue({ ticket, ttlMs: 600_000, roomsPerPool: 0 }, now());
};
const claim = async (i) =>
  storeOf(i).claim({ pool: 'default', roomId: pairs[i].roomId, groups: [{ tickets: tickets[i], reasons: [] }] }, now());
rows.push(await measure('enqueue', 2 * PAIRS, enqueue));
rows.push(await measure('claim of two', PAIRS, claim));
const post = (i) => {
  const pair = pairOf(i);
  const { id } = pair.people[(i / PAIRS) & 1];
  return storeOf(i).post({ participantId: id, roomId: pair.roomId, messageId: randomUUID(), text: TEXT }, now());
};
await measure('warm', POSTS / 2, post);
rows.push(await measure('post to one partner', POSTS, post));
const circles = [];
for (let i = 0; i < 16; i++) {
  const circle = { roomId: randomUUID(), people: Array.from({ length: 8 }, participant) };
  for (const person of circle.people) {
    await stores[0].createParticipant(person, now());
    const joining = { participantId: person.id, name: `circle ${i}`, capacity: 8, roomId: circle.roomId };
    await stores[0].join(joining, now());
  }
  circles.push(circle);
}
const tellCircle = (i) => {
  const { roomId, people } = circles[i % circles.length];
  return storeOf(i).post({ participantId: people[i & 7].id, roomId, messageId: randomUUID(), text: TEXT }, now());
};
rows.push(await measure('post to seven partners', POSTS / 4, tellCircle));
const heads = await Promise.all(
  pairs.map(async ({ people }) => (await stores[0].participant(people[0].id, now())).head),
);
const read = (behind) => (i) =>
  storeOf(i).readEvents(pairOf(i).people[0].id, { after: heads[i % PAIRS] - behind, limit: 50 }, now());
rows.push(await measure('read events, one new', POSTS, read(1)));
rows.push(await measure('read events, nothing new', POSTS, read(0)));
const acknowledge = (i) => {
  const behind = 200 - Math.floor(i / PAIRS);
  return storeOf(i).acknowledge(pairOf(i).people[0].id, heads[i % PAIRS] - behind);
};
rows.push(await measure('acknowledge one', Math.min(POSTS, PAIRS * 200), acknowledge));
console.table(rows);
console.table(await memory());
for (const store of stores) store.onApplicationShutdown();
control.disconnect();
redis.kill();
