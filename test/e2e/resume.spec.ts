import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { connectV1, connectV2, ERAS, type TestClient, type V1Client, type V2Client } from '../support/clients.js';
import { type Connect, useParley } from '../support/parley.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

/** Far below what an HTTP server grants a connection that was never used, and far above what a busy machine needs. */
const SOON_MS = 20_000;

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `message ${from + i}`);

describe('a stream that was cut', () => {
  const parley = useParley();
  let proxy: TcpProxy;

  beforeEach(async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 0 } });
    proxy = await parley.network();
  });

  /** Ann behind a network that can break, Ben on a good one. */
  const pair = async <T extends TestClient>(connect: Connect<T>, reconnectMs?: number) => {
    const ann = await parley.client(connect, { via: proxy.url, reconnectMs });
    const ben = await parley.client(connectV1);
    return parley.match(ann, ben);
  };
  const sayAll = async (ben: TestClient, roomId: string, messages: string[]) => {
    for (const message of messages) await ben.say(roomId, message);
  };
  const streamOpen = () => until('an open stream', () => proxy.streams === 1);

  describe('in 2025-11-25', () => {
    it.each([
      { how: 'at both ends', halfOpen: false },
      { how: 'without the server noticing', halfOpen: true },
    ])('$how goes on with the event after the last one heard, again and again', async ({ halfOpen }) => {
      const { ann, ben, roomId } = await pair(connectV1);
      for (let round = 0; round < 4; round++) {
        await streamOpen();
        proxy.hold();
        await ben.say(roomId, `message ${round * 5 + 1}`);
        await ann.hearsMessage(`message ${round * 5 + 1}`);
        proxy.cut({ halfOpen });
        await sayAll(ben, roomId, numbered(round * 5 + 2, round * 5 + 5));
        proxy.release();
        await ann.hearsMessage(`message ${round * 5 + 5}`);
      }
      expect(ann.messagesHeard).toEqual(numbered(1, 20));
      expect(ann.all('chatroom.found')).toHaveLength(1);
      const ids = ann.heard.map(({ event }) => event!.event_id);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('in the midst of a burst misses nothing and repeats nothing', async () => {
      const { ann, ben, roomId } = await pair(connectV1, 5);
      for (let cuts = 0; cuts < 5; cuts++) {
        await streamOpen();
        const saying = sayAll(ben, roomId, numbered(cuts * 30 + 1, cuts * 30 + 30));
        await until('some of them', () => ann.messagesHeard.length > cuts * 30 + 10);
        proxy.cut({ streamsOnly: true });
        await saying;
      }
      await ann.hearsMessage('message 150');
      expect(ann.messagesHeard).toEqual(numbered(1, 150));
    });

    it('before its session had a participant misses nothing of the participant to come', async () => {
      const ann = await parley.client(connectV1, { via: proxy.url, reconnectMs: 300 });
      const ben = await parley.client(connectV1);
      await streamOpen();
      proxy.cut({ streamsOnly: true });
      const { roomId } = await parley.match(ann, ben);
      await ben.say(roomId, 'said before the stream was back');
      expect(ann.heard).toEqual([]);
      await ann.hearsMessage('said before the stream was back');
      expect(ann.heard.map(({ method }) => method)).toEqual(['chatroom.found', 'message.received']);
    });

    it('is resumed by the GET stream of a new session that names the participant', async () => {
      const { ann, ben, roomId } = await pair(connectV1);
      await ben.say(roomId, 'heard in the first session');
      const { event } = await ann.hearsMessage('heard in the first session');
      await loseSession(ann);
      await sayAll(ben, roomId, numbered(1, 3));

      // Without the usual stream at the start, so that the one stream there is resumes.
      const again = await parley.client(connectV1, { fetch: onlyResumingStreams });
      await again.transport.resumeStream(event!.cursor);
      await again.ok('get_status', { participant_token: ann.token });
      await again.hearsMessage('message 3');
      await ben.say(roomId, 'and on');
      await again.hearsMessage('and on');
      expect(again.messagesHeard).toEqual([...numbered(1, 3), 'and on']);
    });

    it('tells a client whose cursor is too old that it has missed something', async () => {
      await parley.start({ environment: { EVENT_LOG_ENTRIES: 3 } });
      proxy = await parley.network();
      const { ann, ben, roomId } = await pair(connectV1);
      await streamOpen();
      await ann.hears('chatroom.found');
      proxy.hold();
      proxy.cut();
      await sayAll(ben, roomId, numbered(1, 5));
      proxy.release();
      await ann.hearsMessage('message 5');
      expect(ann.messagesHeard).toEqual(numbered(3, 5));
      expect(ann.all('message.received').map(({ event }) => event)).toEqual([
        expect.objectContaining({ truncated: true }),
        expect.not.objectContaining({ truncated: true }),
        expect.not.objectContaining({ truncated: true }),
      ]);
    });
  });

  describe('in 2026-07-28', () => {
    const lose = async (client: V2Client) => {
      proxy.cut({ streamsOnly: true });
      expect(await client.listening).toBe('remote');
    };

    it('is listened to again from the cursor of the last event heard', async () => {
      const { ann, ben, roomId } = await pair(connectV2);
      await ben.say(roomId, 'message 1');
      let { event } = await ann.hearsMessage('message 1');
      for (let round = 0; round < 3; round++) {
        await lose(ann);
        await sayAll(ben, roomId, numbered(round * 3 + 2, round * 3 + 4));
        await ann.listen(event!.cursor);
        ({ event } = await ann.hearsMessage(`message ${round * 3 + 4}`));
      }
      expect(ann.messagesHeard).toEqual(numbered(1, 10));
      expect(ann.all('chatroom.found')).toHaveLength(1);
    });

    it('replays from an early cursor the very same events', async () => {
      const { ann, ben, roomId } = await pair(connectV2);
      await sayAll(ben, roomId, numbered(1, 3));
      await ann.hearsMessage('message 3');
      const before = ann.heard.splice(0).map(({ params, event }) => ({ params, event }));
      await lose(ann);
      await ann.listen(ann.cursor);
      await ann.hearsMessage('message 3');
      expect(ann.heard.map(({ params, event }) => ({ params, event }))).toEqual(before);
    });

    it('from now on, when it is listened to again without a cursor', async () => {
      const { ann, ben, roomId } = await pair(connectV2);
      await ann.hears('chatroom.found');
      await lose(ann);
      await ben.say(roomId, 'missed');
      await ann.listen();
      await ben.say(roomId, 'heard');
      await ann.hearsMessage('heard');
      expect(ann.messagesHeard).toEqual(['heard']);
    });

    it('ends properly, and soon, when the service goes down', async () => {
      const ann = await parley.client(connectV2);
      await ann.enter();
      const unused = connect(Number(parley.server.url.port), parley.server.url.hostname);
      await once(unused, 'connect');
      const began = performance.now();
      await parley.server.close();
      expect(performance.now() - began).toBeLessThan(SOON_MS);
      expect(await ann.listening).toBe('graceful');
    });
  });

  describe.each(ERAS)('or a session or client that was lost, in $era', ({ connect }) => {
    it('is made up for by a new client with the participant token', async () => {
      const { ann, ben, roomId } = await pair(connect);
      await ben.say(roomId, 'read in the first session');
      await ann.ok('wait_for_message', { timeout_seconds: 0 });
      await loseSession(ann as V1Client | V2Client);
      await sayAll(ben, roomId, numbered(1, 3));

      const again = await parley.client(connect);
      const status = await again.ok('get_status', { participant_token: ann.token });
      expect(status).toMatchObject({ user_id: ann.userId, rooms: [{ room_id: roomId, unread: 3 }] });
      again.token = ann.token;
      await again.listen(status.cursor);
      const { events } = await again.ok('wait_for_message', { timeout_seconds: 0 });
      expect(events.map(({ data }) => data['message'])).toEqual(numbered(1, 3));

      await again.say(roomId, 'back again');
      expect((await ben.hearsMessage('back again')).params).toMatchObject({ sender: { user_id: ann.userId } });
      await ben.say(roomId, 'welcome back');
      await again.hearsMessage('welcome back');
      expect(again.messagesHeard).toEqual(['welcome back']);
    });
  });
});

/** Ends a client the hard way: its session is gone from the service. */
async function loseSession(client: V1Client | V2Client): Promise<void> {
  if (client.era === '2025-11-25') await client.transport.terminateSession();
  await client.close();
}

const onlyResumingStreams: typeof fetch = async (input, init) => {
  const resumes = new Headers(init?.headers).has('last-event-id');
  return init?.method === 'GET' && !resumes ? new Response(null, { status: 405 }) : fetch(input, init);
};
