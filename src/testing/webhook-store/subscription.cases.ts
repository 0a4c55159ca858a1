import assert from 'node:assert/strict';
import type { WebhookCases } from './cases.js';
import { TTL_MS } from './scene.js';

export const subscriptionCases: WebhookCases = (it) => {
  it('keeps what was asked for, and nothing else about a new subscription', async (scene) => {
    const wish = scene.wish('s1', { arguments: { room_id: 'r1' }, seen: 7 });
    const subscribed = await scene.store.subscribe(wish, { perParticipant: 1, total: 1 }, scene.now);

    assert.deepEqual(subscribed, {
      status: 'created',
      subscription: {
        ...wish,
        previousSecret: null,
        createdAt: scene.now,
        active: true,
        lost: false,
        gapDue: false,
        pausedUntil: 0,
        lastDeliveryAt: null,
        lastError: null,
        failedSince: null,
        failures: 0,
        pending: 0,
        watermark: 7,
      },
    });
    assert.deepEqual(await scene.live('s1'), subscribed.subscription);
  });

  it('refreshes the live one of the same id: a later end, the same place in the log', async (scene) => {
    await scene.subscribe('s1', { seen: 3 });
    await scene.found('s1', [4, 6]);
    scene.clock.advance(1_000);
    const refreshed = await scene.subscribe('s1', { seen: 0, codes: 'sep' });

    assert.equal(refreshed.status, 'refreshed');
    const { seen, watermark, expiresAt, codes, previousSecret } = await scene.live('s1');
    assert.deepEqual(
      { seen, watermark, expiresAt, codes, previousSecret },
      { seen: 6, watermark: 3, expiresAt: scene.now + TTL_MS, codes: 'sep', previousSecret: null },
    );
  });

  it('keeps the secret before for a while when there is a new one', async (scene) => {
    await scene.subscribe('s1', { secret: 'sealed-1' });
    await scene.subscribe('s1', { secret: 'sealed-2', previousSecretUntil: 42 });
    await scene.subscribe('s1', { secret: 'sealed-2', previousSecretUntil: 43 });

    const { secret, previousSecret, previousSecretUntil } = await scene.live('s1');
    assert.deepEqual([secret, previousSecret, previousSecretUntil], ['sealed-2', 'sealed-1', 42]);
  });

  it('says how it stood before a refresh, which makes good for losses and suspension', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1, 2], { owner: 'me' });
    await scene.fail('s1', 1);
    await scene.fail('s1', 2, scene.now + 1_000, true);
    const refreshed = await scene.subscribe('s1');

    assert.ok(refreshed.status === 'refreshed');
    const { active, lost, gapDue, lastError, failedSince, failures } = refreshed.before;
    assert.deepEqual([active, lost, gapDue, lastError, failures], [false, true, true, 'timeout', 2]);
    assert.equal(failedSince, scene.now);
    const after = refreshed.subscription;
    assert.deepEqual([after.active, after.lost, after.gapDue, after.failures], [true, false, false, 0]);
    assert.deepEqual(await scene.claimed(), ['s1:2'], 'what was set aside is due again');
  });

  it('is gone when its time is over, with what was outstanding', async (scene) => {
    await scene.subscribe('s1', { seen: 1 });
    await scene.found('s1', [2]);
    scene.clock.advance(TTL_MS);

    assert.equal(await scene.store.find('s1', scene.now), undefined);
    assert.deepEqual(await scene.store.ofParticipant('ann', scene.now), []);
    assert.equal(await scene.store.unsubscribe('s1', scene.now), undefined);
    const again = await scene.subscribe('s1', { seen: 5 });
    assert.deepEqual([again.status, (await scene.live('s1')).seen], ['created', 5]);
    assert.deepEqual(await scene.claimed(), []);
  });

  it('is gone at once when it is ended, with what was outstanding, even what is held', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1, 2], { owner: 'me' });
    const removed = await scene.store.unsubscribe('s1', scene.now);

    assert.equal(removed?.id, 's1');
    assert.equal(await scene.store.unsubscribe('s1', scene.now), undefined);
    assert.equal(await scene.begin('s1', 1), undefined);
    await scene.settle('s1', 2, { result: 'delivered' });
    assert.deepEqual(await scene.store.counts(), { subscriptions: 0, pending: 0 });
  });

  it('sweeps what is over and nothing else', async (scene) => {
    await scene.subscribe('s1');
    await scene.found('s1', [1]);
    await scene.subscribe('s2', { expiresAt: scene.now + 2 * TTL_MS });
    scene.clock.advance(TTL_MS + 1_000);
    await scene.store.sweep(scene.now, 100);

    assert.deepEqual(await scene.store.counts(), { subscriptions: 1, pending: 0 });
    assert.equal((await scene.live('s2')).id, 's2');
  });

  it('refuses new ones beyond its limits, and never a refresh', async (scene) => {
    const limits = { perParticipant: 2, total: 3 };
    const status = async (id: string, participantId: string) => {
      const subscribed = await scene.subscribe(id, { participantId }, limits);
      return subscribed.status === 'refused' ? subscribed.limit : subscribed.status;
    };

    assert.deepEqual([await status('s1', 'ann'), await status('s2', 'ann')], ['created', 'created']);
    assert.deepEqual([await status('s3', 'ann'), await status('s1', 'ann')], ['perParticipant', 'refreshed']);
    assert.deepEqual([await status('s4', 'ben'), await status('s5', 'cyn')], ['created', 'total']);
    assert.equal(await scene.store.full('cyn', limits, scene.now), 'total');
    scene.clock.advance(TTL_MS);
    assert.equal(await scene.store.full('ann', limits, scene.now), undefined, 'what is over makes room');
  });

  it('lists the subscriptions of a participant, and the participants a page at a time', async (scene) => {
    for (const [id, participantId] of [
      ['s1', 'ann'],
      ['s2', 'ben'],
      ['s3', 'ann'],
      ['s4', 'cyn'],
    ] as const) {
      await scene.subscribe(id, { participantId });
    }
    await scene.subscribe('s5', { participantId: 'dan', expiresAt: scene.now + 1_000 });
    scene.clock.advance(1_000);

    const own = await scene.store.ofParticipant('ann', scene.now);
    assert.deepEqual(own.map(({ id }) => id).sort(), ['s1', 's3']);
    const all: string[] = [];
    let after: number | undefined = 0;
    do {
      const page: { participantIds: readonly string[]; next: number | undefined } = await scene.store.participants(
        after,
        2,
        scene.now,
      );
      assert.ok(page.participantIds.length <= 2);
      all.push(...page.participantIds);
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(all.sort(), ['ann', 'ben', 'cyn']);
  });
};
