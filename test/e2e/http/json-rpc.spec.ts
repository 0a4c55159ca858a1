import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '../../support/server.js';
import {
  type Answer,
  batchOf,
  CAPABILITIES_KEY,
  enter,
  ERAS,
  errorOf,
  failureOf,
  heard,
  initialize,
  type Json,
  type Pair,
  pairUp,
  type Peer,
  POST_HEADERS,
  rpcOf,
  say,
  send,
  SESSION_REVISIONS,
  SessionPeer,
  STATELESS,
  StatelessPeer,
  structured,
  VERSION_KEY,
} from './wire.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    environment: { MESSAGE_RATE_COUNT: 0, JOIN_RATE_COUNT: 0, ROOMS_PER_PARTICIPANT: 0, TICKETS_PER_PARTICIPANT: 0 },
  });
});
afterAll(() => server.close());

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

function refused(answer: Answer, status: number, code: number): string {
  const { message, code: given } = errorOf(answer);
  expect({ status: answer.status, code: given }).toEqual({ status, code });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  return message;
}

describe.each(ERAS)('JSON-RPC in $era', ({ era, connect }) => {
  let peer: Peer;
  beforeAll(async () => {
    peer = await connect(server.url);
  });
  /** The same request with something wrong in it. */
  const ping = (change: Json) => {
    const method = 'tools/list';
    return peer.post({ ...peer.message(method), ...change }, peer.headers(method));
  };

  describe('a body that is not JSON', () => {
    it.each([
      ['nothing', ''],
      ['white space', ' \n'],
      ['half an object', '{"jsonrpc":"2.0","id":1'],
      ['a bare word', 'hello'],
      ['single quotes', "{'jsonrpc':'2.0'}"],
      ['a trailing comma', '{"jsonrpc":"2.0","id":1,}'],
      ['two messages', '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}'],
      ['NaN', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}'],
      ['a raw control character', '{"jsonrpc":"2.0","id":1,"method":"pi\u0001ng"}'],
      ['NUL bytes', '\0\0\0'],
      ['100,000 open brackets', '['.repeat(100_000)],
      ['100,000 open braces', '{"a":'.repeat(40_000)],
    ])('is refused with a parse error and no id: %s', async (_what, body) => {
      const answer = await peer.post(body);
      refused(answer, 400, -32700);
      expect(rpcOf(answer)).not.toHaveProperty('id');
    });

    it('is refused when it is not UTF-8', async () => {
      const json = JSON.stringify(peer.message('tools/list', { note: '#' }));
      const bytes = Buffer.from(json.replace('#', '\xff\xfe'), 'latin1');
      refused(await peer.post(bytes, peer.headers('tools/list')), 400, -32700);
    });
  });

  describe('a message of the wrong shape', () => {
    it.each([
      ['a number', '7'],
      ['a string', '"tools/list"'],
      ['null', 'null'],
      ['true', 'true'],
      ['an empty object', '{}'],
      ['brackets, 100,000 deep, as method', `{"jsonrpc":"2.0","id":1,"method":${nested(100_000)}}`],
    ])('is refused: %s', async (_what, body) => {
      expect(refused(await peer.post(body), 400, -32600)).toMatch(/^Invalid request: /);
    });

    it.each([
      [{ jsonrpc: '1.0' }, /jsonrpc/],
      [{ jsonrpc: 2 }, /jsonrpc/],
      [{ jsonrpc: undefined }, /jsonrpc/],
      [{ method: undefined }, /method/],
      [{ method: 7 }, /method/],
      [{ method: null }, /method/],
      [{ id: null }, /id/],
      [{ id: 1.5 }, /id/],
      [{ id: true }, /id/],
      [{ id: {} }, /id/],
      [{ id: [1] }, /id/],
      [{ id: 2 ** 53 }, /id/],
      [{ params: [] }, /params/],
      [{ params: 'x' }, /params/],
      [{ params: null }, /params/],
      [{ params: 1 }, /params/],
    ])('is refused and told what was wrong: %j', async (change, names) => {
      const answer = await ping(change);
      expect(refused(answer, 400, -32600)).toMatch(names);
      const { id } = { id: 1, ...change } as { id: unknown };
      if (typeof id === 'number') expect(rpcOf(answer).id).toBe(id);
      else expect(rpcOf(answer)).not.toHaveProperty('id');
    });

    it('never answers with an id that is no id', async () => {
      const answer = await peer.post('{"jsonrpc":"2.0","id":1e999,"method":"tools/list"}');
      refused(answer, 400, -32600);
      expect(rpcOf(answer)).not.toHaveProperty('id');
    });
  });

  it.each(['a', '', '0', 'ünï', 'x'.repeat(1_000), '__proto__', 0, -1, -0, 42, Number.MAX_SAFE_INTEGER])(
    'answers under the very id it was asked under (%#)',
    async (id) => {
      const answer = await peer.rpc('tools/list', {}, id);
      expect(answer.status).toBe(200);
      expect(rpcOf(answer).id).toBe(id === 0 ? 0 : id);
    },
  );

  it('answers an unknown method with -32601, by its name', async () => {
    for (const method of ['nope', 'tools/destroy', '', '__proto__', 'constructor', 'toString', 'x'.repeat(5_000)]) {
      const answer = await peer.rpc(method);
      const message = refused(answer, era === STATELESS ? 404 : 200, -32601);
      expect(message.length).toBeLessThan(200);
      if (method.length < 50) expect(message).toContain(JSON.stringify(method));
      expect(rpcOf(answer).id).toBeDefined();
    }
  });

  it.each(['nope', '__proto__', 'constructor', 'hasOwnProperty', 'Enter_queue', 'enter_queue ', '\u0000', 'ünï'])(
    'answers a call of the unknown tool %j with -32602',
    async (name) => {
      expect(refused(await peer.call(name), 200, -32602)).toMatch(/Unknown tool/);
    },
  );

  it.each([
    ['tools/call', {}, /name/],
    ['tools/call', { name: 7 }, /name/],
    ['tools/call', { name: '' }, /name/],
    ['tools/call', { name: 'get_status', arguments: [] }, /arguments/],
    ['tools/call', { name: 'get_status', arguments: 'x' }, /arguments/],
    ['tools/call', { name: 'get_status', arguments: 0 }, /arguments/],
    ['tools/list', { cursor: 'more' }, /cursor/],
    ['resources/list', { cursor: '' }, /cursor/],
    ['resources/templates/list', { cursor: 3 }, /cursor/],
    ['prompts/list', { cursor: null }, /cursor/],
    ['resources/read', {}, /uri/],
    ['resources/read', { uri: {} }, /uri/],
    ['prompts/get', { name: 'nope' }, /nope/],
    ['prompts/get', { name: '__proto__' }, /__proto__/],
    ['prompts/get', { name: 'find_partner', arguments: [] }, /arguments/],
    ['prompts/get', { name: 'find_partner', arguments: { nope: 'x' } }, /nope/],
    ['prompts/get', { name: 'find_partner', arguments: { constructor: 'x' } }, /constructor/],
    ['prompts/get', { name: 'find_partner', arguments: { pool: 7 } }, /pool/],
    ['completion/complete', {}, /ref/],
    ['completion/complete', { ref: { type: 'ref/other' }, argument: { name: 'a', value: '' } }, /ref/],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'find_partner' }, argument: { name: 'pool' } }, /value/],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'pool', value: '' } }, /x/],
  ])('answers %s with %j with -32602 and what was wrong', async (method, params, names) => {
    expect(refused(await peer.rpc(method, params), 200, -32602)).toMatch(names);
  });

  it.each([
    'chat://rooms/nope',
    'chat://inbox/pt_guessed_0123456789',
    'chat://inbox/pt_guessed_0123456789/',
    'CHAT://inbox/pt_guessed_0123456789',
    'chat://inbox?participant_token=pt_guessed_0123456789',
    'chat://inbox',
    'file:///etc/passwd',
    'chat://rooms/__proto__',
    'not a uri',
    'chat://rooms/ü',
  ])('says of the resource %s only that it is not there', async (uri) => {
    const answer = await peer.rpc('resources/read', { uri });
    refused(answer, 200, era === STATELESS ? -32602 : -32002);
    expect(errorOf(answer).message).toBe('Resource not found');
    expect(answer.text).not.toContain('pt_guessed');
  });

  it.each(['notifications/initialized', 'notifications/nope', 'tools/call', 'initialize', '__proto__', ''])(
    'takes the notification %j and says nothing',
    async (method) => {
      const { id: _id, ...notification } = peer.message(method, { anything: [1, 2] });
      const answer = await peer.post(notification, peer.headers(method));
      expect([answer.status, answer.text]).toEqual([202, '']);
    },
  );

  it.each([{ requestId: 99 }, { requestId: null }, { requestId: {} }, {}, { requestId: '__proto__' }])(
    'takes the cancellation of nothing: %j',
    async (params) => {
      const { id: _id, ...notification } = peer.message('notifications/cancelled', params);
      expect((await peer.post(notification)).status).toBe(202);
    },
  );

  describe('arguments that are not what they must be', () => {
    let pair: Pair;
    let other: Peer;
    beforeAll(async () => {
      other = await connect(server.url);
      pair = await pairUp(peer, other, { display_name: 'Ann' });
    });

    const room = () => ({ participant_token: pair.first.token, room_id: pair.roomId });
    /** A refusal by a tool: the code, and the argument by its name. */
    const refusal = async (tool: string, args: Json, names: string | RegExp) => {
      const { error, code } = failureOf(await peer.call(tool, args));
      expect(code).toBe('invalid_arguments');
      expect(error).toMatch(names);
    };

    it.each([
      ['NUL', 'a\0b'],
      ['a lone high surrogate', 'a\ud800b'],
      ['a lone low surrogate', '\udfff'],
      ['surrogates the wrong way round', '\udc00\ud800'],
    ])('refuses %s in every text there is, by name', async (_what, text) => {
      await refusal('send_message', { ...room(), message: text }, /^message /);
      await refusal('enter_queue', { display_name: text }, /^display_name /);
      await refusal('join_room', { room_name: text }, /^room_name /);
      await refusal('join_room', { room_name: 'r', display_name: text }, /^display_name /);
      await refusal('enter_queue', { attributes: { topic: text } }, /^attributes\.topic /);
      await refusal('enter_queue', { attributes: { topics: ['ok', text] } }, /^attributes\.topics /);
      await refusal('send_message', { ...room(), message: 'hello', client_message_id: text }, /^client_message_id /);
      await refusal('report_participant', { ...room(), user_id: pair.second.userId, reason: text }, /^reason /);
      for (const tool of ['get_status', 'leave_queue', 'wait_for_message']) {
        expect(failureOf(await peer.call(tool, { participant_token: text }))['code']).toBe('participant_not_found');
      }
      for (const tool of ['get_messages', 'leave_chat', 'set_typing']) {
        expect(failureOf(await peer.call(tool, { ...room(), room_id: text }))['error']).toBe('Room not found');
      }
      expect(failureOf(await peer.call('enter_queue', { pool: text }))['code']).toBe('unknown_pool');
    });

    it('takes the same character properly paired', async () => {
      const content = structured(await say(peer, pair.first, pair.roomId, 'a😀b'));
      expect(content['success']).toBe(true);
    });

    it.each([
      'enter_queue',
      'leave_queue',
      'join_room',
      'send_message',
      'wait_for_message',
      'get_messages',
      'leave_chat',
      'get_status',
      'set_typing',
      'block_participant',
      'report_participant',
    ])('refuses unknown keys by name: %s', async (tool) => {
      const { token } = pair.first;
      const good = {
        participant_token: token,
        ...(['join_room'].includes(tool) && { room_name: 'r' }),
        ...(/send|messages$|leave_chat|typing|_participant/.test(tool) && { room_id: pair.roomId }),
        ...(tool === 'send_message' && { message: 'hi' }),
        ...(/_participant/.test(tool) && { user_id: pair.second.userId }),
      };
      for (const key of ['nope', 'constructor', 'toString', 'Participant_Token', 'participant_token ']) {
        await refusal(tool, { ...good, [key]: 1 }, `unknown argument ${JSON.stringify(key)}`);
      }
      const { id, ...rest } = peer.message('tools/call', { name: tool, arguments: { proto: 1, ...good } });
      const body = JSON.stringify({ id, ...rest }).replace('"proto"', '"__proto__"');
      const answer = await peer.post(body, peer.headers('tools/call', { name: tool }));
      expect(failureOf(answer)['error']).toContain('unknown argument "__proto__"');
    });

    it('names what is missing', async () => {
      const { token } = pair.first;
      await refusal('send_message', { participant_token: token }, /(?=.*room_id is required)(?=.*message is required)/);
      await refusal('join_room', {}, /room_name is required/);
    });

    it.each([null, true, 7, 'x', [], {}, [[]]])('refuses %j wherever it is the wrong type', async (value) => {
      const wrong = async (tool: string, name: string, type: string, rest: Json = {}) => {
        if (type === (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value)) return;
        await refusal(tool, { ...rest, [name]: value }, name);
      };
      for (const tool of ['enter_queue', 'get_status', 'leave_chat']) await wrong(tool, 'participant_token', 'string');
      await wrong('enter_queue', 'display_name', 'string');
      await wrong('enter_queue', 'attributes', 'object');
      await wrong('enter_queue', 'pool', 'string');
      await wrong('enter_queue', 'group_size', 'number');
      await wrong('enter_queue', 'wait_seconds', 'number');
      await wrong('join_room', 'room_name', 'string');
      await wrong('join_room', 'capacity', 'number', { room_name: 'r' });
      await wrong('send_message', 'message', 'string', room());
      await wrong('send_message', 'room_id', 'string', { ...room(), message: 'hi' });
      await wrong('wait_for_message', 'cursor', 'string', { participant_token: pair.first.token });
      await wrong('wait_for_message', 'timeout_seconds', 'number', { participant_token: pair.first.token });
      await wrong('get_messages', 'limit', 'number', room());
      await wrong('set_typing', 'typing', 'boolean', room());
    });

    it.each(['1e308', '-1e308', '1e999', '9007199254740993', '0.5', '-1', '"5"', '1e-400000000001', '-0'])(
      'takes no absurd number for a whole one: %s',
      async (number) => {
        const zero = Object.is(JSON.parse(number), -0) || JSON.parse(number) === 0;
        const fields: [string, string, Json, boolean][] = [
          ['enter_queue', 'group_size', {}, false],
          ['enter_queue', 'wait_seconds', { participant_token: pair.first.token }, true],
          ['join_room', 'capacity', { room_name: 'numbers' }, false],
          [
            'wait_for_message',
            'timeout_seconds',
            { participant_token: pair.first.token, cursor: pair.first.cursor },
            true,
          ],
          ['get_messages', 'limit', room(), false],
          ['get_messages', 'before', room(), false],
          ['get_messages', 'after', room(), true],
        ];
        for (const [tool, name, rest, mayBeZero] of fields) {
          const message = peer.message('tools/call', { name: tool, arguments: { ...rest, [name]: '#' } });
          const body = JSON.stringify(message).replace('"#"', number);
          const answer = await peer.post(body, peer.headers('tools/call', { name: tool }));
          if (zero && mayBeZero) expect(rpcOf(answer).result?.isError).toBeUndefined();
          else expect(failureOf(answer)['error']).toMatch(name);
        }
      },
    );

    it('takes numbers of any size where a number may be', async () => {
      const message = peer.message('tools/call', {
        name: 'enter_queue',
        arguments: { attributes: { a: '#', b: '##' } },
      });
      const body = JSON.stringify(message).replace('"#"', '1e308').replace('"##"', '-0');
      const answer = await peer.post(body, peer.headers('tools/call', { name: 'enter_queue' }));
      const { participant_token: token } = structured(answer) as { participant_token: string };
      expect(structured(await peer.call('leave_queue', { participant_token: token }))['success']).toBe(true);
    });

    it('refuses attributes that are nested, too many, or of a forbidden name', async () => {
      await refusal('enter_queue', { attributes: { a: { b: 1 } } }, 'attributes.a');
      await refusal('enter_queue', { attributes: { a: [['b']] } }, 'attributes.a');
      await refusal('enter_queue', { attributes: { a: [1] } }, 'attributes.a');
      await refusal('enter_queue', { attributes: { a: null } }, 'attributes.a');
      await refusal('enter_queue', { attributes: { a: 'x'.repeat(257) } }, 'attributes.a');
      await refusal('enter_queue', { attributes: { 'a b': 1 } }, '"a b"');
      await refusal('enter_queue', { attributes: { '': 1 } }, 'name');
      const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, 1]));
      await refusal('enter_queue', { attributes: many }, '33');
    });

    it.each([
      '{"__proto__":{"polluted":true}}',
      '{"__proto__":"x"}',
      '{"constructor":{"prototype":{"polluted":true}}}',
    ])('is not changed by keys that name prototypes, at any level: %s', async (poison) => {
      const at = [
        (body: string) => body.replace('"#"', poison),
        (body: string) => body.replace('{', `{"__proto__":${poison},"constructor":${poison},`),
        (body: string) => body.replace('"params":{', `"params":{"__proto__":${poison},"constructor":${poison},`),
        (body: string) => body.replace('"_meta":{', `"_meta":{"__proto__":${poison},"constructor":${poison},`),
        (body: string) => body.replace('"arguments":{', `"arguments":{"__proto__":${poison},`),
      ];
      for (const change of at) {
        const params = { name: 'enter_queue', arguments: { attributes: '#' }, _meta: { note: 1 } };
        const body = change(JSON.stringify(peer.message('tools/call', params)));
        const answer = await peer.post(body, peer.headers('tools/call', { name: 'enter_queue' }));
        expect([200, 400]).toContain(answer.status);
        expect(rpcOf(answer).error?.code ?? 0).not.toBe(-32603);
        expect(failureOf(answer)['code']).toBe('invalid_arguments');
      }
      expect(({} as Json)['polluted']).toBeUndefined();
      expect(Object.prototype).not.toHaveProperty('polluted');
    });

    it.each(['id', 'params', 'arguments', '_meta', 'attributes', 'value'])(
      'bears 100,000 brackets in %s',
      async (where) => {
        const params = { name: 'enter_queue', arguments: { attributes: { value: 1 } }, _meta: { note: 1 } };
        const body = JSON.stringify({ ...peer.message('tools/call', params), id: 1 });
        const deep = body.replace(new RegExp(`"${where}":(1|\\{.*?\\}+)`), `"${where}":${nested(100_000)}`);
        expect(deep.length).toBeGreaterThan(200_000);
        const closed = balanced(deep);
        const answer = await peer.post(closed, peer.headers('tools/call', { name: 'enter_queue' }));
        expect([200, 400]).toContain(answer.status);
        const { error, result } = rpcOf(answer);
        expect(error?.code ?? result?.structuredContent?.['code']).not.toBe(-32603);
        expect(result?.structuredContent?.['code']).not.toBe('internal');
      },
    );

    it.each(['nonsense', '', 'c1_', `c1_${'x'.repeat(22)}_1`, 'c1_origin', '\0', 'x'.repeat(201)])(
      'refuses what is no cursor (%#)',
      async (cursor) => {
        await refusal('wait_for_message', { participant_token: pair.first.token, cursor }, 'cursor');
      },
    );

    it('takes no cursor of somebody else', async () => {
      await refusal('wait_for_message', { participant_token: pair.first.token, cursor: pair.second.cursor }, 'cursor');
    });

    it('leaves the conversation as it was', async () => {
      const [listener] = [other];
      for (let i = 0; i < 5; i++) await say(peer, pair.first, pair.roomId, `still here ${i}`);
      const texts = await heard(listener, pair.second, pair.second.cursor);
      expect(texts).toEqual(['a😀b', ...[0, 1, 2, 3, 4].map((i) => `still here ${i}`)]);
    });
  });

  it('answers a token, a room and a member that do not exist like those of somebody else', async () => {
    const [a, b] = [await connect(server.url), await connect(server.url)];
    const mine = await pairUp(a, b);
    const [c, d] = [await connect(server.url), await connect(server.url)];
    const theirs = await pairUp(c, d);
    const same = async (tool: string, one: Json, two: Json) => {
      const [first, second] = [await a.call(tool, one, 7), await a.call(tool, two, 7)];
      expect(failureOf(first)).toEqual(failureOf(second));
      expect(first.text.replace(/"timestamp":"[^"]*"/, '')).toBe(second.text.replace(/"timestamp":"[^"]*"/, ''));
    };
    const token = { participant_token: mine.first.token };
    const nowhere = '00000000-0000-4000-8000-000000000000';
    for (const tool of ['get_messages', 'leave_chat', 'set_typing']) {
      await same(tool, { ...token, room_id: theirs.roomId }, { ...token, room_id: nowhere });
    }
    await same(
      'send_message',
      { ...token, room_id: theirs.roomId, message: 'x' },
      { ...token, room_id: nowhere, message: 'x' },
    );
    await same('wait_for_message', { ...token, room_id: theirs.roomId }, { ...token, room_id: nowhere });
    const here = { ...token, room_id: mine.roomId };
    await same('block_participant', { ...here, user_id: theirs.first.userId }, { ...here, user_id: nowhere });
    await same('report_participant', { ...here, user_id: theirs.first.userId }, { ...here, user_id: nowhere });
  });
});

/** Closes what a replacement in the middle of a JSON text has left open or closed too often. */
function balanced(text: string): string {
  let open = '';
  let out = '';
  for (const char of text) {
    if (char === '{' || char === '[') open += char;
    if (char === '}' || char === ']') {
      if (open === '') continue;
      open = open.slice(0, -1);
    }
    out += char;
  }
  return (
    out +
    [...open]
      .reverse()
      .map((char) => (char === '{' ? '}' : ']'))
      .join('')
  );
}

describe('a batch', () => {
  const call = (id: number, name: string, args: Json = {}) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: args },
  });
  const ping = (id: number | string) => ({ jsonrpc: '2.0', id, method: 'ping' });
  const note = { jsonrpc: '2.0', method: 'notifications/nope' };

  it.each(SESSION_REVISIONS.filter((revision) => revision !== '2025-03-26'))(
    'is refused in revision %s, which has none',
    async (revision) => {
      const peer = await SessionPeer.open(server.url, revision);
      for (const batch of [[ping(1)], [note], [], [ping(1), ping(2)]]) {
        const answer = await peer.post(batch);
        expect(refused(answer, 400, -32600)).toMatch(/batch/);
        expect(rpcOf(answer)).not.toHaveProperty('id');
      }
    },
  );

  it('is refused in revision 2026-07-28, which has none', async () => {
    const peer = new StatelessPeer(server.url);
    for (const batch of [[peer.message('tools/list')], [note], []]) {
      expect(refused(await peer.post(batch, peer.headers('tools/list')), 400, -32600)).toMatch(/batch/);
    }
  });

  describe('in revision 2025-03-26', () => {
    let peer: SessionPeer;
    beforeAll(async () => {
      peer = await SessionPeer.open(server.url, '2025-03-26');
    });

    it('gets one answer for each request, under its id, and none for a notification', async () => {
      const answer = await peer.post([ping(1), note, ping('two'), call(3, 'nope'), { ...ping(4), method: 'nope' }]);
      expect(answer.status).toBe(200);
      const replies = batchOf(answer);
      expect(replies.map(({ id }) => id).sort()).toEqual([1, 3, 4, 'two']);
      expect(replies.find(({ id }) => id === 'two')?.result).toEqual({});
      expect(replies.find(({ id }) => id === 3)?.error?.code).toBe(-32602);
      expect(replies.find(({ id }) => id === 4)?.error?.code).toBe(-32601);
    });

    it('does what it asks', async () => {
      const other = await SessionPeer.open(server.url, '2025-03-26');
      const pair = await pairUp(peer, other);
      const token = { participant_token: pair.first.token, room_id: pair.roomId };
      const batch = Array.from({ length: 10 }, (_, i) => call(i, 'send_message', { ...token, message: `m${i}` }));
      const seqs = batchOf(await peer.post(batch)).map(({ result }) => result?.structuredContent?.['seq']);
      expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      const texts = await heard(other, pair.second, pair.second.cursor);
      expect(texts).toEqual(batch.map((_, i) => `m${i}`));
    });

    it('of notifications or responses alone is taken and not answered', async () => {
      const response = { jsonrpc: '2.0', id: 1, result: {} };
      for (const batch of [[note, note], [response], [note, response]]) {
        const answer = await peer.post(batch);
        expect([answer.status, answer.text]).toEqual([202, '']);
      }
    });

    it.each([
      ['empty', []],
      ['of 51', Array.from({ length: 51 }, (_, i) => ping(i))],
      ['with initialize in it', [ping(1), { jsonrpc: '2.0', id: 2, method: 'initialize', params: {} }]],
      ['with something that is no message', [ping(1), 7]],
      ['with a message that is wrong', [ping(1), { ...ping(2), jsonrpc: '1.0' }]],
      ['within a batch', [[ping(1)]]],
    ])('is refused whole when it is %s', async (_what, batch) => {
      refused(await peer.post(batch), 400, -32600);
    });

    it('does nothing of what a refused batch asks', async () => {
      const refusedBatch = [call(1, 'join_room', { room_name: 'never opened' }), 7];
      refused(await peer.post(refusedBatch), 400, -32600);
      const joined = structured(await peer.call('join_room', { room_name: 'never opened' }));
      expect(joined['status']).toBe('room_created');
    });

    it('takes 50 messages', async () => {
      const answer = await peer.post(Array.from({ length: 50 }, (_, i) => ping(i)));
      expect(batchOf(answer)).toHaveLength(50);
    });

    it('may hold waits, which end together with it', async () => {
      const waiting = new StatelessPeer(server.url);
      const seats = await Promise.all(Array.from({ length: 15 }, () => enter(waiting, { group_size: 16 })));
      const batch = seats.map(({ token, cursor }, i) =>
        call(i, 'wait_for_message', { participant_token: token, cursor, timeout_seconds: 1 }),
      );
      const replies = batchOf(await peer.post(batch));
      expect(replies.map(({ result }) => result?.structuredContent?.['timeout'])).toEqual(seats.map(() => true));
    });
  });

  it('needs a session', async () => {
    refused(await send(server.url, 'POST', POST_HEADERS, JSON.stringify([ping(1)])), 400, -32600);
    refused(await send(server.url, 'POST', POST_HEADERS, '[]'), 400, -32600);
  });
});

describe('a response that a client posts', () => {
  const responses = [
    { jsonrpc: '2.0', id: 1, result: {} },
    { jsonrpc: '2.0', id: 'x', error: { code: 1, message: 'no' } },
    { jsonrpc: '2.0', id: null, error: { code: 1, message: 'no' } },
  ];

  it.each(SESSION_REVISIONS)('is taken in a session of %s', async (revision) => {
    const peer = await SessionPeer.open(server.url, revision);
    for (const response of responses) {
      const answer = await peer.post(response);
      expect([answer.status, answer.text]).toEqual([202, '']);
    }
  });

  it('needs a session', async () => {
    for (const response of responses) {
      refused(await send(server.url, 'POST', POST_HEADERS, JSON.stringify(response)), 400, -32600);
    }
  });

  it('is refused in revision 2026-07-28, where clients have nothing to respond to', async () => {
    const peer = new StatelessPeer(server.url);
    for (const response of responses) refused(await peer.post(response), 400, -32600);
  });
});

it('tells a request that says neither revision nor session what it needs', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/list' });
  const answer = await send(server.url, 'POST', POST_HEADERS, body);
  expect(refused(answer, 400, -32600)).toMatch(/Mcp-Session-Id.*initialize/);
  expect(rpcOf(answer).id).toBe(5);
});

it('serves requests of both eras side by side on one connection', async () => {
  const stateless = new StatelessPeer(server.url);
  const opened = await initialize(server.url, '2025-11-25', { Connection: 'keep-alive' });
  expect(opened.status).toBe(200);
  const answer = await stateless.rpc('tools/list', { _meta: { [VERSION_KEY]: STATELESS, [CAPABILITIES_KEY]: {} } });
  expect(rpcOf(answer).result?.['resultType']).toBe('complete');
  expect(answer.headers['mcp-session-id']).toBeUndefined();
});
