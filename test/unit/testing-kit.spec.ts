import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from '../../src/domain/cursor.js';
import {
  describeStateStoreContract,
  FakeClock,
  SequentialIds,
  stateLimits,
  type TestApi,
  ticketOf,
} from '../../src/testing/index.js';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.js';

/** Runs a suite at once and collects which cases fail. */
async function outcome(describeSuite: (api: TestApi) => void): Promise<{ passed: string[]; failed: string[] }> {
  const cases: [string, () => Promise<void>][] = [];
  describeSuite({ describe: (_, body) => body(), it: (name, body) => cases.push([name, body]) });
  const passed: string[] = [];
  const failed: string[] = [];
  for (const [name, body] of cases) {
    await body().then(
      () => passed.push(name),
      () => failed.push(name),
    );
  }
  return { passed, failed };
}

describe('the testing kit', () => {
  it('lets time stand still until it is moved', () => {
    const clock = new FakeClock(1_000);
    expect([clock.now(), clock.advance(500), clock.now()]).toEqual([1_000, 1_500, 1_500]);
  });

  it('gives ids that are new each time, the same in each run, and of the shape that cursors need', () => {
    const [one, other] = [new SequentialIds(), new SequentialIds()];
    const draw = (ids: SequentialIds) => [ids.uuid(), ids.uuid(), ids.secret(16), ids.secret(32), ids.random()];

    const drawn = draw(one);
    expect(drawn).toEqual(draw(other));
    expect(new Set(drawn).size).toBe(5);
    expect(drawn[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const logId = one.secret(16);
    expect(decodeCursor(logId, encodeCursor(logId, 7))).toBe(7);
    const numbers = Array.from({ length: 1_000 }, () => one.random());
    expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true);
    expect(numbers.reduce((sum, n) => sum + n) / 1_000).toBeCloseTo(0.5, 1);
    expect(new SequentialIds(2).random()).not.toBe(new SequentialIds(1).random());
  });

  it('builds tickets and limits with what a test wants different', () => {
    expect(ticketOf('ann', { pool: 'mentors' })).toMatchObject({ participantId: 'ann', pool: 'mentors', version: 1 });
    expect(stateLimits({ roomHistory: 5 })).toMatchObject({ roomHistory: 5, graceMs: 30_000 });
  });

  it('takes the functions of any test runner, its globals by default', async () => {
    const result = await outcome((api) =>
      describeStateStoreContract('x', (limits) => new MemoryStateStore(limits), api),
    );
    expect(result.failed).toEqual([]);
    expect(result.passed.length).toBeGreaterThan(100);
    expect(new Set(result.passed).size).toBe(result.passed.length);
  });

  it('awaits a store that answers later', async () => {
    const later = (limits: ReturnType<typeof stateLimits>) =>
      new Proxy(new MemoryStateStore(limits), {
        get: (store, name) => {
          const step: unknown = Reflect.get(store, name);
          if (typeof step !== 'function') return step;
          return async (...args: unknown[]) => {
            await Promise.resolve();
            return Reflect.apply(step, store, args) as unknown;
          };
        },
      });
    const result = await outcome((api) => describeStateStoreContract('x', later, api));
    expect(result.failed).toEqual([]);
  });

  it('finds a store out that breaks its promises', async () => {
    class Forgetful extends MemoryStateStore {
      override acknowledge(): void {}
    }
    class Talkative extends MemoryStateStore {
      override claim(...args: Parameters<MemoryStateStore['claim']>): ReturnType<MemoryStateStore['claim']> {
        const claimed = super.claim(...args);
        return claimed && { ...claimed, appended: [...claimed.appended, ...claimed.appended] };
      }
    }
    for (const Store of [Forgetful, Talkative]) {
      const result = await outcome((api) => describeStateStoreContract('x', (limits) => new Store(limits), api));
      expect(result.failed).not.toEqual([]);
    }
  });
});
