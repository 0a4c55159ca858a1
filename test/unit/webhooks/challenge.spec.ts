import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryWebhookStore } from '../../../src/adapters/memory/memory-webhook-store.js';
import type { Egress } from '../../../src/mcp-events/egress/index.js';
import { DeliveryMetrics } from '../../../src/mcp-events/webhooks/delivery-metrics.js';
import { EndpointChallenge } from '../../../src/mcp-events/webhooks/endpoint-challenge.js';
import { HandshakeLimits } from '../../../src/mcp-events/webhooks/handshake-limits.js';
import { FakeClock, SequentialIds } from '../../../src/testing/index.js';
import { FakeEgress, type Reaction, type Sent } from '../../support/webhooks.js';

const repeated = ({ body }: Sent): Reaction => ({
  status: 200,
  body: Buffer.from(JSON.stringify({ challenge: body['challenge'] })),
});

describe('EndpointChallenge', () => {
  const clock = new FakeClock();
  const metrics = new DeliveryMetrics();
  let egress: FakeEgress;
  let challenge: EndpointChallenge;

  beforeEach(() => {
    egress = new FakeEgress(() => clock.now());
    egress.react = repeated;
    const store = new MemoryWebhookStore();
    const way = egress as unknown as Egress;
    challenge = new EndpointChallenge(way, new HandshakeLimits(store), metrics, store, clock, new SequentialIds());
  });

  const require = (participantId = 'ann', url = 'https://a.example/hook', endpoint = 'https://a.example') =>
    challenge.require({ subscriptionId: 'sub_1', participantId, url, endpoint, secret: Buffer.alloc(32) });

  it('asks once a day for each participant and URL', async () => {
    await require();
    await require();
    expect(egress.sent).toHaveLength(1);
    await require('ben');
    await require('ann', 'https://a.example/hook?');
    expect(egress.sent).toHaveLength(3);
    clock.advance(86_400_000);
    await require();
    expect(egress.sent).toHaveLength(4);
    expect(new Set(egress.sent.map(({ body }) => body['challenge'])).size).toBe(4);
    expect(new Set(egress.sent.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
  });

  it('asks once for all who wait for the same', async () => {
    await Promise.all([require(), require(), require()]);
    expect(egress.sent).toHaveLength(1);
  });

  it.each([
    ['another challenge', { status: 200, body: Buffer.from('{"challenge":"x"}') }],
    ['no JSON', { status: 200, body: Buffer.from('hello') }],
    ['no object', { status: 200, body: Buffer.from('[1]') }],
    ['nothing', 204],
    ['a server error', 500],
    ['a redirect', 302],
  ] as const)('does not take %s for an answer', async (_, reaction) => {
    egress.react = () => reaction;
    const failure = { name: 'CallbackEndpointError', data: { reason: 'challenge_failed' } };
    await expect(require()).rejects.toMatchObject(failure);
    await expect(require()).rejects.toMatchObject(failure);
    expect(egress.sent).toHaveLength(2);
  });

  it('does not take the right answer with the wrong status', async () => {
    egress.react = (sent) => ({ ...(repeated(sent) as object), status: 400 });
    await expect(require()).rejects.toMatchObject({ data: { reason: 'challenge_failed' } });
  });

  it.each(['connection_refused', 'timeout', 'tls_error'] as const)(
    'says %s of an endpoint it cannot reach',
    async (why) => {
      egress.react = () => why;
      await expect(require()).rejects.toMatchObject({ data: { reason: why } });
    },
  );

  it('bothers nobody without bounds', async () => {
    egress.react = () => 500;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 70 }, (_, i) => require('ann', `https://a.example/${i}`)),
    );
    const limited = outcomes.filter(
      (outcome) => outcome.status === 'rejected' && (outcome.reason as Error).name === 'ResourceExhausted',
    );
    expect([egress.sent.length, limited.length]).toEqual([60, 10]);
    await Promise.allSettled(Array.from({ length: 700 }, (_, i) => require(`p${i}`)));
    expect(egress.sent).toHaveLength(600);
    egress.react = () => 'throttled';
    await expect(require('cyn', 'https://b.example/', 'https://b.example')).rejects.toMatchObject({
      name: 'ResourceExhausted',
    });
  });
});
