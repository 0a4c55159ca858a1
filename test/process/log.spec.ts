import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  batchOf,
  CHAT_EXTENSION,
  enter,
  ERAS,
  type Json,
  pairUp,
  type Peer,
  POST_HEADERS,
  say,
  send,
  SessionPeer,
  StatelessPeer,
} from '../e2e/http/wire.js';
import { ServiceProcess } from './service.js';

const NAME = 'Zenobia-Quux';
const WORDS = 'xylophone-sonata-42';

describe('the log', () => {
  let service: ServiceProcess;
  beforeEach(async () => {
    service = await ServiceProcess.start({ LOG_LEVEL: 'debug' });
  });
  afterEach(() => service.end());
  const stop = async () => {
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  };

  it('is one JSON object a line, with a level, a time and a context', async () => {
    await pairUp(new StatelessPeer(service.url), await SessionPeer.open(service.url));
    await send(service.url, 'POST', POST_HEADERS, '{');
    await stop();
    expect(service.log.length).toBeGreaterThan(5);
    for (const line of service.log) {
      expect(line).toMatchObject({
        level: expect.stringMatching(/^(debug|log|warn|error|fatal)$/) as unknown,
        timestamp: expect.any(Number) as unknown,
        context: expect.any(String) as unknown,
      });
    }
    expect(service.complaints).toEqual([]);
  });

  it('names the request that a line is about, as its client calls it', async () => {
    const peer = new StatelessPeer(service.url);
    const ask = (id: string | undefined, body: string | object, headers = {}) =>
      peer.post(body, { 'X-Request-Id': id, ...headers });
    await ask('req-refused', '{');
    await ask('req-unknown', peer.message('nope'), { 'Mcp-Method': 'nope' });
    await ask('req-host', '{', { Host: 'evil.example' });
    await ask('req-answered', peer.message('tools/list'), { 'Mcp-Method': 'tools/list' });
    await ask(undefined, '{"jsonrpc":1}');
    await ask(`req-${'x'.repeat(1_000)}`, '{"jsonrpc":2}');
    await stop();
    const about = service.log.map(({ message }) => message).filter((message) => typeof message !== 'string');
    const ids = about
      .filter(({ msg }) => msg === 'refused' || msg === 'answered')
      .map((line) => line['request_id'] as string);
    expect(ids.slice(0, 4)).toEqual(['req-refused', 'req-unknown', 'req-host', 'req-answered']);
    expect(ids.slice(4)).toEqual(Array(2).fill(expect.stringMatching(/^[0-9a-f-]{36}$/)));
  });

  it.each(ERAS)(
    'never holds a token, a message or a name, and no refusal repeats a token ($era)',
    async ({ connect }) => {
      const [ann, ben] = [await connect(service.url), await connect(service.url)];
      const profile = { display_name: NAME, attributes: { topic: WORDS } };
      const { first, second, roomId } = await pairUp(ann, ben, profile);
      const { token, cursor } = second;
      const stream = await ben.listen(token, cursor);
      await say(ann, first, roomId, WORDS);
      await stream.message(({ params }) => params?.['message'] === WORDS);
      stream.cut();

      const refusals = await offend(ann, first.token, roomId);
      for (const answer of refusals) {
        expect(answer.text).not.toContain(first.token);
        expect(answer.text).toContain('"error"');
      }
      const own = { participant_token: token, room_id: roomId };
      await ben.call('report_participant', { ...own, user_id: first.userId, reason: WORDS });
      await ben.call('block_participant', { ...own, user_id: first.userId, reason: WORDS });
      await ben.call('get_messages', own);
      await ben.rpc('resources/read', { uri: `chat://inbox/${token}` });
      await ben.call('leave_chat', own);
      await ben.call('join_room', { participant_token: token, room_name: WORDS });
      await stop();

      for (const secret of [NAME, WORDS, first.token, second.token, first.cursor, 'pt_']) {
        expect(service.stdout).not.toContain(secret);
        expect(service.stderr).not.toContain(secret);
      }
      expect(service.log.some(({ message }) => typeof message !== 'string' && message['msg'] === 'refused')).toBe(true);
    },
  );

  it('holds nothing but log lines when a batch waits for many', async () => {
    const peer = await SessionPeer.open(service.url, '2025-03-26');
    const stateless = new StatelessPeer(service.url);
    const seats = await Promise.all(Array.from({ length: 15 }, () => enter(stateless, { group_size: 16 })));
    const batch = seats.map(({ token, cursor }, id) => {
      const args = { participant_token: token, cursor, timeout_seconds: 1 };
      return { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'wait_for_message', arguments: args } };
    });
    expect(batchOf(await peer.post(batch))).toHaveLength(15);
    expect(service.complaints).toEqual([]);
  });
});

/** Everything that can go wrong with a token in it. */
async function offend(peer: Peer, token: string, roomId: string): Promise<Answer[]> {
  const call = (tool: string, args: Json) => peer.call(tool, { participant_token: token, ...args });
  const stateless = new StatelessPeer(peer.url);
  return [
    await call('send_message', { room_id: roomId, message: `${WORDS}\0` }),
    await call('send_message', { room_id: WORDS, message: WORDS }),
    await call('send_message', { room_id: roomId, message: WORDS, nope: WORDS }),
    await call('enter_queue', { display_name: `${NAME}\u0007` }),
    await call('enter_queue', { pool: 'nope' }),
    await call('wait_for_message', { cursor: token }),
    await call('get_messages', { room_id: token }),
    await peer.call('get_status', { participant_token: `${token}x` }),
    await peer.call('get_status', { participant_token: [token] }),
    await peer.rpc('resources/read', { uri: `chat://inbox/${token}/` }),
    await peer.rpc('resources/read', { uri: `chat://inbox/${token}?` }),
    await peer.rpc('resources/read', { uri: `chat://rooms/${token}` }),
    await stateless.rpc('subscriptions/listen', {
      notifications: { [CHAT_EXTENSION]: { participant_token: token, cursor: token } },
    }),
    await stateless.rpc('subscriptions/listen', {
      notifications: { [CHAT_EXTENSION]: { participant_token: `${token}x` } },
    }),
    await stateless.post(stateless.message('resources/read', { uri: `chat://inbox/${token}` }), {
      'Mcp-Method': 'resources/read',
      'Mcp-Name': 'chat://inbox/other',
    }),
    await stateless.post(stateless.message('resources/read', { uri: 'chat://inbox/other' }), {
      'Mcp-Method': 'resources/read',
      'Mcp-Name': `chat://inbox/${token}`,
    }),
    await send(peer.url, 'GET', { Accept: 'text/event-stream', 'Mcp-Session-Id': token }),
    await send(peer.url, 'POST', { ...POST_HEADERS, Authorization: `Bearer ${token}` }, `{"token":"${token}"`),
  ];
}
