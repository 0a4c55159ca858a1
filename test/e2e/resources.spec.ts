import { beforeEach, describe, expect, it } from '@jest/globals';
import { connectV1, connectV2, type Envelope, ERAS, rpcFailure, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

interface Inbox {
  readonly user_id: string;
  readonly events: readonly Envelope[];
  readonly cursor: string;
}

const inboxOf = (client: TestClient) => `chat://inbox/${client.token}`;
const roomUri = (roomId: string) => `chat://rooms/${roomId}`;
const UNKNOWN_ROOM = roomUri('00000000-0000-4000-8000-000000000000');
const UNKNOWN_INBOX = `chat://inbox/pt_${'A'.repeat(43)}`;

/** What updates of a URI carried, in the order in which they came. */
const updates = (client: TestClient, uri: string) =>
  client.all('notifications/resources/updated').filter(({ params }) => params['uri'] === uri);

describe.each(ERAS)('resources in $era', ({ era, connect }) => {
  const parley = useParley();
  const notFound = {
    code: era === '2025-11-25' ? -32002 : -32602,
    message: expect.stringContaining('Resource not found'),
    data: undefined,
  };
  let ann: TestClient;
  let ben: TestClient;
  let roomId: string;

  beforeEach(async () => {
    await parley.start();
    ({ ann, ben, roomId } = await parley.pair(connect));
  });

  it.each([
    { which: 'one’s own inbox', uri: () => 'chat://inbox', all: true },
    { which: 'the inbox that a token names', uri: () => inboxOf(ann), all: true },
    { which: 'a room', uri: () => roomUri(roomId), all: false },
  ])('sends an update of $which for each of its events, the whole event in _meta', async ({ uri, all }) => {
    expect(await ann.subscribe(uri())).toEqual([uri()]);
    const carl = await parley.client(connect);
    const side = await ann.ok('join_room', { room_name: 'elsewhere' });
    await carl.join('elsewhere', { display_name: 'Carl' });
    await ben.say(roomId, 'hello');
    await ben.say(roomId, 'still here?');
    await ben.ok('leave_chat', { room_id: roomId });
    await ann.hears('room.closed');

    const { events } = await ann.ok('wait_for_message', { cursor: ann.cursor, timeout_seconds: 0 });
    const since = events.filter(({ name }) => name !== 'chatroom.found');
    const expected = all ? since : since.filter(({ data }) => data['room_id'] !== side.room_id);
    await ann.hears('notifications/resources/updated', expected.length);
    expect(updates(ann, uri()).map(({ event }) => event)).toEqual(expected);
    expect(expected.map(({ name }) => name)).toEqual([
      ...(all ? ['partner.joined'] : []),
      'message.received',
      'message.received',
      'partner.disconnected',
      'room.closed',
    ]);
    for (const { params } of ann.all('notifications/resources/updated')) expect(params).toEqual({ uri: uri() });
  });

  it('tells what is in an inbox: the events as they were pushed, and the cursor behind them', async () => {
    await ben.say(roomId, 'hello');
    await ann.hearsMessage('hello');
    const pushed = ann.heard.map(({ params, event }) => ({ ...event, data: params }));
    for (const uri of ['chat://inbox', inboxOf(ann)]) {
      const read = await ann.read(uri);
      expect(read).toMatchObject({ uri, mimeType: 'application/json' });
      const inbox = JSON.parse(read.text) as Inbox;
      expect(inbox).toEqual({ user_id: ann.userId, events: pushed, cursor: pushed.at(-1)!.cursor });
    }
  });

  it('tells what is in a room: who, whether it lives, and the last messages', async () => {
    const sent = await ben.say(roomId, 'hello');
    await ann.say(roomId, 'hi');
    const who = (client: TestClient, display_name: string) => ({
      user_id: client.userId,
      display_name,
      provenance: 'human_via_agent',
    });
    const room = async (client: TestClient) => JSON.parse((await client.read(roomUri(roomId))).text) as unknown;
    const expected = {
      room_id: roomId,
      pool: 'default',
      active: true,
      supervised: false,
      capacity: 2,
      members: expect.arrayContaining([who(ann, 'Ann'), who(ben, 'Ben')]),
      messages: [
        {
          message_id: sent.message_id,
          seq: 1,
          message: 'hello',
          sender: who(ben, 'Ben'),
          timestamp: sent.timestamp,
        },
        expect.objectContaining({ seq: 2, message: 'hi', sender: who(ann, 'Ann') }),
      ],
    };
    expect(await room(ann)).toEqual(expected);
    await ben.ok('leave_chat', { room_id: roomId });
    expect(await room(ann)).toEqual({ ...expected, active: false, members: [] });
  });

  it('says of another’s room, in a read, what it says of one that does not exist', async () => {
    const eve = await parley.client(connect);
    expect(await rpcFailure(eve.read(roomUri(roomId)))).toEqual(notFound);
    await eve.enter();
    const existing = await rpcFailure(eve.read(roomUri(roomId)));
    expect(existing).toEqual(notFound);
    expect(await rpcFailure(eve.read(UNKNOWN_ROOM))).toEqual(existing);
    expect(await rpcFailure(eve.read(UNKNOWN_INBOX))).toEqual(existing);
  });

  it('shows nothing of a conversation to one who has left it', async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => parley.client(connect)));
    const { room_id } = await one!.join('club', { capacity: 3 });
    await two!.join('club');
    await three!.join('club');
    await one!.subscribe(roomUri(room_id));
    await one!.ok('leave_chat', { room_id });
    await two!.say(room_id, 'are we alone?');
    await three!.hearsMessage('are we alone?');
    expect(await rpcFailure(one!.read(roomUri(room_id)))).toEqual(notFound);
    const { events } = await one!.ok('wait_for_message', { cursor: one!.cursor, timeout_seconds: 0 });
    expect(events.map(({ name }) => name)).toEqual(['partner.joined', 'partner.joined']);
    expect(updates(one!, roomUri(room_id))).toEqual([]);
  });

  it('knows no other resources', async () => {
    for (const uri of [
      'chat://rooms/',
      'chat://inbox/',
      'chat://nowhere',
      'file:///etc/passwd',
      'chat://rooms/../inbox',
    ]) {
      expect(await rpcFailure(ann.read(uri))).toMatchObject({ code: notFound.code, message: notFound.message });
    }
  });
});

describe('a subscription to what is another’s', () => {
  const parley = useParley();

  it('is refused in 2025-11-25 as one to what does not exist is', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV1);
    const eve = await parley.client(connectV1);
    await eve.enter();
    const failures = await Promise.all(
      [roomUri(roomId), UNKNOWN_ROOM, UNKNOWN_INBOX].map((uri) => rpcFailure(eve.subscribe(uri))),
    );
    for (const failure of failures) expect(failure).toMatchObject({ code: -32002 });
    expect(failures[1]).toEqual(failures[0]);
    await ann.say(roomId, 'between us');
    await ben.hearsMessage('between us');
    await eve.call('get_status');
    expect(eve.heard).toEqual([]);
  });

  it('is answered in 2026-07-28 as one to what does not exist is, and never carries anything', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV2);
    const eve = await parley.client(connectV2);
    expect(await eve.subscribe('chat://inbox', roomUri(roomId), UNKNOWN_ROOM, UNKNOWN_INBOX)).toEqual([]);
    await eve.become('enter_queue');
    const honoured = await eve.subscribe(roomUri(roomId), UNKNOWN_ROOM, UNKNOWN_INBOX);
    expect(honoured).not.toContain(UNKNOWN_INBOX);
    expect(honoured.includes(roomUri(roomId))).toBe(honoured.includes(UNKNOWN_ROOM));
    await ann.say(roomId, 'between us');
    await ben.hearsMessage('between us');
    // A round trip of Eve's own, after which whatever was sent to her has arrived.
    await (await parley.client(connectV2)).ok('enter_queue');
    await eve.hears('chatroom.found');
    expect(eve.heard.map(({ method }) => method)).toEqual(['chatroom.found']);
  });

  it('ends with resources/unsubscribe', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV1);
    await ann.subscribe('chat://inbox');
    await ben.say(roomId, 'one');
    await ann.hearsMessage('one');
    await ann.client.unsubscribeResource({ uri: 'chat://inbox' });
    await ben.say(roomId, 'two');
    await ann.hearsMessage('two');
    expect(updates(ann, 'chat://inbox').map(({ event }) => event?.data['message'])).toEqual(['one']);
  });

  it('to a room alone brings no custom notifications in 2026-07-28', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV2);
    const ear = await parley.client(connectV2);
    await ear.openListen({ resourceSubscriptions: [inboxOf(ann)] });
    await ben.say(roomId, 'hello');
    const { meta, event } = await ear.hears('notifications/resources/updated');
    expect(event).toMatchObject({ name: 'message.received', data: { message: 'hello' } });
    expect(Object.keys(meta).sort()).toEqual(['io.github.mcp-parley/event', 'io.modelcontextprotocol/subscriptionId']);
    await ben.say(roomId, 'again');
    await ear.hears('notifications/resources/updated', 2);
    expect(ear.heard.map(({ method }) => method)).toEqual(Array(2).fill('notifications/resources/updated'));
  });
});
