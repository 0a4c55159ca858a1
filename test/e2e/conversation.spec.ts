import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ClientPool, connectV1, connectV2, type TestClient } from '../support/clients.js';
import { startTestServer, type TestServer } from '../support/server.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NOON = '2026-01-01T12:00:00.000Z';

const PAIRS = [
  { pair: 'two 2025-11-25 clients', first: connectV1, second: connectV1 },
  { pair: 'two 2026-07-28 clients', first: connectV2, second: connectV2 },
  { pair: 'a 2025-11-25 and a 2026-07-28 client', first: connectV1, second: connectV2 },
  { pair: 'a 2026-07-28 and a 2025-11-25 client', first: connectV2, second: connectV1 },
];

describe('the first conversation', () => {
  const clock = new FakeClock();
  const clients = new ClientPool();
  let server: TestServer;

  beforeEach(async () => {
    server = await startTestServer({ clock });
  });
  afterEach(async () => {
    await clients.closeAll();
    await server.close();
  });

  describe.each(PAIRS)('of $pair', ({ first, second }) => {
    let ann: TestClient;
    let ben: TestClient;
    let roomId: string;

    const meet = async () => {
      ann = await clients.add<TestClient>(first(server.url));
      ben = await clients.add<TestClient>(second(server.url));
      await ann.enter({ display_name: 'Ann' });
      ({ room_id: roomId } = await ben.enter({ display_name: 'Ben' }));
    };
    const profile = (client: TestClient) => ({
      user_id: client.userId,
      display_name: client === ann ? 'Ann' : 'Ben',
    });

    it('tells the first that it waits and the second that it is matched', async () => {
      ann = await clients.add<TestClient>(first(server.url));
      ben = await clients.add<TestClient>(second(server.url));
      const waiting = await ann.enter({ display_name: 'Ann' });
      expect(waiting).toEqual({
        status: 'waiting',
        user_id: expect.stringMatching(UUID),
        participant_token: expect.stringMatching(/^pt_[\w-]{43}$/),
        cursor: expect.stringMatching(/^c1_/),
        ticket_id: expect.stringMatching(UUID),
        position: 1,
        queue_length: 1,
        estimated_wait_seconds: null,
      });
      const matched = await ben.enter({ display_name: 'Ben' });
      expect(matched).toEqual({
        status: 'matched',
        user_id: expect.stringMatching(UUID),
        participant_token: expect.stringMatching(/^pt_[\w-]{43}$/),
        cursor: expect.stringMatching(/^c1_/),
        ticket_id: expect.stringMatching(UUID),
        room_id: expect.stringMatching(UUID),
        partner: profile(ann),
        partners: [profile(ann)],
        reasons: [{ code: 'longest_waiting', text: 'You were next in line' }],
      });
    });

    it('pushes chatroom.found to both', async () => {
      await meet();
      for (const [client, partner] of [
        [ann, ben],
        [ben, ann],
      ] as const) {
        const { params, meta, event } = await client.hears('chatroom.found');
        expect(params).toEqual({
          room_id: roomId,
          pool: 'default',
          partner: profile(partner),
          partners: [profile(partner)],
          reasons: [{ code: 'longest_waiting', text: 'You were next in line' }],
          matched_at: NOON,
        });
        expect(event).toEqual({
          event_id: expect.stringMatching(/^e1_/),
          name: 'chatroom.found',
          timestamp: NOON,
          cursor: expect.stringMatching(/^c1_/),
        });
        const subscription = client.era === '2026-07-28' ? ['io.modelcontextprotocol/subscriptionId'] : [];
        expect(Object.keys(meta).sort()).toEqual(['io.github.mcp-parley/event', ...subscription]);
      }
    });

    it('carries messages both ways, in order, each once, never to their sender', async () => {
      await meet();
      const sent = [];
      for (let i = 1; i <= 5; i++) {
        sent.push(await ann.say(roomId, `from Ann ${i}`));
        sent.push(await ben.say(roomId, `from Ben ${i}`));
      }
      expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(sent[0]).toEqual({
        success: true,
        message_id: expect.stringMatching(UUID),
        seq: 1,
        timestamp: NOON,
      });
      await ann.hearsMessage('from Ben 5');
      await ben.hearsMessage('from Ann 5');
      expect(ann.messagesHeard).toEqual([1, 2, 3, 4, 5].map((i) => `from Ben ${i}`));
      expect(ben.messagesHeard).toEqual([1, 2, 3, 4, 5].map((i) => `from Ann ${i}`));
      const [{ params, event } = {}] = ben.all('message.received');
      expect(params).toEqual({
        room_id: roomId,
        message_id: sent[0]!.message_id,
        seq: 1,
        message: 'from Ann 1',
        sender: { ...profile(ann), provenance: 'human_via_agent' },
        timestamp: NOON,
      });
      expect(event).toEqual({
        event_id: expect.stringMatching(/^e1_/),
        name: 'message.received',
        timestamp: NOON,
        cursor: expect.stringMatching(/^c1_/),
      });
    });

    it('tells the other when one leaves, and closes the room', async () => {
      await meet();
      const { facts, text } = await ann.call('leave_chat', { room_id: roomId });
      expect(facts).toEqual({ success: true, message: 'Successfully left the chat' });
      expect(text).toMatch(/^Successfully left the chat/);
      expect((await ben.hears('partner.disconnected')).params).toEqual({
        room_id: roomId,
        partner: profile(ann),
        reason: 'left',
        room_active: false,
      });
      expect((await ben.hears('room.closed')).params).toEqual({ room_id: roomId, reason: 'partner_left' });
      expect(ben.heard.map(({ method }) => method)).toEqual(['chatroom.found', 'partner.disconnected', 'room.closed']);
      expect(ann.heard.map(({ method }) => method)).toEqual(['chatroom.found']);
    });
  });
});
