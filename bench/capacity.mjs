// A model of what a service of many instances needs: how many Redis shards and instances, how much memory and network, and
// which limit is met first. What one step costs was measured (bench/redis-cost.mjs, bench/load-shared.mjs); the rest is
// arithmetic.
//   node bench/capacity.mjs                                     the table of docs/scaling.md
//   node bench/capacity.mjs --users 50000 --messagesPerMinute 6 --roomSize 4
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** Processor time in microseconds and sizes in bytes, on one core of a small virtual machine. Text has 64 characters. */
export const MEASURED = {
  redis: {
    post: 34,
    /** For each instance that hears it. */
    heard: 1.1,
    /** For each member of the room beyond two. */
    member: 8.5,
    /** With the outbox, for history or the message queue. */
    record: 9,
    /** A message that is fetched by a long poll: read, acknowledge, and the next look. */
    poll: 45,
    /** Two enqueue, the strategy looks twice, a claim, somebody leaves. */
    match: 260,
  },
  instance: {
    /** A message from the request to the partner's stream. */
    message: 85,
    /** For each message of the namespace, whoever sent it. */
    heard: 5,
    poll: 90,
    match: 400,
  },
  network: { post: 640, heard: 552, member: 150, poll: 1_400 },
  memory: { participant: 640, waiting: 1_150, room: 2_560, message: 330, event: 460, feed: 9_000_000 },
  /** Of an instance, for each participant who has a stream open; and what it takes by itself. */
  connected: 16_000,
  idleInstance: 150_000_000,
};

/** What is asked of it. */
export const BASE = {
  /** Participants who are there at the same time. */
  users: 1_000,
  messagesPerMinute: 2,
  roomSize: 2,
  textBytes: 64,
  /** Matches each of them has in an hour. */
  matchesPerHour: 4,
  /** Participants who are remembered because they were there within a day, for each who is there. */
  remembered: 5,
  /** Of all, who wait in a queue. */
  waiting: 0.05,
  /** Of all, who hear by long poll and not by a stream. */
  polling: 0.5,
  /** How long a conversation lasts. */
  roomMinutes: 15,
  /** Load of a whole day, in terms of the load asked about, which is that of its busiest hour. */
  dayShare: 0.4,
  /** As configured: EVENT_LOG_HOURS, EVENT_LOG_ENTRIES, ENDED_ROOMS_MAX, ENDED_ROOM_SECONDS. */
  eventHours: 24,
  eventEntries: 1_000,
  endedRooms: 1_000,
  endedSeconds: 3_600,
  outbox: true,
  /** Of a core, of memory and of a network interface, how much is to be used; the rest is for peaks and failures. */
  share: 0.6,
  /** Of one Redis. */
  redisGiB: 16,
  redisGbit: 5,
  instanceGiB: 2,
};

/** What one of so many shards bears, as if everything were spread evenly over their namespaces. */
function shardOf(ask, shards) {
  const { redis, instance, network, memory, connected, idleInstance } = MEASURED;
  const { roomSize, share } = ask;
  const users = ask.users / shards;
  const posts = (users * ask.messagesPerMinute) / 60;
  const delivered = posts * (roomSize - 1);
  const polled = delivered * ask.polling;
  const matches = (users * ask.matchesPerHour) / 3_600 / roomSize;
  const more = roomSize - 2;
  const longer = ask.textBytes - 64;

  const ownCores = (posts * instance.message + polled * instance.poll + matches * instance.match) / 1e6;
  // Every instance hears all that happens in its namespace, so that more of them do not help with this.
  const hearingCores = (posts * instance.heard) / 1e6;
  const byCpu = hearingCores < share ? Math.ceil(ownCores / (share - hearingCores)) : Infinity;
  const byMemory = Math.ceil((users * connected) / (share * ask.instanceGiB * 2 ** 30 - idleInstance));
  const instances = Math.max(2, byCpu, byMemory);

  const postCost = redis.post + redis.heard * instances + redis.member * more + (ask.outbox ? redis.record : 0);
  const redisCores = (posts * postCost + polled * redis.poll + matches * redis.match) / 1e6;
  const postBytes = network.post + longer + network.member * more + (network.heard + longer) * instances;
  const gbit = (8 * (posts * postBytes + polled * network.poll)) / 1e9;

  const known = users * (1 + ask.remembered);
  const rooms = (users * (1 - ask.waiting)) / roomSize;
  const ended = Math.min(ask.endedRooms, matches * ask.endedSeconds);
  const spoken = ask.messagesPerMinute * roomSize * ask.roomMinutes;
  const heard = delivered * 3_600 * (ask.eventHours > 1 ? 1 + (ask.eventHours - 1) * ask.dayShare : ask.eventHours);
  const bytes =
    memory.feed +
    known * memory.participant +
    users * ask.waiting * memory.waiting +
    (rooms + ended) * memory.room +
    // A conversation that goes on is half over on average.
    (rooms / 2 + ended) * spoken * (memory.message + longer) +
    Math.min(heard, known * ask.eventEntries) * (memory.event + longer);
  const gib = bytes / 2 ** 30;
  /** How much of what may be used is used. */
  const used = {
    'Redis core': redisCores / share,
    'Redis memory': gib / (share * ask.redisGiB),
    'Redis network': gbit / (share * ask.redisGbit),
    'what an instance hears': hearingCores / share,
  };
  const [limit] = Object.entries(used).reduce((most, each) => (each[1] > most[1] ? each : most));
  return { posts, instances, redisCores, gib, gbit, limit, fits: used[limit] <= 1 };
}

/**
 * What that takes. `limit` is what sets the number of shards or, while one is enough, what is closest to doing so; the
 * other figures but `posts`, `shards` and `instances` are those of one shard.
 */
export function capacity(given = {}) {
  const ask = { ...BASE, ...given };
  let tooMuch;
  for (let shards = 1; ; shards++) {
    const one = shardOf(ask, shards);
    if (one.fits) {
      const { posts, instances, limit } = one;
      return { ...one, shards, posts: posts * shards, instances: instances * shards, limit: tooMuch?.limit ?? limit };
    }
    tooMuch = one;
  }
}

const COLUMNS = [
  'users',
  'event log',
  'messages/s',
  'shards',
  'instances',
  'Redis core',
  'Redis memory',
  'Redis network',
  'limit',
];
const number = (value) => Math.round(value).toLocaleString('en-US');

/** The base load and its multiples, as configured by default and with event logs of an hour. */
const LOADS = [24, 1].flatMap((eventHours) =>
  [1, 10, 100, 1_000].map((times) => ({ users: BASE.users * times, eventHours })),
);

/** The table of docs/scaling.md, or of what is asked for. */
export function table(asks = LOADS) {
  const rows = asks.map((ask) => {
    const { posts, shards, instances, redisCores, gib, gbit, limit } = capacity(ask);
    const { users, eventHours } = { ...BASE, ...ask };
    const figures = [number(users), `${eventHours} h`, number(posts), number(shards), number(instances)];
    const memory = gib < 1 ? `${number(gib * 1_024)} MiB` : `${gib.toFixed(1)} GiB`;
    const network = gbit < 1 ? `${number(gbit * 1_000)} Mbit/s` : `${gbit.toFixed(1)} Gbit/s`;
    return [...figures, `${number(100 * redisCores)} %`, memory, network, limit];
  });
  const widths = COLUMNS.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const isText = (i) => i === COLUMNS.length - 1;
  const line = (cells) =>
    `| ${cells.map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (isText(i) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(COLUMNS), rule, ...rows.map(line)].join('\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const options = Object.fromEntries(Object.keys(BASE).map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ options });
  const asked = Object.entries(values).map(([name, value]) => {
    const amount = name === 'outbox' ? value === 'true' : Number(value);
    if (Number.isNaN(amount) || amount < 0) {
      console.error(`--${name} must be a number, not ${value}`);
      process.exit(2);
    }
    return [name, amount];
  });
  console.log(asked.length > 0 ? table([Object.fromEntries(asked)]) : table());
}
