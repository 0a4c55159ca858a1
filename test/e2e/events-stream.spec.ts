import { describe, expect, it } from '@jest/globals';
import { connectV1, connectV2, rpcFailure, type TestClient } from '../support/clients.js';
import {
  descriptors,
  EventStreamClient,
  openStream,
  own,
  payloadFaults,
  poll,
  request,
  SUBSCRIPTION_ID,
} from '../support/events.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `message ${from + i}`);
const MESSAGES = 'message.received';

describe('events/stream', () => {
  const parley = useParley();
  const start = async (environment = {}) => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 0, ...environment } });
    const { ann, ben, roomId } = await parley.pair(connectV2);
    return { ann, ben, roomId };
  };
  const sayAll = async (ben: TestClient, roomId: string, messages: readonly string[]) => {
    for (const message of messages) await ben.say(roomId, message);
  };

  it('is active from now on, and carries only what was asked for', async () => {
    const { ann, ben, roomId } = await start();
    await ben.say(roomId, 'before');
    const { cursor } = await poll(ann, MESSAGES);
    const stream = await openStream(ann, MESSAGES);
    expect((await stream.hears('active')).params).toEqual({ cursor, truncated: false });
    await ben.ok('set_typing', { room_id: roomId });
    const said = await ben.say(roomId, 'after');
    await ben.ok('leave_chat', { room_id: roomId });
    await ann.hears('room.closed');
    await stream.hears('event');
    expect(stream.events).toEqual([
      {
        eventId: expect.any(String),
        name: MESSAGES,
        timestamp: said.timestamp,
        data: expect.objectContaining({ message: 'after' }),
        cursor: expect.any(String),
      },
    ]);
    expect(stream.all).toHaveLength(2);
  });

  it('names its request in every notification, with the type that the id has', async () => {
    const { ann, ben, roomId } = await start();
    const stream = await openStream(ann, MESSAGES);
    await ben.say(roomId, 'hello');
    await stream.hears('event');
    const [id] = stream.all.map(({ meta }) => meta[SUBSCRIPTION_ID]);
    expect(typeof id).toBe('number');
    for (const { meta } of stream.all) expect(meta).toEqual({ [SUBSCRIPTION_ID]: id });
  });

  it('replays from a cursor and goes on live without a gap, under load', async () => {
    const { ann, ben, roomId } = await start();
    const { cursor } = await poll(ann, MESSAGES);
    await sayAll(ben, roomId, numbered(1, 200));
    const saying = sayAll(ben, roomId, numbered(201, 300));
    const stream = await openStream(ann, MESSAGES, { cursor });
    await saying;
    await until('all messages', () => stream.events.length >= 300);
    expect(stream.messages).toEqual(numbered(1, 300));
    expect(new Set(stream.events.map(({ eventId }) => eventId)).size).toBe(300);
  });

  it('that was cut is taken up by another with the last cursor heard', async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 0, EVENTS_HEARTBEAT_SECONDS: 1 } });
    const network = await parley.network();
    const ann = await parley.client(connectV2, { via: network.url });
    const ben = await parley.client(connectV1);
    const { roomId } = await parley.match(ann, ben);
    const heard: unknown[] = [];
    let { cursor }: { cursor: string } = await poll(ann, MESSAGES);
    for (let round = 0; round < 4; round++) {
      const stream = await openStream(ann, MESSAGES, { cursor });
      await ben.say(roomId, `message ${round * 3 + 1}`);
      await until('the first message of the round', () => stream.messages.includes(`message ${round * 3 + 1}`));
      network.cut({ halfOpen: round % 2 === 0 });
      await sayAll(ben, roomId, numbered(round * 3 + 2, round * 3 + 3));
      await stream.close();
      heard.push(...stream.messages);
      cursor = String(stream.all.at(-1)!.params['cursor']);
    }
    const last = await openStream(ann, MESSAGES, { cursor });
    await last.hears('event', 2);
    expect([...heard, ...last.messages]).toEqual(numbered(1, 12));
  });

  it('beats, and each beat moves the cursor over what was not asked for', async () => {
    const { ann, ben, roomId } = await start({ EVENTS_HEARTBEAT_SECONDS: 1 });
    const stream = await openStream(ann, 'queue.expired');
    const first = (await stream.hears('heartbeat')).params['cursor'];
    expect(first).toBe((await stream.hears('active')).params['cursor']);
    await ben.say(roomId, 'hello');
    await ann.hearsMessage('hello');
    const { cursor: head } = await poll(ann, MESSAGES);
    expect((await stream.hears('heartbeat', stream.of('heartbeat').length + 1)).params).toEqual({ cursor: head });
    expect(head).not.toBe(first);
    expect(stream.events).toEqual([]);
  });

  it('says that something was skipped when the cursor is too old or another’s', async () => {
    const { ann, ben, roomId } = await start({ EVENT_LOG_ENTRIES: 3 });
    const { cursor } = await poll(ann, MESSAGES);
    await sayAll(ben, roomId, numbered(1, 6));
    const stream = await openStream(ann, MESSAGES, { cursor });
    await stream.hears('event', 3);
    expect((await stream.hears('active')).params['truncated']).toBe(true);
    expect(stream.messages).toEqual(numbered(4, 6));
    const mine = await poll(ben, MESSAGES);
    await stream.close();
    const strange = await openStream(ann, MESSAGES, { cursor: mine.cursor });
    expect((await strange.hears('active')).params['truncated']).toBe(true);
    await ben.say(roomId, 'on');
    await strange.hears('event');
    expect(strange.messages).toEqual(['on']);
  });

  it('narrowed to a room ends with it, after its last event', async () => {
    const { ann, ben, roomId } = await start();
    const stream = await openStream(ann, 'partner.disconnected', {}, { room_id: roomId });
    const wide = await parley.client(connectV2);
    wide.token = ann.token;
    const everywhere = await openStream(wide, 'partner.disconnected');
    await ben.ok('leave_chat', { room_id: roomId });
    const ended = await stream.ended;
    expect(stream.all.map(({ method }) => method.split('/').at(-1))).toEqual(['active', 'event', 'terminated']);
    expect((await stream.hears('terminated')).params).toEqual({
      error: { code: -32012, message: 'Forbidden', data: { reason: 'room_closed' } },
    });
    expect(ended).toMatchObject({ _meta: { [SUBSCRIPTION_ID]: expect.any(Number) } });
    await everywhere.hears('event');
    expect(everywhere.of('terminated')).toEqual([]);
    const again = rpcFailure(
      request(ann, 'events/stream', { name: MESSAGES, arguments: own(ann, { room_id: roomId }) }),
    );
    expect(await again).toMatchObject({ code: -32012, data: { reason: 'room_closed' } });
  });

  it('ends with a result when the service goes down', async () => {
    const { ann } = await start();
    const stream = await openStream(ann, MESSAGES);
    const id = (await stream.hears('active')).meta[SUBSCRIPTION_ID];
    await parley.server.close();
    expect(await stream.ended).toEqual({ _meta: { [SUBSCRIPTION_ID]: id } });
  });

  it('lets go of everything when its client does', async () => {
    const { ann } = await start();
    const before = parley.server.streams;
    const stream = await openStream(ann, MESSAGES);
    expect(parley.server.streams).toBe(before + 1);
    await stream.close();
    await until('one stream less', () => parley.server.streams === before);
  });

  it('counts among the streams of its participant, with a limit that says so', async () => {
    const { ann } = await start({ STREAMS_PER_PARTICIPANT: 2 });
    const stream = await openStream(ann, MESSAGES);
    const params = { name: MESSAGES, arguments: own(ann) };
    expect(await rpcFailure(request(ann, 'events/stream', params))).toMatchObject({
      code: -32013,
      message: expect.stringContaining('ResourceExhausted'),
      data: { limit: 'streams', max: 2 },
    });
    await stream.close();
    await until('a free place', () => parley.server.streams === 2);
    await openStream(ann, MESSAGES);
  });

  it('is refused before it begins when it may not be', async () => {
    const { ann, roomId } = await start();
    const cleo = await parley.client(connectV2);
    await cleo.become('enter_queue');
    const refused = (name: string, client: TestClient, filter = {}, params = {}) =>
      rpcFailure(request(client, 'events/stream', { name, arguments: own(client, filter), ...params }));
    expect(await refused(MESSAGES, cleo, { room_id: roomId })).toMatchObject({ code: -32012 });
    expect(await refused('no.such', cleo)).toMatchObject({ code: -32011 });
    expect(await refused(MESSAGES, cleo, { topic: 'x' })).toMatchObject({ code: -32602 });
    expect(await refused(MESSAGES, cleo, {}, { cursor: 5 })).toMatchObject({ code: -32602 });
    const nobody = await parley.client(connectV2);
    expect(await rpcFailure(request(nobody, 'events/stream', { name: MESSAGES }))).toMatchObject({ code: -32012 });
    const session = await parley.client(connectV1);
    expect(await rpcFailure(request(session, 'events/stream', { name: MESSAGES, arguments: own(ann) }))).toMatchObject({
      code: -32014,
      data: { feature: 'deliveryMode', value: 'push' },
    });
  });

  it('answers with frames of data alone, neither cached nor buffered on the way', async () => {
    await parley.start({ environment: { EVENTS_HEARTBEAT_SECONDS: 1, STREAM_KEEPALIVE_SECONDS: 1 } });
    const ann = await parley.client(connectV2);
    await ann.become('enter_queue');
    const stop = new AbortController();
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const response = await fetch(parley.server.url, {
      method: 'POST',
      signal: stop.signal,
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': '2026-07-28',
        'Mcp-Method': 'events/stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 'mine',
        method: 'events/stream',
        params: { name: MESSAGES, arguments: own(ann), _meta },
      }),
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true });
      if (text.split('notifications/events/heartbeat').length > 3) break;
    }
    stop.abort();
    const lines = text.split('\n').filter((line) => line !== '' && line !== 'event: message');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const { params } = JSON.parse(line.replace(/^data: /, '')) as { params: { _meta: object } };
      expect(params._meta).toEqual({ [SUBSCRIPTION_ID]: 'mine' });
    }
  });

  it('emits offers as the payload schemas promise', async () => {
    const POOLS = JSON.stringify([{ name: 'default', accept_seconds: 30 }]);
    await parley.start({ environment: { POOLS } });
    const ann = await parley.client(connectV2);
    const ben = await parley.client(connectV2);
    await ann.become('enter_queue');
    const types = await descriptors(ann);
    const offers = new EventStreamClient(ann, { name: 'match.offered', arguments: own(ann) });
    await offers.hears('active');
    await ben.become('enter_queue');
    await offers.hears('event');
    const { offer_id } = offers.events[0]!.data;
    await ben.ok('respond_to_match', { offer_id, accept: false });
    const { events } = await poll(ann, 'match.withdrawn', { cursor: ann.cursor });
    expect(events).toHaveLength(1);
    expect(payloadFaults(types, [...offers.events, ...events])).toEqual([]);
  });
});
