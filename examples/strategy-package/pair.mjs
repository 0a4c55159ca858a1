// Pairs two clients over MCP with the strategy that the server at the given endpoint runs.
//   node pair.mjs http://127.0.0.1:3000/mcp
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const people = await Promise.all(['Ann', 'Ben', 'Cleo'].map(connect));
const enter = async (i, attributes) => call(people[i], 'enter_queue', { display_name: people[i].name, attributes });

assert.equal((await enter(0, {})).code, 'ticket_refused');
assert.equal((await enter(0, { rating: 1900 })).status, 'waiting');
assert.equal((await enter(1, { rating: 1200 })).status, 'waiting');
const cleo = await enter(2, { rating: 1250 });
assert.equal(cleo.status, 'matched');
assert.equal(cleo.partner.display_name, 'Ben', 'Ann has waited longer, but her rating differs more');
assert.deepEqual(cleo.reasons, [{ code: 'similar_rating', text: 'You are rated 1200 to 1250' }]);
console.log(`Cleo met ${cleo.partner.display_name}: ${cleo.reasons[0].text}.`);
for (const { client } of people) await client.close();

async function connect(name) {
  const client = new Client({ name, version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2])));
  return { name, client };
}

async function call(person, name, args) {
  const { participant_token } = person;
  const { structuredContent } = await person.client.callTool({ name, arguments: { ...args, participant_token } });
  person.participant_token ??= structuredContent.participant_token;
  return structuredContent;
}
