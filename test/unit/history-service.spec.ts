import { describe, expect, it, jest } from '@jest/globals';
import { MemoryHistoryStore } from '../../src/adapters/memory/memory-history-store.js';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.js';
import { loadConfig } from '../../src/config/index.js';
import { HistoryService } from '../../src/history/index.js';
import type { HistoryStore } from '../../src/ports/history-store.js';
import { FakeClock, SequentialIds } from '../../src/testing/index.js';
import { FakeService } from '../support/fakes.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;

function serviceOf(environment: Record<string, string>, history: HistoryStore | null = new MemoryHistoryStore()) {
  const config = loadConfig(environment);
  const state = new MemoryStateStore(config.state);
  const clock = new FakeClock();
  const service = new HistoryService(config, history, state, clock, new SequentialIds());
  return { service, state, clock, history };
}

/** Two who join a named room. */
function meet({ state, clock }: Pick<ReturnType<typeof serviceOf>, 'state' | 'clock'>): void {
  for (const id of ['ann', 'ben']) {
    const profile = { displayName: id, provenance: 'human', attributes: {} } as const;
    state.createParticipant({ id, logId: `log-of-${id}`, tokenDigest: id, principal: null, ...profile }, clock.now());
    state.join({ participantId: id, name: 'lobby', capacity: 5, roomId: 'room' }, clock.now());
  }
}

const say = ({ state, clock }: Pick<ReturnType<typeof serviceOf>, 'state' | 'clock'>, text: string) =>
  state.post({ participantId: 'ann', roomId: 'room', messageId: text, text }, clock.now());

describe('HistoryService', () => {
  it('tells how far history is behind, and carries what waits', async () => {
    const scene = serviceOf({ HISTORY_URL: 'memory:' });
    meet(scene);
    say(scene, 'hello');
    scene.clock.advance(5_000);
    const lag = await scene.service.lag();
    expect(lag).toEqual({ pending: expect.any(Number), behindMs: 5_000, lost: 0, failures: 0 });
    expect(lag!.pending).toBeGreaterThanOrEqual(3);
    scene.service.onApplicationBootstrap();
    await until('history', async () => (await scene.service.lag())!.pending === 0);
    expect((await scene.service.lag())!.behindMs).toBe(0);
    const page = await scene.history!.messages('ben', 'room', { limit: 10 });
    expect(page?.messages.map(({ text }) => text)).toEqual(['hello']);
    scene.service.onModuleDestroy();
    await scene.service.onApplicationShutdown();
  });

  it('takes in what was said last before it ends', async () => {
    const scene = serviceOf({ HISTORY_URL: 'memory:' });
    meet(scene);
    scene.service.onApplicationBootstrap();
    for (let i = 0; i < 20; i++) say(scene, `message ${i}`);
    scene.service.onModuleDestroy();
    await scene.service.onApplicationShutdown();
    expect((await scene.history!.messages('ben', 'room', { limit: 50 }))?.messages).toHaveLength(20);
  });

  it('lets go of what is older than the configuration allows, and survives a history that fails', async () => {
    const POOLS = '[{"name":"short","history_retention_days":1}]';
    const prune = jest.fn<HistoryStore['prune']>().mockResolvedValueOnce(3).mockRejectedValueOnce(new Error('broken'));
    const history = Object.assign(new MemoryHistoryStore(), { prune });
    const { service, clock } = serviceOf({ HISTORY_URL: 'memory:', HISTORY_RETENTION_DAYS: '7', POOLS }, history);
    await service.prune();
    await service.prune();
    const retention = new Map([
      ['', 7 * DAY_MS],
      ['short', DAY_MS],
    ]);
    expect(prune.mock.calls).toEqual([
      [retention, clock.now()],
      [retention, clock.now()],
    ]);
  });

  it('does nothing where there is no history', async () => {
    const { service, state } = serviceOf({}, null);
    const take = jest.spyOn(state.outbox, 'take');
    service.onApplicationBootstrap();
    await service.prune();
    expect(await service.lag()).toBeUndefined();
    service.onModuleDestroy();
    await service.onApplicationShutdown();
    expect(take).not.toHaveBeenCalled();
  });
});

describe('RoomsService without a history', () => {
  it('has nothing to search, and reads back what the state has', async () => {
    const service = new FakeService({ ROOM_HISTORY_MESSAGES: '3' });
    const { ann, bob, roomId } = await service.pair();
    for (const text of ['a', 'b', 'c', 'd', 'e']) await service.rooms.send(ann, roomId, text);
    const page = await service.rooms.messages(bob, roomId, { limit: 10 });
    expect(page).toMatchObject({ messages: [{ seq: 3 }, { seq: 4 }, { seq: 5 }], truncated: true });
    await expect(service.rooms.search(bob, { text: 'a', limit: 1 })).rejects.toThrow('no history');
    service.close();
  });
});
