// Counts matches, minute by minute, each exactly once: also those made while it was not running.
//   node examples/message-queue/matches-per-minute.mjs [nats://127.0.0.1:4222] [namespace] [seconds]
// The last argument is for those in a hurry: how long a "minute" is.
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, nanos } from '@nats-io/transport-node';

const [url = 'nats://127.0.0.1:4222', namespace = 'parley', seconds = '60'] = process.argv.slice(2);
const STREAM = `parley-events-${namespace}`;
const NAME = 'matches-per-minute';
const periodMs = Number(seconds) * 1000;
/** How long after a minute its last events may come. */
const GRACE_MS = 1_000;

const connection = await connect({ servers: url, maxReconnectAttempts: -1 });
const manager = await jetstreamManager(connection);

// A durable consumer: the server remembers what was acknowledged. What is counted is acknowledged when its minute has been
// printed, so that a crash before that counts it again and a crash after it does not.
await manager.consumers.add(STREAM, {
  durable_name: NAME,
  filter_subject: `parley.${namespace}.room.opened`,
  ack_policy: AckPolicy.All,
  ack_wait: nanos(periodMs + 60_000),
  max_ack_pending: -1,
});

/** Matches by the minute in which they were made, in milliseconds since the epoch. */
const counts = new Map();
let last;

const print = async (before) => {
  const over = [...counts.keys()].filter((minute) => minute < before).sort((a, b) => a - b);
  for (const minute of over) console.log(`${new Date(minute).toISOString()} ${counts.get(minute)}`);
  for (const minute of over) counts.delete(minute);
  // Everything up to a message is acknowledged with it, so only when nothing is left that was not printed.
  if (over.length > 0 && counts.size === 0) await last.ackAck();
};

const messages = await (await jetstream(connection).consumers.get(STREAM, NAME)).consume();
let printing = Promise.resolve();
const timer = setInterval(() => {
  const before = Math.floor((Date.now() - GRACE_MS) / periodMs) * periodMs;
  printing = printing.then(() => print(before));
}, GRACE_MS / 2);
process.once('SIGINT', async () => {
  clearInterval(timer);
  // What was printed is acknowledged before the connection goes.
  await printing;
  await connection.close();
});
console.log('* Counting');
for await (const message of messages) {
  const { time, data } = message.json();
  const minute = Math.floor(Date.parse(time) / periodMs) * periodMs;
  if (data.kind === 'match') counts.set(minute, (counts.get(minute) ?? 0) + 1);
  last = message;
}
