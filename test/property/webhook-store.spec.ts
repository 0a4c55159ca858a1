import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryWebhookStore } from '../../src/adapters/memory/memory-webhook-store.js';
import { RedisWebhookStore } from '../../src/adapters/redis/webhooks/redis-webhook-store.js';
import type { Delivery, Outcome, WebhookStore, WebhookSubscription } from '../../src/ports/webhook-store.js';
import { describeOnRedis } from '../support/on-redis.js';

/** Times are whole ticks of the coarser of the two stores, in milliseconds. */
const TICK_MS = 100;
const TTL_MS = 100 * TICK_MS;
const LIMITS = { perParticipant: 2, total: 4 };

const ids = fc.constantFrom('s1', 's2', 's3');
const workers = fc.constantFrom('here', 'there');
const seqs = fc.integer({ min: 0, max: 12 });
const ticks = fc.integer({ min: 0, max: 40 }).map((count) => count * TICK_MS);

/** One call, in words that hold for any store. */
type Step =
  | { readonly step: 'pass'; readonly ms: number }
  | { readonly step: 'subscribe'; readonly id: string; readonly participantId: string; readonly secret: string }
  | { readonly step: 'unsubscribe'; readonly id: string }
  | {
      readonly step: 'advance';
      readonly id: string;
      readonly seqs: number[];
      readonly owner?: string;
      readonly gap: boolean;
    }
  | { readonly step: 'claim'; readonly owner: string; readonly ms: number; readonly except: boolean }
  | { readonly step: 'begin'; readonly id: string; readonly seq: number; readonly owner: string; readonly ms: number }
  | { readonly step: 'settle'; readonly id: string; readonly seq: number; readonly owner: string; readonly how: How }
  | { readonly step: 'sweep' };

type How = { readonly result: Outcome['result']; readonly ms: number; readonly last: boolean; readonly flag: boolean };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ step: fc.constant('pass' as const), ms: ticks }),
  fc.record({
    step: fc.constant('subscribe' as const),
    id: ids,
    participantId: fc.constantFrom('ann', 'ben'),
    secret: fc.constantFrom('sealed-1', 'sealed-2'),
  }),
  fc.record({ step: fc.constant('unsubscribe' as const), id: ids }),
  fc.record({
    step: fc.constant('advance' as const),
    id: ids,
    seqs: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }).map((all) => all.sort((a, b) => a - b)),
    owner: fc.option(workers, { nil: undefined }),
    gap: fc.boolean(),
  }),
  fc.record({ step: fc.constant('claim' as const), owner: workers, ms: ticks, except: fc.boolean() }),
  fc.record({ step: fc.constant('begin' as const), id: ids, seq: seqs, owner: workers, ms: ticks }),
  fc.record({
    step: fc.constant('settle' as const),
    id: ids,
    seq: seqs,
    owner: workers,
    how: fc.record({
      result: fc.constantFrom<Outcome['result']>('delivered', 'refused', 'failed', 'postponed', 'lost'),
      ms: ticks,
      last: fc.boolean(),
      flag: fc.boolean(),
    }),
  }),
  fc.record({ step: fc.constant('sweep' as const) }),
);

const byId = (all: readonly WebhookSubscription[]) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
const byKey = (all: readonly Delivery[]) =>
  [...all].sort((a, b) => a.subscriptionId.localeCompare(b.subscriptionId) || a.seq - b.seq);
const endpointOf = (id: string) => `https://${id === 's3' ? 'b' : 'a'}.example`;

function outcomeOf(step: Extract<Step, { step: 'settle' }>, at: number): Outcome {
  const { id: subscriptionId, seq, owner, how } = step;
  const { result, ms, last, flag } = how;
  const base = { subscriptionId, seq, owner, at };
  switch (result) {
    case 'delivered':
      return { ...base, result, ...(flag && { gap: 'msg_gap_2' }) };
    case 'refused':
      return { ...base, result, category: 'http_4xx' };
    case 'failed':
      return {
        ...base,
        ...{ result, category: 'timeout', retryAt: last ? null : at + ms, suspend: flag },
        ...(ms > 2_000 && { pauseUntil: at + ms }),
      };
    case 'postponed':
      return { ...base, result, until: at + ms };
    case 'lost':
      return { ...base, result };
  }
}

/** Takes a step and says all that can be seen of it. */
async function take(store: WebhookStore, step: Step, now: number): Promise<unknown> {
  const lease = (owner: string, ms: number) => ({ owner, until: now + ms });
  switch (step.step) {
    case 'pass':
      return undefined;
    case 'subscribe': {
      const { id, participantId, secret } = step;
      const found = await store.find(id, now);
      return store.subscribe(
        {
          ...{ id, secret, name: 'message.received', arguments: { room_id: 'r' }, codes: 'sep', url: `${id}/hook` },
          participantId: found?.participantId ?? participantId,
          logId: 'log',
          endpoint: endpointOf(id),
          expiresAt: now + TTL_MS,
          seen: 0,
          previousSecretUntil: now + TICK_MS,
        },
        LIMITS,
        now,
      );
    }
    case 'unsubscribe':
      return store.unsubscribe(step.id, now);
    case 'advance': {
      const from = (await store.find(step.id, now))?.seen ?? 0;
      const found = step.seqs.map((seq) => from + seq);
      const advance = { subscriptionId: step.id, from, to: found.at(-1) ?? from, seqs: found };
      const gap = step.gap ? { gap: 'msg_gap_1' } : {};
      return store.advance({ ...advance, ...gap }, step.owner === undefined ? undefined : lease(step.owner, 500), now);
    }
    case 'claim': {
      const except = new Set(step.except ? [endpointOf('s1')] : []);
      const claim = { now, lease: lease(step.owner, step.ms), limit: 100, perEndpoint: 100, except };
      return byKey(await store.claim(claim));
    }
    case 'begin':
      return store.begin(step.id, step.seq, lease(step.owner, step.ms), now);
    case 'settle':
      return store.settle([outcomeOf(step, now)]);
    case 'sweep':
      return store.sweep(now, 10);
  }
}

describeOnRedis('webhooks in Redis', (here) => {
  let runs = 0;

  it('are what they are in memory, whatever is done with them, and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 60 }), async (all) => {
        const [memory, shared] = [new MemoryWebhookStore(), new RedisWebhookStore(here.connection, `run-${++runs}`)];
        let now = 1_795_000_000_000;
        for (const step of all) {
          if (step.step === 'pass') now += step.ms;
          expect(await take(shared, step, now)).toEqual(await take(memory, step, now));
          for (const participantId of ['ann', 'ben']) {
            const [here, there] = [memory, shared].map((store) => store.ofParticipant(participantId, now));
            expect(byId(await there!)).toEqual(byId(await here!));
          }
        }
        await shared.sweep(now + TTL_MS, 100);
        expect(await shared.counts()).toEqual({ subscriptions: 0, pending: 0 });
        const left = await here.redis.control.keys(`{run-${runs}}*`);
        expect(left.filter((key) => !key.endsWith(':meta'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
