// Waits for a partner and prints every message of the chat, by MCP Events with the official client.
//   node examples/events/follow.mjs Ann            by events/stream
//   node examples/events/follow.mjs Ann --poll     by events/poll
// A third argument is the address of the endpoint. It ends with the chat.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const flags = process.argv.slice(2);
const polling = flags.includes('--poll');
const [name = 'Ann', url = 'http://127.0.0.1:3000/mcp'] = flags.filter((flag) => flag !== '--poll');

/** The client knows no methods of MCP Events, so it is told to take their results as they come. */
const anyResult = { '~standard': { version: 1, vendor: 'example', validate: (value) => ({ value }) } };
/** Silence for longer than two heartbeats means that the stream is dead. */
const SILENCE_MS = 60_000;

async function connect() {
  const client = new Client(
    { name: 'parley-events', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

const client = await connect();
const { structuredContent } = await client.callTool({ name: 'enter_queue', arguments: { display_name: name } });
const { participant_token } = structuredContent;

/** The events of one type from `enter_queue` on, for as long as `take` wants them. */
async function follow(type, take) {
  const params = { name: type, arguments: { participant_token }, cursor: structuredContent.cursor };
  await (polling ? pollFor(params, take) : streamFor(params, take));
}

async function pollFor(params, take) {
  let { cursor } = params;
  for (;;) {
    const polled = await client.request({ method: 'events/poll', params: { ...params, cursor } }, anyResult);
    for (const event of polled.events) if (!take(event)) return;
    cursor = polled.cursor;
    if (!polled.hasMore) await sleep(polled.nextPollMs);
  }
}

async function streamFor(params, take) {
  let { cursor } = params;
  let over = false;
  // A client of its own for each stream, so that what it hears is of this stream.
  const listener = await connect();
  while (!over) {
    const stop = new AbortController();
    let silence;
    listener.fallbackNotificationHandler = async ({ method, params: { cursor: next, ...event } }) => {
      clearTimeout(silence);
      silence = setTimeout(() => stop.abort(), SILENCE_MS);
      if (next !== undefined) cursor = next;
      over ||= method === 'notifications/events/terminated';
      over ||= method === 'notifications/events/event' && !take(event);
      if (over) stop.abort();
    };
    const request = { method: 'events/stream', params: { ...params, cursor } };
    // However it ends, the cursor heard last says where to go on.
    await listener.request(request, anyResult, { signal: stop.signal, timeout: 2 ** 31 - 1 }).catch(() => undefined);
    clearTimeout(silence);
    if (!over) await sleep(1_000);
  }
  await listener.close();
}

const found = new Promise((resolve) => void follow('chatroom.found', ({ data }) => resolve(data)));
const { partner, room_id } = await found;
console.log(`* ${partner.display_name} is here (${room_id})`);
await Promise.race([
  follow('message.received', ({ data }) => console.log(`${data.sender.display_name}: ${data.message}`) ?? true),
  follow('room.closed', () => console.log('* The chat is over')),
]);
await client.close();
process.exit();
