import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '../../support/server.js';
import { until } from '../../support/until.js';
import {
  ERAS,
  type EventStream,
  type Json,
  pairUp,
  type Peer,
  type Rpc,
  say,
  StatelessPeer,
  structured,
} from './wire.js';

/** Together far more than the kernel's socket buffers hold. */
const MESSAGES = 200;
const CHARACTERS = 100_000;
const BUFFER_BYTES = 262_144;

const text = (i: number) => `${i}:`.padEnd(CHARACTERS, 'x');
const expected = Array.from({ length: MESSAGES }, (_, i) => i);
/** A message as a notification of its own, or as an event of MCP Events. */
const isMessage = ({ method, params }: Rpc) => method === 'message.received' || params?.['name'] === 'message.received';
const numbers = (stream: EventStream) =>
  stream.messages
    .filter(isMessage)
    .map(({ params }) => (params?.['message'] ?? (params?.['data'] as Json)['message']) as string)
    .map((message) => Number.parseInt(message));

/** Hears messages by `events/stream`. */
class EventsPeer extends StatelessPeer {
  override listen(token: string, cursor?: string): Promise<EventStream> {
    return this.follow(token, cursor);
  }
}

const READERS = [
  ...ERAS.map(({ era, connect }) => ({ kind: `a stream in ${era}`, connect })),
  { kind: 'events/stream', connect: async (url: URL): Promise<Peer> => new EventsPeer(url) },
];

describe.each(READERS)('a reader of $kind', ({ connect }) => {
  let server: TestServer;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    server = await startTestServer({
      environment: {
        MESSAGE_RATE_COUNT: 0,
        MESSAGE_MAX_CHARACTERS: CHARACTERS,
        STREAM_KEEPALIVE_SECONDS: 1,
        // Long enough for a reader that the machine itself holds up.
        STREAM_STALL_SECONDS: 4,
        STREAM_BUFFER_BYTES: BUFFER_BYTES,
      },
    });
    sockets.clear();
    server.app.getHttpServer().on('connection', (socket: Socket) => sockets.add(socket));
  });
  afterEach(() => server.close());

  const buffered = () => Math.max(0, ...[...sockets].map((socket) => socket.writableLength));

  it('that never reads costs a bounded buffer, is cut off, and gets everything when it comes back', async () => {
    const sender = new StatelessPeer(server.url);
    const reader = await connect(server.url);
    const { first, second, roomId } = await pairUp(sender, reader);
    const stalled = await reader.listen(second.token, second.cursor);
    await stalled.message(() => true);
    stalled.incoming.pause();

    let most = 0;
    for (const i of expected) {
      expect(structured(await say(sender, first, roomId, text(i)))['success']).toBe(true);
      most = Math.max(most, buffered());
    }
    // A whole event may lie on top of what makes the stream pause.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(BUFFER_BYTES + 2 * CHARACTERS);
    await until('the stalled stream to be cut off', () => server.streams === 0);
    stalled.incoming.resume();
    expect(await stalled.ended).toBe(false);

    const again = await reader.listen(second.token, second.cursor);
    await again.count(MESSAGES, isMessage);
    expect(numbers(again)).toEqual(expected);
    again.cut();
  });

  it('that reads slowly but steadily is not cut off and hears everything once, in order', async () => {
    const sender = new StatelessPeer(server.url);
    const reader = await connect(server.url);
    const { first, second, roomId } = await pairUp(sender, reader);
    const slow = await reader.listen(second.token, second.cursor);
    slow.incoming.on('data', () => {
      slow.incoming.pause();
      setTimeout(() => slow.incoming.resume(), 1);
    });
    for (const i of expected) await say(sender, first, roomId, text(i));
    await slow.count(MESSAGES, isMessage);
    expect(numbers(slow)).toEqual(expected);
    expect(Math.max(...[...sockets].map((socket) => socket.listenerCount('drain')))).toBeLessThan(5);
    slow.cut();
  });

  it('that stalls does not delay anybody else', async () => {
    const sender = new StatelessPeer(server.url);
    const [stalling, reading] = [await connect(server.url), await connect(server.url)];
    const join = async (peer: typeof stalling) =>
      structured(await peer.call('join_room', { room_name: 'three', capacity: 3 })) as Record<string, string>;
    const [one, two, three] = [await join(sender), await join(stalling), await join(reading)];
    const stalled = await stalling.listen(two['participant_token']!, two['cursor']);
    stalled.incoming.pause();
    const stream = await reading.listen(three['participant_token']!, three['cursor']);
    for (const i of expected) {
      const args = { participant_token: one['participant_token'], room_id: one['room_id'], message: text(i) };
      await sender.call('send_message', args);
      await stream.count(i + 1, isMessage);
    }
    expect(numbers(stream)).toEqual(expected);
    expect(numbers(stalled).length).toBeLessThan(MESSAGES);
    stream.cut();
    stalled.cut();
  });
});
