import { describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { followEvents, type HeardEvent } from '../../src/client/index.js';
import { connectV1, connectV2 } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

describe('followEvents', () => {
  const parley = useParley();

  it('hears what comes after the cursor, in order, live events without one, until it is stopped', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV1);
    await ben.say(roomId, 'before');
    const ear = await parley.client(connectV2);
    const heard: HeardEvent[] = [];
    const following = await followEvents(
      ear.client,
      { participantToken: ann.token!, cursor: ann.cursor },
      { event: (event) => heard.push(event) },
    );
    await until('the stream', () => parley.server.streams === 3);
    await ben.ok('set_typing', { room_id: roomId });
    await ben.say(roomId, 'after');
    await until('all events', () => heard.length === 4);
    expect(heard.map(({ name }) => name)).toEqual([
      'chatroom.found',
      'message.received',
      'partner.typing',
      'message.received',
    ]);
    const [found, before, typing] = heard;
    expect(found!.data).toMatchObject({ room_id: roomId, pool: 'default' });
    expect(before).toEqual({
      name: 'message.received',
      data: expect.objectContaining({ room_id: roomId, seq: 1, message: 'before' }),
      timestamp: expect.any(String),
      eventId: expect.any(String),
      cursor: expect.any(String),
    });
    expect(before!.data).not.toHaveProperty('_meta');
    expect(typing).toEqual({
      name: 'partner.typing',
      data: { room_id: roomId, partner: { user_id: ben.userId, display_name: 'Ben' }, typing: true },
    });

    following.stop();
    await following.ended;
    await ben.say(roomId, 'unheard');
    await ann.hearsMessage('unheard');
    expect(heard).toHaveLength(4);
  });

  it('says when the stream was cut, and goes on from the last cursor on another client', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV1);
    const network = await parley.network();
    const heard: HeardEvent[] = [];
    let cursor = ann.cursor;
    const follow = async () => {
      const client = new Client({ name: 'ear', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
      await client.connect(new StreamableHTTPClientTransport(network.url));
      return followEvents(
        client,
        { participantToken: ann.token!, cursor },
        {
          event: (event) => {
            heard.push(event);
            cursor = event.cursor ?? cursor;
          },
        },
      );
    };
    const first = await follow();
    await ben.say(roomId, 'one');
    await until('the first message', () => heard.length === 2);
    network.cut();
    await first.ended;
    await ben.say(roomId, 'two');
    const second = await follow();
    await until('the second message', () => heard.length === 3);
    expect(heard.slice(1).map(({ data }) => data['message'])).toEqual(['one', 'two']);
    second.stop();
    await second.ended;
  });

  it('passes on the refusal of a token nobody has', async () => {
    await parley.start();
    const ear = await parley.client(connectV2);
    const position = { participantToken: `pt_${'A'.repeat(43)}`, cursor: 'c1_x' };
    await expect(followEvents(ear.client, position, { event: () => undefined })).rejects.toThrow(
      'Participant not found',
    );
  });
});
