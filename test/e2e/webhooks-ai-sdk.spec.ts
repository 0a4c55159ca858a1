import { createMCPClient, type MCPClient } from '@ai-sdk/mcp';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AiSdkReceiver, MemoryEventStore } from '../support/ai-sdk-receiver.js';
import { connectV1, connectV2, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { OTHER_SECRET } from '../support/receiver.js';
import { until } from '../support/until.js';

const DEVELOPMENT = { WEBHOOKS_WITHOUT_AUTH: 'true', WEBHOOKS_ALLOW_LOOPBACK: 'true' };

/** The client tries `server/discover` unless it is told to begin with `initialize`. */
describe.each([
  { era: '2025-11-25', discovery: false, connect: connectV1 },
  { era: '2026-07-28', discovery: true, connect: connectV2 },
])('webhooks with the AI SDK in $era', ({ era, discovery, connect }) => {
  const parley = useParley();
  let store: MemoryEventStore;
  let receiver: AiSdkReceiver;
  let client: MCPClient;
  let partner: TestClient;
  let roomId: string;
  let token: string;

  beforeEach(async () => {
    await parley.start({ environment: DEVELOPMENT });
    store = new MemoryEventStore();
    receiver = await AiSdkReceiver.start(store);
    client = await createMCPClient({
      transport: { type: 'http', url: parley.server.url.href },
      protocolVersionDiscovery: discovery,
      experimental_events: { store },
    });
    const pair = await parley.pair<TestClient>(connect);
    partner = pair.ben;
    roomId = pair.roomId;
    token = pair.ann.token!;
  });

  afterEach(async () => {
    await client.close();
    await receiver.close();
  });

  const subscribe = (args: Record<string, string> = {}) =>
    client.experimental_events.subscribe({
      name: 'message.received',
      arguments: { participant_token: token, ...args },
      delivery: { mode: 'webhook', url: receiver.url, allowInsecureLocalhost: true },
    });
  const messages = () => receiver.events.map(({ data }) => (data as { message: string }).message);
  const hears = (text: string) => until(`the message ${text}`, () => messages().includes(text));

  it('speaks that revision and finds the event types', async () => {
    expect(client.initializeResult.protocolVersion).toBe(era);
    const { events } = await client.experimental_events.list();
    expect(events.filter(({ delivery }) => delivery.includes('webhook')).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['chatroom.found', 'message.received', 'partner.disconnected', 'room.closed']),
    );
  });

  it('subscribes, hears a partner, survives a failure of its own, and goes', async () => {
    const { id } = await subscribe({ room_id: roomId });
    expect(receiver.statuses).toEqual([200]);
    expect(store.all).toEqual([expect.objectContaining({ id, status: 'active', truncated: false })]);

    await partner.say(roomId, 'first');
    await hears('first');
    expect(store.all[0]?.cursor).toEqual(expect.any(String));

    receiver.failing = 1;
    await partner.say(roomId, 'second');
    await hears('second');
    await until('both answers', () => receiver.statuses.slice(-2).join() === '503,204');
    const eventIds = receiver.events.map(({ eventId }) => eventId);
    expect(new Set(eventIds).size).toBe(2);

    await client.experimental_events.unsubscribe({ id });
    expect(store.all).toEqual([]);
    const requests = receiver.statuses.length;
    await partner.say(roomId, 'third');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.statuses).toHaveLength(requests);
  });

  it('refreshes and rotates its secret without missing anything', async () => {
    const { id } = await subscribe();
    const [before] = store.all;
    await partner.say(roomId, 'one');
    await hears('one');
    const refreshed = await client.experimental_events.refresh({ id });
    expect(refreshed.id).toBe(id);
    expect(Date.parse(refreshed.refreshBefore!)).toBeGreaterThan(Date.parse(before!.refreshBefore!));

    await store.update(before!.key, { delivery: { ...before!.delivery, secret: OTHER_SECRET } });
    await client.experimental_events.refresh({ id });
    await partner.say(roomId, 'two');
    await hears('two');
    expect(receiver.signatures.at(-1)!.split(' ')).toHaveLength(2);
    expect(messages()).toEqual(['one', 'two']);
    expect(receiver.statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('receives events that come while it still saves its subscription', async () => {
    const subscribing = subscribe();
    await until('the challenge', () => receiver.statuses.length > 0);
    await partner.say(roomId, 'early');
    await subscribing;
    await hears('early');
    expect(messages()).toEqual(['early']);
  });
});
