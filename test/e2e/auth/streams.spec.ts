import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Authority } from '../../support/authority.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { until } from '../../support/until.js';
import {
  CHAT_EXTENSION,
  type EventStream,
  SESSION_REVISIONS,
  SessionPeer,
  StatelessPeer,
  structured,
} from '../http/wire.js';

jest.setTimeout(60_000);

let authority: Authority;
let server: TestServer;

async function start(environment: Record<string, string>): Promise<void> {
  server = await startTestServer({ environment: { AUTH_CLOCK_SKEW_SECONDS: '0', ...environment } });
}

beforeEach(async () => {
  authority = await Authority.start();
});
afterEach(async () => {
  await server.close();
  await authority.close();
});

/** A token that is good for a moment only: long enough to open what the test opens with it. */
const short = (sub: string) => authority.token(sub, { exp: Math.ceil(Date.now() / 1000) + 5 });

describe('what listens with a token that expires', () => {
  beforeEach(() => start(authority.jwt));

  it('as the stream of a session ends, and goes on from its cursor with a fresh token', async () => {
    const ann = await SessionPeer.open(server.url, SESSION_REVISIONS[0], await short('ann'));
    await ann.call('enter_queue', { display_name: 'Ann' });
    const stream = await ann.stream();
    await stream.frame(({ id }) => id !== undefined);
    expect(await stream.ended).toBe(true);
    expect((await ann.rpc('ping')).status).toBe(401);

    const ben = new StatelessPeer(server.url, await authority.token('ben'));
    await ben.call('enter_queue', { display_name: 'Ben' });
    ann.bearer = await authority.token('ann');
    const again = await ann.stream({ 'Last-Event-ID': stream.frames.at(-1)!.id });
    await again.message(({ method }) => method === 'chatroom.found');
    again.cut();
  });

  it.each<[string, (peer: StatelessPeer) => Promise<EventStream>]>([
    ['subscriptions/listen', (peer) => peer.subscribe({ [CHAT_EXTENSION]: {} }, 'my-id')],
    ['events/stream', (peer) => peer.follow(undefined as never, undefined, 'my-id')],
  ])('by %s ends with a result, and goes on from its cursor with a fresh token', async (_, listen) => {
    const ann = new StatelessPeer(server.url, await short('ann'));
    const { cursor } = structured(await ann.call('enter_queue', { display_name: 'Ann' }));
    const stream = await listen(ann);
    expect(await stream.ended).toBe(true);
    expect(stream.messages.at(-1)).toMatchObject({ id: 'my-id', result: { resultType: 'complete' } });
    expect((await ann.rpc('tools/list')).status).toBe(401);

    const ben = new StatelessPeer(server.url, await authority.token('ben'));
    const { room_id } = structured(await ben.call('enter_queue', { display_name: 'Ben' }));
    await ben.call('send_message', { room_id, message: 'meanwhile' });
    ann.bearer = await authority.token('ann');
    const waited = structured(await ann.call('wait_for_message', { cursor }));
    expect((waited['events'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'chatroom.found',
      'message.received',
    ]);
  });

  it('by a long poll is answered', async () => {
    const ann = new StatelessPeer(server.url, await short('ann'));
    await ann.call('enter_queue');
    const waited = await ann.call('wait_for_message', { timeout_seconds: 50 });
    expect(structured(waited)).toMatchObject({ timeout: true, events: [] });
  });

  it('lets go of the token when it stops listening', async () => {
    const ann = new StatelessPeer(server.url, await authority.token('ann'));
    await ann.call('enter_queue');
    const stream = await ann.subscribe({ [CHAT_EXTENSION]: {} });
    await stream.message(() => true);
    stream.cut();
    await until('the stream to be closed', () => server.streams === 0);
  });
});

describe('what listens with a token that the authority takes back', () => {
  beforeEach(() => start({ ...authority.introspection, AUTH_CACHE_SECONDS: '1' }));

  it('ends, and no call is served any more', async () => {
    const token = await authority.token('ann');
    const ann = new StatelessPeer(server.url, token);
    await ann.call('enter_queue');
    const stream = await ann.subscribe({ [CHAT_EXTENSION]: {} });
    await stream.message(() => true);
    authority.revoked.add(token);
    await stream.ended;
    expect(stream.messages.at(-1)?.result).toBeDefined();
    expect((await ann.rpc('tools/list')).status).toBe(401);
  });

  it('is told by events/stream that its subscription is over', async () => {
    const token = await authority.token('ann');
    const ann = new StatelessPeer(server.url, token);
    await ann.call('enter_queue');
    const stream = await ann.follow(undefined as never);
    await stream.message(() => true);
    authority.revoked.add(token);
    await stream.ended;
    const [terminated, result] = stream.messages.slice(-2);
    expect(terminated).toMatchObject({
      method: 'notifications/events/terminated',
      params: { error: { data: { reason: 'access_revoked' } } },
    });
    expect(result?.result).toBeDefined();
  });

  it('stays open while the authority does not answer', async () => {
    const ann = new StatelessPeer(server.url, await authority.token('ann'));
    const { user_id } = structured(await ann.call('enter_queue', { display_name: 'Ann' }));
    const stream = await ann.subscribe({ [CHAT_EXTENSION]: {} });
    await stream.message(() => true);
    authority.broken = true;
    const asked = authority.countOf('/introspect');
    await until('the service to ask in vain', () => authority.countOf('/introspect') > asked + 1, 15_000);
    expect((await ann.rpc('tools/list')).status).toBe(503);
    authority.broken = false;
    const ben = new StatelessPeer(server.url, await authority.token('ben'));
    await until('the authority to be asked again', async () => (await ann.rpc('tools/list')).status === 200, 15_000);
    await ben.call('enter_queue');
    await stream.message(({ method }) => method === 'chatroom.found');
    expect(user_id).toBeDefined();
    stream.cut();
  });
});
