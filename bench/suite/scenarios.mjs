// What is measured. Each scenario has a service of its own, so that none suffers from what another left behind.
import { complete, Conversation } from './conversations.mjs';
import { Participant } from './participant.mjs';
import { Server } from './server.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Messages said before anything is measured: code becomes fast only when it is used. */
const WARM_MESSAGES = 8_000;

async function withServer(measure, environment) {
  const server = await Server.start(environment);
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

/** Opens as many conversations, a few at a time. */
async function open(port, era, count, options) {
  const conversations = [];
  for (let i = 0; i < count; i++) conversations.push(await Conversation.open(port, era, options));
  return conversations;
}

/** Everybody talks as fast as they are answered, until told to stop. */
function talk(conversations, senders) {
  const state = { on: true };
  const loop = async (conversation, number) => {
    while (state.on) await conversation.say(number);
  };
  const loops = conversations.flatMap((conversation) =>
    Array.from({ length: Math.min(senders, conversation.people) }, (_, number) => loop(conversation, number)),
  );
  return {
    async stop() {
      state.on = false;
      await Promise.all(loops);
      await complete(conversations);
    },
  };
}

const total = (conversations, what) => conversations.reduce((sum, conversation) => sum + conversation[what], 0);

/**
 * Closed loop: every sender has one message under way.
 * @returns messages per second, and processor time per 1,000 messages in milliseconds
 */
export function throughput({
  era,
  delivery = 'push',
  pairs = 32,
  people = 2,
  size = 64,
  idle = 0,
  seconds,
  environment,
}) {
  return withServer(async (server) => {
    const others = await idlers(server.port, era, idle);
    const conversations = await open(server.port, era, pairs, { delivery, people, size });
    const talking = talk(conversations, people === 2 ? 2 : 1);
    const warm = performance.now() + 4_000;
    while (total(conversations, 'sent') < WARM_MESSAGES && performance.now() < warm) await pause(20);
    const before = await server.usage();
    const [began, sent] = [performance.now(), total(conversations, 'sent')];
    await pause(seconds * 1000);
    const after = await server.usage();
    const messages = total(conversations, 'sent') - sent;
    const took = performance.now() - began;
    await talking.stop();
    for (const each of [...conversations, ...others]) each.close();
    return { perSecond: messages / (took / 1000), cpuPer1k: (after.cpuMs - before.cpuMs) / (messages / 1000) };
  }, environment);
}

/**
 * Open loop: messages are due at random times, whatever the service does, and late ones count from when they were due.
 * @returns percentiles of the time until the partner has heard it, in milliseconds
 */
export function latency({ era, delivery = 'push', rate, pairs = 32, seconds, environment }) {
  return withServer(async (server) => {
    const conversations = await open(server.port, era, pairs, { delivery });
    const talking = talk(conversations, 2);
    while (total(conversations, 'sent') < WARM_MESSAGES) await pause(20);
    await talking.stop();
    const latencies = [];
    for (const conversation of conversations) conversation.onLatency = (ms) => latencies.push(ms);
    const queues = conversations.flatMap((conversation) =>
      [0, 1].map((number) => ({ conversation, number, last: Promise.resolve() })),
    );
    const began = performance.now();
    let due = began;
    let next = 0;
    while (due < began + seconds * 1000) {
      due += (-Math.log(1 - Math.random()) / rate) * 1000;
      while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
      const queue = queues[next++ % queues.length];
      const at = due;
      queue.last = queue.last.then(() => queue.conversation.say(queue.number, at));
    }
    await Promise.all(queues.map(({ last }) => last));
    await complete(conversations);
    for (const conversation of conversations) conversation.close();
    return { p50: percentile(latencies, 0.5), p90: percentile(latencies, 0.9), p99: percentile(latencies, 0.99) };
  }, environment);
}

/** Everybody enters, is matched, and enters again when their chat has ended. @returns pairs per second */
export function matches({ era, people = 64, seconds, environment }) {
  return withServer(async (server) => {
    let pairs = 0;
    const state = { on: true };
    const participants = [];
    for (let i = 0; i < people; i++) participants.push(await new Participant(server.port, era).connect());
    // A first round makes participants and streams of them.
    const round = async (participant) => {
      const { status } = await participant.enter();
      const roomId = await participant.found();
      if (status !== 'matched') return participant.ended();
      pairs++;
      return participant.leave(roomId);
    };
    for (const participant of participants) {
      await participant.enter({ pool: 'nobody' });
      await participant.leaveQueue();
      participant.expectMatches();
      await participant.listen();
    }
    const loops = participants.map(async (participant) => {
      while (state.on) await round(participant);
    });
    await pause(2_000);
    const before = await server.usage();
    const [began, counted] = [performance.now(), pairs];
    await pause(seconds * 1000);
    const after = await server.usage();
    const made = pairs - counted;
    const took = performance.now() - began;
    state.on = false;
    // Whoever waits for somebody else now waits for nobody.
    await Promise.race([Promise.all(loops), pause(500)]);
    for (const participant of participants) participant.close();
    return { perSecond: made / (took / 1000), cpuPer1k: (after.cpuMs - before.cpuMs) / (made / 1000) };
  }, environment);
}

/** People with a stream who do nothing. @returns KiB for each of them, from the slope between the two levels */
export function memory({ era, levels = [200, 1_200], environment }) {
  return withServer(async (server) => {
    const people = [];
    const readings = [];
    for (const level of levels) {
      people.push(...(await idlers(server.port, era, level - people.length)));
      await pause(500);
      readings.push(await server.usage(true));
    }
    for (const participant of people) participant.close();
    const slope = (what) => (readings[1][what] - readings[0][what]) / 1024 / (levels[1] - levels[0]);
    return { rssKiB: slope('rss'), heapKiB: slope('heap') };
  }, environment);
}

/**
 * From the start of the process to its first answer: the median of three, for the first may have to fetch the files.
 * @returns milliseconds
 */
export async function start() {
  const starts = [];
  for (let i = 0; i < 3; i++) starts.push(await withServer(async ({ startMs }) => startMs));
  return starts.sort((a, b) => a - b)[1];
}

async function idlers(port, era, count) {
  const people = [];
  for (let i = 0; i < count; i++) {
    const participant = await new Participant(port, era).connect();
    await participant.enter({ pool: 'nobody' });
    await participant.leaveQueue();
    await participant.listen();
    participant.rest();
    people.push(participant);
  }
  return people;
}

function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
