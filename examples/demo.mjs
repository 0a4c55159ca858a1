// Two people meet and talk over MCP, each with another line of the SDK, and each loses the connection once.
//   npm run demo
import assert from 'node:assert/strict';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../dist/index.js';
import { SessionClient } from './clients/session-client.mjs';
import { StatelessClient } from './clients/stateless-client.mjs';

/** A TCP proxy, so that a connection can really be cut. */
async function cuttableWire(targetPort) {
  const sockets = new Set();
  let down = false;
  const proxy = net.createServer((client) => {
    if (down) return client.destroy();
    const server = net.connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => sockets.delete(from) && to.destroy());
      from.pipe(to);
    }
  });
  await new Promise((listening) => proxy.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${proxy.address().port}/mcp`,
    cut() {
      down = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      down = false;
    },
    close() {
      this.cut();
      proxy.close();
    },
  };
}

/** Somebody with a client, a wire of their own and a memory of every event. */
class Person {
  seen = [];
  eventIds = [];

  constructor(name, Client, wire) {
    this.name = name;
    this.wire = wire;
    this.client = new Client(wire.url, (event, data, eventId) => this.#hear(event, data, eventId));
  }

  async enter() {
    await this.client.connect();
    const { status } = await this.client.call('enter_queue', { display_name: this.name });
    print(this.name, `enters the queue: ${status}`);
  }

  async say(text) {
    print(this.name, `says “${text}”`);
    await this.client.call('send_message', { room_id: this.roomId, message: text });
  }

  async leave() {
    print(this.name, 'leaves');
    await this.client.call('leave_chat', { room_id: this.roomId });
  }

  lose() {
    print(this.name, 'loses the connection');
    this.wire.cut();
    this.seenBefore = this.seen.length;
  }

  regain() {
    assert.equal(this.seen.length, this.seenBefore, `${this.name} heard something without a connection`);
    print(this.name, 'has a network again');
    this.wire.mend();
  }

  /** Waits until this many events were seen. */
  async sees(count) {
    for (let waited = 0; this.seen.length < count; waited += 20) {
      assert.ok(waited < 5_000, `${this.name} saw only ${this.seen.join(', ')}`);
      await sleep(20);
    }
  }

  #hear(event, data, eventId) {
    if (event === 'chatroom.found') this.roomId = data.room_id;
    const who = (data.partner ?? data.sender)?.display_name;
    this.seen.push(data.message === undefined ? event : `${who}: ${data.message}`);
    this.eventIds.push(eventId);
    const detail = data.message === undefined ? (who ?? data.reason) : `“${data.message}” from ${who}`;
    print(this.name, `  hears ${event}: ${detail}`);
  }
}

const print = (name, text) => console.log(`${name.padEnd(5)}| ${text}`);

const server = await startServer({ environment: { PORT: '0', LOG_LEVEL: 'error' } });
const { port } = new URL(server.url);
const ann = new Person('Ann', SessionClient, await cuttableWire(port));
const ben = new Person('Ben', StatelessClient, await cuttableWire(port));
console.log('Ann uses @modelcontextprotocol/sdk 1.x: revision 2025-11-25, pushed on the GET stream.');
console.log('Ben uses @modelcontextprotocol/client 2.x: revision 2026-07-28, pushed on subscriptions/listen.\n');

await ann.enter();
await ben.enter();
await Promise.all([ann.sees(1), ben.sees(1)]);

await ann.say('Hello Ben!');
await ben.sees(2);
await ben.say('Hi Ann, nice to meet you.');
await ann.sees(2);

ann.lose();
await ben.say('Are you still there?');
await ben.say('Ann?');
ann.regain();
await ann.sees(4);
await ann.say('Back again, and I have read everything.');
await ben.sees(3);

ben.lose();
await ann.say('Now it is your line that is gone.');
await ann.say('Never mind, it will be in your log.');
ben.regain();
await ben.sees(5);
await ben.say('So it was. Bye!');
await ann.sees(5);

await ben.leave();
await ann.sees(7);
await sleep(200); // Time for anything that must not come.

await Promise.all([ann.client.close(), ben.client.close()]);
ann.wire.close();
ben.wire.close();
await server.close();

for (const { name, seen } of [ann, ben]) console.log(`\n${name} saw:\n  ${seen.join('\n  ')}`);
assert.deepEqual(ann.seen, [
  'chatroom.found',
  'Ben: Hi Ann, nice to meet you.',
  'Ben: Are you still there?',
  'Ben: Ann?',
  'Ben: So it was. Bye!',
  'partner.disconnected',
  'room.closed',
]);
assert.deepEqual(ben.seen, [
  'chatroom.found',
  'Ann: Hello Ben!',
  'Ann: Back again, and I have read everything.',
  'Ann: Now it is your line that is gone.',
  'Ann: Never mind, it will be in your log.',
]);
for (const { eventIds } of [ann, ben]) assert.equal(new Set(eventIds).size, eventIds.length);
console.log('\nNothing was missed, doubled or out of order.');
