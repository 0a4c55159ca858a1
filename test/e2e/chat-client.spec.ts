import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChatClient, createChatClient, HttpConnection, MemoryStorage } from '../../src/client/index.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

const clients: ChatClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
});

async function chat(url: URL, storage = new MemoryStorage()): Promise<ChatClient> {
  const client = createChatClient({ connection: new HttpConnection({ url }), storage });
  clients.push(client);
  await client.start();
  return client;
}

const texts = ({ state }: ChatClient, index = 0) =>
  (state.conversations[index]?.entries ?? []).map((entry) =>
    entry.kind === 'message' ? `${entry.mine ? '>' : '<'} ${entry.text}` : entry.what,
  );

describe('two chat clients', () => {
  const parley = useParley();

  it('meet, talk and part', async () => {
    await parley.start();
    const [ann, ben] = [await chat(parley.server.url), await chat(parley.server.url)];
    expect(ann.state.link).toEqual({ state: 'online' });
    await ann.enterQueue({ displayName: 'Ann', interests: ['chess'] });
    expect(ann.state.tickets).toHaveLength(1);
    await ben.enterQueue({ displayName: 'Ben' });
    await until('both to be in a conversation', () => [ann, ben].every(({ state }) => state.conversations.length === 1));
    expect(ann.state.tickets).toEqual([]);
    const { roomId } = ann.state.conversations[0]!;
    await ann.send(roomId, 'hello');
    await ben.send(roomId, 'hi');
    await until('both messages', () => texts(ann).length === 3 && texts(ben).length === 3);
    expect(texts(ann)).toEqual(['opened', '> hello', '< hi']);
    expect(texts(ben)).toEqual(['opened', '< hello', '> hi']);
  });
});
