import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startTestServer, type TestServer } from '../../support/server.js';
import {
  CAPABILITIES_KEY,
  CHAT_EXTENSION,
  enter,
  type EventStream,
  heard,
  type Json,
  type Pair,
  pairUp,
  type Peer,
  POST_HEADERS,
  type Rpc,
  say,
  SESSION_REVISIONS,
  SessionPeer,
  STATELESS,
  StatelessPeer,
  structured,
  textOf,
  VERSION_KEY,
} from './wire.js';

/** Whatever is thrown at the service: every request gets an answer as its revision has it, and nobody else is harmed. */

interface Shot {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const PATIENCE_MS = 30_000;
/** A soak test asks for more. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 800);

/** Valid calls to start from; `{token}` and `{room}` stand for what a participant of the fuzzer has. */
const CALLS: [string, Json][] = [
  [
    'enter_queue',
    { display_name: 'Fuzz', pool: 'default', group_size: 3, attributes: { topic: 'x' }, wait_seconds: 0 },
  ],
  ['leave_queue', { pool: 'default' }],
  ['join_room', { room_name: 'fuzz', capacity: 50, wait_seconds: 0 }],
  ['send_message', { room_id: '{room}', message: 'hello', client_message_id: 'c' }],
  ['wait_for_message', { room_id: '{room}', timeout_seconds: 0 }],
  ['get_messages', { room_id: '{room}', limit: 10, after: 0 }],
  ['leave_chat', { room_id: 'nope' }],
  ['get_status', {}],
  ['set_typing', { room_id: '{room}', typing: true }],
  ['block_participant', { room_id: '{room}', user_id: 'nobody' }],
  ['report_participant', { room_id: '{room}', user_id: 'nobody', reason: 'because' }],
];
const SUBSCRIPTION = { name: 'message.received', arguments: { room_id: '{room}', participant_token: '{token}' } };
/** To an address that is nobody's. */
const DELIVERY = { mode: 'webhook', url: 'https://192.0.2.1/hook', secret: `whsec_${'a'.repeat(32)}` };
const METHODS: [string, Json][] = [
  ['initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'f', version: '1' } }],
  ['server/discover', {}],
  ['ping', {}],
  ['tools/list', { cursor: 'x' }],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'chat://inbox/{token}' }],
  ['resources/subscribe', { uri: 'chat://inbox' }],
  ['resources/unsubscribe', { uri: 'chat://inbox' }],
  ['prompts/list', {}],
  ['prompts/get', { name: 'find_partner', arguments: { pool: 'x' } }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'find_partner' }, argument: { name: 'pool', value: '' } }],
  ['subscriptions/listen', { notifications: { [CHAT_EXTENSION]: { participant_token: '{token}' } } }],
  ['subscriptions/listen', { notifications: { resourceSubscriptions: ['chat://inbox/{token}'] } }],
  ['events/list', {}],
  ['events/poll', { ...SUBSCRIPTION, cursor: 'ec1_1_aaaaaaaaaaaaaaaaaaaaaa', maxAgeMs: 1, maxEvents: 2 }],
  ['events/stream', { ...SUBSCRIPTION, cursor: null, maxAgeMs: 1 }],
  ['events/subscribe', { ...SUBSCRIPTION, delivery: DELIVERY, cursor: null, maxAgeMs: 1, ttlMs: 60_000 }],
  ['events/unsubscribe', { ...SUBSCRIPTION, delivery: DELIVERY }],
  ['notifications/cancelled', { requestId: 1 }],
  ['logging/setLevel', { level: 'debug' }],
];

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('', '\0', '\ud800', '__proto__', 'constructor', '{token}', '{room}'),
);
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  text,
  fc.constantFrom<unknown>(null, -0, 1e308, 2 ** 53, -1, 0.5, true, [], {}, [[]]),
);
const dictionary = fc.dictionary(text, json, { maxKeys: 4 }) as fc.Arbitrary<Json>;

/** The same object with some of its values exchanged, dropped or joined by others. */
const mutated = (value: Json): fc.Arbitrary<Json> =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom(...Object.keys(value), 'participant_token', 'nope'),
        fc.oneof(json, fc.constant(undefined)),
      ),
      {
        maxLength: 2,
      },
    )
    .map((changes) => ({ ...value, ...Object.fromEntries(changes) }));

const toolCall = fc.oneof(
  fc
    .constantFrom(...CALLS)
    .chain(([name, args]) => mutated({ participant_token: '{token}', ...args }).map((a) => ({ name, arguments: a }))),
  fc.record({ name: fc.oneof(text, fc.constantFrom(...CALLS.map(([name]) => name))), arguments: json }),
);
const call = fc.oneof(
  { weight: 3, arbitrary: toolCall.map((params): [string, Json] => ['tools/call', params]) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...METHODS)
      .chain(([method, params]) => mutated(params).map((p): [string, Json] => [method, p])),
  },
  { weight: 1, arbitrary: fc.tuple(text, dictionary) },
);
const id = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(fc.integer(), fc.string()) },
  { weight: 1, arbitrary: fc.oneof(json, fc.constant(undefined)) },
);
const meta = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constant<unknown>({ [VERSION_KEY]: STATELESS, [CAPABILITIES_KEY]: {}, progressToken: 1 }),
  },
  { weight: 1, arbitrary: json },
  { weight: 1, arbitrary: fc.record({ [VERSION_KEY]: json, [CAPABILITIES_KEY]: json }, { requiredKeys: [] }) },
);

interface Aim {
  readonly era: 'stateless' | (typeof SESSION_REVISIONS)[number];
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((c) => c !== 0x7f)
    .map((c) => String.fromCharCode(c)),
});
const headers = fc.dictionary(
  fc.constantFrom(
    'Host',
    'Origin',
    'Content-Type',
    'Accept',
    'Mcp-Session-Id',
    'MCP-Protocol-Version',
    'Mcp-Method',
    'Mcp-Name',
    'Last-Event-ID',
    'X-Request-Id',
    'Content-Encoding',
    'Cookie',
  ),
  fc.oneof(
    headerText,
    fc.constantFrom('null', '*/*', 'localhost', STATELESS, '2025-03-26', '=?base64?eA==?=', '=?base64?????='),
  ),
  { maxKeys: 2 },
);
const message = fc
  .record({
    id,
    call,
    meta,
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>('2.0') }, { weight: 1, arbitrary: json }),
  })
  .map(({ id: given, call: [method, params], meta: _meta, jsonrpc }) => ({
    jsonrpc,
    ...(given !== undefined && { id: given }),
    method,
    params: { ...params, _meta },
  }));
const body = fc.oneof(
  { weight: 8, arbitrary: message },
  { weight: 1, arbitrary: fc.array(message as fc.Arbitrary<unknown>, { maxLength: 4 }) },
  { weight: 1, arbitrary: json },
);
const aim: fc.Arbitrary<Aim> = fc.record({
  era: fc.constantFrom('stateless' as const, ...SESSION_REVISIONS),
  method: fc.oneof(
    { weight: 12, arbitrary: fc.constant('POST') },
    { weight: 1, arbitrary: fc.constantFrom('GET', 'DELETE', 'PUT', 'OPTIONS', 'HEAD') },
  ),
  headers: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
  body,
});

/** Sends it and settles with the answer, reading no more of an event stream than its first frame. */
function shoot(
  url: URL,
  { method, headers: given, body: sent }: Shot,
): Promise<{ answer: IncomingMessage; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: given, signal: AbortSignal.timeout(PATIENCE_MS) }, (answer) => {
      if (!answer.headers['content-type']?.startsWith('text/event-stream')) {
        textOf(answer).then((said) => resolve({ answer, text: said }), reject);
        return;
      }
      answer.once('data', (chunk: Buffer) => {
        resolve({ answer, text: chunk.toString('utf8') });
        answer.destroy();
      });
      answer.once('error', () => undefined);
    });
    outgoing.once('error', reject);
    outgoing.end(sent);
  });
}

function checkMessage(reply: Rpc): void {
  expect(reply.jsonrpc).toBe('2.0');
  expect('result' in reply !== 'error' in reply).toBe(true);
  if ('id' in reply) expect(['string', 'number']).toContain(typeof reply.id);
  else expect(reply.error).toBeDefined();
  if (reply.error) {
    expect(Number.isInteger(reply.error.code)).toBe(true);
    expect(typeof reply.error.message).toBe('string');
    expect(reply.error.code).not.toBe(-32603);
  }
  expect(reply.result?.structuredContent?.['code']).not.toBe('internal');
}

describe('a service under fire', () => {
  let server: TestServer;
  let victim: Peer;
  let partner: Peer;
  let bystanders: Pair;
  let stream: EventStream;
  let token: string;
  let room: string;
  const sessions = new Map<string, SessionPeer>();
  const sent: string[] = [];

  beforeAll(async () => {
    server = await startTestServer({
      environment: {
        MESSAGE_RATE_COUNT: 0,
        JOIN_RATE_COUNT: 0,
        WAIT_DEFAULT_SECONDS: 0,
        WAIT_MAX_SECONDS: 0,
        EVENT_LOG_ENTRIES: RUNS + 1_000,
        WEBHOOKS_WITHOUT_AUTH: 'true',
      },
    });
    victim = await SessionPeer.open(server.url);
    partner = new StatelessPeer(server.url);
    bystanders = await pairUp(victim, partner);
    stream = await partner.listen(bystanders.second.token, bystanders.second.cursor);
    const fuzzer = new StatelessPeer(server.url);
    token = (await enter(fuzzer, { group_size: 9 })).token;
    room = structured(await fuzzer.call('join_room', { room_name: 'fuzz', capacity: 50, participant_token: token }))[
      'room_id'
    ] as string;
  });
  afterAll(() => server.close());

  /** A session for the fuzzer; it may have destroyed the one it had. */
  async function sessionOf(revision: string): Promise<SessionPeer> {
    const known = sessions.get(revision);
    if (known && (await known.rpc('ping')).status === 200) return known;
    const opened = await SessionPeer.open(server.url, revision);
    sessions.set(revision, opened);
    return opened;
  }

  async function load({ era, method, headers: given, body: wanted }: Aim): Promise<Shot> {
    const { method: name, params } = (wanted ?? {}) as { method?: string; params?: Json };
    const own =
      era === 'stateless'
        ? new StatelessPeer(server.url).headers(typeof name === 'string' ? name : undefined, params)
        : (await sessionOf(era)).headers();
    const all = { ...POST_HEADERS, ...own, ...given };
    // What no HTTP client could send is not a matter of this service.
    const clean = Object.entries(all).map(([key, value]) => [key, value!.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')]);
    const json = JSON.stringify(wanted).replaceAll('{token}', token).replaceAll('{room}', room);
    const content = ['GET', 'HEAD'].includes(method) ? undefined : json;
    const length: Record<string, string> =
      content === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(content)) };
    return { method, headers: { ...(Object.fromEntries(clean) as Record<string, string>), ...length }, body: content };
  }

  it(
    'answers everything as the protocol says, and the others go on talking',
    async () => {
      const check = async (given: Aim) => {
        const shot = await load(given);
        const { answer, text: said } = await shoot(server.url, shot);
        const status = answer.statusCode!;
        expect(status).toBeLessThan(500);
        if (answer.headers['content-type']?.startsWith('text/event-stream')) {
          expect(said).toMatch(/^(id|event|data|:)/);
        } else if (said === '') {
          expect([202, 204, ...(given.method === 'HEAD' ? [403, 405] : [])]).toContain(status);
        } else {
          expect([status, answer.headers['content-type'], said]).toEqual([status, 'application/json', said]);
          const reply = JSON.parse(said) as Rpc | Rpc[];
          if (Array.isArray(reply)) expect(given.era).toBe('2025-03-26');
          for (const one of [reply].flat()) checkMessage(one);
          if (!Array.isArray(reply) && reply.id !== undefined) {
            expect(reply.id).toEqual((JSON.parse(shot.body!) as { id?: unknown }).id);
          }
        }
        const words = `message ${sent.length}`;
        expect(structured(await say(victim, bystanders.first, bystanders.roomId, words))['success']).toBe(true);
        sent.push(words);
      };
      await fc.assert(fc.asyncProperty(aim, check), {
        numRuns: RUNS,
        interruptAfterTimeLimit: 25 * RUNS + 20_000,
        endOnFailure: true,
      });

      expect(sent.length).toBeGreaterThan(100);
      const received = await stream.count(sent.length, ({ method }) => method === 'message.received');
      expect(received.map(({ params }) => params?.['message'])).toEqual(sent);
      expect(await heard(partner, bystanders.second, bystanders.second.cursor)).toEqual(sent);
      expect(({} as Json)['polluted']).toBeUndefined();
    },
    50 * RUNS + 30_000,
  );

  it('takes any bytes for a body', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary' }).map((s) => Buffer.from(s, 'utf8')),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('stateless', ...SESSION_REVISIONS), async (content, era) => {
        const peer: Peer = era === 'stateless' ? partner : await sessionOf(era);
        const answer = await peer.post(Buffer.from(content), { 'Mcp-Method': 'x' });
        expect(answer.status).toBe(400);
        expect([-32700, -32600]).toContain((JSON.parse(answer.text) as Rpc).error?.code);
      }),
      { numRuns: 300 },
    );
  });
});
