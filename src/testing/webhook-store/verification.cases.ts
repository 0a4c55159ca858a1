import assert from 'node:assert/strict';
import type { WebhookCases } from './cases.js';

export const verificationCases: WebhookCases = (it) => {
  it('remembers a verification of one participant and one URL until its end', async ({ store, clock }) => {
    await store.verify('ann', 'https://a.example/hook', clock.now() + 1_000);

    assert.equal(await store.verified('ann', 'https://a.example/hook', clock.now()), true);
    assert.equal(await store.verified('ben', 'https://a.example/hook', clock.now()), false);
    assert.equal(await store.verified('ann', 'https://a.example/hook?', clock.now()), false);
    clock.advance(1_000);
    assert.equal(await store.verified('ann', 'https://a.example/hook', clock.now()), false);
  });

  it('sweeps verifications that are over, and no others', async ({ store, clock }) => {
    await store.verify('ann', 'https://a.example/1', clock.now() + 1_000);
    await store.verify('ann', 'https://a.example/2', clock.now() + 9_000);
    clock.advance(2_000);
    await store.sweep(clock.now(), 100);

    assert.equal(await store.verified('ann', 'https://a.example/2', clock.now()), true);
    assert.equal(await store.verified('ann', 'https://a.example/1', clock.now()), false);
  });
};
