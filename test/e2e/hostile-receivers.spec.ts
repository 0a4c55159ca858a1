import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/index.js';
import { DeliveryMetrics } from '../../src/mcp-events/webhooks/index.js';
import { type FailureCategory, WebhookStore } from '../../src/ports/webhook-store.js';
import { connectV2, rpcFailure, type TestClient } from '../support/clients.js';
import { own, request } from '../support/events.js';
import { accepting, type Conduct, HookReceiver } from '../support/hook-receiver.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

const ENVIRONMENT = {
  WEBHOOKS_WITHOUT_AUTH: 'true',
  WEBHOOKS_ALLOW_LOOPBACK: 'true',
  MESSAGE_RATE_COUNT: 0,
  PRESENCE_TTL_SECONDS: 0,
};
/** For receivers that never come to an end. */
const IMPATIENT = { WEBHOOKS_TIMEOUT_SECONDS: 1, WEBHOOKS_BODY_TIMEOUT_MS: 200 };
/** The base64 of 32 zeros. */
const SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;
/** How long after each failure the next attempt is due at the latest: with all of the jitter, and a little more. */
const RETRIES_MS = [1_000, 5_000, 30_000, 120_000, 480_000].map((ms) => ms * 1.25 + 200);
const MINUTE_MS = 60_000;

const answer =
  (status: number, headers: Record<string, string> = {}): Conduct =>
  (_, response) =>
    void response.writeHead(status, headers).end();
const stall: Conduct = () => undefined;
const drip: Conduct = (_, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), 10);
  response.once('close', () => clearInterval(timer));
};
const dripHead: Conduct = (_, __, { socket }) => {
  socket.write('HTTP/1.1 200 OK\r\nX-Drip: ');
  const timer = setInterval(() => socket.write('x'), 10);
  socket.once('close', () => clearInterval(timer));
};

/** A gigabyte, as fast as it is taken. */
const flood: Conduct = (_, response) => {
  const chunk = Buffer.alloc(65_536, 'x');
  let left = 1_000_000_000;
  const write = () => {
    while (left > 0 && !response.destroyed && response.write(chunk)) left -= chunk.length;
  };
  response.writeHead(200).on('drain', write);
  write();
};

const parley = useParley();
const receivers: HookReceiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

async function receiver(conduct: { challenge?: Conduct; delivery?: Conduct } = {}): Promise<HookReceiver> {
  const started = await HookReceiver.start(conduct);
  receivers.push(started);
  return started;
}

/** Deliveries that are still to be made, retries included. */
const outstanding = async () =>
  (await parley.server.app.get<WebhookStore>(WebhookStore, { strict: false }).counts()).pending;

interface Subscribed {
  readonly id: string;
  readonly cursor: string;
  readonly truncated: boolean;
  readonly deliveryStatus?: { readonly active: boolean; readonly lastError: string | null };
}

const subscribe = (client: TestClient, url: string): Promise<Subscribed> =>
  request(client, 'events/subscribe', {
    name: 'message.received',
    arguments: own(client),
    delivery: { mode: 'webhook', url, secret: SECRET },
  });

async function conversation(environment: Record<string, string | number> = {}) {
  const clock = new FakeClock(Date.now());
  await parley.start({ clock, environment: { ...ENVIRONMENT, ...environment } });
  const { ann, ben, roomId } = await parley.pair<TestClient>(connectV2);
  const say = (text: string) => ben.say(roomId, text);
  const metrics = parley.server.app.get(DeliveryMetrics, { strict: false });
  const failed = (category: FailureCategory, times = 1) =>
    until(`${times} × ${category}`, () => (metrics.figures.failures[category] ?? 0) >= times);
  return { clock, ann, say, metrics, failed };
}

/** Ann's subscription at a receiver that misbehaves, beside one at a receiver that does not. */
async function beside(conduct: Conduct, environment = {}) {
  const talk = await conversation(environment);
  const [bad, good] = await Promise.all([receiver({ delivery: conduct }), receiver()]);
  await subscribe(talk.ann, bad.url);
  await subscribe(talk.ann, good.url);
  return { ...talk, bad, good };
}

describe('a receiver that does not answer the challenge as it should', () => {
  const says =
    (body: string, status = 200): Conduct =>
    (_, response) =>
      void response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);

  it.each<[string, Conduct]>([
    ['says another', says('{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}')],
    ['says none', says('{}')],
    ['says no JSON', says('ok')],
    ['says nothing', answer(204)],
    [
      'says the right one with a failure',
      ({ body }, response) => says(JSON.stringify(body), 500)({} as never, response, {} as never),
    ],
    ['does not know of it', answer(404)],
    ['says its answer is elsewhere', answer(307, { Location: 'http://127.0.0.1:9/' })],
    ['never ends saying it', drip],
    ['says a gigabyte', flood],
  ])('is no endpoint: it %s', async (_, challenge) => {
    const { ann, say } = await conversation(challenge === drip ? IMPATIENT : {});
    const liar = await receiver({ challenge });

    expect(await rpcFailure(subscribe(ann, liar.url))).toMatchObject({
      code: -32015,
      data: { reason: 'challenge_failed' },
    });
    await say('hello');
    await until('the connection to be closed or idle', () => liar.challenges.length === 1 && liar.sockets.size <= 1);
    expect(liar.deliveries).toEqual([]);
  });

  it('is no endpoint: nobody listens there', async () => {
    const { ann } = await conversation();
    const gone = await receiver();
    const { url } = gone;
    await gone.close();

    expect(await rpcFailure(subscribe(ann, url))).toMatchObject({ data: { reason: 'connection_refused' } });
  });

  it('is no endpoint: it says nothing at all, for as long as a challenge may take', async () => {
    const { ann } = await conversation(IMPATIENT);
    const silent = await receiver({ challenge: stall });

    expect(await rpcFailure(subscribe(ann, silent.url))).toMatchObject({ data: { reason: 'timeout' } });
    await until('the connection to be closed', () => silent.sockets.size === 0);
  });
});

describe('an endpoint', () => {
  it.each([
    'http://localhost:4000/',
    'http://10.0.0.1/',
    'https://127.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
  ])('is refused at once where it is not public: %s', async (url) => {
    const { ann } = await conversation();

    expect(await rpcFailure(subscribe(ann, url))).toMatchObject({ code: -32602 });
  });
});

describe('a receiver that', () => {
  it.each<[string, Conduct, FailureCategory]>([
    ['answers 500', answer(500), 'http_5xx'],
    ['answers 404', answer(404), 'http_4xx'],
    ['redirects', answer(302, { Location: 'http://127.0.0.1:9/' }), 'http_4xx'],
    ['stalls', stall, 'timeout'],
    ['sends its head in drips', dripHead, 'timeout'],
    ['hangs up', (_, __, { socket }) => socket.destroy(), 'connection_refused'],
  ])('%s is asked again: the same event under a new timestamp', async (_, conduct, category) => {
    const { ann, say, clock, bad, good, failed } = await beside(conduct, category === 'timeout' ? IMPATIENT : {});
    await say('hello');
    await until('the event elsewhere', () => good.deliveries.length === 1);
    await failed(category);
    expect((await subscribe(ann, bad.url)).deliveryStatus).toMatchObject({ active: true, lastError: category });

    const before = bad.deliveries.length;
    bad.behave(accepting);
    clock.advance(RETRIES_MS[0]!);
    await until('the second attempt', () => bad.deliveries.length > before);

    const [first, second] = [bad.deliveries[0], bad.deliveries[before]];
    expect(second!.id).toBe(first!.id);
    expect(second!.timestamp).toBeGreaterThan(first!.timestamp);
    expect(second!.body['data']).toEqual(first!.body['data']);
    expect(good.deliveries).toHaveLength(1);
  });

  it('redirects leads nowhere', async () => {
    const target = await receiver();
    const { say, clock, bad, failed } = await beside(answer(307, { Location: target.url }));
    await say('hello');
    await failed('http_4xx');
    clock.advance(RETRIES_MS[0]!);
    await failed('http_4xx', 2);
    expect(bad.messages).toEqual(['hello', 'hello']);
    expect([target.challenges, target.deliveries]).toEqual([[], []]);
  });

  it.each([410, 413])('answers %i is not asked again about that event, but hears of the next', async (status) => {
    const { say, clock, bad } = await beside(answer(status));
    await say('first');
    await until('the first event', () => bad.deliveries.length === 1);
    bad.behave(accepting);
    await say('second');
    await until('the second event', () => bad.deliveries.length === 2);
    for (const ms of RETRIES_MS) clock.advance(ms);
    await say('third');
    await until('the third event', () => bad.deliveries.length === 3);
    await until('nothing to be outstanding', async () => (await outstanding()) === 0);
    expect(bad.messages).toEqual(['first', 'second', 'third']);
  });

  it('answers 429 with Retry-After is left alone until then', async () => {
    const { say, clock, bad, good, failed } = await beside(answer(429, { 'Retry-After': '60' }));
    await say('first');
    await failed('http_4xx');
    bad.behave(accepting);
    clock.advance(MINUTE_MS - 2_000);
    await say('second');
    await until('both events elsewhere', () => good.deliveries.length === 2);
    expect(bad.messages).toEqual(['first']);

    clock.advance(2_500);
    await until('the next attempts', () => bad.deliveries.length === 3);
    expect(bad.messages.slice(1).sort()).toEqual(['first', 'second']);
  });

  it('answers 500 for ever is asked six times; then the subscriber is told of the loss, and events go on', async () => {
    const { ann, say, clock, bad, good, failed, metrics } = await beside(answer(500));
    await say('lost');
    for (const [failures, ms] of RETRIES_MS.entries()) {
      await failed('http_5xx', failures + 1);
      clock.advance(ms);
    }
    await until('the event to be given up', () => metrics.figures.abandoned === 1);
    expect(bad.messages).toEqual(Array(6).fill('lost'));
    expect(new Set(bad.deliveries.map(({ id }) => id)).size).toBe(1);

    bad.behave(accepting);
    await say('kept');
    await until('the next event', () => bad.messages.includes('kept'));
    expect(good.messages).toEqual(['lost', 'kept']);
    const { truncated, deliveryStatus } = await subscribe(ann, bad.url);
    expect({ truncated, deliveryStatus }).toMatchObject({ truncated: true, deliveryStatus: { active: true } });
  });

  it.each([
    ['answers with a gigabyte', flood],
    ['answers in drips', drip],
  ])('%s has acknowledged the event, and the connection is closed', async (_, conduct) => {
    const { say, bad, metrics } = await beside(conduct, conduct === drip ? IMPATIENT : {});
    await say('hello');
    await until('both acknowledgements', () => metrics.figures.delivered === 2);
    await until('the connection to be closed', () => bad.sockets.size === 0);
    expect(bad.messages).toEqual(['hello']);
  });
});

describe('a receiver that is well', () => {
  it('hears everything in time beside others that stall, drip, flood, redirect, refuse and fail', async () => {
    const { ann, say, metrics } = await conversation();
    const good = await receiver();
    await subscribe(ann, good.url);
    const conducts: Conduct[] = [stall, drip, dripHead, flood, answer(302), answer(410), answer(429), answer(500)];
    for (let i = 0; i < 24; i++) {
      const { url } = await receiver({ delivery: conducts[i % conducts.length]! });
      await subscribe(ann, url);
    }

    for (let heard = 1; heard <= 20; heard++) {
      await say(`message ${heard}`);
      await until('the delivery', () => good.deliveries.length === heard);
    }
    // Those that stall have not been given up yet, so nothing has waited for them.
    expect(metrics.figures.failures.timeout ?? 0).toBe(0);
  });
});
