import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionStore } from '../../../src/mcp-transport/session-store.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { until } from '../../support/until.js';
import {
  type Answer,
  enter,
  errorOf,
  heard,
  initialize,
  type Json,
  openStream,
  pairUp,
  POST_HEADERS,
  rpcOf,
  say,
  send,
  SESSION_REVISIONS,
  SessionPeer,
  STATELESS,
  StatelessPeer,
  structured,
} from './wire.js';

describe('revisions with sessions', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      environment: { STREAM_KEEPALIVE_SECONDS: 1, WAIT_PROGRESS_SECONDS: 1, MESSAGE_RATE_COUNT: 0 },
    });
  });
  afterAll(() => server.close());

  const refused = (answer: Answer, status: number, code: number) => {
    expect([answer.status, errorOf(answer).code]).toEqual([status, code]);
    return errorOf(answer).message;
  };

  describe('initialize', () => {
    it.each([
      ...SESSION_REVISIONS.map((revision) => [revision, revision]),
      ['2024-11-05', '2025-11-25'],
      ['2024-10-07', '2025-11-25'],
      ['2099-01-01', '2025-11-25'],
      [STATELESS, '2025-11-25'],
      ['', '2025-11-25'],
      ['constructor', '2025-11-25'],
    ])('asked for revision %j answers with %s', async (wanted, given) => {
      const answer = await initialize(server.url, wanted);
      expect(answer.status).toBe(200);
      expect(answer.headers['mcp-session-id']).toMatch(/^[\x21-\x7e]{22,}$/);
      expect(rpcOf(answer).result).toMatchObject({
        protocolVersion: given,
        serverInfo: { name: 'parley' },
        capabilities: { tools: {}, resources: { subscribe: true }, prompts: {} },
      });
      expect(rpcOf(answer).result).not.toHaveProperty('resultType');
    });

    it.each([
      [{ protocolVersion: 1 }, /protocolVersion/],
      [{ protocolVersion: undefined }, /protocolVersion/],
      [{ capabilities: undefined }, /capabilities/],
      [{ capabilities: [] }, /capabilities/],
      [{ clientInfo: 'me' }, /clientInfo/],
    ])('is refused with -32602 when something is wrong with it: %j', async (change, names) => {
      const params = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'x', version: '1' },
        ...change,
      };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
      const answer = await send(server.url, 'POST', POST_HEADERS, body);
      expect(refused(answer, 200, -32602)).toMatch(names);
      expect(answer.headers['mcp-session-id']).toBeUndefined();
    });

    it('is refused the second time, and the session goes on', async () => {
      const peer = await SessionPeer.open(server.url);
      const again = await initialize(server.url, '2025-11-25', peer.headers());
      expect(refused(again, 400, -32600)).toMatch(/already/);
      expect((await peer.rpc('ping')).status).toBe(200);
    });

    it('gives every session an id of its own', async () => {
      const peers = await Promise.all(Array.from({ length: 50 }, () => SessionPeer.open(server.url)));
      expect(new Set(peers.map(({ sessionId }) => sessionId)).size).toBe(50);
    });
  });

  describe('a session', () => {
    const bodies: Json[] = [
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 1, result: {} },
    ];
    const everyWay = async (headers: Json & Record<string, string>): Promise<Answer[]> => [
      ...(await Promise.all(
        bodies.map((body) => send(server.url, 'POST', { ...POST_HEADERS, ...headers }, JSON.stringify(body))),
      )),
      await send(server.url, 'GET', { Accept: 'text/event-stream', ...headers }),
      await send(server.url, 'DELETE', headers),
    ];

    it('must be named by every request after the first', async () => {
      for (const answer of await everyWay({})) expect(refused(answer, 400, -32600)).toMatch(/Mcp-Session-Id/);
    });

    it.each(['nope', '0', '__proto__', 'x'.repeat(5_000), ' ', 'a, b'])('that is not there is 404 (%#)', async (id) => {
      for (const answer of await everyWay({ 'Mcp-Session-Id': id })) {
        refused(answer, 404, 4040);
        if (id.length > 3) expect(answer.text).not.toContain(id);
      }
    });

    it('is not there any more after DELETE', async () => {
      const peer = await SessionPeer.open(server.url);
      const stream = await peer.stream();
      const deleted = await peer.delete();
      expect([deleted.status, deleted.text]).toEqual([204, '']);
      expect(await stream.ended).toBe(true);
      for (const answer of await everyWay({ 'Mcp-Session-Id': peer.sessionId })) refused(answer, 404, 4040);
      refused(await initialize(server.url, '2025-11-25', { 'Mcp-Session-Id': peer.sessionId }), 404, 4040);
      refused(await peer.post([bodies[0]]), 404, 4040);
    });

    it('that is deleted ends its waits', async () => {
      const peer = await SessionPeer.open(server.url);
      await enter(peer, { group_size: 9 });
      const waiting = peer.call('wait_for_message', { timeout_seconds: 20 });
      await server.waiting(1);
      await peer.delete();
      expect((await waiting).status).toBe(202);
    });

    it('survives a wrong MCP-Protocol-Version, which is 400', async () => {
      const peer = await SessionPeer.open(server.url);
      for (const version of ['nope', '2024-11-05', '1', '2025-11-25, 2025-11-25', '2099-01-01']) {
        const headers = { 'MCP-Protocol-Version': version };
        refused(await peer.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, headers), 400, -32022);
        refused(await peer.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers), 400, -32022);
        const get = await send(server.url, 'GET', { Accept: 'text/event-stream', ...peer.headers(), ...headers });
        refused(get, 400, -32022);
        refused(await send(server.url, 'DELETE', { ...peer.headers(), ...headers }), 400, -32022);
      }
      expect((await peer.rpc('ping')).status).toBe(200);
    });

    it('may leave MCP-Protocol-Version out: it knows its revision', async () => {
      const peer = await SessionPeer.open(server.url, '2025-03-26');
      const answer = await peer.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'MCP-Protocol-Version': undefined });
      expect(rpcOf(answer).result).toEqual({});
    });

    it('remembers its participant and nobody else’s', async () => {
      const [one, two] = [await SessionPeer.open(server.url), await SessionPeer.open(server.url)];
      const seat = await enter(one, { group_size: 9 });
      expect(structured(await one.call('get_status'))['user_id']).toBe(seat.userId);
      expect(structured(await two.call('get_status'))['code']).toBe('participant_required');
    });
  });

  describe('a cancellation', () => {
    const cancel = (peer: SessionPeer, requestId: unknown) =>
      peer.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });

    it('ends a wait without an answer to it', async () => {
      const peer = await SessionPeer.open(server.url);
      await enter(peer, { group_size: 9 });
      const waiting = peer.call('wait_for_message', { timeout_seconds: 20 }, 'w1');
      await server.waiting(1);
      await cancel(peer, 'w1');
      expect([(await waiting).status, (await waiting).text]).toEqual([202, '']);
    });

    it('ends a wait that has already sent progress, without an answer to it', async () => {
      const peer = await SessionPeer.open(server.url);
      await enter(peer, { group_size: 9 });
      const params = { name: 'wait_for_message', arguments: { timeout_seconds: 20 }, _meta: { progressToken: 'p' } };
      const headers = { ...POST_HEADERS, ...peer.headers() };
      const body = JSON.stringify(peer.message('tools/call', params, 'w2'));
      const stream = await openStream(server.url, 'POST', headers, body);
      await stream.message(({ method }) => method === 'notifications/progress');
      await cancel(peer, 'w2');
      expect(await stream.ended).toBe(true);
      expect(stream.messages.filter(({ id }) => id !== undefined)).toEqual([]);
    });

    it('does not reach into another session', async () => {
      const [peer, stranger] = [await SessionPeer.open(server.url), await SessionPeer.open(server.url)];
      await enter(peer, { group_size: 9 });
      const waiting = peer.call('wait_for_message', { timeout_seconds: 1 }, 'mine');
      for (let i = 0; i < 20; i++) await cancel(stranger, 'mine');
      expect(structured(await waiting)['timeout']).toBe(true);
    });
  });

  describe('the GET stream', () => {
    it('begins with a frame that has an id to resume from, and headers that keep it flowing', async () => {
      const peer = await SessionPeer.open(server.url);
      const anonymous = await peer.stream();
      expect(await anonymous.frame(() => true)).toMatchObject({ id: expect.stringMatching(/./) as unknown, data: '' });
      expect(anonymous.incoming.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      expect(anonymous.incoming.headers['content-encoding']).toBeUndefined();
      anonymous.cut();
    });

    it('is not compressed even for a client that would like it', async () => {
      const peer = await SessionPeer.open(server.url);
      const stream = await peer.stream({ 'Accept-Encoding': 'gzip, br, zstd' });
      expect(stream.incoming.headers['content-encoding']).toBeUndefined();
      stream.cut();
    });

    it.each(['application/json', 'text/html', undefined])(
      'is not for a client that accepts %j: 406',
      async (accept) => {
        const peer = await SessionPeer.open(server.url);
        const answer = await send(server.url, 'GET', { ...peer.headers(), Accept: accept });
        expect(refused(answer, 406, 4060)).toMatch(/text\/event-stream/);
      },
    );

    it('gives every event an id, and resumes after the one named', async () => {
      const [a, b] = [await SessionPeer.open(server.url), await SessionPeer.open(server.url)];
      const pair = await pairUp(a, b);
      const stream = await b.stream();
      for (const text of ['one', 'two', 'three']) await say(a, pair.first, pair.roomId, text);
      const all = await stream.count(3, ({ method }) => method === 'message.received');
      expect(all.map(({ params }) => params?.['message'])).toEqual(['one', 'two', 'three']);
      const ids = stream.frames.filter(({ data }) => data).map(({ id }) => id!);
      expect(ids.every((id) => /^[\x21-\x7e]+$/.test(id))).toBe(true);
      expect(new Set(ids).size).toBe(ids.length);
      stream.cut();

      await say(a, pair.first, pair.roomId, 'four');
      const resumed = await b.stream({ 'Last-Event-ID': ids[ids.length - 2] });
      const rest = await resumed.count(2, ({ method }) => method === 'message.received');
      expect(rest.map(({ params }) => params?.['message'])).toEqual(['three', 'four']);
      resumed.cut();
    });

    it.each([
      'garbage',
      '',
      '0',
      'c1_',
      'c1_origin',
      `c1_${'x'.repeat(22)}_9`,
      '../../etc',
      '\u00ff\u00fe',
      'x'.repeat(6_000),
    ])('bears any Last-Event-ID (%#)', async (id) => {
      const peer = await SessionPeer.open(server.url);
      const before = await peer.stream({ 'Last-Event-ID': id });
      await before.frame(() => true);
      const other = new StatelessPeer(server.url);
      const pair = await pairUp(peer, other);
      await before.message(({ method }) => method === 'chatroom.found');
      await say(other, pair.second, pair.roomId, 'hello');
      await before.message(({ params }) => params?.['message'] === 'hello');
      before.cut();
      const after = await peer.stream({ 'Last-Event-ID': id });
      await say(other, pair.second, pair.roomId, 'again');
      await after.message(({ params }) => params?.['message'] === 'again');
      after.cut();
    });

    it('takes over from a stream that is still there, and each event comes once', async () => {
      const [a, b] = [await SessionPeer.open(server.url), await SessionPeer.open(server.url)];
      const pair = await pairUp(a, b);
      const first = await b.stream();
      await say(a, pair.first, pair.roomId, 'to the first');
      await first.message(({ params }) => params?.['message'] === 'to the first');
      const id = first.frames.findLast((frame) => frame.id !== undefined)?.id;
      const second = await b.stream({ 'Last-Event-ID': id });
      expect(await first.ended).toBe(true);
      for (let i = 0; i < 10; i++) await say(a, pair.first, pair.roomId, `m${i}`);
      const heardBySecond = await second.count(10, ({ method }) => method === 'message.received');
      expect(heardBySecond.map(({ params }) => params?.['message'])).toEqual(
        Array.from({ length: 10 }, (_, i) => `m${i}`),
      );
      expect(first.messages.filter(({ method }) => method === 'message.received')).toHaveLength(1);
      second.cut();
    });

    it('takes over many times in a row without ever being refused', async () => {
      const peer = await SessionPeer.open(server.url);
      await enter(peer, { group_size: 9 });
      const streams = await Promise.all(Array.from({ length: 30 }, () => peer.stream()));
      const last = await peer.stream();
      for (const stream of streams) expect(await stream.ended).toBe(true);
      await last.frame(() => true);
      last.cut();
    });

    it('is kept alive by comments', async () => {
      const peer = await SessionPeer.open(server.url);
      const stream = await peer.stream();
      const listening = await new StatelessPeer(server.url).subscribe({});
      expect((await stream.frame(({ comment }) => comment !== undefined)).comment).toBe('keep-alive');
      expect((await listening.frame(({ comment }) => comment !== undefined)).data).toBeUndefined();
      stream.cut();
      listening.cut();
    });

    it('is refused with 429 when its participant has too many, in whatever sessions', async () => {
      const first = await SessionPeer.open(server.url);
      const { token } = await enter(first, { group_size: 9 });
      const peers = await Promise.all(
        Array.from({ length: 9 }, async () => {
          const peer = await SessionPeer.open(server.url);
          await peer.call('get_status', { participant_token: token });
          return peer;
        }),
      );
      const streams = [];
      for (const peer of peers.slice(0, 8)) streams.push(await peer.stream());
      const ninth = await send(server.url, 'GET', { Accept: 'text/event-stream', ...peers[8]!.headers() });
      expect(ninth.status).toBe(429);
      expect(errorOf(ninth)).toMatchObject({
        code: 4290,
        data: { code: 'too_many_streams', limit: 8, retryable: true },
      });
      // A takeover needs no ninth place.
      const again = await peers[0]!.stream();
      await again.frame(() => true);
      [...streams, again].forEach((stream) => stream.cut());
    });
  });

  it('delivers to a session that comes late what an earlier one has not heard', async () => {
    const [a, b] = [await SessionPeer.open(server.url), await SessionPeer.open(server.url)];
    const pair = await pairUp(a, b);
    const stream = await b.stream();
    await say(a, pair.first, pair.roomId, 'one');
    await stream.message(({ params }) => params?.['message'] === 'one');
    const id = stream.frames.findLast((frame) => frame.id !== undefined)!.id!;
    await b.delete();
    await say(a, pair.first, pair.roomId, 'two');

    const late = await SessionPeer.open(server.url);
    const resumed = await late.stream({ 'Last-Event-ID': id });
    await late.call('get_status', { participant_token: pair.second.token });
    const [message] = await resumed.count(1, ({ method }) => method === 'message.received');
    expect(message?.params?.['message']).toBe('two');
    expect(await heard(late, pair.second, pair.second.cursor)).toEqual(['one', 'two']);
    resumed.cut();
  });
});

describe('sessions and time', () => {
  it('closes a session that was idle for too long, but none that has a stream', async () => {
    const clock = new FakeClock();
    const server = await startTestServer({ clock, environment: { SESSION_IDLE_SECONDS: 60, PRESENCE_TTL_SECONDS: 0 } });
    try {
      const store = server.app.get(SessionStore, { strict: false });
      const [idle, used, listening] = [
        await SessionPeer.open(server.url),
        await SessionPeer.open(server.url),
        await SessionPeer.open(server.url),
      ];
      const stream = await listening.stream();
      clock.advance(45_000);
      await used.rpc('ping');
      clock.advance(45_000);
      store.sweep();
      const gone = await idle.rpc('ping');
      expect([gone.status, errorOf(gone).code]).toEqual([404, 4040]);
      expect((await used.rpc('ping')).status).toBe(200);
      expect((await listening.rpc('ping')).status).toBe(200);
      stream.cut();
    } finally {
      await server.close();
    }
  });
});

describe('limits on how many', () => {
  it('evicts the oldest session without a stream, and refuses with a retryable 503 when all have one', async () => {
    const server = await startTestServer({ environment: { SESSIONS_MAX: 2 } });
    try {
      const first = await SessionPeer.open(server.url);
      const second = await SessionPeer.open(server.url);
      const third = await SessionPeer.open(server.url);
      expect((await first.rpc('ping')).status).toBe(404);
      expect((await second.rpc('ping')).status).toBe(200);
      const streams = [await second.stream(), await third.stream()];
      const fourth = await initialize(server.url, '2025-11-25');
      expect(fourth.status).toBe(503);
      expect(fourth.headers['retry-after']).toMatch(/^\d+$/);
      expect(errorOf(fourth).data).toMatchObject({ limit: 2, retryable: true });
      expect((await second.rpc('ping')).status).toBe(200);
      streams[0]!.cut();
      let opened: Answer | undefined;
      await until('a free place', async () => (opened = await initialize(server.url, '2025-11-25')).status === 200);
      expect((await third.rpc('ping')).status).toBe(200);
      streams[1]!.cut();
      expect(opened?.headers['mcp-session-id']).toBeDefined();
    } finally {
      await server.close();
    }
  });

  it('takes no more participants than configured, and says so', async () => {
    const server = await startTestServer({ environment: { PARTICIPANTS_MAX: 3 } });
    try {
      const peer = new StatelessPeer(server.url);
      const pair = await pairUp(peer, peer);
      await enter(peer);
      const { code, limit, retryable } = structured(await peer.call('enter_queue'));
      expect({ code, limit, retryable }).toEqual({ code: 'too_many_participants', limit: 3, retryable: true });
      expect(structured(await say(peer, pair.first, pair.roomId, 'still here'))['success']).toBe(true);
      expect(structured(await peer.call('enter_queue', { participant_token: pair.first.token }))['status']).toBe(
        'already_in_chat',
      );
    } finally {
      await server.close();
    }
  });

  it('takes no more waits than configured, and says so', async () => {
    const server = await startTestServer({ environment: { WAITS_PER_PARTICIPANT: 2 } });
    try {
      const peer = new StatelessPeer(server.url);
      const { token } = await enter(peer);
      const wait = () => peer.call('wait_for_message', { participant_token: token, timeout_seconds: 1 });
      const results = (await Promise.all([wait(), wait(), wait()])).map(structured);
      expect(results.filter(({ timeout }) => timeout)).toHaveLength(2);
      expect(results.find(({ code }) => code)).toMatchObject({ code: 'too_many_waits', limit: 2, retryable: true });
    } finally {
      await server.close();
    }
  });
});
