import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  type ChatClient,
  type ChatStorage,
  createChatClient,
  HttpConnection,
  MemoryStorage,
} from '../../src/client/index.js';
import { connectV1 } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

// Delays between tries are real here.
jest.setTimeout(30_000);

const clients: ChatClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
});

/** A chat client that has tried to connect. */
async function chat(url: URL, storage: ChatStorage = new MemoryStorage()): Promise<ChatClient> {
  const client = createChatClient({ connection: new HttpConnection({ url }), storage });
  clients.push(client);
  await client.start();
  return client;
}

/** Messages and happenings of a conversation, one line each. */
const lines = ({ state }: ChatClient, index = 0) =>
  (state.conversations[index]?.entries ?? []).map((entry) => {
    if (entry.kind === 'happening') return entry.what;
    return `${entry.mine ? '>' : '<'} ${entry.text}${entry.delivery === 'sending' ? ' …' : ''}`;
  });

const shows = (client: ChatClient, line: string) =>
  until(`${line} in ${JSON.stringify(lines(client))}`, () => lines(client).includes(line), 15_000);

const isOnline = ({ state }: ChatClient) => state.link.state === 'online';

async function meet(ann: ChatClient, ben: ChatClient): Promise<string> {
  await ann.enterQueue({ displayName: 'Ann' });
  await ben.enterQueue({ displayName: 'Ben' });
  const together = ({ state }: ChatClient) => state.conversations.at(-1)?.active;
  await until('both to be in a conversation', () => together(ann) && together(ben));
  return ann.state.conversations.at(-1)!.roomId;
}

describe('two chat clients', () => {
  const parley = useParley();

  it('meet, talk, see each other write, and part', async () => {
    await parley.start();
    const [ann, ben] = [await chat(parley.server.url), await chat(parley.server.url)];
    await ann.enterQueue({ displayName: 'Ann', interests: ['chess'] });
    expect(ann.state.tickets).toMatchObject([{ pool: 'default', position: 1, queueLength: 1 }]);
    await until('the reasons for waiting', () => ann.state.tickets[0]!.reasons.length > 0);
    const roomId = await meet(ann, ben);
    expect(ann.state.tickets).toEqual([]);
    expect(ann.state.conversations[0]).toMatchObject({ partners: [{ displayName: 'Ben', presence: 'here' }] });
    ben.typing(roomId);
    await until('Ben to be seen writing', () => ann.state.conversations[0]!.typing.length === 1);
    await ann.send(roomId, 'hello');
    await ben.send(roomId, 'hi');
    await Promise.all([shows(ann, '< hi'), shows(ben, '< hello')]);
    expect(ann.state.conversations[0]!.typing).toEqual([]);
    await ben.leave(roomId);
    await until('the end', () => !ann.state.conversations[0]!.active);
    expect(lines(ann)).toEqual(['opened', '> hello', '< hi', 'left']);
    expect(lines(ben)).toEqual(['opened', '< hello', '> hi', 'left']);

    await Promise.all([ann.next(roomId), ben.next(roomId)]);
    await until('another conversation', () => ann.state.conversations.length === 2);
  });

  it('lose nothing and double nothing while the network is cut again and again', async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 0, STREAMS_PER_PARTICIPANT: 0 } });
    const network = await parley.network();
    const [ann, ben] = [await chat(network.url), await chat(network.url)];
    const roomId = await meet(ann, ben);
    const sent: Promise<void>[] = [];
    for (let i = 1; i <= 60; i++) {
      sent.push(ann.send(roomId, `a${i}`), ben.send(roomId, `b${i}`));
      if (i % 10 === 0) network.cut({ halfOpen: i % 20 === 0 });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(sent);
    await Promise.all([shows(ann, '< b60'), shows(ben, '< a60')]);
    await until('all messages', () => lines(ann).length === 121 && lines(ben).length === 121, 15_000);
    const told = (client: ChatClient) => lines(client).map((line) => line.slice(2));
    const numbers = (letter: string) => Array.from({ length: 60 }, (_, index) => `${letter}${index + 1}`);
    for (const client of [ann, ben]) {
      expect(told(client).filter((text) => text.startsWith('a'))).toEqual(numbers('a'));
      expect(told(client).filter((text) => text.startsWith('b'))).toEqual(numbers('b'));
    }
    expect(told(ann)).toEqual(told(ben));
  });

  it('keep what is typed while away, and send it on return', async () => {
    await parley.start();
    const network = await parley.network();
    const [ann, ben] = [await chat(network.url), await chat(parley.server.url)];
    const roomId = await meet(ann, ben);
    network.hold();
    network.cut();
    await until('the loss', () => !isOnline(ann));
    const sent = [ann.send(roomId, 'one'), ann.send(roomId, 'two')];
    expect(lines(ann)).toEqual(['opened', '> one …', '> two …']);
    await ben.send(roomId, 'where are you?');
    network.release();
    ann.reconnect();
    await Promise.all(sent);
    await Promise.all([shows(ann, '< where are you?'), shows(ben, '< two')]);
    const order = ['opened', '< where are you?', '> one', '> two'];
    expect(lines(ann)).toEqual(order);
    expect(isOnline(ann)).toBe(true);
  });
});

describe('a chat client', () => {
  const parley = useParley();

  it('talks with a client of revision 2025-11-25', async () => {
    await parley.start();
    const ann = await chat(parley.server.url);
    await ann.enterQueue({ displayName: 'Ann' });
    const ben = await parley.client(connectV1);
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ben.say(roomId, 'hello from 2025');
    await shows(ann, '< hello from 2025');
    await ann.send(roomId, 'hello from 2026');
    await ben.hearsMessage('hello from 2026');
  });

  it('takes up its conversations after a reload', async () => {
    await parley.start();
    const storage = new MemoryStorage();
    const ann = await chat(parley.server.url, storage);
    const ben = await chat(parley.server.url);
    const roomId = await meet(ann, ben);
    await ann.send(roomId, 'before');
    await ann.stop();
    await ben.send(roomId, 'meanwhile');
    const reloaded = await chat(parley.server.url, storage);
    expect(lines(reloaded)).toEqual(['> before', '< meanwhile']);
    expect(reloaded.state.me).toMatchObject({ displayName: 'Ann' });
    await ben.send(roomId, 'after');
    await shows(reloaded, '< after');
  });

  it('sees what another face of the same participant says, and the other way round', async () => {
    await parley.start();
    const storage = new MemoryStorage();
    const ann = await chat(parley.server.url, storage);
    const ben = await chat(parley.server.url);
    const roomId = await meet(ann, ben);
    const window = await chat(parley.server.url);
    await window.adopt(storage.load()!.participantToken);
    expect(window.state.conversations).toMatchObject([{ roomId, active: true }]);
    await ann.send(roomId, 'from the one');
    await ben.send(roomId, 'to both');
    await Promise.all([shows(ann, '< to both'), shows(window, '< to both')]);
    await shows(window, '> from the one');
    await window.send(roomId, 'from the other');
    await ann.refresh();
    expect(lines(ann)).toEqual(['opened', '> from the one', '< to both', '> from the other']);
  });

  it('answers offers', async () => {
    await parley.start({ environment: { POOLS: JSON.stringify([{ name: 'mentors', accept_seconds: 30 }]) } });
    const [ann, ben] = [await chat(parley.server.url), await chat(parley.server.url)];
    await ann.enterQueue({ displayName: 'Ann', pool: 'mentors' });
    await ben.enterQueue({ displayName: 'Ben', pool: 'mentors' });
    const offerOf = ({ state }: ChatClient) => state.tickets[0]?.offer;
    await until('the offer', () => offerOf(ann) && offerOf(ben));
    await ann.respond(offerOf(ann)!.offerId, true);
    expect(offerOf(ann)?.accepted).toBe(true);
    await ben.respond(offerOf(ben)!.offerId, true);
    await until('the conversation', () => lines(ann).length === 1 && lines(ben).length === 1);
    expect(ann.state.tickets).toEqual([]);
  });

  it('waits as long as the server says when it writes too fast', async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 2, MESSAGE_RATE_SECONDS: 1 } });
    const [ann, ben] = [await chat(parley.server.url), await chat(parley.server.url)];
    const roomId = await meet(ann, ben);
    await Promise.all([1, 2, 3, 4, 5].map((n) => ann.send(roomId, `m${n}`)));
    await shows(ben, '< m5');
    expect(lines(ben)).toEqual(['opened', '< m1', '< m2', '< m3', '< m4', '< m5']);
  });
});
