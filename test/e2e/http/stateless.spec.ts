import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '../../support/server.js';
import { until } from '../../support/until.js';
import {
  type Answer,
  CAPABILITIES_KEY,
  CHAT_EXTENSION,
  CLIENT_INFO_KEY,
  enter,
  errorOf,
  EVENT_KEY,
  type Headers,
  type Json,
  type Pair,
  pairUp,
  POST_HEADERS,
  rpcOf,
  say,
  send,
  SERVER_INFO_KEY,
  SESSION_REVISIONS,
  SessionPeer,
  STATELESS,
  StatelessPeer,
  structured,
  SUBSCRIPTION_KEY,
  VERSION_KEY,
} from './wire.js';

describe('revision 2026-07-28', () => {
  let server: TestServer;
  let peer: StatelessPeer;
  beforeAll(async () => {
    server = await startTestServer({ environment: { MESSAGE_RATE_COUNT: 0 } });
    peer = new StatelessPeer(server.url);
  });
  afterAll(() => server.close());

  const refused = (answer: Answer, code: number, status = 400) => {
    expect([answer.status, errorOf(answer).code]).toEqual([status, code]);
    expect(rpcOf(answer).id).toBe(1);
    return errorOf(answer);
  };

  describe('the envelope', () => {
    const ask = (meta: unknown) => {
      const params = meta === undefined ? undefined : { _meta: meta };
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', ...(params && { params }) };
      return send(server.url, 'POST', { ...POST_HEADERS, ...peer.headers('tools/list') }, JSON.stringify(body));
    };
    const whole = { [VERSION_KEY]: STATELESS, [CAPABILITIES_KEY]: {} };

    it.each([
      ['no params', undefined],
      ['_meta is null', null],
      ['_meta is a list', [whole]],
      ['_meta is text', 'x'],
      ['nothing in _meta', {}],
      ['no version', { [CAPABILITIES_KEY]: {} }],
      ['a version that is no text', { ...whole, [VERSION_KEY]: 20260728 }],
      ['a version that is null', { ...whole, [VERSION_KEY]: null }],
      ['no capabilities', { [VERSION_KEY]: STATELESS }],
      ['capabilities that are null', { ...whole, [CAPABILITIES_KEY]: null }],
      ['capabilities that are a list', { ...whole, [CAPABILITIES_KEY]: [] }],
      ['client info that is text', { ...whole, [CLIENT_INFO_KEY]: 'me' }],
    ])('is refused with 400 and -32602: %s', async (_what, meta) => {
      expect(refused(await ask(meta), -32602).message).toMatch(/_meta|clientInfo/);
    });

    it('is enough with a version and capabilities', async () => {
      expect((await ask(whole)).status).toBe(200);
      expect((await ask({ ...whole, [CLIENT_INFO_KEY]: { name: 'x', version: '1' }, other: 1 })).status).toBe(200);
    });

    it.each(['1900-01-01', '2027-01-01', 'draft', '', '2024-11-05'])(
      'is refused with 400 and -32022 for the unknown revision %j',
      async (revision) => {
        const message = peer.message('tools/list', { _meta: { [VERSION_KEY]: revision } });
        const headers = { ...peer.headers('tools/list'), 'MCP-Protocol-Version': revision };
        const { data, message: text } = refused(await peer.post(message, headers), -32022);
        expect(text).toBe('Unsupported protocol version');
        expect(data).toEqual({ supported: [STATELESS, ...SESSION_REVISIONS], requested: revision });
      },
    );

    it('is refused with -32022 when only the header names an unknown revision', async () => {
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
      const answer = await peer.post(body, { 'MCP-Protocol-Version': '2027-01-01' });
      expect(refused(answer, -32022).data).toMatchObject({ requested: '2027-01-01' });
    });
  });

  describe('the headers', () => {
    const ask = (method: string, params: Json, headers: Headers) =>
      peer.post(peer.message(method, params), { ...peer.headers(method, params), ...headers });
    const calls: [string, Json][] = [
      ['tools/call', { name: 'get_status' }],
      ['prompts/get', { name: 'find_partner' }],
      ['resources/read', { uri: 'chat://inbox' }],
    ];

    it.each([
      ['MCP-Protocol-Version', undefined],
      ['MCP-Protocol-Version', '2025-11-25'],
      ['MCP-Protocol-Version', '2026-07-28, 2026-07-28'],
      ['Mcp-Method', undefined],
      ['Mcp-Method', 'tools/call'],
      ['Mcp-Method', 'Tools/List'],
      ['Mcp-Method', '=?base64?dG9vbHMvbGlzdA==?='],
    ])('must say what the body says: %s %j is refused with -32020', async (name, value) => {
      expect(refused(await ask('tools/list', {}, { [name]: value }), -32020).message).toContain(name);
    });

    it.each(calls)('must name what %s asks for', async (method, params) => {
      for (const value of [undefined, 'other', '=?base64?b3RoZXI=?=', '', '=?base64??=']) {
        expect(refused(await ask(method, params, { 'Mcp-Name': value }), -32020).message).toContain('Mcp-Name');
      }
    });

    it.each(calls)('may name what %s asks for behind the Base64 sentinel', async (method, params) => {
      const name = (params['name'] ?? params['uri']) as string;
      const answer = await ask(method, params, { 'Mcp-Name': `=?base64?${Buffer.from(name).toString('base64')}?=` });
      expect(errorOrNothing(answer)).not.toBe(-32020);
      expect(answer.status).toBe(200);
    });

    it.each(['ünïcode', ' padded ', 'line\nbreak', '=?base64?bGl0ZXJhbA==?='])(
      'carry the name %j only in encoded form',
      async (name) => {
        const encoded = `=?base64?${Buffer.from(name, 'utf8').toString('base64')}?=`;
        expect(errorOf(await ask('tools/call', { name }, { 'Mcp-Name': encoded })).code).toBe(-32602);
        const plain = name.includes('\n') ? 'line break' : name;
        expect(refused(await ask('tools/call', { name }, { 'Mcp-Name': plain }), -32020)).toBeDefined();
      },
    );

    it('have values that are case-sensitive, and names that are not', async () => {
      const params = { name: 'get_status' };
      const lower = { 'mcp-method': 'tools/call', 'mcp-name': 'get_status', 'MCP-PROTOCOL-VERSION': STATELESS };
      const body = JSON.stringify(peer.message('tools/call', params));
      expect((await send(server.url, 'POST', { ...POST_HEADERS, ...lower }, body)).status).toBe(200);
      refused(await ask('tools/call', params, { 'Mcp-Name': 'Get_Status' }), -32020);
    });

    it('of the session era are ignored', async () => {
      const answer = await ask('tools/list', {}, { 'Mcp-Session-Id': 'nope', 'Last-Event-ID': 'c1_x' });
      expect(answer.status).toBe(200);
      expect(answer.headers['mcp-session-id']).toBeUndefined();
    });
  });

  it.each([
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'roots/list',
    'sampling/createMessage',
    'tasks/get',
    'notifications/cancelled',
  ])('does not have the method %s: 404 and -32601', async (method) => {
    const answer = await peer.rpc(method, { uri: 'chat://inbox', level: 'info' }, 1);
    expect(refused(answer, -32601, 404).message).toContain(method);
  });

  it.each<[string, Json, boolean]>([
    ['server/discover', {}, true],
    ['tools/list', {}, true],
    ['prompts/list', {}, true],
    ['resources/list', {}, true],
    ['resources/templates/list', {}, true],
    ['tools/call', { name: 'get_status' }, false],
    ['prompts/get', { name: 'find_partner' }, false],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'find_partner' }, argument: { name: 'pool', value: '' } },
      false,
    ],
  ])(
    'says of each result what it is, who made it and, where due, how to cache it: %s',
    async (method, params, cached) => {
      const answer = await peer.rpc(method, params);
      expect(answer.status).toBe(200);
      const result = rpcOf(answer).result!;
      expect(result['resultType']).toBe('complete');
      expect(result._meta?.[SERVER_INFO_KEY]).toMatchObject({ name: 'parley', version: expect.any(String) as unknown });
      if (cached) expect(result).toMatchObject({ ttlMs: expect.any(Number) as unknown, cacheScope: 'public' });
      else expect(result).not.toHaveProperty('ttlMs');
    },
  );

  it('lets nobody share what is private', async () => {
    const { token } = await enter(peer, { group_size: 9 });
    const result = rpcOf(await peer.rpc('resources/read', { uri: `chat://inbox/${token}` })).result;
    expect(result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
  });

  it('says what it is', async () => {
    const result = rpcOf(await peer.rpc('server/discover')).result!;
    expect(result['supportedVersions']).toEqual([STATELESS, ...SESSION_REVISIONS]);
    expect(result['capabilities']).toMatchObject({
      tools: {},
      resources: {},
      prompts: {},
      extensions: { [CHAT_EXTENSION]: {} },
    });
    expect(result['instructions']).toMatch(/enter_queue/);
  });

  it('lists the same tools whatever has been said', async () => {
    const tools = async () => JSON.stringify(rpcOf(await peer.rpc('tools/list', {}, 1)).result);
    const before = await tools();
    await pairUp(peer, peer);
    expect(await tools()).toBe(before);
  });

  it('takes up nothing of an earlier request on the same connection', async () => {
    await enter(peer, { group_size: 9 });
    const { code } = structured(await peer.call('get_status'));
    expect(code).toBe('participant_required');
  });

  describe('subscriptions/listen', () => {
    let pair: Pair;
    beforeAll(async () => {
      pair = await pairUp(peer, peer);
    });
    const chatOf = (token: string, cursor?: string) => ({
      [CHAT_EXTENSION]: { participant_token: token, ...(cursor && { cursor }) },
    });
    const subscription = (message: { params?: { _meta?: Json } }) => message.params?._meta?.[SUBSCRIPTION_KEY];

    it.each([1, 0, -5, 'abc', '1', '', 'ünï'])(
      'is acknowledged first, under the id %j and its type, and so is all else',
      async (id) => {
        const stream = await peer.subscribe(chatOf(pair.second.token), id);
        await say(peer, pair.first, pair.roomId, 'hello');
        await stream.message(({ method }) => method === 'message.received');
        const [first] = stream.messages;
        expect(first?.method).toBe('notifications/subscriptions/acknowledged');
        expect(first?.params?.['notifications']).toEqual({ [CHAT_EXTENSION]: {} });
        for (const message of stream.messages) expect(subscription(message)).toBe(id);
        stream.cut();
      },
    );

    it('honours what there is and drops what there is not', async () => {
      const inbox = `chat://inbox/${pair.second.token}`;
      const stream = await peer.subscribe({
        toolsListChanged: true,
        promptsListChanged: true,
        resourcesListChanged: true,
        'com.example/other': { all: true },
        nonsense: 7,
        constructor: {},
        resourceSubscriptions: [inbox, 'file:///etc/passwd', 'chat://inbox/pt_guessed', 'chat://nope', ''],
      });
      const { params } = await stream.message(() => true);
      expect(params?.['notifications']).toEqual({ resourceSubscriptions: [inbox] });
      stream.cut();
    });

    it('sends nothing that was not asked for', async () => {
      const token = pair.second.token;
      const nothing = await peer.subscribe({}, 'nothing');
      const updates = await peer.subscribe({ resourceSubscriptions: [`chat://inbox/${token}`] }, 'updates');
      const events = await peer.subscribe(chatOf(token), 'events');
      await Promise.all([nothing, updates, events].map((stream) => stream.message(() => true)));
      await peer.call('set_typing', { participant_token: pair.first.token, room_id: pair.roomId });
      await say(peer, pair.first, pair.roomId, 'to whom it concerns');
      const update = await updates.message(({ method }) => method === 'notifications/resources/updated');
      const event = await events.message(({ method }) => method === 'message.received');
      expect(update.params?._meta?.[EVENT_KEY]).toMatchObject({
        ...(event.params?._meta?.[EVENT_KEY] as Json),
        data: { message: 'to whom it concerns' },
      });
      expect([nothing, updates, events].map((stream) => stream.messages.length)).toEqual([1, 2, 3]);
      expect(events.messages[1]?.method).toBe('partner.typing');
      [nothing, updates, events].forEach((stream) => stream.cut());
    });

    it('begins at the cursor it is given, and misses nothing', async () => {
      const { token, cursor } = pair.second;
      const stream = await peer.subscribe(chatOf(token, cursor));
      const found = await stream.message(({ method }) => method === 'chatroom.found');
      expect(found.params).toMatchObject({ room_id: pair.roomId });
      stream.cut();
    });

    it('is a stream as streams must be', async () => {
      const stream = await peer.subscribe({});
      expect(stream.incoming.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      expect(stream.incoming.headers['content-encoding']).toBeUndefined();
      stream.cut();
    });

    it.each<[string, Json]>([
      ['no filter', {}],
      ['a filter that is a list', { notifications: [] }],
      ['resources that are no list', { notifications: { resourceSubscriptions: 'chat://inbox' } }],
      ['resources that are no texts', { notifications: { resourceSubscriptions: [1] } }],
      [
        'too many resources',
        { notifications: { resourceSubscriptions: Array.from({ length: 101 }, (_, i) => `x:${i}`) } },
      ],
      ['an extension that is true', { notifications: { [CHAT_EXTENSION]: true } }],
      ['a token that is a number', { notifications: { [CHAT_EXTENSION]: { participant_token: 7 } } }],
      ['a token that is not there', { notifications: { [CHAT_EXTENSION]: {} } }],
      ['a token nobody has', { notifications: { [CHAT_EXTENSION]: { participant_token: 'pt_guessed' } } }],
      ['an unknown key', { notifications: { [CHAT_EXTENSION]: { nope: 1 } } }],
    ])('is refused with -32602: %s', async (_what, params) => {
      const answer = await peer.rpc('subscriptions/listen', params, 1);
      refused(answer, -32602, 200);
      expect(answer.text).not.toContain('pt_guessed');
    });

    it('is refused with the cursor of somebody else', async () => {
      const notifications = chatOf(pair.second.token, pair.first.cursor);
      refused(await peer.rpc('subscriptions/listen', { notifications }, 1), -32602, 200);
    });

    it('is refused with 429 when a participant has too many streams, and told the limit', async () => {
      const { token } = await enter(peer, { group_size: 9 });
      const open = await Promise.all(Array.from({ length: 8 }, (_, i) => peer.subscribe(chatOf(token), i)));
      await Promise.all(open.map((stream) => stream.message(() => true)));
      const ninth = await peer.rpc('subscriptions/listen', { notifications: chatOf(token) }, 1);
      expect(ninth.status).toBe(429);
      expect(errorOf(ninth).data).toMatchObject({ code: 'too_many_streams', limit: 8, retryable: true });
      open[0]!.cut();
      const again = await until('a free place', () => peer.subscribe(chatOf(token)).catch(() => undefined));
      again.cut();
      open.forEach((stream) => stream.cut());
    });

    it('ends with a result when the service goes down', async () => {
      const own = await startTestServer();
      const client = new StatelessPeer(own.url);
      const streams = await Promise.all([client.subscribe({}, 'text'), client.subscribe({}, 12)]);
      await Promise.all(streams.map((stream) => stream.message(() => true)));
      await own.close();
      for (const [i, id] of (['text', 12] as const).entries()) {
        expect(await streams[i]!.ended).toBe(true);
        expect(streams[i]!.messages.at(-1)).toEqual({
          jsonrpc: '2.0',
          id,
          result: { resultType: 'complete', _meta: expect.objectContaining({ [SUBSCRIPTION_KEY]: id }) as unknown },
        });
      }
    });
  });

  it('ends a wait when its client goes away, and hands nothing out twice or never', async () => {
    const { token, cursor } = await enter(peer, { group_size: 8 });
    const args = { participant_token: token, timeout_seconds: 20 };
    const params = { name: 'wait_for_message', arguments: args, _meta: { progressToken: 'p' } };
    for (let round = 0; round < 8; round++) {
      const gone = new AbortController();
      const headers = { ...POST_HEADERS, ...peer.headers('tools/call', params) };
      const body = JSON.stringify(peer.message('tools/call', params));
      const waiting = send(server.url, 'POST', headers, body, { agent: false, signal: gone.signal });
      setImmediate(() => gone.abort());
      await expect(waiting).rejects.toThrow();
    }
    // Four waits at most: those above must be gone.
    const content = structured(await peer.call('wait_for_message', { ...args, cursor, timeout_seconds: 0 }));
    expect(content).toMatchObject({ timeout: true });
  });

  it('keeps no stream of a client that goes away while it is opened', async () => {
    const { token, cursor } = await enter(peer, { group_size: 8 });
    const filter = { [CHAT_EXTENSION]: { participant_token: token, cursor } };
    const params = { notifications: filter };
    for (let round = 0; round < 12; round++) {
      const gone = new AbortController();
      const headers = { ...POST_HEADERS, ...peer.headers('subscriptions/listen', params) };
      const body = JSON.stringify(peer.message('subscriptions/listen', params));
      const listening = send(server.url, 'POST', headers, body, { agent: false, signal: gone.signal });
      setImmediate(() => gone.abort());
      await expect(listening).rejects.toThrow();
    }
    const stream = await until('a free place', () => peer.subscribe(filter).catch(() => undefined));
    await until('all others to be over', () => server.streams === 1);
    stream.cut();
  });

  it('sends progress for a wait that asked for it, and the result last', async () => {
    const own = await startTestServer({ environment: { WAIT_PROGRESS_SECONDS: 1 } });
    try {
      const client = new StatelessPeer(own.url);
      const { token } = await enter(client, { group_size: 9 });
      const params = {
        name: 'wait_for_message',
        arguments: { participant_token: token, timeout_seconds: 2 },
        _meta: { progressToken: 7 },
      };
      const answer = await client.rpc('tools/call', params, 'wait');
      expect(answer.headers['content-type']).toBe('text/event-stream');
      expect(answer.headers['x-accel-buffering']).toBe('no');
      const messages = answer.text
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => JSON.parse(line.slice(6)) as Json);
      expect(messages[0]).toMatchObject({ method: 'notifications/progress', params: { progressToken: 7, total: 2 } });
      expect(messages.at(-1)).toMatchObject({ id: 'wait', result: { structuredContent: { timeout: true } } });
    } finally {
      await own.close();
    }
  });

  it('serves a session beside', async () => {
    const session = await SessionPeer.open(server.url);
    expect(rpcOf(await session.rpc('ping')).result).toEqual({});
  });
});

const errorOrNothing = (answer: Answer) => rpcOf(answer).error?.code;
