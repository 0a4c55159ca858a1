import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Authority, type Overrides } from '../../support/authority.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import {
  CHAT_EXTENSION,
  enter,
  errorOf,
  failureOf,
  initialize,
  type Json,
  type Peer,
  send,
  SESSION_REVISIONS,
  SessionPeer,
  StatelessPeer,
  structured,
} from '../http/wire.js';

jest.setTimeout(30_000);

const ANOTHER = { _meta: { 'io.github.mcp-parley/another_participant': true } };

let authority: Authority;
let server: TestServer;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer({ environment: { ...authority.jwt, ...environment } });
}

beforeEach(async () => {
  authority = await Authority.start();
});
afterEach(async () => {
  await server.close();
  await authority.close();
});

const stateless = async (sub: string, overrides?: Overrides) =>
  new StatelessPeer(server.url, await authority.token(sub, overrides));
const session = async (sub: string, overrides?: Overrides) =>
  SessionPeer.open(server.url, SESSION_REVISIONS[0], await authority.token(sub, overrides));

const ERAS = [
  { era: '2025-11-25', connect: session as (sub: string, overrides?: Overrides) => Promise<Peer> },
  { era: '2026-07-28', connect: stateless as (sub: string, overrides?: Overrides) => Promise<Peer> },
];

/** Enters as a participant besides the principal's own one. */
const enterAnother = async (peer: Peer, args: Json = {}) =>
  structured(await peer.rpc('tools/call', { name: 'enter_queue', arguments: args, ...ANOTHER }));

describe.each(ERAS)('a principal in revision $era', ({ connect }) => {
  it('is one participant, whatever token and session it comes with, and needs no participant token', async () => {
    await start();
    const ann = await connect('ann');
    const entered = structured(await ann.call('enter_queue', { display_name: 'Ann' }));
    expect(entered).not.toHaveProperty('participant_token');
    const again = await connect('ann');
    expect(structured(await again.call('enter_queue'))).toMatchObject({
      status: 'already_waiting',
      user_id: entered['user_id'],
    });
    const ben = await connect('ben');
    const { room_id } = structured(await ben.call('enter_queue', { display_name: 'Ben' }));
    expect((await ben.call('send_message', { room_id, message: 'hello' })).status).toBe(200);
    const waited = structured(await again.call('wait_for_message', { cursor: entered['cursor'] }));
    expect((waited['events'] as Json[]).map(({ name }) => name)).toEqual(['chatroom.found', 'message.received']);
    expect(structured(await (await connect('ann')).call('get_status'))).toMatchObject({ display_name: 'Ann' });
  });

  it('gets one participant even when it enters many times at once', async () => {
    await start();
    const peers = await Promise.all(Array.from({ length: 5 }, () => connect('ann')));
    const answers = await Promise.all(peers.map((peer) => peer.call('enter_queue')));
    expect(new Set(answers.map((answer) => structured(answer)['user_id'])).size).toBe(1);
  });

  it('may have others besides, each with a token, up to a limit', async () => {
    await start({ PARTICIPANTS_PER_PRINCIPAL: '3' });
    const ann = await connect('ann');
    const own = structured(await ann.call('enter_queue'));
    const [first, second] = [await enterAnother(ann), await enterAnother(ann)];
    expect(new Set([own['user_id'], first['user_id'], second['user_id']]).size).toBe(3);
    const status = structured(await ann.call('get_status', { participant_token: second['participant_token'] }));
    expect(status['user_id']).toBe(second['user_id']);
    const full = failureOf(await ann.rpc('tools/call', { name: 'enter_queue', arguments: {}, ...ANOTHER }));
    expect(full).toMatchObject({ code: 'too_many_participants', limit: 3 });
  });

  it('finds the participant tokens of others unknown', async () => {
    await start();
    const { participant_token } = await enterAnother(await connect('ann'));
    const eve = await connect('eve');
    for (const tool of ['get_status', 'enter_queue', 'leave_queue', 'wait_for_message']) {
      const args = { participant_token, ...(tool === 'wait_for_message' && { timeout_seconds: 0 }) };
      const failed = failureOf(await eve.call(tool, args));
      const unknown = failureOf(await eve.call(tool, { ...args, participant_token: 'pt_nobody' }));
      expect(failed).toEqual(unknown);
      expect(failed['code']).toBe('participant_not_found');
    }
    const read = (token: unknown) => eve.rpc('resources/read', { uri: `chat://inbox/${String(token)}` });
    expect(errorOf(await read(participant_token))).toEqual(errorOf(await read('pt_nobody')));
  });

  it('finds what strangers made without authentication unknown as well', async () => {
    server = await startTestServer();
    const stranger = await enter(new StatelessPeer(server.url));
    await server.close();
    await start();
    const failed = failureOf(await (await connect('eve')).call('get_status', { participant_token: stranger.token }));
    expect(failed['code']).toBe('participant_not_found');
  });
});

describe('claims', () => {
  const claims = {
    AUTH_CLAIMS: '{"groups":"realm_access.roles","languages":"locale","level":"https://parley.example/level"}',
    AUTH_DISPLAY_NAME_CLAIM: 'name',
    POOLS: '[{"name":"default","strategy":"affinity","options":{"attributes":{"groups":1},"floor":1}}]',
  };
  const ANN = { name: 'Ann Example', realm_access: { roles: ['red', 'blue'] }, locale: 'de' };

  it('give a participant its name, unless it says one, and its attributes', async () => {
    await start({ ...claims, POOLS: '' });
    expect(structured(await (await stateless('ann', ANN)).call('enter_queue', { criteria: BLUE }))['status']).toBe(
      'waiting',
    );
    const red = await stateless('ben', { realm_access: { roles: ['red'] } });
    expect(structured(await red.call('enter_queue', { display_name: 'Ben' }))['status']).toBe('waiting');
    const blue = await stateless('cleo', { realm_access: { roles: ['blue'] } });
    const matched = structured(await blue.call('enter_queue', { display_name: 'Cleo', criteria: GERMAN }));
    expect(matched).toMatchObject({ status: 'matched', partner: { display_name: 'Ann Example' } });
  });

  it('cannot be overridden, not even those that a token lacks', async () => {
    await start({ ...claims, POOLS: '' });
    const ann = await stateless('ann', ANN);
    for (const attributes of [{ groups: ['admins'] }, { level: 9 }]) {
      const failed = failureOf(await ann.call('enter_queue', { attributes }));
      expect(failed['code']).toBe('invalid_arguments');
      expect(failed['error']).toMatch(/^attributes\.(groups|level) cannot be chosen/);
    }
    expect(structured(await ann.call('enter_queue', { attributes: { likes: ['tea'] } }))['status']).toBe('waiting');
  });

  it('are taken from each token anew: what is gone from it is gone from the participant', async () => {
    await start({ ...claims, POOLS: '' });
    const before = await stateless('ann', ANN);
    await before.call('enter_queue', { attributes: { likes: ['tea'] } });
    await before.call('leave_queue');
    const after = await stateless('ann', { realm_access: { roles: ['green'] } });
    await after.call('enter_queue');
    const ben = await stateless('ben');
    expect(structured(await ben.call('enter_queue', { criteria: BLUE }))['status']).toBe('waiting');
    expect(structured(await (await stateless('cleo')).call('enter_queue', { criteria: TEA_GREEN }))['status']).toBe(
      'matched',
    );
  });

  const BLUE = { attribute: 'groups', equals: 'blue' };
  const GERMAN = { attribute: 'languages', equals: 'de' };
  const TEA_GREEN = {
    all: [
      { attribute: 'likes', equals: 'tea' },
      { attribute: 'groups', equals: 'green' },
    ],
  };
});

describe('a session', () => {
  it('does not exist for anybody but its principal', async () => {
    await start();
    const ann = await session('ann');
    await ann.call('enter_queue', { display_name: 'Ann' });
    const stolen = { 'Mcp-Session-Id': ann.sessionId };
    const eve = await session('eve');
    const attempts = [
      await eve.post(eve.message('tools/list'), stolen),
      await eve.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, stolen),
      await eve.post({ jsonrpc: '2.0', id: 7, result: {} }, stolen),
      await initialize(server.url, SESSION_REVISIONS[0], { ...eve.headers(), ...stolen }),
    ];
    const unknown = await eve.post(eve.message('tools/list'), { 'Mcp-Session-Id': 'never-was' });
    for (const attempt of attempts) expect([attempt.status, errorOf(attempt)]).toEqual([404, errorOf(unknown)]);
    await expect(eve.stream(stolen)).rejects.toThrow('404');
    expect((await send(server.url, 'DELETE', { ...eve.headers(), ...stolen })).status).toBe(404);
    expect((await ann.rpc('ping')).status).toBe(200);
  });

  it('goes on with a fresh token of its principal', async () => {
    await start();
    const ann = await session('ann');
    await ann.call('enter_queue', { display_name: 'Ann' });
    ann.bearer = await authority.token('ann');
    expect(structured(await ann.call('get_status'))['display_name']).toBe('Ann');
  });

  it('hears its principal’s own participant from the first stream on, without a call', async () => {
    await start();
    const entered = structured(await (await stateless('ann')).call('enter_queue', { display_name: 'Ann' }));
    const stream = await (await session('ann')).stream({ 'Last-Event-ID': entered['cursor'] as string });
    await (await stateless('ben')).call('enter_queue', { display_name: 'Ben' });
    expect((await stream.message(({ method }) => method === 'chatroom.found')).params).toBeDefined();
    stream.cut();
  });
});

describe('subscriptions', () => {
  it('hear the principal’s own participant without naming it, and nobody else', async () => {
    await start();
    const [ann, ben, eve] = [await stateless('ann'), await stateless('ben'), await stateless('eve')];
    const { cursor } = structured(await ann.call('enter_queue', { display_name: 'Ann' }));
    const { room_id } = structured(await ben.call('enter_queue', { display_name: 'Ben' }));
    const stream = await ann.subscribe({ [CHAT_EXTENSION]: { cursor } });
    await ben.call('send_message', { room_id, message: 'hello' });
    await stream.message(({ method }) => method === 'message.received');
    stream.cut();
    const listening = await eve.rpc('subscriptions/listen', { notifications: { [CHAT_EXTENSION]: {} } });
    expect(errorOf(listening).message).toBe('No participant is known for this call');
    const room = await eve.rpc('resources/read', { uri: `chat://rooms/${room_id as string}` });
    expect(errorOf(room).message).toBe('Resource not found');
  });
});
