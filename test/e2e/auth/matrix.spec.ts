import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { McpRegistry } from '../../../src/mcp-transport/index.js';
import { Authority } from '../../support/authority.js';
import { Receiver } from '../../support/receiver.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import {
  type Answer,
  CHAT_EXTENSION,
  type Json,
  rpcOf,
  SESSION_REVISIONS,
  SessionPeer,
  StatelessPeer,
  structured,
} from '../http/wire.js';

jest.setTimeout(30_000);

/** `served`, or what the caller is told instead. */
type Verdict = string;

/**
 * What each kind of caller gets from each tool, resource and method about a room of Ann and Ben. Whatever is registered
 * must have a row here: a new tool without one fails.
 */

/** Signed in, but with no participant; the participant of somebody else; a member of the room. */
interface Row {
  readonly params: (scene: Scene) => Json;
  readonly nobody: Verdict;
  readonly outsider: Verdict;
  readonly member: Verdict;
}

interface Scene {
  readonly roomId: string;
  readonly benId: string;
  readonly hook: string;
}

const tool =
  (args: (scene: Scene) => Json = () => ({})) =>
  (scene: Scene): Json => ({ arguments: args(scene) });
const OF_ROOM = ({ roomId }: Scene) => ({ room_id: roomId });
const ABOUT_BEN = ({ roomId, benId }: Scene) => ({ room_id: roomId, user_id: benId });

const OPEN = { nobody: 'served', outsider: 'served', member: 'served' };
const OWN = { nobody: 'participant_required', outsider: 'served', member: 'served' };
const ROOM = { nobody: 'participant_required', outsider: 'room_not_found', member: 'served' };

/** In the order in which they are tried: what ends the conversation comes last. */
const TOOLS: Readonly<Record<string, Row>> = {
  get_status: { params: tool(), ...OWN },
  poll_chat: { params: tool(), ...OWN },
  wait_for_message: { params: tool((scene) => ({ ...OF_ROOM(scene), timeout_seconds: 0 })), ...ROOM },
  get_messages: { params: tool(OF_ROOM), ...ROOM },
  search_messages: { params: tool((scene) => ({ ...OF_ROOM(scene), query: 'hello' })), ...ROOM },
  send_message: { params: tool((scene) => ({ ...OF_ROOM(scene), message: 'hello' })), ...ROOM },
  set_typing: { params: tool(OF_ROOM), ...ROOM },
  report_participant: { params: tool(ABOUT_BEN), ...ROOM },
  block_participant: { params: tool(ABOUT_BEN), ...ROOM },
  leave_queue: { params: tool(), ...OWN },
  respond_to_match: {
    params: tool(() => ({ accept: true })),
    nobody: 'participant_required',
    outsider: 'offer_not_found',
    member: 'offer_not_found',
  },
  leave_chat: { params: tool(OF_ROOM), ...ROOM },
  enter_queue: { params: tool(() => ({ pool: 'asking' })), ...OPEN },
  join_room: { params: tool(() => ({ room_name: 'lobby', capacity: 50 })), ...OPEN },
};

const EVENT = (scene: Scene) => ({ name: 'message.received', arguments: OF_ROOM(scene) });
const HOOK = (scene: Scene) => ({
  ...EVENT(scene),
  delivery: { mode: 'webhook', url: scene.hook, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
});
const FORBIDDEN = { nobody: 'participant_required', outsider: 'not_a_member', member: 'served' };

const METHODS: Readonly<Record<string, Row>> = {
  'events/list': { params: () => ({}), ...OPEN },
  'events/poll': { params: EVENT, ...FORBIDDEN },
  'events/stream': { params: EVENT, ...FORBIDDEN },
  'events/subscribe': { params: HOOK, ...FORBIDDEN },
  'events/unsubscribe': { params: HOOK, nobody: 'participant_required', outsider: 'served', member: 'served' },
};

/** What the protocol itself has; its resources by their templates. */
const PROTOCOL: Readonly<Record<string, Row>> = {
  'server/discover': { params: () => ({}), ...OPEN },
  'tools/list': { params: () => ({}), ...OPEN },
  'resources/list': { params: () => ({}), ...OPEN },
  'resources/templates/list': { params: () => ({}), ...OPEN },
  'subscriptions/listen': {
    params: () => ({ notifications: { [CHAT_EXTENSION]: {} } }),
    nobody: 'No participant is known for this call',
    outsider: 'served',
    member: 'served',
  },
  'prompts/list': { params: () => ({}), ...OPEN },
  'prompts/get': { params: () => ({ name: 'find_partner' }), ...OPEN },
  'completion/complete': {
    params: () => ({ ref: { type: 'ref/prompt', name: 'find_partner' }, argument: { name: 'pool', value: '' } }),
    ...OPEN,
  },
};

/** What is answered with a stream when it is served. */
const STREAMS = ['events/stream', 'subscriptions/listen'];

const NOT_THERE = 'Resource not found';
const RESOURCES: Readonly<Record<string, Row>> = {
  'chat://inbox': { params: () => ({ uri: 'chat://inbox' }), nobody: NOT_THERE, outsider: 'served', member: 'served' },
  'chat://inbox/{participant_token}': {
    params: () => ({ uri: 'chat://inbox/pt_somebody' }),
    nobody: NOT_THERE,
    outsider: NOT_THERE,
    member: NOT_THERE,
  },
  'chat://rooms/{room_id}': {
    params: ({ roomId }) => ({ uri: `chat://rooms/${roomId}` }),
    nobody: NOT_THERE,
    outsider: NOT_THERE,
    member: 'served',
  },
  'ui://parley/chat': { params: () => ({ uri: 'ui://parley/chat' }), ...OPEN },
};

/** `served`, or the code of what it was refused with. */
function verdictOf(answer: Answer): Verdict {
  if (answer.status === 401) return 'unauthenticated';
  const { result, error } = rpcOf(answer);
  if (error) {
    const { reason, code } = (error.data ?? {}) as { reason?: string; code?: string };
    return reason ?? code ?? error.message;
  }
  return result?.isError ? String(result.structuredContent?.['code']) : 'served';
}

/** What operators may do besides is at /admin: here they are people like any others. */
const OPERATORS = ['parley:moderate', 'parley:admin'];

describe('who may do what', () => {
  let authority: Authority;
  let server: TestServer;
  let receiver: Receiver;
  let scene: Scene;

  const peerOf = async (sub: string, exp = 300) =>
    new StatelessPeer(server.url, await authority.token(sub, { exp: Math.floor(Date.now() / 1000) + exp }));

  /** Somebody outside the room who may talk, and do more elsewhere. */
  const operator = async (scope: string) =>
    new StatelessPeer(server.url, await authority.token(scope, { scope: `parley:chat ${scope}` }));

  beforeAll(async () => {
    authority = await Authority.start();
    receiver = await Receiver.start();
    const POOLS = '[{"name":"asking","accept_seconds":60}]';
    const features = { POOLS, HISTORY_URL: 'memory:', WEBHOOKS_ALLOW_LOOPBACK: 'true' };
    server = await startTestServer({ environment: { ...authority.jwt, ...features } });
    await (await peerOf('ann')).call('enter_queue', { display_name: 'Ann' });
    const { room_id } = structured(await (await peerOf('ben')).call('enter_queue', { display_name: 'Ben' }));
    const ben = structured(await (await peerOf('ben')).call('get_status'));
    await (await peerOf('eve')).call('join_room', { room_name: 'elsewhere' });
    for (const scope of OPERATORS) await (await operator(scope)).call('join_room', { room_name: `with ${scope}` });
    scene = { roomId: room_id as string, benId: ben['user_id'] as string, hook: receiver.url('/hook') };
  });
  afterAll(async () => {
    await server.close();
    await receiver.close();
    await authority.close();
  });

  it('is said here of everything that is registered', () => {
    const registry = server.app.get(McpRegistry, { strict: false });
    const templates = registry.resources.flatMap(({ resource, template }) =>
      [resource?.uri, template?.uriTemplate].filter((uri) => uri !== undefined),
    );
    expect([...registry.tools.keys()].sort()).toEqual(Object.keys(TOOLS).sort());
    expect([...registry.methods.keys()].sort()).toEqual(Object.keys(METHODS).sort());
    expect(templates.sort()).toEqual(Object.keys(RESOURCES).sort());
  });

  const rows = [
    ...Object.entries(PROTOCOL).map(([name, row]) => [name, name, row, {}] as const),
    ...Object.entries(METHODS).map(([name, row]) => [name, name, row, {}] as const),
    ...Object.entries(RESOURCES).map(([name, row]) => [name, 'resources/read', row, {}] as const),
    ...Object.entries(TOOLS).map(([name, row]) => [name, 'tools/call', row, { name }] as const),
  ];

  describe.each(rows)('%s', (_, method, row, fixed) => {
    const ask = async (peer: StatelessPeer): Promise<Verdict> => {
      const params = { ...row.params(scene), ...fixed };
      if (!STREAMS.includes(method)) return verdictOf(await peer.rpc(method, params));
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { ...POST, ...(peer.headers(method, params) as Record<string, string>) },
        body: JSON.stringify(peer.message(method, params)),
      });
      if (response.headers.get('content-type') === 'application/json') {
        return verdictOf({ status: response.status, headers: {}, text: await response.text() });
      }
      await response.body?.cancel();
      return 'served';
    };

    it('is not for who does not say who they are, or with a token that has expired or lacks the scope', async () => {
      expect(await ask(new StatelessPeer(server.url))).toBe('unauthenticated');
      expect(await ask(await peerOf('ann', -600))).toBe('unauthenticated');
      const idle = new StatelessPeer(server.url, await authority.token('ann', { scope: 'openid' }));
      expect(await ask(idle)).toBe('The token does not have the scope parley:chat');
    });

    it(`is, for who is nobody yet, ${row.nobody}`, async () => {
      expect(await ask(await peerOf(`nobody ${method} ${JSON.stringify(fixed)}`))).toBe(row.nobody);
    });

    it(`is, for somebody outside the room, ${row.outsider}`, async () => {
      expect(await ask(await peerOf('eve'))).toBe(row.outsider);
    });

    it.each(OPERATORS)(`is, for somebody outside the room with %s, ${row.outsider}`, async (scope) => {
      expect(await ask(await operator(scope))).toBe(row.outsider);
      const mute = new StatelessPeer(server.url, await authority.token(scope, { scope }));
      expect(await ask(mute)).toBe('The token does not have the scope parley:chat');
    });

    it(`is, for a member of the room, ${row.member}`, async () => {
      expect(await ask(await peerOf('ann'))).toBe(row.member);
    });
  });

  it('is the same in a session', async () => {
    const eve = await SessionPeer.open(server.url, SESSION_REVISIONS[0], await authority.token('eve'));
    for (const [name, row] of Object.entries(TOOLS)) {
      expect([name, verdictOf(await eve.call(name, row.params(scene)['arguments'] as Json))]).toEqual([
        name,
        row.outsider,
      ]);
    }
  });
});

const POST = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
