// Starts the built application and shows that its own strategy, not first in first out, decides who meets whom.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const app = spawn(process.execPath, ['dist/main.js'], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => app.kill());
const [url] = await once(readline.createInterface({ input: app.stdout }), 'line');

const client = new Client({ name: 'pair', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const call = async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent;
const enter = (display_name, topic) => call('enter_queue', { display_name, attributes: topic && { topic } });

const ann = await enter('Ann', 'chess');
const ben = await enter('Ben', 'gardening');
const cleo = await enter('Cleo', 'Plants');
assert.equal(ann.status, 'waiting');
assert.equal(ben.status, 'waiting');
assert.equal(cleo.status, 'matched');
assert.equal(cleo.partner.display_name, 'Ben', 'Ann has waited longer, but for another topic');
assert.deepEqual(cleo.reasons, [{ code: 'shared_topic', text: 'You both want to talk about plants' }]);
console.log(`Cleo met ${cleo.partner.display_name}: ${cleo.reasons[0].text}.`);

const { tickets } = await call('get_status', { participant_token: ann.participant_token });
assert.equal(tickets[0].reasons[0].code, 'no_shared_topic');
console.log(`Ann waits: ${tickets[0].reasons[0].text}.`);

const dan = await enter('Dan');
assert.equal(dan.code, 'ticket_refused');
console.log(`Dan was refused: ${dan.error}.`);

await client.close();
app.kill('SIGTERM');
const [code, signal] = await once(app, 'exit');
assert.ok(code === 0 || signal === 'SIGTERM', `the application ended with ${code}`);
