import assert from 'node:assert/strict';
import { GAP } from '../../ports/webhook-store.js';
import type { WebhookCases } from './cases.js';
import { LEASE_MS } from './scene.js';

export const outboxCases: WebhookCases = (it) => {
  it('moves a subscription on only from where it is', async (scene) => {
    await scene.subscribe('s1', { seen: 5 });

    assert.equal(await scene.found('s1', [6, 8], { to: 9 }), true);
    assert.equal(await scene.found('s1', [6, 8], { from: 5, to: 9 }), false, 'somebody else was quicker');
    assert.equal(await scene.store.advance({ subscriptionId: 'no', from: 0, to: 1, seqs: [] }, undefined, 0), false);
    const { seen, pending } = await scene.live('s1');
    assert.deepEqual([seen, pending], [9, 2]);
    assert.deepEqual(await scene.claimed(), ['s1:6', 's1:8']);
  });

  it('gives a delivery to one worker at a time', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1], { owner: 'you' });
    await scene.found('s1', [2]);

    assert.deepEqual(await scene.claimed(), ['s1:2']);
    assert.deepEqual(await scene.claimed({ lease: scene.lease('you') }), []);
    assert.equal(await scene.begin('s1', 1), undefined);
    assert.equal((await scene.begin('s1', 1, 'you'))?.delivery.seq, 1);
    await scene.settle('s1', 1, { result: 'delivered' });
    assert.equal((await scene.live('s1')).pending, 2, 'what somebody else holds cannot be settled');
  });

  it('gives a delivery to another worker when its lease ends, and only then', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1], { owner: 'you' });
    scene.clock.advance(LEASE_MS - 200);
    assert.deepEqual(await scene.claimed(), []);
    assert.ok(await scene.begin('s1', 1, 'you'), 'which renews the lease');
    scene.clock.advance(LEASE_MS - 200);
    assert.deepEqual(await scene.claimed(), []);
    scene.clock.advance(400);

    assert.deepEqual(await scene.claimed(), ['s1:1']);
    assert.equal(await scene.begin('s1', 1, 'you'), undefined);
    await scene.settle('s1', 1, { owner: 'you', result: 'delivered' });
    assert.equal((await scene.live('s1')).pending, 1);
  });

  it('has the facts of a delivery when it begins', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [3], { owner: 'me' });
    const since = scene.now;
    await scene.fail('s1', 3, scene.now + 1_000);
    scene.clock.advance(1_200);
    const [claimed] = await scene.claim();
    await scene.subscribe('s1', { secret: 'sealed-2' });
    const attempt = await scene.begin('s1', 3);

    assert.deepEqual(attempt?.delivery, claimed);
    assert.deepEqual(claimed, {
      subscriptionId: 's1',
      participantId: 'ann',
      endpoint: 'https://a.example',
      seq: 3,
      attempts: 1,
      since,
    });
    assert.equal(attempt?.subscription.secret, 'sealed-2', 'what has changed since counts');
  });

  it('has a failed delivery due at its time, to within a quarter of a second', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1], { owner: 'me' });
    await scene.fail('s1', 1, scene.now + 5_000);
    scene.clock.advance(4_999);
    assert.deepEqual(await scene.claimed(), []);
    scene.clock.advance(251);
    assert.deepEqual(await scene.claimed(), ['s1:1']);
  });

  it('serves all endpoints in turn, few deliveries of each, and none of those that are not wanted', async (scene) => {
    for (const [id, endpoint] of [
      ['a', 'https://a.example'],
      ['b', 'https://b.example'],
      ['c', 'https://c.example'],
    ] as const) {
      await scene.subscribe(id, { endpoint });
      await scene.found(id, [1, 2, 3, 4]);
    }
    const claimed = await scene.claimed({ perEndpoint: 2, except: new Set(['https://b.example']) });
    assert.deepEqual(claimed.sort(), ['a:1', 'a:2', 'c:1', 'c:2']);
    const few = [await scene.claimed({ limit: 2, perEndpoint: 1 }), await scene.claimed({ limit: 1 })].flat();
    assert.equal(new Set(few.map((key) => key[0])).size, 3, 'whoever was passed over comes first');
  });

  it('has a watermark below everything outstanding', async (scene) => {
    await scene.subscribe('s1', { seen: 2 });
    await scene.found('s1', [3, 5, 8], { to: 10, owner: 'me' });
    const marks = async () => {
      const each = await Promise.all([3, 5, 8].map(async (seq) => (await scene.begin('s1', seq))?.watermark));
      return [(await scene.live('s1')).watermark, ...each];
    };

    assert.deepEqual(await marks(), [2, 4, 2, 2]);
    await scene.settle('s1', 5, { result: 'delivered' });
    assert.deepEqual(await marks(), [2, 7, undefined, 2]);
    await scene.fail('s1', 3, scene.now + 1_000);
    assert.deepEqual(await marks(), [2, undefined, undefined, 2], 'what will be retried is outstanding');
    scene.clock.advance(1_200);
    await scene.claim();
    await scene.fail('s1', 3);
    assert.deepEqual(await marks(), [7, undefined, undefined, 10], 'what was given up is not');
    await scene.settle('s1', 8, { result: 'refused', category: 'http_4xx' });
    assert.deepEqual(await marks(), [10, undefined, undefined, undefined]);
  });

  it('remembers how deliveries fare', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1, 2, 3, 4], { owner: 'me' });
    const health = async () => {
      const { lastDeliveryAt, lastError, failedSince, failures } = await scene.live('s1');
      return [lastDeliveryAt, lastError, failedSince, failures];
    };
    const first = scene.now;
    await scene.fail('s1', 1, first + 90_000);
    scene.clock.advance(10);
    await scene.fail('s1', 2, first + 90_000);
    assert.deepEqual(await health(), [null, 'timeout', first, 2]);
    scene.clock.advance(10);
    await scene.settle('s1', 3, { result: 'delivered' });
    assert.deepEqual(await health(), [first + 20, null, null, 0]);
    await scene.settle('s1', 4, { result: 'refused', category: 'http_4xx' });
    assert.deepEqual(await health(), [first + 20, 'http_4xx', null, 0]);
  });

  it('remembers that the endpoint asked for a pause, the longest there was', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1, 2], { owner: 'me' });
    const failed = { result: 'failed', category: 'http_4xx', suspend: false } as const;
    await scene.settle('s1', 1, { ...failed, retryAt: 9_000, pauseUntil: 9_000 });
    await scene.settle('s1', 2, { ...failed, retryAt: 8_000, pauseUntil: 8_000 });
    assert.equal((await scene.live('s1')).pausedUntil, 9_000);
  });

  it('does not count what was put off as an attempt', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1], { owner: 'me' });
    await scene.settle('s1', 1, { result: 'postponed', until: scene.now + 1_000 });
    assert.deepEqual(await scene.claimed(), []);
    scene.clock.advance(1_200);
    const [again] = await scene.claim();
    assert.deepEqual([again?.seq, again?.attempts, (await scene.live('s1')).lastError], [1, 0, null]);
  });

  it('takes in and gives out nothing of a suspended subscription', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1, 2, 3, 4], { owner: 'me' });
    await scene.fail('s1', 1, scene.now + 1_000);
    await scene.fail('s1', 2, scene.now + 1_000, true);
    await scene.settle('s1', 3, { result: 'postponed', until: scene.now });
    scene.clock.advance(2 * LEASE_MS);

    assert.equal(await scene.begin('s1', 4), undefined);
    assert.deepEqual(await scene.claimed(), []);
    assert.equal(await scene.found('s1', [5]), false);
    await scene.subscribe('s1');
    assert.deepEqual((await scene.claimed()).sort(), ['s1:1', 's1:2', 's1:3', 's1:4']);
  });

  it('knows when events were lost until the next refresh', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1, 2], { owner: 'me' });
    const loss = async () => {
      const { lost, gapDue } = await scene.live('s1');
      return [lost, gapDue];
    };
    assert.deepEqual(await loss(), [false, false]);
    await scene.settle('s1', 1, { result: 'lost' });
    assert.deepEqual(await loss(), [true, true]);
    await scene.settle('s1', 2, { result: 'delivered', gap: 'msg_gap_1' });
    assert.deepEqual(await loss(), [true, false], 'the subscriber is being told');
    const [gap] = await scene.claim();
    assert.deepEqual([gap?.seq, gap?.messageId, (await scene.live('s1')).watermark], [GAP, 'msg_gap_1', 2]);
    await scene.settle('s1', GAP, { result: 'delivered' });
    await scene.subscribe('s1');
    assert.deepEqual(await loss(), [false, false]);
  });

  it('has one gap at a time, which keeps its id and counts for no event', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [7], { gap: 'msg_gap_1' });
    await scene.found('s1', [9], { gap: 'msg_gap_2' });
    const { lost, watermark, pending } = await scene.live('s1');
    assert.deepEqual([lost, watermark, pending], [true, 6, 3]);
    const gap = (await scene.claim()).find(({ seq }) => seq === GAP);
    assert.equal(gap?.messageId, 'msg_gap_1');
    await scene.fail('s1', GAP);
    assert.deepEqual([(await scene.live('s1')).gapDue, (await scene.live('s1')).pending], [false, 2]);
  });

  it('counts what there is', async (scene) => {
    await scene.subscribe('s1');
    await scene.subscribe('s2');
    await scene.found('s1', [1, 2], { owner: 'me' });
    await scene.found('s2', [1]);
    assert.deepEqual(await scene.store.counts(), { subscriptions: 2, pending: 3 });
    await scene.settle('s1', 1, { result: 'delivered' });
    assert.deepEqual(await scene.store.counts(), { subscriptions: 2, pending: 2 });
  });
};
