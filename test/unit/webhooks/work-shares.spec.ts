import { describe, expect, it } from '@jest/globals';
import { MemoryWebhookStore } from '../../../src/adapters/memory/memory-webhook-store.js';
import { WorkShares } from '../../../src/mcp-events/webhooks/work-shares.js';
import { FakeClock, SequentialIds } from '../../../src/testing/index.js';

describe('WorkShares', () => {
  const people = Array.from({ length: 600 }, (_, i) => `participant-${i}`);

  /** So many instances, each of which has heard of all the others. */
  async function several(count: number) {
    const [store, clock, ids] = [new MemoryWebhookStore(), new FakeClock(), new SequentialIds()];
    const instances = Array.from({ length: count }, () => new WorkShares(store, clock, ids));
    const round = async (some = instances) => {
      const changed: boolean[] = [];
      for (const instance of some) changed.push((await instance.attend()).changed);
      return changed;
    };
    for (let i = 0; i < 3; i++) await round();
    return { clock, instances, round };
  }
  const sharesOf = (instances: readonly WorkShares[]) =>
    instances.map((instance) => new Set(people.filter((id) => instance.isMine(id))));

  it('leaves everything to one that is alone, also before it has asked', async () => {
    const instance = new WorkShares(new MemoryWebhookStore(), new FakeClock(), new SequentialIds());
    expect(people.every((id) => instance.isMine(id))).toBe(true);
    await instance.attend();
    expect([instance.count, people.every((id) => instance.isMine(id))]).toEqual([1, true]);
  });

  it('gives everybody to one instance, about as many to each', async () => {
    const { instances } = await several(3);
    const shares = sharesOf(instances);
    for (const id of people) expect(shares.filter((share) => share.has(id))).toHaveLength(1);
    for (const share of shares) expect(share.size).toBeGreaterThan(people.length / 6);
    expect(instances.map(({ count }) => count)).toEqual([3, 3, 3]);
  });

  it('gives the share of one that leaves, and nothing else, to the others', async () => {
    const { instances, round } = await several(3);
    const before = sharesOf(instances);
    const [leaving, ...others] = instances;
    await leaving!.leave();
    for (let i = 0; i < 2; i++) await round(others);
    const after = sharesOf(others);
    for (const id of people) expect(after.filter((share) => share.has(id))).toHaveLength(1);
    for (const id of before[1]!) expect(after[0]!.has(id)).toBe(true);
    for (const id of before[2]!) expect(after[1]!.has(id)).toBe(true);
  });

  it('does the same a few seconds after one is gone without a word', async () => {
    const { clock, instances, round } = await several(2);
    const [, other] = instances;
    clock.advance(2_999);
    await round([other!]);
    clock.advance(1);
    expect(await round([other!])).toEqual([false]);
    expect(await round([other!])).toEqual([true]);
    expect(people.every((id) => other!.isMine(id))).toBe(true);
  });

  it('changes nothing for one that was cut off for a moment', async () => {
    const { clock, instances, round } = await several(2);
    const [here, there] = instances;
    clock.advance(3_000);
    expect(await round([here!])).toEqual([false]);
    expect(await round([there!])).toEqual([false]);
    expect(await round()).toEqual([false, false]);
    expect(instances.map(({ count }) => count)).toEqual([2, 2]);
  });
});
