import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChatClient, createChatClient, HttpConnection, MemoryStorage } from '../../src/client/index.js';
import { ServiceProcess } from '../process/service.js';
import { until } from '../support/until.js';

/** Starting two services on a busy machine takes its time. */
const PATIENCE_MS = 60_000;

describe('chat clients whose server is killed and started again without memory', () => {
  const services: ServiceProcess[] = [];
  const clients: ChatClient[] = [];
  afterEach(async () => {
    await Promise.all([...clients.splice(0).map((client) => client.stop()), ...services.splice(0).map((s) => s.end())]);
  });

  async function serve(port = '0'): Promise<URL> {
    const service = await ServiceProcess.start({ PORT: port, POOLS: '[{"name":"mentors"}]' });
    services.push(service);
    return service.url;
  }

  async function chat(url: URL): Promise<{ client: ChatClient; storage: MemoryStorage }> {
    const storage = new MemoryStorage();
    const client = createChatClient({ connection: new HttpConnection({ url }), storage });
    clients.push(client);
    await client.start();
    return { client, storage };
  }

  const shown = ({ state }: ChatClient) =>
    state.conversations[0]?.entries.map((entry) => (entry.kind === 'message' ? entry.text : entry.what));

  it(
    'keep what was said, say what happened, and wait again if they waited',
    async () => {
      const url = await serve();
      const [{ client: ann, storage }, { client: ben }] = [await chat(url), await chat(url)];
      await ann.enterQueue({ displayName: 'Ann' });
      await ben.enterQueue({ displayName: 'Ben' });
      const { roomId } = await until('the conversation', () => ann.state.conversations[0]);
      await ann.send(roomId, 'hello');
      await until('the message', () => shown(ben)?.includes('hello'));
      await ann.enterQueue({ displayName: 'Ann', pool: 'mentors' });
      const before = storage.load()!.participantToken;

      await services[0]!.end();
      const isOnline = ({ state }: ChatClient) => state.link.state === 'online';
      await until('the loss', () => !isOnline(ann) && !isOnline(ben));
      const typed = ben.send(roomId, 'are you there?');
      await serve(url.port);
      await until('the return', () => isOnline(ann) && isOnline(ben), PATIENCE_MS);
      await until('Ann to wait again', () => ann.state.tickets[0]?.pool === 'mentors', PATIENCE_MS);
      await typed;

      expect(shown(ann)).toEqual(['opened', 'hello', 'lost']);
      expect(shown(ben)).toEqual(['opened', 'hello', 'are you there?', 'lost']);
      expect(ben.state.conversations[0]!.entries[2]).toMatchObject({ delivery: 'failed' });
      expect(ben.state.tickets).toEqual([]);
      expect(ann.state.notices).toMatchObject([{ text: expect.stringContaining('put in the queue again') }]);
      expect(ben.state.notices).toMatchObject([{ text: expect.stringContaining('does not know you any more') }]);
      expect(storage.load()!.participantToken).not.toBe(before);

      await ben.enterQueue({ displayName: 'Ben', pool: 'mentors' });
      await until('the next conversation', () => ann.state.conversations[1] && ben.state.conversations[1]);
    },
    2 * PATIENCE_MS,
  );
});
