import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ERAS, rpcFailure, type TestClient, type V1Client, type V2Client } from '../support/clients.js';
import { descriptors, EVENTS_EXTENSION, request } from '../support/events.js';
import { useParley } from '../support/parley.js';

const NAMES = [
  'chatroom.found',
  'message.received',
  'partner.disconnected',
  'partner.joined',
  'partner.reconnected',
  'room.closed',
  'room.supervised',
  'queue.expired',
  'queue.moved',
  'match.offered',
  'match.withdrawn',
];

describe.each(ERAS)('the event types in $era', ({ era, connect }) => {
  const parley = useParley();
  const start = async (environment = {}) => {
    await parley.start({ environment });
    return parley.client<TestClient>(connect);
  };

  it('are announced in both shapes that clients look for', async () => {
    await parley.start();
    const bodies: unknown[] = [];
    const spying: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      const text = await response.clone().text();
      if (text.startsWith('{')) bodies.push(JSON.parse(text));
      return response;
    };
    const client = await parley.client<TestClient>(connect, { fetch: spying });
    const settings = { listChanged: false };
    expect(bodies[0]).toMatchObject({
      result: { capabilities: { events: settings, extensions: { [EVENTS_EXTENSION]: settings } } },
    });
    expect((client as V1Client | V2Client).client.getServerCapabilities()).toMatchObject({
      extensions: { [EVENTS_EXTENSION]: settings },
    });
  });

  it('are listed whole: a description, modes of delivery, and closed schemas', async () => {
    const client = await start();
    const types = await descriptors(client);
    expect(types.map(({ name }) => name)).toEqual(NAMES);
    const modes = era === '2026-07-28' ? ['poll', 'push', 'webhook'] : ['poll', 'webhook'];
    const ajv = new Ajv2020({ strict: true });
    for (const { name, description, delivery, inputSchema, payloadSchema } of types) {
      expect(description.length).toBeGreaterThan(30);
      expect(delivery.length).toBeGreaterThan(0);
      if (!name.startsWith('match.')) expect(delivery).toEqual(modes);
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false, required: [] });
      for (const argument of Object.values(inputSchema['properties'] as Record<string, { description: string }>)) {
        expect(argument.description.length).toBeGreaterThan(30);
      }
      expect(payloadSchema).toMatchObject({ type: 'object' });
      ajv.compile(inputSchema);
      ajv.compile(payloadSchema);
    }
    expect((await rpcFailure(request(client, 'events/list', { cursor: 'x' }))).code).toBe(-32602);
  });

  it('are the same whoever asks and whatever happens', async () => {
    const client = await start();
    const before = await descriptors(client);
    await client.enter();
    expect(await descriptors(client)).toEqual(before);
  });

  it('speak of tools by the names that these have', async () => {
    const types = await descriptors(await start({ TOOL_PREFIX: 'chat_' }));
    const text = JSON.stringify(types);
    expect(text).toContain('chat_send_message');
    expect(text).not.toMatch(/(?<!chat_)\b(send_message|enter_queue|join_room|respond_to_match)\b/);
  });
});
