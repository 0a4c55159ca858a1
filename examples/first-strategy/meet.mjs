import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const url = new URL(process.argv[2] ?? 'http://127.0.0.1:3000/mcp');
const client = new Client({ name: 'meet', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
await client.connect(new StreamableHTTPClientTransport(url));
const call = async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent;
const enter = (display_name, topic) => call('enter_queue', { display_name, attributes: { topic } });

const ann = await enter('Ann', 'chess');
await enter('Ben', 'tea');
const cleo = await enter('Cleo', 'tea');
console.log(`Cleo: ${cleo.status} with ${cleo.partner?.display_name}. ${cleo.reasons?.[0]?.text}`);
const { tickets } = await call('get_status', { participant_token: ann.participant_token });
console.log(`Ann: waits. ${tickets[0].reasons[0].text}`);
await client.close();
