import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { DeliveryMetrics } from '../../src/mcp-events/webhooks/index.js';
import { WebhookStore } from '../../src/ports/webhook-store.js';
import { FakeClock } from '../../src/testing/index.js';
import { ERAS, rpcFailure, type TestClient } from '../support/clients.js';
import { own, request } from '../support/events.js';
import { useParley } from '../support/parley.js';
import { OTHER_SECRET, type Receiver, SECRET, signaturesBy, useReceivers } from '../support/receiver.js';
import { until } from '../support/until.js';

const DEVELOPMENT = { WEBHOOKS_WITHOUT_AUTH: 'true', WEBHOOKS_ALLOW_LOOPBACK: 'true' };
/** In which what should not be delivered would be. */
const SEVERAL_TICKS_MS = 700;

interface Subscribed {
  readonly id: string;
  readonly refreshBefore: string;
  readonly cursor: string;
  readonly truncated: boolean;
  readonly deliveryStatus?: Readonly<Record<string, unknown>>;
}

function subscribe(client: TestClient, receiver: Receiver, overrides: object = {}): Promise<Subscribed> {
  const delivery = { mode: 'webhook', url: receiver.url(), secret: SECRET };
  return request(client, 'events/subscribe', {
    name: 'message.received',
    arguments: own(client),
    delivery,
    ...overrides,
  });
}

const unsubscribe = (client: TestClient, receiver: Receiver, overrides: object = {}) =>
  request(client, 'events/unsubscribe', {
    name: 'message.received',
    arguments: own(client),
    delivery: { url: receiver.url() },
    ...overrides,
  });

describe.each(ERAS)('webhooks in $era', ({ connect }) => {
  const parley = useParley();
  const newReceiver = useReceivers();

  async function setUp(environment = {}, clock?: FakeClock) {
    const { app } = await parley.start({ environment: { ...DEVELOPMENT, ...environment }, ...(clock && { clock }) });
    const receiver = await newReceiver();
    const pair = await parley.pair(connect);
    /** How many deliveries are still to be made, retries included. */
    const pending = async () => (await app.get<WebhookStore>(WebhookStore, { strict: false }).counts()).pending;
    return { receiver, pending, ...pair };
  }

  it('asks the endpoint, then delivers a partner’s message, signed', async () => {
    const { ann, ben, roomId, receiver } = await setUp();
    const before = Date.now();
    const subscribed = await subscribe(ann, receiver);

    expect(subscribed).toMatchObject({ id: expect.stringMatching(/^sub_[0-9a-f]{32}$/), truncated: false });
    expect(subscribed.deliveryStatus).toBeUndefined();
    expect(Date.parse(subscribed.refreshBefore)).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(receiver.posts).toHaveLength(1);
    const [challenge] = receiver.challenges;
    expect(challenge!.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^msg_verification_[\w-]{20,}$/),
      'x-mcp-subscription-id': subscribed.id,
    });
    expect(signaturesBy(SECRET, challenge!)).toBe(1);

    await ben.say(roomId, 'hello');
    const post = await receiver.gets();
    const pushed = await ann.hearsMessage('hello');
    expect(post.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(post.text)),
      'webhook-id': post.body['eventId'],
      'x-mcp-subscription-id': subscribed.id,
    });
    expect(signaturesBy(SECRET, post)).toBe(1);
    const signedAt = Number(post.headers['webhook-timestamp']) * 1000;
    expect(signedAt).toBeGreaterThan(before - 1_000);
    expect(signedAt).toBeLessThanOrEqual(Date.now());
    expect(post.body).toEqual({
      eventId: pushed.event?.event_id,
      name: 'message.received',
      timestamp: pushed.event?.timestamp,
      data: pushed.params,
      cursor: expect.any(String),
    });
  });

  it('delivers nothing of one’s own, of other types or of other rooms', async () => {
    const { ann, ben, roomId, receiver } = await setUp();
    const other = await parley.client(connect);
    await other.join('elsewhere', { display_name: 'Cyn' });
    const { room_id: elsewhere } = await ann.ok('join_room', { room_name: 'elsewhere' });
    await subscribe(ann, receiver, { arguments: own(ann, { room_id: roomId }) });
    await ann.say(roomId, 'mine');
    await other.say(elsewhere, 'elsewhere');
    await ben.say(roomId, 'theirs');
    await ben.ok('leave_chat', { room_id: roomId });

    await receiver.gets();
    await ann.hears('partner.disconnected');
    expect(receiver.messages).toEqual(['theirs']);
  });

  it('retries what failed a second later, with the same id and a new signature', async () => {
    const { ann, ben, roomId, receiver } = await setUp();
    await subscribe(ann, receiver);
    receiver.answer = (_, count) => (count === 1 ? 503 : 204);
    await ben.say(roomId, 'hello');
    const [first, second] = [await receiver.gets(1), await receiver.gets(2)];

    expect(second.at - first.at).toBeGreaterThan(900);
    expect(second.body).toEqual(first.body);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.headers['webhook-timestamp']).not.toBe(first.headers['webhook-timestamp']);
    expect(signaturesBy(SECRET, second)).toBe(1);
    const { deliveryStatus } = await subscribe(ann, receiver);
    expect(deliveryStatus).toEqual({ active: true, lastDeliveryAt: expect.any(String), lastError: null });
  });

  it('takes the same request for a refresh, whatever the order of its arguments', async () => {
    const { ann, ben, roomId, receiver } = await setUp();
    const first = await subscribe(ann, receiver, { arguments: own(ann, { room_id: roomId }) });
    const args = { room_id: roomId, participant_token: ann.token };
    const again = await subscribe(ann, receiver, { arguments: args, cursor: first.cursor, ttlMs: 120_000 });

    expect(again).toMatchObject({ id: first.id, truncated: false });
    expect(again.deliveryStatus).toEqual({ active: true, lastDeliveryAt: null, lastError: null });
    expect(Date.parse(again.refreshBefore)).toBeLessThan(Date.now() + 130_000);
    expect(receiver.challenges).toHaveLength(1);
    await ben.say(roomId, 'once');
    await receiver.gets();
    expect(receiver.messages).toEqual(['once']);
  });

  it('signs with both secrets for a while after a rotation, the new one first', async () => {
    const { ann, ben, roomId, receiver } = await setUp();
    await subscribe(ann, receiver);
    await subscribe(ann, receiver, { delivery: { mode: 'webhook', url: receiver.url(), secret: OTHER_SECRET } });
    await ben.say(roomId, 'hello');
    const post = await receiver.gets();

    expect((post.headers['webhook-signature'] as string).split(' ')).toHaveLength(2);
    expect([signaturesBy(OTHER_SECRET, post), signaturesBy(SECRET, post)]).toEqual([1, 1]);
    expect(receiver.challenges).toHaveLength(1);
  });

  it('replays from a cursor, and says when it cannot', async () => {
    const { ann, ben, roomId, receiver } = await setUp();
    await ben.say(roomId, 'one');
    await ben.say(roomId, 'two');
    await ann.hearsMessage('two');
    expect(await subscribe(ann, receiver, { cursor: ann.cursor })).toMatchObject({ truncated: false });
    await receiver.gets(2);
    expect(receiver.messages).toEqual(['one', 'two']);
    const last = receiver.events.at(-1)!.body['cursor'];
    const elsewhere = { mode: 'webhook', url: receiver.url('/elsewhere'), secret: SECRET };
    expect(await subscribe(ann, receiver, { delivery: elsewhere, cursor: last })).toMatchObject({ truncated: false });
    const unknown = { mode: 'webhook', url: receiver.url('/unknown'), secret: SECRET };
    expect(await subscribe(ann, receiver, { delivery: unknown, cursor: 'nonsense' })).toMatchObject({
      truncated: true,
    });
    await ben.say(roomId, 'three');
    await receiver.gets(5);
    expect([...receiver.messages].sort()).toEqual(['one', 'three', 'three', 'three', 'two']);
  });

  it('stops at once when unsubscribed, retries included, and minds no second time', async () => {
    const clock = new FakeClock(Date.now());
    const { ann, ben, roomId, receiver, pending } = await setUp({ PRESENCE_TTL_SECONDS: 0 }, clock);
    await subscribe(ann, receiver);
    receiver.answer = () => 500;
    await ben.say(roomId, 'never mind');
    await until('the failure', async () => receiver.events.length === 1 && (await pending()) === 1);
    expect(await unsubscribe(ann, receiver, { delivery: { url: receiver.url(), mode: 'webhook' } })).toBeTruthy();
    expect(await unsubscribe(ann, receiver)).toBeTruthy();
    await ben.say(roomId, 'nobody listens');
    await ann.hearsMessage('nobody listens');

    expect(await pending()).toBe(0);
    clock.advance(3_600_000);
    await sleep(SEVERAL_TICKS_MS);
    expect(receiver.messages).toEqual(['never mind']);
  });

  it('does not believe an endpoint that does not repeat the challenge', async () => {
    const { ann, receiver } = await setUp();
    receiver.agrees = false;
    const refused = { code: -32015, data: { reason: 'challenge_failed' } };
    receiver.answer = () => ({ status: 200, body: '{"challenge":"something else"}' });
    expect(await rpcFailure(subscribe(ann, receiver))).toMatchObject(refused);
    receiver.answer = () => ({ status: 302, headers: { location: receiver.url('/other') } });
    expect(await rpcFailure(subscribe(ann, receiver))).toMatchObject(refused);
    expect(receiver.posts.every(({ path }) => path === '/hook')).toBe(true);
    await receiver.close();
    expect(await rpcFailure(subscribe(ann, receiver))).toMatchObject({
      code: -32015,
      data: { reason: 'connection_refused' },
    });
  });

  it('refuses what it cannot serve, with the reason', async () => {
    const { ann, receiver } = await setUp({ WEBHOOKS_PER_PARTICIPANT: 1 });
    const failure = (overrides: object) => rpcFailure(subscribe(ann, receiver, overrides));
    const delivery = (change: object) => ({
      delivery: { mode: 'webhook', url: receiver.url(), secret: SECRET, ...change },
    });
    const invalid = { code: -32602 };

    expect(await failure({ name: 'no.such' })).toMatchObject({ code: -32011, data: { kind: 'event' } });
    expect(await failure({ name: 'match.withdrawn' })).toMatchObject({
      code: -32014,
      data: { feature: 'deliveryMode', value: 'webhook' },
    });
    expect(await failure(delivery({ mode: 'carrier pigeon' }))).toMatchObject({
      code: -32014,
      data: { feature: 'deliveryMode', value: 'carrier pigeon' },
    });
    for (const wrong of [
      { arguments: null },
      { arguments: own(ann, { surprise: 1 }) },
      { cursor: 7 },
      { ttlMs: '60000' },
      { maxAgeMs: -1 },
      { delivery: undefined },
      delivery({ url: undefined }),
      delivery({ url: 'http://example.com/hook' }),
      delivery({ url: 'https://10.0.0.1/hook' }),
      delivery({ url: `${receiver.url()}#fragment` }),
      delivery({ secret: undefined }),
      delivery({ secret: 'whsec_short' }),
      delivery({ secret: SECRET.slice('whsec_'.length) }),
    ]) {
      expect(await failure(wrong)).toMatchObject(invalid);
    }
    expect(await failure({ arguments: own(ann, { room_id: 'somebody else’s' }) })).toMatchObject({ code: -32012 });
    expect(receiver.posts).toHaveLength(0);

    await subscribe(ann, receiver);
    expect(await failure(delivery({ url: receiver.url('/second') }))).toMatchObject({
      code: -32013,
      data: { limit: 'subscriptions', max: 1 },
    });
    expect(await subscribe(ann, receiver)).toMatchObject({ truncated: false });
    expect(receiver.challenges).toHaveLength(1);
  });

  it('grants as long as is asked for, within its bounds', async () => {
    const clock = new FakeClock(Date.now());
    const { ann, receiver } = await setUp({}, clock);
    const granted = async (ttlMs: unknown) => {
      const { refreshBefore } = await subscribe(ann, receiver, { ttlMs });
      return (Date.parse(refreshBefore) - clock.now()) / 1_000;
    };
    expect(await granted(undefined)).toBe(3_600);
    expect(await granted(null)).toBe(86_400);
    expect(await granted(7_200_000.9)).toBe(7_200);
    expect(await granted(-5)).toBe(60);
    expect(await granted(1e15)).toBe(86_400);
  });

  it('says on a refresh that events were given up, and how deliveries fared', async () => {
    const clock = new FakeClock(Date.now());
    const environment = { ...DEVELOPMENT, PRESENCE_TTL_SECONDS: 0, WEBHOOKS_TTL_SECONDS: 86_400 };
    const { app } = await parley.start({ environment, clock });
    const receiver = await newReceiver();
    const { ann, ben, roomId } = await parley.pair(connect);
    await subscribe(ann, receiver);
    receiver.answer = () => 500;
    await ben.say(roomId, 'lost');
    await until('the end of the attempts', () => {
      clock.advance(10_000);
      return app.get(DeliveryMetrics, { strict: false }).figures.abandoned === 1;
    });
    expect(receiver.events).toHaveLength(6);
    receiver.answer = () => 204;
    const first = await subscribe(ann, receiver);
    expect(first).toMatchObject({
      truncated: true,
      deliveryStatus: { active: true, lastDeliveryAt: null, lastError: 'http_5xx', failedSince: expect.any(String) },
    });
    expect(await subscribe(ann, receiver)).toMatchObject({ truncated: false, cursor: first.cursor });
  });

  it('stops when the time is over', async () => {
    const clock = new FakeClock(Date.now());
    const { ann, ben, roomId, receiver } = await setUp({ PRESENCE_TTL_SECONDS: 0 }, clock);
    const { refreshBefore } = await subscribe(ann, receiver, { ttlMs: 60_000 });
    clock.advance(Date.parse(refreshBefore) - clock.now() + 1);
    await ben.say(roomId, 'too late');
    await ann.hearsMessage('too late');
    await sleep(SEVERAL_TICKS_MS);
    expect(receiver.events).toHaveLength(0);
    expect(receiver.controls('terminated')).toHaveLength(0);
  });

  it('wants to know who asks, unless it is told otherwise for development', async () => {
    const { ann, receiver } = await setUp({ WEBHOOKS_WITHOUT_AUTH: 'false' });
    const forbidden = { code: -32012, data: { reason: 'authentication_required' } };
    expect(await rpcFailure(subscribe(ann, receiver))).toMatchObject(forbidden);
    expect(await rpcFailure(unsubscribe(ann, receiver))).toMatchObject(forbidden);
    expect(receiver.posts).toHaveLength(0);
  });
});
