import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ParleyConfig } from '../../../src/config/index.js';
import { stateUnavailable } from '../../../src/domain/errors.js';
import type { InstancesService } from '../../../src/instances/index.js';
import type { SseStreams } from '../../../src/mcp-transport/index.js';
import type { Actor, AuditTrail, Deed } from '../../../src/moderation/index.js';
import type { NotificationsService } from '../../../src/notifications/index.js';
import { DrainService } from '../../../src/operations/index.js';
import type { StateStore } from '../../../src/ports/state-store.js';
import { until } from '../../support/until.js';

Logger.overrideLogger(false);

const ADA: Actor = { principal: 'ada', scopes: new Set(['parley:admin']) };

/** An instance with a stream, and with records that wait to be taken. */
function instance() {
  const did: string[] = [];
  const world = { open: 1, waits: 1, pending: 3, reachable: true, stage: 'serving' };
  let noticed = () => {};
  const instances = {
    id: 'one',
    forwards: 0,
    get stage() {
      return world.stage;
    },
    beginDraining: () => {
      world.stage = 'draining';
      return new Promise<void>((resolve) => (noticed = resolve));
    },
    endForwards: () => did.push('forwards ended'),
    markDrained: async () => void (world.stage = 'drained'),
  };
  const service = new DrainService(
    instances as unknown as InstancesService,
    { drain: () => did.push('waits answered'), counts: world } as unknown as NotificationsService,
    { endAll: () => did.push('streams ended'), counts: world } as unknown as SseStreams,
    {
      act: async (_: Actor, deed: Deed, act: () => unknown) => (did.push(deed.action), act()),
    } as unknown as AuditTrail,
    {
      outbox: {
        state: async () => {
          if (!world.reachable) throw stateUnavailable();
          return { pending: world.pending, oldestAt: null, lost: 0 };
        },
      },
    } as unknown as StateStore,
    { state: { outbox: { groups: ['history'] } } } as unknown as ParleyConfig,
  );
  return { service, world, did, notice: () => noticed() };
}

describe('DrainService', () => {
  it('takes nothing away before everybody has had time to notice', async () => {
    const { service, did, notice } = instance();
    expect(await service.begin(ADA)).toBe('draining');
    expect(did).toEqual(['instance.drain']);
    notice();
    await until('everything to be ended', () => did.length === 4);
    expect(did.slice(1)).toEqual(['waits answered', 'streams ended', 'forwards ended']);
    service.onModuleDestroy();
  });

  it('is drained when nobody is left and what only it could hand over is taken', async () => {
    const { service, world, notice } = instance();
    await service.begin(ADA);
    notice();
    Object.assign(world, { open: 0, waits: 0, reachable: false });
    await service.begin(ADA);
    expect(world.stage).toBe('draining');
    Object.assign(world, { reachable: true, pending: 0 });
    await until('it to be drained', () => world.stage === 'drained');
  });

  it('begins once, and says so each time', async () => {
    const { service, did, notice } = instance();
    await service.begin(ADA);
    await service.begin(ADA);
    notice();
    await until('everything to be ended', () => did.includes('forwards ended'));
    expect(did.filter((deed) => deed === 'streams ended')).toHaveLength(1);
    expect(did.filter((deed) => deed === 'instance.drain')).toHaveLength(2);
    service.onModuleDestroy();
  });
});
