import { describe, expect, it } from '@jest/globals';
import { MemoryCaseStore } from '../../src/adapters/memory/memory-case-store.js';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.js';
import { loadConfig } from '../../src/config/index.js';
import { stateUnavailable } from '../../src/domain/errors.js';
import { FifoStrategy } from '../../src/matching/index.js';
import { CaseDesk, ModerationGate } from '../../src/moderation/index.js';
import { NotificationsService } from '../../src/notifications/index.js';
import type { OutboxRecord, RecordData } from '../../src/ports/outbox.js';
import { type StateStore, UNANSWERED_MS } from '../../src/ports/state-store.js';
import { QueueService } from '../../src/queue/index.js';
import { RoomsService } from '../../src/rooms/index.js';
import { FakeClock, SequentialIds } from '../../src/testing/index.js';
import { engineOf } from '../support/fakes.js';

const ENVIRONMENT = {
  POOLS: JSON.stringify([{ name: 'default' }, { name: 'open', backfill: true }, { name: 'asked', accept_seconds: 20 }]),
  JOIN_RATE_COUNT: '0',
  PRESENCE_TTL_SECONDS: '3600',
};

/** The state as an instance sees it that is gone before or after one of its steps; it takes no step afterwards. */
function untilStep(
  state: StateStore,
  last: number,
  manner: 'before' | 'after',
): { state: StateStore; steps: () => number } {
  let taken = 0;
  const seen = new Proxy(state, {
    get(target, name: keyof StateStore) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: never[]) => {
        taken++;
        if (taken > last || (taken === last && manner === 'before')) throw stateUnavailable();
        const result: unknown = (value as (...given: never[]) => unknown).apply(target, args);
        if (taken === last) throw stateUnavailable();
        return result;
      };
    },
  });
  return { state: seen, steps: () => taken };
}

/** People and the instances that serve them, on one state. */
class Scene {
  readonly clock = new FakeClock();
  readonly ids = new SequentialIds();
  readonly config = loadConfig({ ...ENVIRONMENT });
  readonly state = new MemoryStateStore({ ...this.config.state, outbox: { groups: ['history'], records: 10_000 } });

  person(name: string): string {
    const id = this.ids.uuid();
    const input = { logId: this.ids.secret(16), tokenDigest: name, principal: null, displayName: name, attributes: {} };
    this.state.createParticipant({ ...input, id, provenance: 'human' }, this.clock.now());
    return id;
  }

  async instance(state: StateStore = this.state) {
    const { clock, ids, config } = this;
    const notifications = new NotificationsService(state, clock, config);
    const gate = new ModerationGate([], null, config, clock);
    const desk = new CaseDesk(new MemoryCaseStore(10), state, clock, ids);
    const rooms = new RoomsService(state, notifications, clock, ids, config, gate, desk);
    const engine = await engineOf(new FifoStrategy(), ENVIRONMENT, clock);
    return { notifications, rooms, queue: new QueueService(state, engine, rooms, notifications, clock, ids, config) };
  }

  records(): readonly OutboxRecord[] {
    return this.state.outbox.take('history', 'test', { limit: 10_000, leaseMs: 0 }, this.clock.now())?.records ?? [];
  }

  of<K extends keyof RecordData>(kind: K): RecordData[K][] {
    return this.records().flatMap((record) => (record.kind === kind ? [record.data as RecordData[K]] : []));
  }
}

type Instance = Awaited<ReturnType<Scene['instance']>>;

/** What an instance does before it is gone; whatever fails is left as it is. */
async function begin(
  { queue, rooms, notifications }: Instance,
  scene: Scene,
  people: readonly string[],
): Promise<void> {
  const attempt = async (step: () => Promise<unknown>) => {
    await step().catch(() => undefined);
  };
  for (const pool of ['default', 'asked', 'open']) {
    for (const id of people) await attempt(() => queue.enter(id, { pool, groupSize: pool === 'open' ? 3 : 2 }));
  }
  for (const id of people) await attempt(() => queue.respond(id, true));
  const [first] = scene.of('room.opened').filter(({ name }) => name === 'open');
  if (first) await attempt(() => rooms.leave(first.members[0]!.user_id, first.room_id));
  scene.clock.advance(1_000);
  await attempt(() => notifications.upkeep());
  await attempt(() => queue.tick());
}

/** What another instance does as it always does. */
async function goOn({ queue, notifications }: Instance, scene: Scene, people: readonly string[]): Promise<void> {
  for (let passed = 0; passed <= 2 * UNANSWERED_MS; passed += 1_000) {
    scene.clock.advance(1_000);
    await notifications.upkeep();
    await queue.tick();
    for (const id of people) await queue.respond(id, true).catch(() => undefined);
  }
}

describe.each(['before', 'after'] as const)('an instance that is gone %s any one of its steps', (manner) => {
  it('leaves no ticket that nobody looks at, none with two ends, and no room of which somebody has not heard', async () => {
    let crashes = 0;
    for (let last = 1; ; last++) {
      const scene = new Scene();
      const people = ['Ann', 'Bob', 'Cid', 'Dan'].map((name) => scene.person(name));
      const crashing = untilStep(scene.state, last, manner);
      await begin(await scene.instance(crashing.state), scene, people);
      await goOn(await scene.instance(), scene, people);

      const where = `gone ${manner} step ${last}`;
      const created = scene.of('ticket.created');
      const ended = [...scene.of('ticket.matched'), ...scene.of('ticket.cancelled'), ...scene.of('ticket.expired')];
      expect([where, new Set(ended.map(({ ticket_id }) => ticket_id)).size]).toEqual([where, ended.length]);
      for (const pool of ['default', 'asked']) {
        // They meet in pairs, so that at most one is left over.
        const waiting =
          created.filter((ticket) => ticket.pool === pool).length -
          ended.filter((ticket) => ticket.pool === pool).length;
        expect([where, pool, waiting === 0 || waiting === 1]).toEqual([where, pool, true]);
      }
      for (const { room_id, members } of scene.of('room.opened')) {
        for (const { user_id } of members) {
          const { entries } = scene.state.readEvents(user_id, { after: 0, limit: 1_000 }, scene.clock.now());
          const found = entries.filter(
            ({ body }) => body.name === 'chatroom.found' && 'room_id' in body.data && body.data.room_id === room_id,
          );
          expect([where, found.length]).toEqual([where, 1]);
        }
      }
      if (crashing.steps() < last) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(30);
  });
});
