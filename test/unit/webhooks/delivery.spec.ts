import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Sent, WebhookBench } from '../../support/webhooks.js';

/** Sequence numbers that cursors of these messages stand for. */
const positions = (bench: WebhookBench, id: string, sent: readonly Sent[]) => {
  const { logId } = bench.subscription(id);
  return sent.map(({ body }) => bench.cursors.decode(logId, 1_000, 1, body['cursor'] as string).position);
};

describe('webhook delivery', () => {
  let bench: WebhookBench;
  let ann: string;
  let ben: string;
  let roomId: string;

  async function setUp(environment?: Record<string, string>): Promise<void> {
    bench = new WebhookBench({ MESSAGE_RATE_COUNT: '0', ...environment }).start();
    ({ ann, bob: ben, roomId } = await bench.service.pair());
  }
  beforeEach(() => setUp());
  afterEach(async () => {
    await bench.stop();
    bench.service.close();
  });

  const say = async (...texts: string[]) => {
    for (const text of texts) await bench.service.rooms.send(ben, roomId, text);
    await bench.turn();
  };
  const times = (text: string) =>
    bench.egress.sent
      .filter(({ body }) => (body['data'] as { message?: string } | undefined)?.message === text)
      .map(({ at }) => at);

  it('tries six times in ten to fifteen minutes and then gives up', async () => {
    const id = await bench.subscribe(ann);
    bench.egress.react = () => 500;
    await say('hello');
    await bench.pass(1_200_000, 500);

    const delays = times('hello').map((at, i, all) => (i === 0 ? 0 : at - all[i - 1]!));
    expect(delays).toHaveLength(6);
    [0, 1_000, 5_000, 30_000, 120_000, 480_000].forEach((least, i) => {
      expect(delays[i]).toBeGreaterThanOrEqual(least);
      expect(delays[i]).toBeLessThanOrEqual(least * 1.25 + 600);
    });
    expect(bench.subscription(id)).toMatchObject({ pending: 0, lost: true, lastError: 'http_5xx', failures: 6 });
    expect(bench.metrics.figures).toMatchObject({ delivered: 0, abandoned: 1, failures: { http_5xx: 6 } });
  });

  it('keeps the id and the text of an event and signs each attempt anew', async () => {
    await bench.subscribe(ann);
    bench.egress.react = ({ at }) => (at < bench.service.clock.now() ? 204 : bench.egress.sent.length < 3 ? 503 : 204);
    await say('hello');
    await bench.pass(10_000);

    const { sent } = bench.egress;
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ text }) => text)).size).toBe(1);
    expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(sent.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
  });

  it.each([410, 413])(
    'does not repeat an event that was answered with %i, and goes on with the next',
    async (status) => {
      const id = await bench.subscribe(ann);
      bench.egress.react = () => (bench.egress.sent.length === 1 ? status : 204);
      await say('one', 'two');
      await bench.pass(60_000, 5_000);

      expect(bench.texts()).toEqual(['one', 'two']);
      expect(bench.subscription(id)).toMatchObject({ active: true, lost: false, pending: 0 });
      expect(bench.metrics.figures).toMatchObject({ refused: 1, delivered: 1 });
    },
  );

  it.each([
    [301, 'http_4xx'],
    [404, 'http_4xx'],
    [425, 'http_4xx'],
    [503, 'http_5xx'],
    ['timeout', 'timeout'],
    ['tls_error', 'tls_error'],
    ['connection_refused', 'connection_refused'],
  ] as const)('retries after %s and calls it %s', async (reaction, category) => {
    const id = await bench.subscribe(ann);
    bench.egress.react = () => reaction;
    await say('hello');
    expect(bench.subscription(id).lastError).toBe(category);
    bench.egress.react = () => 200;
    await bench.pass(1_500);
    expect(bench.texts()).toEqual(['hello', 'hello']);
    expect(bench.subscription(id)).toMatchObject({ lastError: null, failedSince: null, pending: 0 });
  });

  it('waits as long as the endpoint asks for, with all of the subscription, and not longer than is left', async () => {
    const id = await bench.subscribe(ann);
    bench.egress.react = () => ({ status: 429, retryAfterMs: 20_000 });
    await say('one');
    bench.egress.react = () => 204;
    await say('two');
    expect(bench.subscription(id).pausedUntil).toBe(bench.service.clock.now() + 20_000);
    await bench.pass(19_500);
    expect(bench.texts()).toEqual(['one']);
    await bench.pass(1_000);
    expect(bench.texts().sort()).toEqual(['one', 'one', 'two']);

    bench.egress.react = () => ({ status: 503, retryAfterMs: 1e9 });
    await say('three');
    expect(bench.subscription(id).pausedUntil).toBe(bench.service.clock.now() + 900_000);
  });

  it('does not count what was held back on this side as an attempt', async () => {
    const id = await bench.subscribe(ann);
    bench.egress.react = () => (bench.egress.sent.length < 20 ? 'throttled' : 204);
    await say('hello');
    await bench.pass(30_000);
    expect(times('hello')).toHaveLength(20);
    expect(bench.subscription(id)).toMatchObject({ pending: 0, lastError: null, lost: false });
    expect(bench.metrics.figures).toMatchObject({ postponed: 19, delivered: 1, abandoned: 0 });
  });

  it('goes on with the next event while one fails', async () => {
    await bench.subscribe(ann);
    bench.egress.react = ({ text }) => (text.includes('"bad"') ? 500 : 204);
    await say('bad', 'good', 'better');
    expect(bench.texts()).toEqual(['bad', 'good', 'better']);
  });

  it('names a cursor from which nothing outstanding is missed', async () => {
    const id = await bench.subscribe(ann);
    const { seen } = bench.subscription(id);
    bench.egress.react = ({ text }) => (text.includes('"bad"') ? 500 : 204);
    await say('fine', 'bad', 'good', 'better');
    expect(positions(bench, id, bench.egress.sent)).toEqual([seen + 1, seen + 2, seen + 1, seen + 1].map(Math.abs));
    expect(bench.subscription(id).watermark).toBe(seen + 1);
    bench.egress.react = () => 204;
    await bench.pass(1_500);
    expect(positions(bench, id, bench.egress.sent.slice(-1))).toEqual([seen + 4]);
    expect(bench.subscription(id).watermark).toBe(seen + 4);
  });

  it('moves its cursor on over what it does not deliver', async () => {
    const id = await bench.subscribe(ann, { name: 'partner.disconnected' });
    const { seen } = bench.subscription(id);
    await say('one', 'two');
    expect(bench.egress.sent).toEqual([]);
    expect(bench.subscription(id).watermark).toBe(seen + 2);
  });

  it('says by a gap what was given up, as soon as the endpoint is there again', async () => {
    const id = await bench.subscribe(ann);
    bench.egress.react = () => 500;
    await say('lost');
    await bench.pass(1_200_000, 1_000);
    expect(bench.subscription(id)).toMatchObject({ lost: true, gapDue: true });
    bench.egress.react = ({ body }) => (body['type'] === 'gap' && gaps().length === 1 ? 503 : 204);
    const gaps = () => bench.egress.sent.filter(({ body }) => body['type'] === 'gap');
    await say('found');
    await bench.pass(3_000);

    expect(gaps()).toHaveLength(2);
    expect(gaps()[0]!.headers['webhook-id']).toMatch(/^msg_gap_/);
    expect(gaps()[1]!.headers['webhook-id']).toBe(gaps()[0]!.headers['webhook-id']);
    expect(Object.keys(gaps()[0]!.body)).toEqual(['type', 'cursor']);
    expect(positions(bench, id, gaps())).toEqual(Array(2).fill(bench.subscription(id).watermark));
    expect(bench.subscription(id)).toMatchObject({ lost: true, gapDue: false, pending: 0 });
  });

  it('suspends what has failed for an hour without a success, until it is refreshed', async () => {
    const id = await bench.subscribe(ann);
    bench.egress.react = () => 'timeout';
    for (let minute = 0; minute < 90; minute++) {
      await say(`${minute}`);
      await bench.pass(60_000, 1_000);
    }
    expect(bench.subscription(id)).toMatchObject({ active: false, lastError: 'timeout' });
    expect(bench.metrics.figures.suspended).toBe(1);
    const attempts = bench.egress.sent.length;
    const { pending } = bench.subscription(id);
    await say('more');
    await bench.pass(1_200_000, 5_000);
    expect(bench.egress.sent).toHaveLength(attempts);
    expect(bench.subscription(id).pending).toBe(pending);

    bench.egress.react = () => 204;
    await bench.subscribe(ann, { id });
    await bench.pass(10_000);
    expect(bench.subscription(id)).toMatchObject({ active: true, pending: 0, lastError: null });
    expect(bench.texts()).toContain('more');
  });

  it('keeps only so many outstanding and loses none of the others', async () => {
    await bench.stop();
    await setUp({ WEBHOOKS_BACKLOG: '3' });
    const id = await bench.subscribe(ann);
    bench.egress.react = () => 500;
    const texts = Array.from({ length: 8 }, (_, i) => `${i}`);
    await say(...texts);
    expect(bench.subscription(id).pending).toBe(3);
    bench.egress.react = () => 204;
    await bench.pass(30_000);
    expect([...new Set(bench.texts())].sort()).toEqual(texts);
    expect(bench.subscription(id)).toMatchObject({ lost: false, pending: 0 });
  });

  it('tells of a loss when the log did not keep what could not be sent in time', async () => {
    await bench.stop();
    await setUp({ WEBHOOKS_BACKLOG: '1', EVENT_LOG_ENTRIES: '3' });
    const id = await bench.subscribe(ann);
    bench.egress.react = () => 500;
    await say('a');
    await say('b', 'c', 'd', 'e', 'f');
    bench.egress.react = () => 204;
    await bench.pass(30_000);
    expect(bench.texts().slice(-3)).toEqual(['d', 'e', 'f']);
    expect(bench.egress.sent.some(({ body }) => body['type'] === 'gap')).toBe(true);
    expect(bench.subscription(id)).toMatchObject({ lost: true, pending: 0 });
  });

  it('does not send what is too large, and says that something is missing', async () => {
    await bench.stop();
    await setUp({ MESSAGE_MAX_CHARACTERS: '0' });
    const id = await bench.subscribe(ann);
    await say('x'.repeat(262_144), 'small');
    await bench.pass(500);
    expect(bench.texts()).toEqual(['small']);
    expect(bench.subscription(id).lost).toBe(true);
    expect(bench.egress.sent.at(-1)?.body['type']).toBe('gap');
  });

  it('ends the subscriptions of a participant that is no more and says so once', async () => {
    const id = await bench.subscribe(ann, { codes: 'sep' });
    bench.egress.react = () => 500;
    await bench.feed.terminate(ann, 'access_revoked');
    await bench.pass(5_000);
    expect(bench.store.find(id, bench.service.clock.now())).toBeUndefined();
    expect(bench.egress.sent).toHaveLength(1);
    expect(bench.egress.sent[0]!.headers['webhook-id']).toMatch(/^msg_terminated_/);
    expect(bench.egress.sent[0]!.body).toEqual({
      type: 'terminated',
      error: { code: -32024, message: 'Forbidden', data: { reason: 'access_revoked' } },
    });
    expect(bench.feed.watched).toBe(0);
  });

  it('ends a subscription to a type that there is no more, and no other', async () => {
    const gone = await bench.subscribe(ann, { name: 'weather.changed' });
    const id = await bench.subscribe(ann);
    await say('hello');
    expect(bench.store.find(gone, bench.service.clock.now())).toBeUndefined();
    expect(bench.egress.sent.map(({ body }) => body['type'] ?? body['name'])).toEqual([
      'terminated',
      'message.received',
    ]);
    expect(bench.egress.sent[0]?.body).toMatchObject({ error: { code: -32011, data: { kind: 'event' } } });
    expect(bench.subscription(id).pending).toBe(0);
  });

  it('ends the subscriptions of a participant that has been forgotten', async () => {
    await bench.stop();
    await setUp({ PRESENCE_TTL_SECONDS: '60', PRESENCE_GRACE_SECONDS: '10', EVENT_LOG_HOURS: '1' });
    const { clock, notifications } = bench.service;
    const id = await bench.subscribe(ann);
    for (let i = 0; i < 4; i++) {
      clock.advance(1_900_000);
      await notifications.upkeep();
    }
    await bench.feed.lookAfterSome();
    await bench.turn();
    expect(bench.store.find(id, clock.now())).toBeUndefined();
    expect(bench.egress.sent.at(-1)?.body).toMatchObject({
      type: 'terminated',
      error: { code: -32012, data: { reason: 'participant_not_found' } },
    });
  });

  it('costs participants without subscriptions nothing', async () => {
    await bench.subscribe(ann);
    expect(bench.feed.watched).toBe(1);
  });

  it.each([
    ['keeps its participant present while the endpoint answers', 204, 1],
    ['keeps nobody present while the endpoint does not answer', 500, 0],
  ])('%s', async (_, status, rooms) => {
    await bench.stop();
    await setUp({ PRESENCE_TTL_SECONDS: '60', PRESENCE_GRACE_SECONDS: '10' });
    const { clock, notifications, state } = bench.service;
    await bench.subscribe(ann);
    bench.egress.react = () => status;
    await say('anybody?');
    for (let seconds = 0; seconds < 90; seconds += 15) {
      clock.advance(15_000);
      await bench.feed.lookAfterSome();
      await bench.turn();
      state.renew([ben], clock.now());
      await notifications.renewListening();
      await notifications.upkeep();
    }
    expect(state.rooms(ben, clock.now()).rooms).toHaveLength(rooms);
  });

  it('delivers after a restart what was due, and nothing of what was acknowledged', async () => {
    const id = await bench.subscribe(ann);
    await say('acknowledged');
    bench.egress.react = ({ text }) => (text.includes('"retried"') ? 500 : 'hangs');
    await say('retried', 'in flight', 'waiting');
    const before = bench;
    expect(before.texts()).toEqual(['acknowledged', 'retried', 'in flight']);

    await before.feed.onModuleDestroy();
    await bench.service.rooms.send(ben, roomId, 'meanwhile');
    bench = before.restarted().start();
    await bench.turn();
    await bench.pass(130_000, 1_000);

    expect(bench.texts().sort()).toEqual(['in flight', 'meanwhile', 'retried', 'waiting']);
    expect(bench.subscription(id)).toMatchObject({ pending: 0, lost: false });
    expect(new Set(before.egress.sent.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  it('hands over at once what it has not begun when it is stopped in good order', async () => {
    await bench.subscribe(ann);
    bench.egress.react = () => 'hangs';
    await say('in flight', 'waiting');
    const before = bench;
    const stopping = before.stop();
    before.egress.release();
    await stopping;
    bench = before.restarted().start();
    await bench.pass(500);
    expect(before.texts()).toEqual(['in flight']);
    expect(bench.texts()).toEqual(['waiting']);
  });

  it('reads no log for what it has heard, and does when it may have missed something', async () => {
    await bench.subscribe(ann);
    const read = jest.spyOn(bench.service.state, 'readEvents');
    await say('one', 'two');
    expect([bench.texts(), read.mock.calls.length]).toEqual([['one', 'two'], 0]);
    bench.feed.wake(ann);
    await say('three');
    expect([bench.texts(), read.mock.calls.length]).toEqual([['one', 'two', 'three'], 1]);
  });

  it('goes on when another worker has made room', async () => {
    await bench.stop();
    await setUp({ WEBHOOKS_BACKLOG: '1' });
    await bench.subscribe(ann);
    bench.egress.react = () => 500;
    await say('one', 'two');
    const second = bench.restarted();
    bench.service.clock.advance(1_500);
    await second.worker.tick();
    await second.turn();
    expect(second.texts()).toEqual(['one']);
    bench.egress.react = () => 204;
    await bench.feed.lookAfterSome();
    await bench.turn();
    expect(bench.texts()).toEqual(['one', 'two']);
  });

  it('gives each delivery to one of several workers', async () => {
    await bench.subscribe(ann);
    const second = bench.restarted().start();
    await bench.turn();
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`);
    await say(...texts);
    await bench.pass(2_000);
    await second.pass(2_000);
    const all = [...bench.texts(), ...second.texts()].map(String);
    expect(all).toHaveLength(50);
    expect(all.sort()).toEqual([...texts].sort());
    await second.stop();
  });
});
