import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { connectV1, connectV2, ERAS, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

const LEASE_SECONDS = 90;
const GRACE_SECONDS = 30;

describe.each(ERAS)('presence in $era', ({ connect }) => {
  const parley = useParley();
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    await parley.start({ clock });
  });

  /** Lets time pass, with the service's own upkeep at the end of it. */
  const pass = async (seconds: number) => {
    clock.advance(seconds * 1000);
    await parley.server.renewListening();
    await parley.server.upkeep();
  };

  /** Ann's client is gone without a word; Ben listens. */
  const pairWithSilentAnn = async () => {
    const pair = await parley.pair<TestClient>(connect);
    await pair.ann.hears('chatroom.found');
    await pair.ann.close();
    await until('one stream', () => parley.server.streams === 1);
    return pair;
  };

  it('lasts for as long as a stream is open', async () => {
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    for (let minute = 0; minute < 10; minute++) await pass(60);
    await ann.say(roomId, 'still here');
    await ben.hearsMessage('still here');
    expect(ben.heard.map(({ method }) => method)).toEqual(['chatroom.found', 'message.received']);
  });

  it('lasts for as long as a wait does', async () => {
    const { ann, ben, roomId } = await pairWithSilentAnn();
    const again = await parley.client(connectV2);
    again.token = ann.token;
    await again.ok('wait_for_message', { timeout_seconds: 0 });
    const waiting = again.ok('wait_for_message', { timeout_seconds: 50 });
    await parley.server.waiting(1);
    for (let minute = 0; minute < 10; minute++) await pass(60);
    await ben.say(roomId, 'are you there?');
    expect((await waiting).events.map(({ data }) => data['message'])).toEqual(['are you there?']);
    expect(ben.heard.map(({ method }) => method)).toEqual(['chatroom.found']);
  });

  it('ends after lease and grace: the partner hears of a timeout and the room is closed', async () => {
    const { ann, ben, roomId } = await pairWithSilentAnn();
    await pass(LEASE_SECONDS + 1);
    await pass(GRACE_SECONDS - 1);
    await ben.say(roomId, 'are you there?');
    expect(ben.heard.map(({ method }) => method)).toEqual(['chatroom.found']);
    await pass(2);
    expect((await ben.hears('partner.disconnected')).params).toEqual({
      room_id: roomId,
      partner: { user_id: ann.userId, display_name: 'Ann' },
      reason: 'timeout',
      room_active: false,
    });
    expect((await ben.hears('room.closed')).params).toEqual({ room_id: roomId, reason: 'partner_timeout' });
    expect(await ben.refused('send_message', { room_id: roomId, message: 'hello?' })).toMatchObject({
      error: 'Chat has ended',
    });
  });

  it('coming back within the grace by any call is partner.reconnected', async () => {
    const { ann, ben, roomId } = await pairWithSilentAnn();
    await pass(LEASE_SECONDS + 1);
    const again = await parley.client(connect);
    await again.ok('get_status', { participant_token: ann.token });
    expect((await ben.hears('partner.reconnected')).params).toEqual({
      room_id: roomId,
      partner: { user_id: ann.userId, display_name: 'Ann' },
    });
    again.token = ann.token;
    await again.say(roomId, 'sorry, lost the train');
    await ben.hearsMessage('sorry, lost the train');
    expect(ben.heard.map(({ method }) => method)).toEqual([
      'chatroom.found',
      'partner.reconnected',
      'message.received',
    ]);
  });

  it('whoever comes back too late finds the chat ended and what was said before it did', async () => {
    const { ann, ben, roomId } = await pairWithSilentAnn();
    await ben.say(roomId, 'goodbye then');
    await pass(LEASE_SECONDS + 1);
    await pass(GRACE_SECONDS + 1);
    const again = await parley.client(connect);
    const status = await again.ok('get_status', { participant_token: ann.token });
    expect(status).toMatchObject({ user_id: ann.userId, rooms: [], tickets: [] });
    again.token = ann.token;
    const { messages } = await again.ok('get_messages', { room_id: roomId });
    expect(messages.map(({ message }) => message)).toEqual(['goodbye then']);
    expect(ben.all('partner.reconnected')).toEqual([]);
  });

  it('gives up a place in the queue when it ends', async () => {
    const ann = await parley.client<TestClient>(connect);
    const { ticket_id } = await ann.enter();
    await ann.close();
    await until('no stream', () => parley.server.streams === 0);
    await pass(LEASE_SECONDS + 1);
    await pass(GRACE_SECONDS + 1);
    const ben = await parley.client(connect);
    expect(await ben.enter()).toMatchObject({ status: 'waiting', position: 1, queue_length: 1 });
    const again = await parley.client(connect);
    const { events } = await again.ok('wait_for_message', {
      participant_token: ann.token,
      cursor: ann.cursor,
      timeout_seconds: 0,
    });
    expect(events.map(({ name, data }) => [name, data])).toEqual([
      ['queue.expired', { ticket_id, pool: 'default', reason: 'timeout' }],
    ]);
  });
});

describe('presence and the stream alone', () => {
  const parley = useParley();

  it('a 2025-11-25 client that does nothing but reopen its stream within the grace is back', async () => {
    const clock = new FakeClock();
    await parley.start({ clock });
    const network = await parley.network();
    const ann = await parley.client(connectV1, { via: network.url });
    const ben = await parley.client(connectV1);
    const { roomId } = await parley.match(ann, ben);
    await ann.hears('chatroom.found');
    network.hold();
    network.cut();
    await until('one stream', () => parley.server.streams === 1);
    clock.advance((LEASE_SECONDS + 1) * 1000);
    await parley.server.renewListening();
    await parley.server.upkeep();
    network.release();
    expect((await ben.hears('partner.reconnected')).params).toMatchObject({ room_id: roomId });
  });

  it('a 2025-11-25 client that ends its session is gone after the grace', async () => {
    const clock = new FakeClock();
    await parley.start({ clock });
    const { ann, ben } = await parley.pair(connectV1);
    await ann.transport.terminateSession();
    await parley.server.upkeep();
    clock.advance((GRACE_SECONDS + 2) * 1000);
    await parley.server.upkeep();
    expect((await ben.hears('partner.disconnected')).params).toMatchObject({ reason: 'timeout' });
  });
});
