import { describe, expect, it } from '@jest/globals';
import { connectV2, ERAS, rpcFailure, type TestClient } from '../support/clients.js';
import { descriptors, own, payloadFaults, poll, type Polled, request } from '../support/events.js';
import { useParley } from '../support/parley.js';
import { StateStore } from '../../src/ports/state-store.js';
import { QueueService } from '../../src/queue/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';

const texts = ({ events }: Polled) => events.map(({ data }) => data['message']);

describe.each(ERAS)('events/poll in $era', ({ connect }) => {
  const parley = useParley();
  const start = async (environment = {}) => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 0, ...environment } });
    return parley.pair<TestClient>(connect);
  };

  it('starts from now without a cursor, and goes on from the cursor it gave', async () => {
    const { ann, ben, roomId } = await start({ EVENTS_POLL_SECONDS: 7 });
    await ben.say(roomId, 'before');
    const first = await poll(ann, 'message.received');
    expect(first).toMatchObject({ events: [], truncated: false, hasMore: false, nextPollMs: 7_000 });
    expect(await poll(ann, 'message.received', { cursor: null })).toMatchObject({ events: [], cursor: first.cursor });

    const said = await ben.say(roomId, 'after');
    const second = await poll(ann, 'message.received', { cursor: first.cursor });
    expect(second).toMatchObject({ truncated: false, hasMore: false });
    expect(second.events).toEqual([
      {
        eventId: expect.stringMatching(/^[\w-]{1,200}$/),
        name: 'message.received',
        timestamp: said.timestamp,
        data: expect.objectContaining({ room_id: roomId, message: 'after', message_id: said.message_id }),
      },
    ]);
    expect(await poll(ann, 'message.received', { cursor: second.cursor })).toMatchObject({
      events: [],
      cursor: second.cursor,
    });
    expect((await poll(ann, 'message.received', { cursor: first.cursor })).events).toEqual(second.events);
  });

  it('says in as many answers as asked for what came, and where to go on', async () => {
    const { ann, ben, roomId } = await start();
    const { cursor } = await poll(ann, 'message.received');
    for (const text of ['one', 'two', 'three', 'four', 'five']) await ben.say(roomId, text);
    const a = await poll(ann, 'message.received', { cursor, maxEvents: 2 });
    expect([texts(a), a.hasMore]).toEqual([['one', 'two'], true]);
    const b = await poll(ann, 'message.received', { cursor: a.cursor, maxEvents: 2 });
    expect([texts(b), b.hasMore]).toEqual([['three', 'four'], true]);
    const c = await poll(ann, 'message.received', { cursor: b.cursor, maxEvents: 1 });
    expect([texts(c), c.hasMore]).toEqual([['five'], false]);
    const whole = await poll(ann, 'message.received', { cursor, maxEvents: 1_000_000, timeoutMs: 20_000 });
    expect(texts(whole)).toHaveLength(5);
    expect(whole.cursor).toBe(c.cursor);
  });

  it('moves the cursor over events that are not asked for', async () => {
    const { ann, ben, roomId } = await start({ EVENT_LOG_ENTRIES: 4 });
    let { cursor } = await poll(ann, 'queue.expired');
    for (let i = 1; i <= 9; i++) {
      await ben.say(roomId, `message ${i}`);
      const polled = await poll(ann, 'queue.expired', { cursor });
      expect(polled).toMatchObject({ events: [], truncated: false });
      expect(polled.cursor).not.toBe(cursor);
      ({ cursor } = polled);
    }
  });

  it('understands the cursor that enter_queue returned, so that nothing is missed in between', async () => {
    const { ann, ben } = await start();
    const found = await poll(ann, 'chatroom.found', { cursor: ann.cursor });
    expect(found).toMatchObject({ truncated: false });
    expect(found.events[0]!.data).toMatchObject({ partner: { user_id: ben.userId } });
  });

  it.each([
    ['is unintelligible', () => 'rubbish'],
    ['is empty', () => ''],
    ['was changed', (own: string) => own.replace(/.(?=.{5}$)/, (char) => (char === 'A' ? 'B' : 'A'))],
    ['is another’s', (_: string, others: string) => others],
  ])('starts from now and says so when the cursor %s', async (_, change) => {
    const { ann, ben, roomId } = await start();
    const mine = await poll(ann, 'message.received');
    const others = await poll(ben, 'message.received');
    await ben.say(roomId, 'hidden');
    const again = await poll(ann, 'message.received', { cursor: change(mine.cursor, others.cursor) });
    expect(again).toMatchObject({ events: [], truncated: true });
    await ben.say(roomId, 'seen');
    const on = await poll(ann, 'message.received', { cursor: again.cursor });
    expect([texts(on), on.truncated]).toEqual([['seen'], false]);
  });

  it('starts from the oldest event that is kept when the cursor is older, and says so', async () => {
    const { ann, ben, roomId } = await start({ EVENT_LOG_ENTRIES: 3 });
    const { cursor } = await poll(ann, 'message.received');
    for (let i = 1; i <= 6; i++) await ben.say(roomId, `message ${i}`);
    const polled = await poll(ann, 'message.received', { cursor });
    expect([texts(polled), polled.truncated]).toEqual([['message 4', 'message 5', 'message 6'], true]);
    expect(await poll(ann, 'message.received', { cursor: polled.cursor })).toMatchObject({ truncated: false });
  });

  it('goes back no further than asked', async () => {
    const clock = new FakeClock();
    await parley.start({ clock });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    const { cursor } = await poll(ann, 'message.received');
    for (const text of ['old', 'older than 5 s', 'young', 'new']) {
      await ben.say(roomId, text);
      clock.advance(2_000);
    }
    const recent = await poll(ann, 'message.received', { cursor, maxAgeMs: 5_000 });
    expect([texts(recent), recent.truncated]).toEqual([['young', 'new'], true]);
    const all = await poll(ann, 'message.received', { cursor, maxAgeMs: 60_000 });
    expect([texts(all).length, all.truncated]).toEqual([4, false]);
    const none = await poll(ann, 'message.received', { cursor, maxAgeMs: 0 });
    expect([texts(none), none.truncated]).toEqual([[], true]);
    expect(await poll(ann, 'message.received', { maxAgeMs: 60_000 })).toMatchObject({ events: [], truncated: false });
  });

  it('narrows to a room, for those who are or were in it', async () => {
    const { ann, ben, roomId } = await start();
    const here = { room_id: roomId };
    const { cursor } = await poll(ann, 'message.received', {}, here);
    const cleo = await parley.client<TestClient>(connect);
    await cleo.join('elsewhere');
    const joined = await ann.ok('join_room', { room_name: 'elsewhere' });
    await ben.say(roomId, 'here');
    await cleo.say(joined.room_id, 'there');
    expect(texts(await poll(ann, 'message.received', { cursor }, here))).toEqual(['here']);
    expect(texts(await poll(ann, 'message.received', { cursor }))).toEqual(['here', 'there']);

    const strangers = await rpcFailure(poll(cleo, 'message.received', {}, here));
    expect(strangers).toMatchObject({ code: -32012, data: { reason: 'not_a_member' } });
    const nobodys = { room_id: '00000000-0000-4000-8000-000000000000' };
    expect(await rpcFailure(poll(cleo, 'message.received', {}, nobodys))).toEqual(strangers);
  });

  it('tells of the end of a room once, then that it is over', async () => {
    const { ann, ben, roomId } = await start();
    const { cursor } = await poll(ann, 'message.received', {}, { room_id: roomId });
    await ben.say(roomId, 'bye');
    await ben.ok('leave_chat', { room_id: roomId });
    const left = await poll(ann, 'partner.disconnected', { cursor }, { room_id: roomId });
    expect(left.events[0]!.data).toMatchObject({ room_id: roomId, reason: 'left' });
    const last = await poll(ann, 'message.received', { cursor }, { room_id: roomId });
    expect(texts(last)).toEqual(['bye']);
    const over = { code: -32012, data: { reason: 'room_closed' } };
    expect(await rpcFailure(poll(ann, 'message.received', { cursor: last.cursor }, { room_id: roomId }))).toMatchObject(
      over,
    );
    expect(await rpcFailure(poll(ann, 'message.received', {}, { room_id: roomId }))).toMatchObject(over);
    expect(await poll(ann, 'message.received', { cursor: last.cursor })).toMatchObject({ events: [] });
  });

  it('emits what the payload schemas promise', async () => {
    const clock = new FakeClock();
    const POOLS = JSON.stringify([{ name: 'short', ticket_ttl_seconds: 5 }, { name: 'long' }]);
    await parley.start({ clock, environment: { POOLS } });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ben.say(roomId, 'hello');
    clock.advance(91_000);
    await ann.ok('get_status');
    await parley.server.upkeep();
    await ben.ok('get_status');
    await ann.ok('join_room', { room_name: 'meeting' });
    const cleo = await parley.client<TestClient>(connect);
    await cleo.join('meeting');
    const { ticket_id: ticketId } = await ann.ok('enter_queue', { pool: 'long' });
    await parley.server.app.get(QueueService, { strict: false }).move(ticketId, 'short');
    await parley.server.app.get<StateStore>(StateStore, { strict: false }).supervise(roomId, true, clock.now());
    clock.advance(6_000);
    await parley.server.upkeep();
    await ben.ok('leave_chat', { room_id: roomId });
    const types = await descriptors(ann);
    const logged = types.filter(({ name }) => !name.startsWith('match.'));
    const polls = await Promise.all(logged.map(({ name }) => poll(ann, name, { cursor: ann.cursor })));
    const events = polls.flatMap((polled) => polled.events);
    const names = new Set(events.map(({ name }) => name));
    expect([...names].sort()).toEqual(logged.map(({ name }) => name).sort());
    expect(payloadFaults(types, events)).toEqual([]);
  });

  it('refuses what it cannot do, and says why', async () => {
    const { ann } = await start();
    const refused = (params: object) => rpcFailure(request(ann, 'events/poll', params));
    const args = own(ann);
    for (const wrong of [
      {},
      { name: 7 },
      { name: 'message.received', arguments: null },
      { name: 'message.received', arguments: [] },
      { name: 'message.received', arguments: { ...args, topic: 'x' } },
      { name: 'message.received', arguments: { ...args, room_id: 1 } },
      { name: 'chatroom.found', arguments: { ...args, room_id: 'x' } },
      { name: 'message.received', arguments: args, cursor: 5 },
      { name: 'message.received', arguments: args, maxAgeMs: -1 },
      { name: 'message.received', arguments: args, maxEvents: 0 },
      { name: 'message.received', arguments: args, maxEvents: 1.5 },
      { name: 'message.received', arguments: args, maxEvents: '5' },
    ]) {
      expect(await refused(wrong)).toMatchObject({ code: -32602 });
    }
    expect(await refused({ name: 'no.such', arguments: args })).toMatchObject({
      code: -32011,
      message: expect.stringContaining('NotFound'),
      data: { kind: 'event' },
    });
    expect(await refused({ name: 'match.offered', arguments: args })).toMatchObject({
      code: -32014,
      data: { feature: 'deliveryMode', value: 'poll' },
    });
    expect(await refused({ name: 'message.received', arguments: { participant_token: 'pt_no' } })).toMatchObject({
      code: -32012,
      data: { reason: 'participant_not_found' },
    });
    const nobody = await parley.client<TestClient>(connect);
    expect(await rpcFailure(request(nobody, 'events/poll', { name: 'message.received' }))).toMatchObject({
      code: -32012,
      data: { reason: 'participant_required' },
    });
  });
});

describe('error numbers', () => {
  const parley = useParley();

  it('are those of the specification for a request that declares the extension', async () => {
    await parley.start();
    const client = await parley.client(connectV2);
    const META = 'io.modelcontextprotocol/clientCapabilities';
    const declared = { [META]: { extensions: { 'io.modelcontextprotocol/events': {} } } };
    const sep = await rpcFailure(request(client, 'events/poll', { name: 'no.such', _meta: declared }));
    expect(sep).toMatchObject({ code: -32023, data: { kind: 'event' } });
    expect(await rpcFailure(request(client, 'events/poll', { name: 'no.such' }))).toMatchObject({ code: -32011 });
  });

  it('are those of the specification for everybody when so configured', async () => {
    await parley.start({ environment: { EVENTS_ERROR_CODES: 'sep' } });
    const client = await parley.client(connectV2);
    expect(await rpcFailure(request(client, 'events/poll', { name: 'no.such' }))).toMatchObject({ code: -32023 });
  });
});
