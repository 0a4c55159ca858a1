import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { exactly, type Ticket } from '../../src/domain/ticket.js';
import type { MatchingStrategy } from '../../src/matching/index.js';
import type { Entered } from '../../src/queue/queue.service.js';
import { FakeService, settled } from '../support/fakes.js';

const POOLS = JSON.stringify([
  { name: 'mentors', min_group_size: 2, max_group_size: 4, ticket_ttl_seconds: 30 },
  { name: 'trios', min_group_size: 3 },
]);

const place = (entered: Entered) => ('place' in entered ? entered.place : undefined);

describe('QueueService', () => {
  let service: FakeService;
  const start = (strategy?: MatchingStrategy) => {
    service?.close();
    service = new FakeService({ POOLS, TICKETS_PER_PARTICIPANT: '5', JOIN_RATE_COUNT: '0' }, strategy);
  };
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    start();
  });
  afterEach(() => {
    service.close();
    jest.useRealTimers();
  });

  it('lets the first wait and tells them where they stand', async () => {
    const entered = await service.queue.enter(service.person('Ann'));
    expect(entered).toMatchObject({
      status: 'waiting',
      position: 0,
      place: {
        pool: 'default',
        group: { minimum: 2, maximum: 2 },
        position: 1,
        queueLength: 1,
        estimatedWaitSeconds: null,
        enqueuedAt: service.clock.now(),
        missing: 0,
        offer: undefined,
      },
    });
  });

  it('asks the state for nothing that it was told already', async () => {
    const asked = (['participant', 'room', 'rooms'] as const).map((step) => jest.spyOn(service.state, step));
    for (const name of ['Ann', 'Bob']) {
      const id = service.person(name);
      const { participant } = service.state.updateProfile(id, {}, service.clock.now());
      await service.queue.enter(id, {}, participant);
    }
    for (const step of asked) expect(step).not.toHaveBeenCalled();
  });

  it('matches the second with the first at once', async () => {
    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    await service.queue.enter(ann);
    const entered = await service.queue.enter(bob);

    expect(entered).toMatchObject({ status: 'matched', position: 0, reasons: [{ code: 'longest_waiting' }] });
    expect('room' in entered && entered.room.partners).toEqual([{ user_id: ann, display_name: 'Ann' }]);
    const [annRoom] = await service.rooms.list(ann);
    expect(annRoom?.roomId).toBe('room' in entered && entered.room.roomId);
    expect(await service.queue.places(ann)).toEqual([]);
  });

  describe.each([
    ['here', undefined, [[['Ann', 'Dan']], [['Bob', 'Dan']]]],
    ['shared', {}, [[['Ann', 'Dan'], ['Bob', 'Dan'], ['Cid', 'Dan']]]], // prettier-ignore
  ])('where the state is %s', (_, sharing, claimed) => {
    const others = ['Ann', 'Bob', 'Cid'];
    /** Ann, Bob and Cid wait; then Dan comes, and with him a strategy that proposes these groups. */
    async function enter(propose: (names: readonly string[]) => string[][]) {
      let groups: string[][] = [];
      const tickets = new Map<string, Ticket>();
      start({
        name: 'pairs',
        admit: (ticket) => ticket,
        *propose({ waiting }) {
          for (const ticket of waiting()) tickets.set(ticket.displayName, ticket);
          for (const names of groups) yield { tickets: names.map((name) => tickets.get(name)!.id) };
        },
      });
      Object.assign(service.state, { sharing });
      for (const name of others) await service.queue.enter(service.person(name));
      groups = propose(others);
      const claim = jest.spyOn(service.state, 'claim');
      const names = () =>
        claim.mock.calls.map(([asked]) =>
          asked.groups.map((group) => group.tickets.map(({ id }) => [...tickets].find(([, one]) => one.id === id)![0])),
        );
      return { claim, names, tickets };
    }

    it('has it choose', async () => {
      const { claim, names, tickets } = await enter((some) => some.map((name) => [name, 'Dan']));
      // Another instance has taken her just now.
      const { state } = service;
      claim.mockImplementationOnce((...asked) => {
        state.cancel(tickets.get('Ann')!.participantId, undefined, service.clock.now());
        return state.claim(...asked);
      });
      const entered = await service.queue.enter(service.person('Dan'));
      expect('room' in entered && entered.room.partners).toMatchObject([{ display_name: 'Bob' }]);
      expect(names().filter((_, i) => i > 0)).toEqual(claimed);
      expect(service.engine.decisions(1)[0]?.chosen).toEqual([tickets.get('Bob')!.id, tickets.get('Dan')!.id]);
    });

    it('takes groups of others on the way', async () => {
      const { names } = await enter(() => [
        ['Ann', 'Bob'],
        ['Cid', 'Dan'],
      ]);
      expect((await service.queue.enter(service.person('Dan'))).status).toBe('matched');
      expect(names()).toEqual([[['Ann', 'Bob']], [['Cid', 'Dan']]]);
    });
  });

  it('waits until a group of the size asked for is there', async () => {
    const people = ['Ann', 'Bob', 'Cid'].map((name) => service.person(name));
    const statuses: string[] = [];
    for (const id of people) statuses.push((await service.queue.enter(id, { groupSize: 3 })).status);
    expect(statuses).toEqual(['waiting', 'waiting', 'matched']);
    expect((await service.rooms.list(people[0]!))[0]?.members).toHaveLength(3);
  });

  it('uses the smallest group of the pool when no size is asked for', async () => {
    const entered = await service.queue.enter(service.person('Ann'), { pool: 'trios' });
    expect(place(entered)).toMatchObject({ group: exactly(3), pool: 'trios' });
  });

  it('tells somebody who waits already where they stand, and somebody in a chat which one it is', async () => {
    const [ann, bob, cid] = ['Ann', 'Bob', 'Cid'].map((name) => service.person(name)) as [string, string, string];
    const first = await service.queue.enter(ann);
    const again = await service.queue.enter(ann);
    expect([again.status, place(again)?.ticketId]).toEqual(['already_waiting', place(first)?.ticketId]);

    await service.queue.enter(bob);
    const busy = await service.queue.enter(ann);
    expect(busy).toMatchObject({ status: 'already_in_chat', room: { partners: [{ user_id: bob }] }, position: 1 });
    expect((await service.queue.enter(cid)).status).toBe('waiting');
  });

  it('returns the log position just before a match', async () => {
    const { ann, roomId } = await service.pair();
    await service.rooms.leave(ann, roomId);
    await service.queue.enter(service.person('Cid'));
    const entered = await service.queue.enter(ann);
    expect([entered.status, entered.position]).toEqual(['matched', 1]);
    const { entries } = service.state.readEvents(ann, { after: entered.position, limit: 10 }, service.clock.now());
    expect(entries.map((entry) => entry.body.name)).toEqual(['chatroom.found']);
  });

  it('keeps two apart of whom one has blocked the other', async () => {
    const { ann, bob, roomId } = await service.pair();
    await service.rooms.block(bob, roomId, ann);
    await service.rooms.leave(ann, roomId);
    expect((await service.queue.enter(ann)).status).toBe('waiting');
    await service.queue.enter(bob);
    expect((await service.queue.explainedPlaces(bob))[0]?.reasons[0]?.code).toBe('not_compatible');
    const third = await service.queue.enter(service.person('Cid'));
    expect('room' in third && third.room.partners[0]?.user_id).toBe(ann);
  });

  it('estimates the wait from recent matches', async () => {
    for (let i = 0; i < 3; i++) {
      const { ann, roomId } = await service.pair();
      await service.rooms.leave(ann, roomId);
      service.clock.advance(20_000);
    }
    expect(place(await service.queue.enter(service.person('Dan')))?.estimatedWaitSeconds).toBe(20);
  });

  it.each([
    ['mentors', 1, 'group_size 1 is not possible in pool "mentors"'],
    ['mentors', 5, 'group_size 5 is not possible in pool "mentors"'],
    ['trios', 2, 'group_size 2 is not possible in pool "trios"'],
  ])('refuses a group in pool %s of %i', async (pool, size, message) => {
    const entering = service.queue.enter(service.person('Ann'), { pool, groupSize: size });
    await expect(entering).rejects.toMatchObject({ code: 'invalid_arguments', message });
  });

  it('refuses a pool that does not exist and names those that do', async () => {
    const expected = { code: 'unknown_pool', hint: 'Use one of: default, mentors, trios.' };
    await expect(service.queue.enter(service.person('Ann'), { pool: 'nowhere' })).rejects.toMatchObject(expected);
    await expect(service.queue.leave(service.person('Ann'), 'nowhere')).rejects.toMatchObject(expected);
  });

  it('takes somebody out of one pool, or of all', async () => {
    const ann = service.person('Ann');
    for (const pool of ['default', 'mentors', 'trios']) await service.queue.enter(ann, { pool });
    expect(await service.queue.leave(ann, 'mentors')).toEqual(['mentors']);
    expect((await service.queue.places(ann)).map(({ pool }) => pool)).toEqual(['default', 'trios']);
    expect(await service.queue.leave(ann)).toEqual(['default', 'trios']);
    expect(await service.queue.leave(ann)).toEqual([]);
  });

  it('gives a ticket the lifetime of its pool', async () => {
    const ann = service.person('Ann');
    await service.queue.enter(ann, { pool: 'mentors' });
    await service.queue.enter(ann);
    service.clock.advance(31_000);
    await service.notifications.upkeep();
    expect((await service.queue.places(ann)).map(({ pool }) => pool)).toEqual(['default']);
  });

  it('tells those waiting where they stand, once for all changes of a second', async () => {
    const people = ['Ann', 'Bob', 'Cid', 'Dan'].map((name) => service.person(name)) as [string, string, string, string];
    const heard: string[] = [];
    for (const id of people) {
      service.notifications.listen(id, 0, {
        event: () => true,
        live: (name, data) => heard.push(`${id} ${name} ${JSON.stringify(data)}`),
        drained: () => Promise.resolve(),
        failed: () => undefined,
      });
      await service.queue.enter(id, { pool: 'trios', groupSize: 5 });
    }
    await service.queue.leave(people[0]);
    await service.queue.leave(people[1]);
    await settled();
    expect(heard).toEqual([]);
    jest.advanceTimersByTime(1_000);
    await settled();
    await settled();
    expect(heard.map((line) => line.replace(/"ticket_id":"[^"]*",/, ''))).toEqual([
      `${people[2]} queue.updated {"pool":"trios","position":1,"queue_length":2}`,
      `${people[3]} queue.updated {"pool":"trios","position":2,"queue_length":2}`,
    ]);
  });

  it('lets somebody wait whom a broken strategy does not serve', async () => {
    start({
      name: 'broken',
      propose: () => {
        throw new Error('boo');
      },
    });
    await service.queue.enter(service.person('Ann'));
    expect((await service.queue.enter(service.person('Bob'))).status).toBe('waiting');
    expect(service.engine.statistics()[0]?.failures.threw).toBe(2);
  });

  it('takes the next best when a proposal can no longer be claimed', async () => {
    start({
      name: 'patient',
      *propose(context) {
        if (context.size < 3) return;
        for (const { id } of context.waiting()) yield { tickets: [id, context.subject.id] };
      },
    });
    const [ann, bob, cid] = ['Ann', 'Bob', 'Cid'].map((name) => service.person(name)) as [string, string, string];
    await service.queue.enter(ann);
    await service.queue.enter(bob);
    const claim = service.state.claim.bind(service.state);
    jest.spyOn(service.state, 'claim').mockImplementationOnce((...args) => {
      service.state.cancel(ann, 'default', service.clock.now());
      return claim(...args);
    });

    const entered = await service.queue.enter(cid);
    expect('room' in entered && entered.room.partners).toEqual([{ user_id: bob, display_name: 'Bob' }]);
  });

  it('says that somebody was matched when another arrival did it meanwhile', async () => {
    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    const entering = service.queue.enter(ann);
    const [first, second] = await Promise.all([entering, service.queue.enter(bob)]);
    expect([first.status, second.status]).toEqual(['matched', 'matched']);
    expect('room' in first && first.room.roomId).toBe('room' in second && second.room.roomId);
    expect(first.position).toBe(0);
  });

  it('refuses a ticket that the strategy refuses, in its words', async () => {
    start({
      name: 'picky',
      admit: () => ({ rejected: true, reason: { code: 'too_new', text: 'come back tomorrow' } }),
      propose: () => [],
    });
    await expect(service.queue.enter(service.person('Ann'))).rejects.toMatchObject({
      code: 'ticket_refused',
      message: 'Pool "default" refused the ticket: come back tomorrow',
    });
  });
});
