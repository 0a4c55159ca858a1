// Prints what happens in a service whose EVENTS_URL is set, from now on.
//   node examples/message-queue/follow.mjs [nats://127.0.0.1:4222] [namespace]
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const [url = 'nats://127.0.0.1:4222', namespace = 'parley'] = process.argv.slice(2);

/** What people wrote is untrusted: a terminal must not obey it. */
const shown = (text) => text.replaceAll(/\p{C}/gu, '�');

const SENTENCES = {
  'parley.ticket.created': ({ user_ids, pool }) => `${user_ids.length} waiting in ${pool}`,
  'parley.ticket.matched': ({ pool, waited_ms }) => `matched in ${pool} after ${waited_ms} ms`,
  'parley.ticket.moved': ({ from, pool }) => `moved from ${from} to ${pool}`,
  'parley.ticket.cancelled': ({ pool }) => `no longer waiting in ${pool}`,
  'parley.ticket.expired': ({ pool, reason }) => `waited in vain in ${pool}: ${reason}`,
  'parley.room.opened': ({ members }) => `room of ${members.map((member) => shown(member.display_name)).join(' and ')}`,
  'parley.room.joined': ({ member }) => `${shown(member.display_name)} came`,
  'parley.room.left': ({ reason }) => `somebody left: ${reason}`,
  'parley.room.closed': ({ reason }) => `room closed: ${reason}`,
  'parley.message.sent': ({ sender, characters, message = `${characters} characters` }) =>
    `${shown(sender.display_name)}: ${shown(message)}`,
};

const connection = await connect({ servers: url, maxReconnectAttempts: -1 });
process.once('SIGINT', () => void connection.close());

// An ordered consumer keeps no state on the server and starts again by itself where it was.
const consumer = await jetstream(connection).consumers.get(`parley-events-${namespace}`, {
  filter_subjects: `parley.${namespace}.>`,
  deliver_policy: DeliverPolicy.New,
});
const messages = await consumer.consume();
console.log(`* Following ${namespace}`);
for await (const message of messages) {
  const { time, type, subject, data } = message.json();
  const say = SENTENCES[type];
  if (say) console.log(`${time} ${subject} ${say(data)}`);
}
