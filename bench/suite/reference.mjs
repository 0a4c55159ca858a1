// What this machine and its Node.js can do at all: requests per second that a bare node:http server answers when it reads
// JSON and writes JSON. Figures of different machines can be compared as parts of it.
import { createServer } from 'node:http';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HttpConnection } from './http-connection.mjs';

const SELF = fileURLToPath(import.meta.url);
const CONNECTIONS = 64;
const WARM_MS = 1_500;

/** Requests per second. */
export async function reference(seconds) {
  const child = fork(SELF, ['serve']);
  const port = await new Promise((resolve) => child.once('message', resolve));
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'echo', params: { text: 'x'.repeat(64) } });
  const state = { on: true, answered: 0 };
  const loops = Array.from({ length: CONNECTIONS }, async () => {
    const connection = new HttpConnection(port);
    while (state.on) {
      await connection.post('/', 'Content-Type: application/json\r\n', body);
      state.answered++;
    }
    connection.close();
  });
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await pause(WARM_MS);
  const [began, before] = [performance.now(), state.answered];
  await pause(seconds * 1000);
  const perSecond = ((state.answered - before) / (performance.now() - began)) * 1000;
  state.on = false;
  await Promise.all(loops);
  child.kill();
  return perSecond;
}

if (process.argv[2] === 'serve') {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { id, params } = JSON.parse(Buffer.concat(chunks));
      const json = JSON.stringify({ jsonrpc: '2.0', id, result: params });
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(json) });
      response.end(json);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}
