import { describe, expect, it } from '@jest/globals';
import { EventsKey } from '../../../src/mcp-events/events-key.js';
import { SecretBox } from '../../../src/mcp-events/webhooks/secret-box.js';
import { signedHeaders, signerOf } from '../../../src/mcp-events/webhooks/signed-message.js';
import { SubscriptionSigners } from '../../../src/mcp-events/webhooks/subscription-signers.js';
import { requireSecret } from '../../../src/mcp-events/webhooks/webhook-secret.js';
import { loadConfig } from '../../../src/config/index.js';
import type { WebhookSubscription } from '../../../src/ports/webhook-store.js';

const boxOf = (key: string) => new SecretBox(new EventsKey(loadConfig({ EVENTS_KEY: key.repeat(32) })));
const secret = Buffer.alloc(24, 5);

describe('signing secrets', () => {
  it.each([
    ['with padding', `whsec_${Buffer.alloc(25, 251).toString('base64')}`],
    ['without padding', `whsec_${Buffer.alloc(25, 251).toString('base64').replace(/=/g, '')}`],
  ])('are taken %s', (_, text) => {
    expect(requireSecret(text)).toEqual(Buffer.alloc(25, 251));
  });

  it.each([
    ['nothing', undefined],
    ['a number', 7],
    ['no prefix', Buffer.alloc(32).toString('base64')],
    ['23 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['the alphabet for URLs', `whsec_${Buffer.alloc(24, 251).toString('base64url')}`],
    ['something after it', `whsec_${Buffer.alloc(24).toString('base64')} `],
    ['too few characters of base64', `whsec_${'A'.repeat(33)}`],
  ])('are refused when they are %s', (_, value) => {
    expect(() => requireSecret(value)).toThrow('delivery.secret must be whsec_');
  });

  it('are never kept as they are, nor twice the same', () => {
    const box = boxOf('a');
    const [one, two] = [box.seal(secret, 'sub_1'), box.seal(secret, 'sub_1')];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64url').includes(secret)).toBe(false);
    expect([box.open(one, 'sub_1'), boxOf('a').open(two, 'sub_1')]).toEqual([secret, secret]);
  });

  it('can be read neither with another key, nor for another subscription, nor when changed', () => {
    const sealed = boxOf('a').seal(secret, 'sub_1');
    const changed = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'Q' : 'A'}`;
    expect(boxOf('b').open(sealed, 'sub_1')).toBeUndefined();
    expect(boxOf('a').open(sealed, 'sub_2')).toBeUndefined();
    expect(boxOf('a').open(changed, 'sub_1')).toBeUndefined();
    expect(boxOf('a').open('', 'sub_1')).toBeUndefined();
    expect(boxOf('a').open(sealed.slice(0, 20), 'sub_1')).toBeUndefined();
  });

  it('sign as Standard Webhooks says', () => {
    const key = requireSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signedHeaders(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'sub_1',
      '{"test": 2432232314}',
      [signerOf(key)],
      1_614_265_330_999,
    );
    expect(headers).toEqual({
      'Content-Type': 'application/json',
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      'X-MCP-Subscription-Id': 'sub_1',
    });
  });

  it('sign beside the one before until its time is over', () => {
    const box = boxOf('a');
    const signers = new SubscriptionSigners(box);
    const subscription = {
      id: 'sub_1',
      secret: box.seal(secret, 'sub_1'),
      previousSecret: box.seal(Buffer.alloc(32, 6), 'sub_1'),
      previousSecretUntil: 1_000,
    } as WebhookSubscription;
    expect(signers.of(subscription, 999)).toHaveLength(2);
    expect(signers.of(subscription, 1_000)).toHaveLength(1);
    expect(signers.of(subscription, 999)?.[0]).toBe(signers.of(subscription, 1_000)?.[0]);
    expect(new SubscriptionSigners(boxOf('b')).of(subscription, 0)).toBeUndefined();
  });
});
