import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ConfigurationError, loadConfig } from '../../src/config/index.js';
import { exactly } from '../../src/domain/ticket.js';
import { FifoStrategy, InProcessRunner, type MatchingStrategy, type StrategyLoader } from '../../src/matching/index.js';
import { STRATEGY_SETTLES_MS } from '../../src/ports/operator-steps.js';
import { QueueService } from '../../src/queue/queue.service.js';
import { engineOf, FakeService, settled } from '../support/fakes.js';

const NOBODY: MatchingStrategy = { name: 'nobody', propose: () => [] };
const STRATEGIES: Readonly<Record<string, MatchingStrategy>> = {
  '': new FifoStrategy(),
  fifo: new FifoStrategy(),
  nobody: NOBODY,
};

/** Counts the strategies that are in use. */
class Loader implements StrategyLoader {
  readonly retired: string[] = [];

  async load({ strategy }: { strategy: string }) {
    const found = STRATEGIES[strategy];
    if (!found) throw new ConfigurationError(`strategy: "${strategy}" cannot be found`);
    return Object.assign(new InProcessRunner(found), { retire: () => void this.retired.push(found.name) });
  }
}

const POOLS = JSON.stringify([{ name: 'trios', min_group_size: 3 }]);

/** One of several instances that share the state of a service. */
async function instance(of: FakeService, loader = new Loader()) {
  const config = loadConfig({ POOLS });
  const engine = await engineOf(loader, { POOLS }, of.clock);
  const queue = new QueueService(of.state, engine, of.rooms, of.notifications, of.clock, of.ids, config);
  return { queue, engine, loader };
}

describe('pool control', () => {
  const service = new FakeService({ POOLS, TICKETS_PER_PARTICIPANT: '5', JOIN_RATE_COUNT: '0' });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const isWaiting = async (queue: QueueService, id: string) => (await queue.places(id)).length > 0;

  it('lets people into a paused pool, says why they wait, and matches them when it opens', async () => {
    const { queue } = await instance(service);
    await queue.controlPool('default', { mode: 'paused' });
    expect(queue.poolControl('default')).toEqual({ mode: 'paused', strategy: null });
    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    for (const id of [ann, bob]) expect((await queue.enter(id)).status).toBe('waiting');
    expect((await queue.explainedPlaces(bob))[0]?.reasons).toEqual([
      { code: 'pool_paused', text: 'The pool is paused by an operator' },
    ]);
    service.clock.advance(60_000);
    await queue.tick();
    expect(await isWaiting(queue, ann)).toBe(true);

    await queue.controlPool('default', { mode: 'open' });
    await queue.tick();
    expect(await isWaiting(queue, ann)).toBe(false);
    expect((await service.rooms.list(bob))[0]?.partners[0]?.user_id).toBe(ann);
  });

  it('opens at an instance that has yet to hear of it as soon as somebody is due', async () => {
    const [here, there] = [await instance(service), await instance(service)];
    await here.queue.controlPool('default', { mode: 'paused' });
    await there.queue.followControls();
    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    for (const id of [ann, bob]) await there.queue.enter(id);
    await here.queue.controlPool('default', { mode: 'open' });
    await there.queue.tick();
    expect(await isWaiting(there.queue, ann)).toBe(false);
    expect(there.queue.poolControl('default').mode).toBe('open');
  });

  it('takes nobody into a pool that drains, and matches who is there', async () => {
    const { queue } = await instance(service);
    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    await queue.enter(ann);
    await queue.controlPool('default', { mode: 'draining' });
    await expect(queue.enter(bob)).rejects.toMatchObject({ code: 'pool_closed', retryable: true });
    await queue.controlPool('default', { mode: 'open' });
    expect((await queue.enter(bob)).status).toBe('matched');
  });

  it('switches the strategy everywhere without losing a ticket, and asks it for all who wait', async () => {
    const [here, there] = [await instance(service), await instance(service)];
    const nobody = { strategy: 'nobody', options: {} };
    await here.queue.controlPool('default', { strategy: nobody });
    expect(here.engine.statistics()[0]!.strategy).toBe('nobody');
    await there.queue.followControls();
    expect(there.engine.statistics()[0]!.strategy).toBe('nobody');
    expect(there.queue.poolControl('default').strategy).toEqual(nobody);
    await settled();
    expect([here.loader.retired, there.loader.retired]).toEqual([['fifo'], ['fifo']]);

    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    await there.queue.enter(ann);
    expect((await here.queue.enter(bob)).status).toBe('waiting');
    await there.queue.controlPool('default', { strategy: null });
    service.clock.advance(STRATEGY_SETTLES_MS + 1_000);
    await there.queue.tick();
    expect((await service.rooms.list(ann))[0]?.partners[0]?.user_id).toBe(bob);
    await here.queue.followControls();
    expect(here.engine.statistics()[0]!.strategy).toBe('fifo');
  });

  it('refuses a strategy that cannot be loaded, and leaves everything as it was', async () => {
    const { queue, engine } = await instance(service);
    const bad = queue.controlPool('default', { mode: 'paused', strategy: { strategy: 'none', options: {} } });
    await expect(bad).rejects.toMatchObject({
      code: 'invalid_arguments',
      message: 'strategy: "none" cannot be found',
    });
    expect(queue.poolControl('default')).toEqual({ mode: 'open', strategy: null });
    expect(engine.statistics()[0]!.strategy).toBe('fifo');
    await expect(queue.controlPool('nowhere', {})).rejects.toMatchObject({ code: 'unknown_pool' });
  });

  it('keeps the strategy where another cannot be loaded, and says so once', async () => {
    const { queue, engine } = await instance(service);
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const elsewhere = { mode: 'open', strategy: { strategy: 'of another machine', options: {} } } as const;
    service.state.controlPool('default', elsewhere, service.clock.now());
    await queue.followControls();
    await queue.followControls();
    expect(error).toHaveBeenCalledTimes(1);
    expect(engine.statistics()[0]!.strategy).toBe('fifo');
    service.state.controlPool('default', { mode: 'open', strategy: null }, service.clock.now());
    await queue.followControls();
    expect(engine.statistics()[0]!.strategy).toBe('fifo');
  });
});

describe('an operator', () => {
  it('moves a ticket to a pool where it is matched at once, and takes others out', async () => {
    const service = new FakeService({ POOLS, TICKETS_PER_PARTICIPANT: '5', JOIN_RATE_COUNT: '0' });
    const [ann, bob, cid] = ['Ann', 'Bob', 'Cid'].map((name) => service.person(name)) as [string, string, string];
    for (const id of [ann, bob]) await service.queue.enter(id, { pool: 'trios' });
    const [place] = await service.queue.places(ann);
    await service.queue.enter(cid);
    const moved = await service.queue.move(place!.ticketId, 'default');
    expect(moved).toMatchObject({ ticketId: place!.ticketId, pool: 'default', state: 'waiting', group: exactly(2) });
    await service.queue.tick();
    expect((await service.rooms.list(ann))[0]?.partners[0]?.user_id).toBe(cid);

    const [other] = await service.queue.places(bob);
    expect(await service.queue.remove(other!.ticketId)).toMatchObject({ pool: 'trios' });
    expect(await service.queue.places(bob)).toEqual([]);
    const names = service.state
      .readEvents(ann, { after: 0, limit: 10 }, service.clock.now())
      .entries.map(({ body }) => body.name);
    expect(names).toEqual(['queue.moved', 'chatroom.found']);
    for (const gone of [service.queue.move(other!.ticketId, 'default'), service.queue.remove(other!.ticketId)]) {
      await expect(gone).rejects.toMatchObject({ code: 'ticket_not_found' });
    }
    service.close();
  });
});
