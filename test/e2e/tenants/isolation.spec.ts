import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Authority } from '../../support/authority.js';
import { describeWith } from '../../support/programs.js';
import { Receiver, SECRET } from '../../support/receiver.js';
import { TestRedis } from '../../support/redis.js';
import { TestTenants, type Way, WAYS } from '../../support/tenants.js';
import { until } from '../../support/until.js';
import {
  type Answer,
  CHAT_EXTENSION,
  type Json,
  type Peer,
  type Rpc,
  rpcOf,
  send,
  SessionPeer,
  structured,
} from '../http/wire.js';

jest.setTimeout(60_000);

/** All that somebody in a tenant could name to get at what is theirs. */
type Handles = Readonly<
  Record<'token' | 'userId' | 'partnerId' | 'partnerToken' | 'roomId' | 'cursor' | 'eventsCursor' | 'sessionId', string>
>;

/** What an answer says, without what is different each time. */
function saying(answer: Answer): unknown {
  const { result, error } = rpcOf(answer);
  if (error) return { status: answer.status, code: error.code, message: error.message, data: error.data };
  if (result?.isError) return result.structuredContent;
  // A position that is nobody's here is the beginning.
  const { cursor, ...read } = result!;
  expect([typeof cursor, read['events'], read['truncated']]).toEqual(['string', [], true]);
  return read;
}

/** Enters a queue as a participant with a token, which a principal's first one has not. */
async function enter(peer: Peer, args: Json): Promise<Json> {
  const _meta = { 'io.github.mcp-parley/another_participant': true };
  return structured(await peer.rpc('tools/call', { name: 'enter_queue', arguments: args, _meta }));
}

/** The same in form, and nobody's. */
const madeUp = (handle: string) =>
  handle.replaceAll(/[0-9a-f]/gi, (digit) => '0123456789abcdef'[(Number.parseInt(digit, 16) + 5) % 16]!);

function isolation(state: () => Record<string, string>): void {
  describe.each(WAYS)('by %s', (way: Way) => {
    let authority: Authority;
    let receiver: Receiver;
    let tenants: TestTenants;

    beforeAll(async () => {
      authority = await Authority.start();
      receiver = await Receiver.start();
      const POOLS = '[{"name":"mentors"},{"name":"empty"}]';
      const events = { EVENTS_KEY: 'k'.repeat(32), WEBHOOKS_WITHOUT_AUTH: 'true', WEBHOOKS_ALLOW_LOOPBACK: 'true' };
      tenants = await TestTenants.start(
        { POOLS, ...events, ...state(), STATE_NAMESPACE: way.replaceAll(' ', '-') },
        undefined,
        { way, authority },
      );
    });
    afterAll(async () => {
      await tenants?.close();
      await receiver.close();
      await authority.close();
    });

    /** The same story in either tenant, by people with the same names: Ann and Ben meet in `mentors`. */
    async function meet(tenant: string, times: number): Promise<Handles> {
      const ann = await tenants.peer(tenant, `ann ${times}`);
      const ben = await tenants.peer(tenant, `ben ${times}`);
      const first = await enter(ann, { display_name: 'Ann', pool: 'mentors' });
      const second = await enter(ben, { display_name: 'Ben', pool: 'mentors' });
      expect(second['status']).toBe('matched');
      const session = await SessionPeer.open(
        tenants.endpoint(tenant),
        undefined,
        await tenants.token(tenant, `ann ${times}`),
      );
      const token = first['participant_token'] as string;
      const about = { name: 'message.received', arguments: { participant_token: token } };
      const polled = rpcOf(await ann.rpc('events/poll', about)).result!;
      const hook = receiver.url(`/${tenant}/${times}`);
      const subscribed = await ann.rpc('events/subscribe', {
        ...about,
        delivery: { mode: 'webhook', url: hook, secret: SECRET },
      });
      expect(rpcOf(subscribed).result).toMatchObject({ id: expect.any(String) });
      return {
        token,
        userId: first['user_id'] as string,
        partnerId: second['user_id'] as string,
        partnerToken: second['participant_token'] as string,
        roomId: second['room_id'] as string,
        cursor: second['cursor'] as string,
        eventsCursor: polled['cursor'] as string,
        sessionId: session.sessionId,
      };
    }

    /** Everything that takes a handle, as somebody who has a participant and a room of their own. */
    function uses(own: string): readonly [string, (peer: Peer, handles: Handles) => Promise<Answer>][] {
      const tool = (name: string, args: (handles: Handles) => Json) =>
        [
          name,
          (peer: Peer, handles: Handles) => peer.call(name, { participant_token: own, ...args(handles) }),
        ] as const;
      const method = (name: string, params: (handles: Handles) => Json) =>
        [name, (peer: Peer, handles: Handles) => peer.rpc(name, params(handles))] as const;
      const messages = (token: string) => ({ name: 'message.received', arguments: { participant_token: token } });
      const all = [
        tool('get_status', ({ token }) => ({ participant_token: token })),
        tool('enter_queue', ({ token }) => ({ participant_token: token })),
        tool('leave_queue', ({ token }) => ({ participant_token: token })),
        tool('join_room', ({ token }) => ({ participant_token: token, room_name: 'lobby' })),
        tool('wait_for_message', ({ token }) => ({ participant_token: token, timeout_seconds: 0 })),
        tool('wait_for_message', ({ cursor }) => ({ cursor, timeout_seconds: 0 })),
        tool('wait_for_message', ({ roomId }) => ({ room_id: roomId, timeout_seconds: 0 })),
        tool('send_message', ({ roomId }) => ({ room_id: roomId, message: 'let me in' })),
        tool('send_message', ({ token, roomId }) => ({
          participant_token: token,
          room_id: roomId,
          message: 'I am Ann',
        })),
        tool('get_messages', ({ roomId }) => ({ room_id: roomId })),
        tool('set_typing', ({ roomId }) => ({ room_id: roomId })),
        tool('leave_chat', ({ roomId }) => ({ room_id: roomId })),
        tool('block_participant', ({ roomId, userId }) => ({ room_id: roomId, user_id: userId })),
        tool('report_participant', ({ roomId, partnerId }) => ({ room_id: roomId, user_id: partnerId })),
        method('resources/read', ({ roomId }) => ({ uri: `chat://rooms/${roomId}` })),
        method('resources/read', ({ token }) => ({ uri: `chat://inbox/${token}` })),
        method('events/poll', ({ token }) => messages(token)),
        method('events/poll', ({ eventsCursor }) => ({ ...messages(own), cursor: eventsCursor })),
      ];
      return all as unknown as readonly [string, (peer: Peer, handles: Handles) => Promise<Answer>][];
    }

    const without = (answer: unknown, handles: Handles) =>
      Object.values(handles).reduce((text, handle) => text.replaceAll(handle, '…'), JSON.stringify(answer));

    it('knows no handle of another tenant, in either era, whatever is done with it: as if it had never been', async () => {
      const handles = await meet('acme', 1);
      const nobodys = Object.fromEntries(
        Object.entries(handles).map(([name, value]) => [name, madeUp(value)]),
      ) as Handles;
      // The same principals are known there, too.
      await meet('globex', 1);
      const stateless = await tenants.peer('globex', 'ann 1');
      const session = await SessionPeer.open(stateless.url, undefined, stateless.bearer);
      const own = await enter(stateless, { display_name: 'Eve', pool: 'empty' });
      for (const peer of [stateless, session]) {
        for (const [name, use] of uses(own['participant_token'] as string)) {
          const answers = [await use(peer, handles), await use(peer, nobodys)] as const;
          const [foreign, unknown] = answers.map(saying);
          const told = [without(foreign, handles), without(unknown, nobodys)];
          expect([name, told[0]]).toEqual([name, told[1]]);
          expect(told[0]).not.toMatch(/acme/);
        }
      }
    });

    it('knows no session of another tenant', async () => {
      const { sessionId } = await meet('acme', 2);
      const bearer = await tenants.token('globex', 'ann 2');
      const headers = {
        'Mcp-Session-Id': sessionId,
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      };
      const url = tenants.endpoint('globex');
      const stream = await send(url, 'GET', { ...headers, Accept: 'text/event-stream' });
      const gone = await send(url, 'DELETE', headers);
      expect([stream.status, gone.status]).toEqual([404, 404]);
      // It is still there for whom it is.
      const ours = await tenants.token('acme', 'ann 2');
      const there = await send(tenants.endpoint('acme'), 'DELETE', {
        ...headers,
        ...(ours !== undefined && { Authorization: `Bearer ${ours}` }),
      });
      expect(there.status).toBe(204);
    });

    it('has pools, rooms and principals of its own, whatever they are called', async () => {
      const [acme, globex] = [await tenants.peer('acme', 'cleo'), await tenants.peer('globex', 'cleo')];
      const one = structured(await acme.call('enter_queue', { pool: 'mentors' }));
      const other = structured(await globex.call('enter_queue', { pool: 'mentors' }));
      expect([one['status'], other['status']]).toEqual(['waiting', 'waiting']);
      expect([one['queue_length'], other['queue_length']]).toEqual([1, 1]);
      const rooms = [];
      for (const tenant of ['acme', 'globex']) {
        const peer = await tenants.peer(tenant, 'dan');
        rooms.push(structured(await peer.call('join_room', { room_name: 'the one room', capacity: 2 })));
      }
      expect(rooms.map(({ status }) => status)).toEqual(['room_created', 'room_created']);
      expect(rooms[0]!['room_id']).not.toBe(rooms[1]!['room_id']);
      for (const [peer, { participant_token }] of [
        [acme, one],
        [globex, other],
      ] as const)
        await peer.call('leave_queue', { participant_token });
    });

    it('hears nothing of another tenant, on its streams or by its webhooks', async () => {
      const [ours, theirs] = [await meet('acme', 3), await meet('globex', 3)];
      const ear = await tenants.peer('globex', 'ann 3');
      const stream = await ear.subscribe({ [CHAT_EXTENSION]: { participant_token: theirs.token } });
      const say = async (tenant: string, { partnerToken, roomId }: Handles, message: string) => {
        const args = { participant_token: partnerToken, room_id: roomId, message };
        expect(structured(await (await tenants.peer(tenant, 'ben 3')).call('send_message', args))['success']).toBe(
          true,
        );
      };
      await say('acme', ours, 'for acme only');
      await say('globex', theirs, 'for globex only');
      const isMessage = ({ method }: Rpc) => method === 'message.received';
      const heard = await stream.message(isMessage);
      expect(heard.params!['message']).toBe('for globex only');
      const delivered = () => receiver.events.filter(({ text }) => text.includes(' only"'));
      await until('both webhooks', () => delivered().length >= 2);
      for (const { path, text } of delivered()) expect(text).toContain(`for ${path.split('/')[1]} only`);
      expect(stream.messages.filter(isMessage)).toHaveLength(1);
      stream.cut();
    });
  });
}

describe('what crosses between tenants in memory', () => isolation(() => ({})));

describeWith(['redis-server'], 'what crosses between tenants in one Redis', (program) => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await TestRedis.start(program);
  });
  afterAll(() => redis?.stop());

  isolation(() => ({ STATE_URL: redis.url }));

  it('is no key: each belongs to one of them', async () => {
    const keys = await redis.control.keys('*');
    const tags = new Set(keys.map((key) => /^\{(.*?)\}/.exec(key)?.[1]));
    const spaces = WAYS.flatMap((way) => ['acme', 'globex'].map((tenant) => `${way.replaceAll(' ', '-')}~${tenant}`));
    expect([...tags].sort()).toEqual(spaces.sort());
  });
});
