import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { MatchingStrategy } from '../../src/matching/index.js';
import type { Arrival, Entered, Wish } from '../../src/queue/index.js';
import { FakeService } from '../support/fakes.js';

const POOLS = JSON.stringify([
  { name: 'patient', max_group_size: 4, group_patience_seconds: 30 },
  { name: 'parties', max_group_size: 6, max_party_size: 3 },
  { name: 'asked', accept_seconds: 20 },
  { name: 'forgiving', accept_seconds: 20, decliner: 'requeue' },
  { name: 'open', min_group_size: 3, max_group_size: 3, backfill: true },
]);

const roomOf = (entered: Entered) => ('room' in entered ? entered.room : undefined);
const placeOf = (entered: Entered) => ('place' in entered ? entered.place : undefined);

describe('QueueService', () => {
  let service: FakeService;
  const start = (strategy?: MatchingStrategy) => {
    service?.close();
    service = new FakeService({ POOLS, JOIN_RATE_COUNT: '0' }, strategy);
  };
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'performance'] });
    start();
  });
  afterEach(() => {
    service.close();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const enter = async (name: string, wish: Wish) => {
    const id = service.person(name);
    return { id, entered: await service.queue.enter(id, wish) };
  };
  const heard = (participantId: string) =>
    service.state
      .readEvents(participantId, { after: 0, limit: 50 }, service.clock.now())
      .entries.map(({ body }) => ({ name: body.name, ...body.data }));
  const eventsOf = (participantId: string) => heard(participantId).map(({ name }) => name);

  describe('with groups of several sizes', () => {
    it('matches at once when the largest group is there', async () => {
      const statuses: string[] = [];
      for (const name of ['Ann', 'Bob', 'Cid', 'Dan']) {
        statuses.push((await enter(name, { pool: 'patient' })).entered.status);
      }
      expect(statuses).toEqual(['waiting', 'waiting', 'waiting', 'matched']);
    });

    it('settles for a smaller group when the patience of the first has ended', async () => {
      const ann = await enter('Ann', { pool: 'patient' });
      service.clock.advance(10_000);
      const bob = await enter('Bob', { pool: 'patient' });
      service.clock.advance(19_999);
      await service.queue.tick();
      expect(eventsOf(ann.id)).toEqual([]);
      service.clock.advance(1);
      await service.queue.tick();
      expect(eventsOf(ann.id)).toEqual(['chatroom.found']);
      expect((await service.rooms.list(bob.id))[0]?.partners).toEqual([{ user_id: ann.id, display_name: 'Ann' }]);
    });

    it('lets somebody who names a size meet those who take any', async () => {
      await enter('Ann', { pool: 'patient' });
      service.clock.advance(30_000);
      const { entered } = await enter('Bob', { pool: 'patient', groupSize: 2 });
      expect(roomOf(entered)?.partners).toMatchObject([{ display_name: 'Ann' }]);
    });
  });

  describe('with parties', () => {
    const wish = (name: string, size = 2): Wish => ({ pool: 'parties', groupSize: 4, party: { name, size } });

    it('lets nobody be matched before the party is complete, then all of it at once', async () => {
      const ann = await enter('Ann', wish('team'));
      expect(placeOf(ann.entered)).toMatchObject({ position: null, missing: 1 });
      const [place] = await service.queue.explainedPlaces(ann.id);
      expect(place?.reasons).toEqual([{ code: 'party_incomplete', text: 'Waiting for 1 more of your party' }]);
      const cid = await enter('Cid', wish('others'));
      const dan = await enter('Dan', wish('others'));
      expect(placeOf(dan.entered)).toMatchObject({ position: 1, missing: 0 });

      const bob = await enter('Bob', wish('team'));
      const names = roomOf(bob.entered)?.partners.map(({ user_id }) => user_id);
      expect(names?.toSorted()).toEqual([ann.id, cid.id, dan.id].toSorted());
      for (const { id } of [ann, bob, cid, dan]) expect(eventsOf(id)).toEqual(['chatroom.found']);
    });

    it('takes the party out when one of it leaves', async () => {
      const ann = await enter('Ann', wish('team'));
      const bob = await enter('Bob', wish('team'));
      expect(await service.queue.leave(ann.id)).toEqual(['parties']);
      expect(heard(bob.id)).toMatchObject([{ name: 'queue.expired', reason: 'party_broken' }]);
      expect(await service.queue.places(bob.id)).toEqual([]);
    });

    it.each([
      ['a pool that takes nobody along', 'default', 2, 'party_size 2 is not possible in pool "default"'],
      ['a pool that takes fewer', 'parties', 4, 'party_size 4 is not possible in pool "parties"'],
      ['no pool at all', 'parties', 1, 'party_size 1 is not possible in pool "parties"'],
    ])('refuses a party for %s', async (_, pool, size, message) => {
      const entering = service.queue.enter(service.person('Ann'), { pool, party: { name: 'team', size } });
      await expect(entering).rejects.toMatchObject({ code: 'invalid_arguments', message });
    });

    it('refuses the name of a party that is blank', async () => {
      const entering = service.queue.enter(service.person('Ann'), wish(' '));
      await expect(entering).rejects.toMatchObject({ message: 'party must not be blank' });
    });

    it('tells one of a party whose words differ from those of the first', async () => {
      await enter('Ann', wish('team'));
      await expect(enter('Bob', wish('team', 3))).rejects.toMatchObject({ code: 'party_mismatch' });
    });
  });

  describe('with criteria', () => {
    const person = (name: string, attributes: Record<string, string>) => {
      const id = service.person(name);
      service.state.updateProfile(id, { attributes }, service.clock.now());
      return id;
    };
    const german = { attribute: 'language', equals: 'de' };

    it('matches only when the criteria of both sides hold', async () => {
      const ann = person('Ann', { language: 'de' });
      await service.queue.enter(ann, { criteria: { attribute: 'role', equals: 'mentor' } });
      const bob = person('Bob', { role: 'mentor', language: 'fr' });
      expect((await service.queue.enter(bob, { criteria: german })).status).toBe('matched');
    });

    it('keeps two apart of whom only one wants the other', async () => {
      const ann = person('Ann', { language: 'de' });
      await service.queue.enter(ann, { criteria: { attribute: 'role', equals: 'mentor' } });
      const bob = person('Bob', { language: 'de' });
      expect((await service.queue.enter(bob, { criteria: german })).status).toBe('waiting');
    });

    it('names the path and the rule of a criterion that is none', async () => {
      const criteria = { all: [german, { attribute: 'level', min: 'three' }] };
      await expect(service.queue.enter(service.person('Ann'), { criteria })).rejects.toMatchObject({
        code: 'invalid_arguments',
        message: 'criteria.all[1].min must be a number',
      });
    });
  });

  describe('with consent', () => {
    const offered = async (pool = 'asked') => {
      const ann = await enter('Ann', { pool });
      service.clock.advance(1_000);
      const bob = await enter('Bob', { pool });
      return { ann: ann.id, bob: bob.id, entered: bob.entered };
    };

    it('offers a match before it opens a room', async () => {
      const { ann, bob, entered } = await offered();
      expect(entered.status).toBe('waiting');
      expect(placeOf(entered)).toMatchObject({
        position: null,
        estimatedWaitSeconds: null,
        offer: { pool: 'asked', groupSize: 2, accepted: false, expiresAt: service.clock.now() + 20_000 },
      });
      for (const id of [ann, bob]) expect(eventsOf(id)).toEqual(['match.offered']);
      expect((await service.queue.explainedPlaces(ann))[0]?.reasons).toMatchObject([{ code: 'yours_to_accept' }]);
    });

    it('opens the room when the last one accepts', async () => {
      const { ann, bob } = await offered();
      const first = await service.queue.respond(ann, true);
      expect(first).toMatchObject({ status: 'accepted', offer: { accepted: true } });
      expect((await service.queue.explainedPlaces(ann))[0]?.reasons).toMatchObject([{ code: 'others_to_accept' }]);
      const last = await service.queue.respond(bob, true);
      expect(last).toMatchObject({
        status: 'matched',
        room: { partners: [{ user_id: ann }] },
        reasons: [{ code: 'longest_waiting' }],
      });
      expect(eventsOf(ann)).toEqual(['match.offered', 'chatroom.found']);
    });

    it('keeps the seniority of one whom another declined, and does not offer the same match again', async () => {
      const { ann, bob } = await offered();
      expect(await service.queue.respond(bob, false)).toEqual({ status: 'declined', waiting: false });
      expect(heard(ann).at(-1)).toMatchObject({ name: 'match.withdrawn', waiting: true });
      expect(await service.queue.places(bob)).toEqual([]);
      await service.queue.enter(bob, { pool: 'asked' });
      await service.queue.tick();
      expect((await service.queue.places(ann))[0]).toMatchObject({ position: 1, offer: undefined });
      expect((await service.queue.places(bob))[0]).toMatchObject({ position: 2, offer: undefined });
      const cid = await enter('Cid', { pool: 'asked' });
      await service.queue.respond(cid.id, true);
      expect(await service.queue.respond(ann, true)).toMatchObject({ room: { partners: [{ user_id: cid.id }] } });
    });

    it('lets one who declined wait on at the end where the pool says so', async () => {
      const { ann, bob } = await offered('forgiving');
      expect(await service.queue.respond(ann, false)).toEqual({ status: 'declined', waiting: true });
      expect((await service.queue.places(bob))[0]?.position).toBe(1);
      expect((await service.queue.places(ann))[0]?.position).toBe(2);
    });

    it('asks again for those whom an offer gave back, without an arrival', async () => {
      const { ann, bob } = await offered();
      const cid = await enter('Cid', { pool: 'asked' });
      expect(placeOf(cid.entered)).toMatchObject({ position: 1, offer: undefined });
      service.clock.advance(20_000);
      await service.queue.respond(ann, true).catch(() => undefined);
      await service.notifications.upkeep();
      await service.queue.tick();
      expect(eventsOf(bob)).toEqual(['match.offered', 'match.withdrawn']);
      expect(eventsOf(cid.id)).toEqual([]);
    });

    it('offers the next match to who accepted when the other stayed silent', async () => {
      const { ann, bob } = await offered();
      const cid = await enter('Cid', { pool: 'asked' });
      await service.queue.respond(ann, true);
      service.clock.advance(20_000);
      await service.notifications.upkeep();
      await service.queue.tick();
      expect(eventsOf(ann)).toEqual(['match.offered', 'match.withdrawn', 'match.offered']);
      expect(eventsOf(bob)).toEqual(['match.offered', 'match.withdrawn']);
      expect(eventsOf(cid.id)).toEqual(['match.offered']);
    });

    it('refuses an answer to an offer that is over or somebody else’s', async () => {
      const { ann, bob } = await offered();
      const offerId = (await service.queue.places(ann))[0]!.offer!.offerId;
      await service.queue.respond(bob, false, offerId);
      for (const id of [ann, bob, service.person('Eve')]) {
        await expect(service.queue.respond(id, true, offerId)).rejects.toMatchObject({ code: 'offer_not_found' });
      }
    });
  });

  describe('with backfill', () => {
    const trio = async () => {
      const people = [];
      for (const name of ['Ann', 'Bob', 'Cid']) people.push((await enter(name, { pool: 'open' })).id);
      const [room] = await service.rooms.list(people[0]!);
      return { people: people as [string, string, string], roomId: room!.roomId };
    };

    it('puts an arrival into the seat that somebody left', async () => {
      const { people, roomId } = await trio();
      await service.rooms.leave(people[1], roomId);
      const dan = await enter('Dan', { pool: 'open' });
      expect(roomOf(dan.entered)).toMatchObject({
        roomId,
        partners: [{ display_name: 'Ann' }, { display_name: 'Cid' }],
      });
      expect(heard(people[0]).at(-1)).toMatchObject({ name: 'partner.joined', partner: { display_name: 'Dan' } });
    });

    it('fills the seat with somebody who waits already', async () => {
      const { people, roomId } = await trio();
      const dan = await enter('Dan', { pool: 'open' });
      expect(dan.entered.status).toBe('waiting');
      await service.rooms.leave(people[2], roomId);
      await service.queue.tick();
      expect((await service.rooms.list(dan.id))[0]?.roomId).toBe(roomId);
    });
  });

  it('keeps apart for the time of the pool two who have met, then lets them meet without an arrival', async () => {
    service.close();
    service = new FakeService({ POOLS: JSON.stringify([{ name: 'default', cooldown_seconds: 60 }]) });
    const { ann, bob, roomId } = await service.pair();
    await service.rooms.leave(ann, roomId);
    service.clock.advance(10_000);
    await service.queue.enter(ann);
    expect((await service.queue.enter(bob)).status).toBe('waiting');
    service.clock.advance(60_000);
    await service.queue.tick();
    expect((await service.rooms.list(ann))[0]?.partners).toMatchObject([{ user_id: bob }]);
  });

  describe('its tick', () => {
    /** Matches nobody, and wants to be asked again every second. */
    const restless = (propose: MatchingStrategy['propose']): MatchingStrategy => ({
      name: 'restless',
      propose,
      nextWake: (_, now) => now + 1_000,
    });

    it('asks for a ticket when its time has come, and not before', async () => {
      const asked: string[] = [];
      start(restless(({ trigger, subject }) => (asked.push(`${trigger} ${subject.displayName}`), [])));
      await enter('Ann', {});
      await service.queue.tick();
      expect(asked).toEqual(['enqueue Ann']);
      for (let second = 0; second < 3; second++) {
        service.clock.advance(1_000);
        await service.queue.tick();
      }
      expect(asked).toEqual(['enqueue Ann', 'tick Ann', 'tick Ann', 'tick Ann']);
    });

    it('stops when its slice is over, and goes on with the longest due', async () => {
      let late = 0;
      const asked: string[] = [];
      start(restless(({ trigger, subject }) => (trigger === 'tick' && asked.push(subject.displayName), [])));
      for (const name of ['Ann', 'Bob', 'Cid']) await enter(name, {});
      service.clock.advance(5_000);
      jest.spyOn(performance, 'now').mockImplementation(() => (late += 20));
      await service.queue.tick();
      expect(asked.length).toBeLessThan(3);
      await service.queue.tick();
      await service.queue.tick();
      expect(asked.slice(0, 3)).toEqual(['Ann', 'Bob', 'Cid']);
    });

    it('never runs twice at a time', async () => {
      start(restless(() => []));
      await enter('Ann', {});
      service.clock.advance(1_000);
      const takeDue = jest.spyOn(service.state, 'takeDue');
      await Promise.all([service.queue.tick(), service.queue.tick()]);
      // Ann, and nobody else.
      expect(takeDue).toHaveBeenCalledTimes(2);
    });

    it('goes on after it has failed', async () => {
      const asked: string[] = [];
      start(restless(({ trigger }) => (asked.push(trigger), [])));
      await enter('Ann', {});
      service.clock.advance(1_000);
      jest.spyOn(service.state, 'takeDue').mockImplementationOnce(() => {
        throw new Error('no state');
      });
      await expect(service.queue.tick()).rejects.toThrow('no state');
      await service.queue.tick();
      expect(asked).toEqual(['enqueue', 'tick']);
    });

    it('runs by itself', async () => {
      const asked: string[] = [];
      start(restless(({ trigger }) => (asked.push(trigger), [])));
      await service.queue.onModuleInit();
      await enter('Ann', {});
      service.clock.advance(1_000);
      await jest.advanceTimersByTimeAsync(200);
      expect(asked).toEqual(['enqueue', 'tick']);
    });
  });

  it('shows nothing unseen of what strategies give as reasons', async () => {
    const reasons = [{ code: 'why', text: 'You both like\n\u001b[31mchess\u202e' }];
    const text = 'You both like \u2039U+001B\u203a[31mchess\u2039U+202E\u203a';
    start({
      name: 'talkative',
      *propose(context) {
        if (context.size > 1) yield { tickets: [...context.waiting()].map(({ id }) => id), reasons };
      },
      explainWait: () => reasons,
    });
    const ann = await enter('Ann', {});
    expect((await service.queue.explainedPlaces(ann.id))[0]?.reasons).toEqual([{ code: 'why', text }]);
    const bob = await enter('Bob', {});
    expect(bob.entered).toMatchObject({ reasons: [{ code: 'why', text }] });
    expect(heard(ann.id)).toMatchObject([{ name: 'chatroom.found', reasons: [{ code: 'why', text }] }]);
  });

  it('tells observers who has begun to wait, a party once', async () => {
    const arrivals: Arrival[] = [];
    await enter('Ann', {});
    service.queue.arrivals.subscribe((arrival) => arrivals.push(arrival));
    const { id } = await enter('Bob', { pool: 'open' });
    await service.queue.enter(id, { pool: 'open' });
    for (const name of ['Cid', 'Dan']) await enter(name, { pool: 'parties', party: { name: 'team', size: 2 } });
    expect(arrivals.map(({ at, ticket }) => [at, ticket.displayName, ticket.party.length])).toEqual([
      [service.clock.now(), 'Bob', 0],
      [service.clock.now(), 'Cid', 1],
    ]);
  });
});
