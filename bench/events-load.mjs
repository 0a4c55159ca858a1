/**
 * What webhooks cost those who chat: 10,000 subscriptions on 100 endpoints in one Parley, whose subscribers hear messages at a
 * steady rate while others chat as fast as they can. In turn with rounds in which the same messages go to participants
 * without subscriptions.
 *
 *   npm run build && node bench/events-load.mjs [events per second] [seconds per round] [rounds]
 *
 * Fails when chat is slower by a fifth or more, or when a delivery is missing, repeated or later than two seconds.
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { cpus } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const project = path.resolve(path.dirname(self), '..');
const SUBSCRIPTIONS = 10_000;
const ENDPOINTS = 100;
const CHATTERS = 32;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const MAX_LAG_MS = 2_000;

/** A hundred endpoints that answer challenges, and tell on demand what they got. */
function receive() {
  const ids = new Map();
  let lags = [];
  const serve = (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      if (body.type === 'verification') return response.end(JSON.stringify({ challenge: body.challenge }));
      lags.push(Date.now() - Date.parse(body.timestamp));
      ids.set(body.eventId, (ids.get(body.eventId) ?? 0) + 1);
      response.writeHead(204).end();
    });
  };
  const servers = Array.from({ length: ENDPOINTS }, () => http.createServer(serve).listen(0, '127.0.0.1'));
  Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve)))).then(() =>
    process.send(servers.map((server) => server.address().port)),
  );
  process.on('message', () => {
    process.send({ events: ids.size, repeated: [...ids.values()].filter((count) => count > 1).length, lags });
    lags = [];
  });
}

/** One keep-alive connection with one request at a time; nothing but what the figures need. */
class Connection {
  #socket;
  #resolve;
  #text = '';

  static open(port) {
    const connection = new Connection();
    connection.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    connection.#socket.setEncoding('utf8');
    connection.#socket.on('data', (text) => connection.#read(text));
    return new Promise((resolve) => connection.#socket.once('connect', () => resolve(connection)));
  }

  /** The result of a request. */
  async call(method, params, name) {
    const _meta = { ...META };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } });
    const named = name === undefined ? '' : `Mcp-Name: ${name}\r\n`;
    this.#socket.write(
      `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n` +
        `MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: ${method}\r\n${named}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    const answer = JSON.parse(await new Promise((resolve) => (this.#resolve = resolve)));
    if (answer.error || answer.result.isError) throw new Error(JSON.stringify(answer).slice(0, 300));
    return answer.result;
  }

  async tool(name, args) {
    return (await this.call('tools/call', { name, arguments: args }, name)).structuredContent;
  }

  close() {
    this.#socket.destroy();
  }

  /** Answers are ASCII, so that characters are bytes. */
  #read(text) {
    this.#text += text;
    const head = this.#text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#text)[1]);
    if (this.#text.length < head + 4 + length) return;
    const body = this.#text.slice(head + 4, head + 4 + length);
    this.#text = this.#text.slice(head + 4 + length);
    this.#resolve(body);
  }
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Does something for each item on so many connections at a time. */
async function onEach(connections, items, work) {
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < items.length) await work(connection, items[next++]);
    }),
  );
}

/** Two people in each of so many rooms. */
async function rooms(connections, prefix, count) {
  const pairs = [];
  await onEach(
    connections,
    Array.from({ length: count }, (_, i) => i),
    async (connection, i) => {
      const join = () => connection.tool('join_room', { room_name: `${prefix}-${i}`, capacity: 2 });
      const [a, b] = [await join(), await join()];
      pairs.push({ room: a.room_id, tokens: [a.participant_token, b.participant_token] });
    },
  );
  return pairs;
}

/** CPU seconds of a process so far, where the system tells. */
function cpuOf(pid) {
  if (!existsSync(`/proc/${pid}/stat`)) return NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function main(rate, seconds, count) {
  const children = [];
  process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
  const receivers = fork(self, ['receivers']);
  children.push(receivers);
  const told = () => new Promise((resolve) => receivers.once('message', resolve));
  const ports = await told();
  const asked = () => (receivers.send('figures'), told());

  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  const environment = {
    PORT: String(port),
    LOG_LEVEL: 'warn',
    MESSAGE_RATE_COUNT: '0',
    JOIN_RATE_COUNT: '0',
    PARTICIPANTS_MAX: '0',
    PRESENCE_TTL_SECONDS: '0',
    WEBHOOKS_WITHOUT_AUTH: 'true',
    WEBHOOKS_ALLOW_LOOPBACK: 'true',
    WEBHOOKS_TTL_SECONDS: '86400',
  };
  // Parley has a core of its own where that can be had: receivers and chatters belong to other machines.
  const pinned = cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0;
  if (pinned) for (const { pid } of [process, receivers]) spawnSync('taskset', ['-a', '-c', '-p', '1', String(pid)]);
  const command = [...(pinned ? ['taskset', '-c', '0'] : []), process.execPath, 'dist/main.js'];
  const parley = spawn(command[0], command.slice(1), {
    cwd: project,
    env: { PATH: process.env.PATH, ...environment },
    stdio: 'ignore',
  });
  children.push(parley);
  for (;;) {
    if (await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)) break;
    await sleep(100);
  }
  const open = (n) => Promise.all(Array.from({ length: n }, () => Connection.open(port)));
  const [setUp, chat, background] = [await open(16), await open(CHATTERS), await open(32)];

  const began = performance.now();
  const subscribed = await rooms(setUp, 'subscribed', SUBSCRIPTIONS / 2);
  const others = await rooms(setUp, 'other', SUBSCRIPTIONS / 2);
  const chatting = await rooms(setUp, 'chat', CHATTERS);
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${parley.pid}/status`, 'utf8'))?.[1]) / 1024;
  const rssBefore = existsSync('/proc/self/status') ? memory() : NaN;
  const wishes = subscribed.flatMap(({ tokens }) => tokens);
  await onEach(
    setUp,
    wishes.map((token, i) => ({ token, url: `http://127.0.0.1:${ports[i % ENDPOINTS]}/hook?n=${i}` })),
    (connection, { token, url }) =>
      connection.call('events/subscribe', {
        name: 'message.received',
        arguments: { participant_token: token },
        delivery: { mode: 'webhook', url, secret: SECRET },
      }),
  );
  const rssAfter = existsSync('/proc/self/status') ? memory() : NaN;
  console.log(
    `${wishes.length} subscriptions on ${ENDPOINTS} endpoints after ${Math.round((performance.now() - began) / 1000)} s;`,
  );
  console.log(`a subscription takes ${(((rssAfter - rssBefore) * 1024) / wishes.length).toFixed(1)} KiB`);

  let text = 0;
  const say = (connection, { room, tokens }, i) =>
    connection.tool('send_message', {
      room_id: room,
      participant_token: tokens[i % 2],
      message: `message number ${text++}, as long as people write on the average`,
    });

  /** Messages per second of those who chat, while so many others a second go to the given rooms. */
  async function round(rooms, ms, perSecond) {
    let sent = 0;
    let said = 0;
    let over = false;
    const free = [...background];
    const [cpu, start] = [cpuOf(parley.pid), performance.now()];
    const pacing = (async () => {
      const under = new Set();
      while (!over) {
        const due = Math.floor(((performance.now() - start) * perSecond) / 1000);
        while (sent < due && free.length > 0) {
          const connection = free.pop();
          const sending = say(connection, rooms[(sent * 7) % rooms.length], sent++).then(() => {
            free.push(connection);
            under.delete(sending);
          });
          under.add(sending);
        }
        await sleep(2);
      }
      await Promise.all(under);
    })();
    await Promise.all(
      chat.map(async (connection, i) => {
        while (performance.now() - start < ms) {
          await say(connection, chatting[i], said);
          said++;
        }
      }),
    );
    over = true;
    await pacing;
    const took = (performance.now() - start) / 1000;
    return { perSecond: said / took, sent, said, took, cpu: (cpuOf(parley.pid) - cpu) / took };
  }

  await round(others, 3_000, rate);
  await round(subscribed, 3_000, rate);
  await sleep(1_000);
  const before = await asked();
  const rounds = [];
  let expected = 0;
  for (let i = 0; i < count; i++) {
    const without = await round(others, seconds * 1000, rate);
    const with_ = await round(subscribed, seconds * 1000, rate);
    expected += with_.sent;
    rounds.push({ without, with: with_ });
    await sleep(300);
  }
  await sleep(500);
  const after = await asked();
  const lags = after.lags.sort((a, b) => a - b);
  const at = (part) => lags[Math.min(lags.length - 1, Math.floor(lags.length * part))];
  const ratio = median(rounds.map((each) => each.with.perSecond / each.without.perSecond));
  const cost = median(
    rounds.map(
      (each) =>
        each.with.cpu /
        (each.with.said + each.with.sent) /
        (each.without.cpu / (each.without.said + each.without.sent)),
    ),
  );
  const figure = (key, what) => Math.round(median(rounds.map((each) => each[what][key])));
  console.log(
    `chat without webhooks ${figure('perSecond', 'without')}/s, with ${figure('perSecond', 'with')}/s: ${ratio.toFixed(2)}`,
  );
  console.log(`CPU per message with webhooks: ${cost.toFixed(2)} of that without`);
  const delivered = after.events - before.events;
  console.log(`${delivered} of ${expected} events delivered (${rate}/s), ${after.repeated} repeated`);
  console.log(`lag in ms: half ${at(0.5)}, 99 % ${at(0.99)}, most ${at(1)}`);

  // Everybody who chats is subscribed: how many a second can be delivered at all.
  const flood = await round(subscribed, 2_000, 1e9);
  for (let i = 0, last = -1; i < 100; i++) {
    const { events } = await asked();
    if (events === last) break;
    last = events;
    await sleep(500);
  }
  const all = await asked();
  const flooded = all.events - after.events;
  console.log(
    `when ${Math.round(flood.sent / 2)} events a second are due, ${flooded} of ${flood.sent} arrive in the end`,
  );
  const ok = ratio >= 0.8 && delivered === expected && after.repeated === 0 && at(1) <= MAX_LAG_MS;
  console.log(ok ? 'ok' : 'FAIL');
  process.exit(ok ? 0 : 1);
}

if (process.argv[2] === 'receivers') receive();
else await main(Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 4), Number(process.argv[4] ?? 3));
