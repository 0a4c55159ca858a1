import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryFigureLog } from '../../../src/adapters/memory/memory-figure-log.js';
import type { ParleyConfig } from '../../../src/config/index.js';
import { stateUnavailable } from '../../../src/domain/errors.js';
import { FiguresService } from '../../../src/figures/index.js';
import type { Sampler } from '../../../src/figures/sampler.js';
import type { InstancesService } from '../../../src/instances/index.js';
import type { IdentityVerifier } from '../../../src/ports/identity-verifier.js';
import { FakeClock } from '../../../src/testing/index.js';

const NOON = Date.UTC(2026, 0, 1, 12);

describe('samples', () => {
  const clock = new FakeClock(NOON + 3_200);
  const log = new MemoryFigureLog();
  const take = jest.fn(async () => ({ messages: 1 }));
  const sampler = { start: jest.fn(), stop: jest.fn(), take } as unknown as Sampler;
  const instances = { id: 'one' } as InstancesService;
  const serviceWith = (admin: ParleyConfig['admin'], verifier: IdentityVerifier | null = null) =>
    new FiguresService(sampler, instances, log, clock, { admin } as ParleyConfig, verifier);
  let service: FiguresService;

  const pass = async (ms: number) => {
    clock.advance(ms);
    await jest.advanceTimersByTimeAsync(ms);
  };

  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    service.onModuleDestroy();
    jest.useRealTimers();
  });

  it('are taken at the same moments everywhere, and told of once those of all are there', async () => {
    service = serviceWith({ token: 'secret' });
    service.onModuleInit();
    service.onApplicationBootstrap();
    await pass(6_799);
    expect(take).not.toHaveBeenCalled();
    await pass(1);
    expect(log.since(0).map(({ at }) => at)).toEqual([NOON + 10_000]);
    expect((await service.series()).at).toEqual([]);
    await pass(2_000);
    expect(await service.series()).toEqual({
      intervalMs: 10_000,
      at: [NOON + 10_000],
      series: [{ name: 'messages', of: null, unit: 'per_minute', values: [6] }],
    });
    await pass(8_000);
    expect(log.since(NOON + 10_000).map(({ at }) => at)).toEqual([NOON + 20_000]);
  });

  it('are lost without a word while the state is away', async () => {
    service = serviceWith({ token: 'secret' });
    take.mockRejectedValueOnce(stateUnavailable());
    await service.sample(NOON + 90_000);
    expect(log.since(NOON + 80_000)).toEqual([]);
  });

  it.each([
    ['there are no operators', null, null, 0],
    ['nobody is known as one', { token: null }, null, 0],
    ['tokens say who is', { token: null }, { verify: async () => ({ error: 'invalid' }) }, 6],
  ] as const)('are taken only where somebody would see them: %s', async (_, admin, verifier, times) => {
    take.mockClear();
    service = serviceWith(admin, verifier as IdentityVerifier | null);
    service.onModuleInit();
    service.onApplicationBootstrap();
    await pass(60_000);
    expect(take).toHaveBeenCalledTimes(times);
  });
});
