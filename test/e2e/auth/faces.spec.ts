import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type ChatClient, createChatClient, HostConnection, HttpConnection } from '../../../src/client/index.js';
import { Authority } from '../../support/authority.js';
import { connectV2 } from '../../support/clients.js';
import { useParley } from '../../support/parley.js';
import { until } from '../../support/until.js';

const parley = useParley();
const faces: ChatClient[] = [];
let authority: Authority;

beforeEach(async () => {
  authority = await Authority.start();
  await parley.start({ environment: authority.jwt });
});
afterEach(async () => {
  await Promise.all(faces.splice(0).map((face) => face.stop()));
  await authority.close();
});

async function started(face: ChatClient): Promise<ChatClient> {
  faces.push(face);
  await face.start();
  return face;
}

const terminal = async (bearerToken?: string) =>
  started(createChatClient({ connection: new HttpConnection({ url: parley.server.url, bearerToken }) }));

const said = ({ state }: ChatClient) =>
  state.conversations.flatMap(({ entries }) => entries.flatMap((entry) => ('text' in entry ? [entry.text] : [])));

const talk = async (ann: ChatClient, ben: ChatClient) => {
  await until('both to have met', () => [ann, ben].every(({ state }) => state.conversations[0]?.active));
  const { roomId } = ann.state.conversations[0]!;
  await ann.send(roomId, 'hello');
  await ben.send(roomId, 'hi');
  for (const face of [ann, ben]) await until('both messages', () => said(face).sort().join() === 'hello,hi');
};

it('terminals talk with the tokens of their principals, two of the same principal as well', async () => {
  const bearer = await authority.token('ann');
  const [ann, again] = [await terminal(bearer), await terminal(bearer)];
  await ann.enterQueue({ displayName: 'Ann' });
  await again.enterQueue({ displayName: 'Ann, too' });
  await talk(ann, again);
});

it('a terminal without a token is told what is wrong', async () => {
  const nobody = await terminal();
  expect(nobody.state.link).toMatchObject({ state: 'refused', why: expect.stringMatching(/token|401|authori/i) });
});

it('the window in a host acts for the principal of its host, which needs no participant token', async () => {
  const host = await parley.client(connectV2, { bearer: await authority.token('ann') });
  const app = {
    callServerTool: async (params: { name: string; arguments: Record<string, unknown> }) =>
      (await host.client.callTool(params)) as never,
  };
  const { participant_token } = await host.ok('enter_queue', { display_name: 'Ann' });
  expect(participant_token).toBeUndefined();
  const window = await started(createChatClient({ connection: new HostConnection({ app }) }));
  await window.adopt('');
  expect(window.state.tickets).toHaveLength(1);
  const ben = await terminal(await authority.token('ben'));
  await ben.enterQueue({ displayName: 'Ben' });
  await talk(window, ben);
});
