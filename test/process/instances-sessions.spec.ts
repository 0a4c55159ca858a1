import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createApiKey } from '../../src/auth/index.js';
import {
  enter,
  errorOf,
  openStream,
  pairUp,
  POST_HEADERS,
  rpcOf,
  say,
  send,
  SessionPeer,
  StatelessPeer,
  structured,
} from '../e2e/http/wire.js';
import { ClientPool, connectV1 } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(60_000);

const FORWARDED_BY = 'X-Parley-Forwarded-By';

describeWith(['redis-server'], 'a session of another instance', (program) => {
  let redis: TestRedis;
  let folder: string;
  let servers: TestServer[] = [];
  let keys = 0;
  const clients = new ClientPool();

  beforeAll(async () => {
    redis = await TestRedis.start(program);
    folder = await mkdtemp(join(tmpdir(), 'parley-instances-'));
  });
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
    await redis.control.flushall();
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  const environment = async (more: Readonly<Record<string, string>> = {}) => {
    const port = await freePort();
    return { STATE_URL: redis.url, PORT: `${port}`, INSTANCE_URL: `http://127.0.0.1:${port}`, ...more };
  };
  const start = async (more?: Readonly<Record<string, string>>) => {
    const server = await startTestServer({ environment: await environment(more) });
    servers.push(server);
    return server;
  };
  /** A session opened here, and the same one asked for there. */
  const across = async (more?: Readonly<Record<string, string>>) => {
    const [here, there] = [await start(more), await start(more)];
    const session = await SessionPeer.open(here.url);
    return { here, there, session, remote: session.at(there.url) };
  };

  it('is served wherever its requests arrive', async () => {
    const { session, remote } = await across();
    const { token, userId } = await enter(remote, { display_name: 'Ann 🙂' });
    expect(structured(await session.call('get_status'))).toMatchObject({ user_id: userId });
    expect(structured(await remote.call('get_status', { participant_token: token }))).toMatchObject({
      user_id: userId,
    });
    const unknown = await remote.rpc('tools/call', { name: 'nothing' }, 'seven');
    expect([unknown.status, rpcOf(unknown).id, errorOf(unknown).code]).toEqual([200, 'seven', -32602]);

    expect((await remote.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
    expect((await remote.delete()).status).toBe(204);
    for (const peer of [session, remote]) expect((await peer.call('get_status')).status).toBe(404);
  });

  it('streams through the other instance, both ways at once, and resumes there', async () => {
    const { there, session, remote } = await across();
    const ben = await SessionPeer.open(there.url);
    const { first, second, roomId } = await pairUp(remote, ben);
    const stream = await remote.stream();
    expect(stream.incoming.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    await say(ben, second, roomId, 'one');
    const frame = await stream.frame(({ data }) => data?.includes('"one"') ?? false);
    stream.cut();
    await say(ben, second, roomId, 'two');
    const again = await remote.stream({ 'Last-Event-ID': frame.id });
    await again.message(({ params }) => params?.['message'] === 'two');
    expect(again.messages.map(({ params }) => params?.['message'])).toEqual(['two']);

    // It is the same stream wherever it is asked for: the later one takes it over.
    const local = await session.stream({ 'Last-Event-ID': frame.id });
    expect(await again.ended).toBe(true);
    expect(again.frames.length).toBeGreaterThan(0);
    await say(remote, first, roomId, 'three');
    await local.message(({ params }) => params?.['message'] === 'two');
  });

  it('tells of progress as it comes, and ends a wait when the client goes', async () => {
    const { session, remote } = await across({ WAITS_PER_PARTICIPANT: '1', WAIT_PROGRESS_SECONDS: '1' });
    await enter(session);
    const another = async () => rpcOf(await session.call('wait_for_message', { timeout_seconds: 0 })).result!;
    const params = { name: 'wait_for_message', arguments: { timeout_seconds: 40 }, _meta: { progressToken: 'p' } };
    const waiting = await openStream(
      remote.url,
      'POST',
      { ...POST_HEADERS, ...remote.headers() },
      JSON.stringify(remote.message('tools/call', params, 'w')),
    );
    await waiting.message(({ method }) => method === 'notifications/progress');
    expect((await another()).structuredContent).toMatchObject({ code: 'too_many_waits' });
    waiting.cut();
    await until('the wait to end', async () => (await another()).isError !== true);
  });

  it('stays bound to its principal, and to the hosts and origins that may ask', async () => {
    const [ann, ben] = ['ann', 'ben'].map((principal) => createApiKey({ principal, scopes: ['parley:chat'] }));
    const file = join(folder, `keys-${++keys}`);
    await writeFile(file, `${ann!.line}\n${ben!.line}\n`);
    const auth = { AUTH_MODE: 'api-key', API_KEYS_FILE: file };
    const [here, there] = [await start(auth), await start(auth)];
    const session = await SessionPeer.open(here.url, undefined, ann!.key);
    const remote = session.at(there.url);
    const list = (headers: Record<string, string | undefined>) => remote.post(remote.message('tools/list'), headers);

    expect((await list({})).status).toBe(200);
    expect((await list({ Authorization: `Bearer ${ben!.key}` })).status).toBe(404);
    expect((await list({ Authorization: undefined })).status).toBe(401);
    expect((await list({ Host: 'rebound.example.org' })).status).toBe(403);
    expect((await list({ Origin: 'https://elsewhere.example.org' })).status).toBe(403);
    const page = await list({ Origin: 'http://localhost:5173' });
    expect([page.status, page.headers['access-control-allow-origin']]).toEqual([200, 'http://localhost:5173']);
  });

  it('goes no further than one step, and only to instances that have said where they are', async () => {
    const { there, session, remote } = await across();
    const third = await start();
    expect((await remote.rpc('tools/list')).status).toBe(200);
    const looped = await remote.post(remote.message('tools/list'), { [FORWARDED_BY]: 'somebody' });
    expect(looped.status).toBe(404);
    expect((await session.at(third.url).rpc('tools/list')).status).toBe(200);
    const port = new URL(third.url).port;
    for (const owner of [
      `127.0.0.1:${port}`,
      `http://127.0.0.1:${port}/`,
      '*',
      '',
      'x'.repeat(65),
      'nobody',
      '../..',
    ]) {
      const answer = await send(
        there.url,
        'POST',
        { ...POST_HEADERS, 'Mcp-Session-Id': `${owner}.${session.sessionId.split('.')[1]}` },
        JSON.stringify(remote.message('tools/list')),
      );
      expect([owner, answer.status]).toEqual([owner, 404]);
    }
  });

  it('passes large bodies on, and the refusal of one that is too large', async () => {
    const { remote } = await across({ BODY_MAX_BYTES: '200000' });
    const padded = (bytes: number) => remote.rpc('tools/list', { padding: 'ä'.repeat(bytes / 2) });
    expect((await padded(190_000)).status).toBe(200);
    expect((await padded(400_000)).status).toBe(413);
    expect((await remote.rpc('tools/list')).status).toBe(200);
  });

  it('is refused for now when too many requests are passed on already', async () => {
    const { remote } = await across({ FORWARDS_MAX: '1' });
    const stream = await remote.stream();
    const refused = await remote.rpc('tools/list');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect(errorOf(refused)).toMatchObject({ message: 'Limit reached: 1 requests passed on' });
    stream.cut();
    await until('room for another', async () => (await remote.rpc('tools/list')).status === 200);
  });

  it('is not found where instances do not say where they are', async () => {
    const { session, remote } = await across({ INSTANCE_URL: '' });
    expect((await remote.rpc('tools/list')).status).toBe(404);
    expect((await session.rpc('tools/list')).status).toBe(200);
  });

  it('goes on when the instance has gone that passed its requests on', async () => {
    const { here, there, session, remote } = await across();
    const other = await start();
    const { second, roomId } = await pairUp(session, await SessionPeer.open(other.url));
    const stream = await remote.stream();
    await stream.frame(({ id }) => id !== undefined);
    const { cursor } = structured(await session.call('get_status'));
    const waiting = remote.call('wait_for_message', { cursor, timeout_seconds: 50 });
    await here.waiting(1);
    await there.close();
    servers = servers.filter((server) => server !== there);
    expect(await stream.ended).toBe(true);
    expect(structured(await waiting)).toMatchObject({ timeout: true, cursor });

    const again = await session.at(other.url).stream({ 'Last-Event-ID': stream.frames.at(-1)!.id });
    await say(new StatelessPeer(other.url), second, roomId, 'still here');
    await again.message(({ params }) => params?.['message'] === 'still here');
  });

  it('is not found any more when its instance has gone, and the next one goes on where it ended', async () => {
    const { here, there, session, remote } = await across();
    const ben = await SessionPeer.open(there.url);
    const { first, second, roomId } = await pairUp(session, ben);
    const stream = await remote.stream();
    await here.close();
    servers = [there];
    expect(await stream.ended).toBe(true);

    await say(ben, second, roomId, 'while you were away');
    const began = performance.now();
    const lost = await remote.rpc('tools/list', {}, 'again');
    expect([lost.status, rpcOf(lost).id, errorOf(lost).code]).toEqual([404, 'again', 4040]);
    expect(performance.now() - began).toBeLessThan(1_500);

    const next = await SessionPeer.open(there.url);
    const status = structured(await next.call('get_status', { participant_token: first.token }));
    expect(status).toMatchObject({ user_id: first.userId, rooms: [{ room_id: roomId, unread: 1 }] });
    const resumed = await next.stream({ 'Last-Event-ID': first.cursor });
    await resumed.message(({ params }) => params?.['message'] === 'while you were away');
  });

  describe('whose instance is killed', () => {
    const services: ServiceProcess[] = [];
    afterEach(async () => {
      await Promise.all(services.splice(0).map((service) => service.end()));
    });

    it('ends at once for its client, who finds participant, place and room in a new one', async () => {
      const service = await ServiceProcess.start({ LOG_LEVEL: 'warn', ...(await environment()) });
      services.push(service);
      const there = await start();
      const ann = await clients.add(connectV1(service.url));
      const ben = await clients.add(connectV1(there.url));
      await ann.enter({ display_name: 'Ann' });
      const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });

      const remote = new URL(there.url);
      const raw = { 'Mcp-Session-Id': ann.transport.sessionId!, 'MCP-Protocol-Version': '2025-11-25' };
      const ask = () =>
        send(remote, 'POST', { ...POST_HEADERS, ...raw }, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
      expect((await ask()).status).toBe(200);
      service.kill('SIGKILL');
      await service.exited;
      expect((await ask()).status).toBe(404);
      await ben.say(roomId, 'still there?');

      const again = await clients.add(connectV1(remote));
      const status = await again.ok('get_status', { participant_token: ann.token });
      expect(status.user_id).toBe(ann.userId);
      expect(status.rooms.map(({ room_id }) => room_id)).toEqual([roomId]);
      const { events } = await again.ok('wait_for_message', { cursor: ann.cursor, timeout_seconds: 10 });
      expect(events.map(({ name }) => name)).toEqual(['chatroom.found', 'message.received']);
    });
  });
});
