// Has messages of a chat POSTed to it, signed, with the events of the AI SDK. Start the service for development:
//   WEBHOOKS_WITHOUT_AUTH=true WEBHOOKS_ALLOW_LOOPBACK=true npm start
//   node examples/events/webhook.mjs Ann
// A second argument is the address of the endpoint. Ctrl-C unsubscribes and ends it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createMCPClient, experimental_createMCPEventWebhook as createWebhook } from '@ai-sdk/mcp';

const [name = 'Ann', url = 'http://127.0.0.1:3000/mcp'] = process.argv.slice(2);

/** Subscriptions with their secrets; an application keeps them in a private database. */
const saved = new Map();
const store = {
  get: async (key) => saved.get(key),
  getById: async (id) => [...saved.values()].find((subscription) => subscription.id === id),
  set: async (subscription) => void saved.set(subscription.key, subscription),
  update: async (key, patch) => void saved.set(key, { ...saved.get(key), ...patch }),
  delete: async (key) => void saved.delete(key),
};

// The handler answers the challenge, verifies signatures and keeps the cursor.
const handle = createWebhook({
  store,
  onEvent: async ({ event }) => console.log(`${event.data.sender.display_name}: ${event.data.message}`),
  onGap: async () => console.log('* Something was missed: get_messages reads it back'),
});
const server = createServer(async (request, response) => {
  const answer = await handle(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method,
      headers: request.headers,
      ...(request.method === 'POST' && { body: await buffer(request) }),
    }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const client = await createMCPClient({ transport: { type: 'http', url }, experimental_events: { store } });
const entered = await client.callTool({ name: 'enter_queue', arguments: { display_name: name } });
const { participant_token, cursor } = entered.structuredContent;
const { id, refreshBefore } = await client.experimental_events.subscribe({
  name: 'message.received',
  arguments: { participant_token },
  delivery: { mode: 'webhook', url: `http://127.0.0.1:${server.address().port}/hook`, allowInsecureLocalhost: true },
  cursor,
});
console.log(`* Subscribed as ${id} until ${refreshBefore}`);
// Halfway is early enough to try again when a refresh fails.
const refreshing = setInterval(
  () => client.experimental_events.refresh({ id }).catch((error) => console.error(`* ${error.message}`)),
  (Date.parse(refreshBefore) - Date.now()) / 2,
);

await once(process, 'SIGINT');
clearInterval(refreshing);
await client.experimental_events.unsubscribe({ id });
console.log('* Unsubscribed');
await client.close();
server.close();
