import assert from 'node:assert/strict';
import type { GroupSize, Ticket } from '../../domain/ticket.js';
import type { Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

/** Three in an open room, of whom the last has left. */
async function freeSeat(scene: Scene) {
  const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
  const openedAt = scene.now;
  const room = await scene.matchOpen(ann, bob, cid);
  scene.clock.advance(1_000);
  await scene.leave(cid, room);
  return { ann, bob, cid, dan, room, openedAt, seat: (await seatOf(scene, room))! };
}

/** The ticket that stands for a room. */
async function seatOf(scene: Scene, roomId: string): Promise<Ticket | undefined> {
  const everySize: GroupSize = { minimum: 2, maximum: 16, multiple: 1, patienceMs: 0 };
  return [...(await scene.view('default', everySize)).tickets()].find((ticket) => ticket.roomId === roomId);
}

export const backfillCases: Cases = (it) => {
  it('makes a room with a free seat wait among the others, as senior as it is old', async (scene) => {
    const { ann, bob, dan, room, openedAt, seat } = await freeSeat(scene);
    await scene.wait(dan, { groupSize: 3 });

    assert.deepEqual([seat.roomId, seat.pool, seat.enqueuedAt], [room, 'default', openedAt]);
    assert.deepEqual([seat.participantId, seat.party.map((one) => one.participantId)], [ann, [bob]]);
    assert.deepEqual(seat.group, { minimum: 3, maximum: 3, multiple: 1, patienceMs: 0 });
    assert.deepEqual(await scene.queue('default', 3), [ann, dan]);
    assert.deepEqual(await scene.queue('default', 2), [], 'a room of three is nothing for two');
    assert.deepEqual(await scene.statuses(ann), [], 'its members wait for nothing');
    assert.equal((await scene.enqueue(ann)).status, 'waiting');
  });

  it('fills no room that was not meant to be', async (scene) => {
    const people = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.leave(people[0], await scene.match(...people));
    assert.deepEqual(await scene.queue('default', 3), []);
    assert.deepEqual(await scene.due(), []);
  });

  it('hands out a room with a free seat to be looked at now', async (scene) => {
    const { seat } = await freeSeat(scene);
    assert.deepEqual(await scene.store.takeDue(scene.now, 10), [seat]);
    assert.deepEqual(await scene.due(), []);
  });

  it('brings a newcomer into the room and tells everybody', async (scene) => {
    const { ann, bob, dan, room, seat } = await freeSeat(scene);
    await scene.due();
    await scene.say(ann, room, 'before');
    const before = await scene.head(ann);

    const { commit } = await scene.claim([seat, await scene.wait(dan, { groupSize: 3 })]);

    assert.deepEqual([commit?.roomId, commit?.participantIds], [room, [ann, bob, dan]]);
    const [found] = await scene.told(dan, 'chatroom.found');
    assert.deepEqual([found?.room_id, found?.partners.map((one) => one.user_id)], [room, [ann, bob]]);
    for (const id of [ann, bob]) {
      assert.deepEqual(await scene.told(id, 'partner.joined'), [
        { room_id: room, partner: { user_id: dan, display_name: 'Dan' } },
      ]);
    }
    assert.deepEqual(await scene.eventNames(ann, before), ['partner.joined']);
    await scene.say(ann, room, 'after');
    assert.deepEqual(
      (await scene.page(dan, room)).messages.map(({ text }) => text),
      ['after'],
      'what was said before is not theirs to read',
    );
    assert.equal(await seatOf(scene, room), undefined, 'a full room waits no more');
    assert.deepEqual(await scene.due(), []);
    const { met } = await scene.relations(ann);
    assert.equal(met.get(dan), scene.now);
  });

  it('looks for all that are missing, with a new ticket each time its members change', async (scene) => {
    const people = await scene.people('Ann', 'Bob', 'Cid', 'Dan');
    const room = await scene.matchOpen(...people);
    const versions: number[] = [];
    const look = async () => {
      const seat = (await seatOf(scene, room))!;
      versions.push(seat.version);
      return [seat.group.minimum, seat.group.maximum, 1 + seat.party.length];
    };
    await scene.leave(people[0]!, room);
    assert.deepEqual(await look(), [4, 4, 3]);
    const stale = (await seatOf(scene, room))!;
    await scene.leave(people[1]!, room);
    assert.deepEqual(await look(), [3, 4, 2]);

    const eve = await scene.person('Eve');
    const flexible: GroupSize = { minimum: 2, maximum: 4, multiple: 1, patienceMs: 0 };
    const ticket = await scene.wait(eve, { group: flexible });
    assert.equal((await scene.claim([stale, ticket])).commit, undefined);
    assert.ok((await scene.claim([(await seatOf(scene, room))!, ticket])).commit);
    assert.deepEqual(await look(), [4, 4, 3]);
    await scene.join(people[0]!, room);
    assert.equal(await seatOf(scene, room), undefined);
    await scene.leave(eve, room);
    assert.deepEqual(await look(), [4, 4, 3]);
    assert.deepEqual(new Set(versions).size, versions.length, 'no version twice');
  });

  it('waits for nobody once it has ended', async (scene) => {
    const { ann, dan, room, seat } = await freeSeat(scene);
    await scene.leave(ann, room);

    assert.equal(await seatOf(scene, room), undefined);
    assert.equal((await scene.claim([seat, await scene.wait(dan, { groupSize: 3 })])).commit, undefined);
    assert.deepEqual(await scene.due(), []);
  });

  it('looks for somebody when one of its members is gone', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.matchOpen(ann, bob, cid);
    for (let s = 0; s < 125; s++) {
      await scene.store.renew([ann, cid], scene.now);
      await scene.pass(1_000);
    }
    const seat = await seatOf(scene, room);
    assert.deepEqual([seat?.participantId, seat?.party.map((one) => one.participantId)], [ann, [cid]]);
  });

  it('asks of a newcomer what those who are there asked for, and not those who have left', async (scene) => {
    const people = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const wishes = ['tea', 'chess', 'jazz'].map((equals) => ({ attribute: 'likes', equals }));
    const tickets = [];
    for (const [i, id] of people.entries()) {
      const mine = { criteria: wishes[i]!, attributes: { level: i }, displayName: `P${i}`, priority: i };
      tickets.push(await scene.wait(id, { groupSize: 3, ...mine }));
    }
    const { roomId } = await scene.claim(tickets, 'default', { backfill: true });
    await scene.leave(people[1], roomId);

    const seat = (await seatOf(scene, roomId))!;
    assert.deepEqual(seat.criteria, { all: [wishes[0], wishes[2]] });
    assert.deepEqual([seat.displayName, seat.attributes, seat.priority], ['P0', { level: 0 }, 2]);
    assert.deepEqual(
      seat.party.map(({ displayName, attributes }) => [displayName, attributes]),
      [['P2', { level: 2 }]],
    );
  });

  it('avoids whom any of its members avoids', async (scene) => {
    const [ann, bob, cid, eve] = (await scene.people('Ann', 'Bob', 'Cid', 'Eve')) as [string, string, string, string];
    const tickets = [];
    for (const id of [ann, bob, cid]) tickets.push(await scene.wait(id, { groupSize: 3 }));
    await scene.offer([tickets[0]!, await scene.wait(eve, { groupSize: 2 })]);
    await scene.respond(eve, false);
    tickets[0] = (await scene.statuses(ann))[0]!.ticket;
    const { roomId } = await scene.claim(tickets, 'default', { backfill: true });
    await scene.leave(cid, roomId);

    assert.deepEqual((await seatOf(scene, roomId))?.avoid, [eve]);
  });

  it("takes a newcomer's coming for a match of those who wait as they did", async (scene) => {
    const { dan, openedAt, seat } = await freeSeat(scene);
    const group: GroupSize = { minimum: 2, maximum: 4, multiple: 1, patienceMs: 0 };
    await scene.claim([seat, await scene.wait(dan, { group })]);
    const [eve, fay] = (await scene.people('Eve', 'Fay')) as [string, string];
    await scene.wait(eve, { group });
    await scene.wait(fay, { groupSize: 3 });

    assert.deepEqual((await scene.statuses(eve))[0]?.matchedAt, [scene.now]);
    assert.deepEqual((await scene.statuses(fay))[0]?.matchedAt, [openedAt]);
  });

  it('lets nobody in beyond the seats, twice, alone, or whom somebody there has blocked', async (scene) => {
    const { ann, bob, dan, room, seat } = await freeSeat(scene);
    const eve = await scene.person('Eve');
    await scene.store.block(bob, await scene.match(bob, eve), eve, scene.now);
    const tickets = [await scene.wait(dan, { groupSize: 3 }), await scene.wait(eve, { groupSize: 3 })];
    const own = await scene.wait(ann, { groupSize: 3 });

    for (const group of [[seat], [seat, seat], [seat, tickets[1]!], [seat, own], [seat, ...tickets]]) {
      assert.equal((await scene.claim(group)).commit, undefined);
    }
    const fay = await scene.wait(await scene.person('Fay'), { groupSize: 3 });
    assert.equal((await scene.claim([seat, tickets[0]!, fay])).commit, undefined, 'there is one seat');
    assert.equal((await scene.room(ann, room)).members.length, 2);
    assert.ok((await scene.claim([seat, fay])).commit);
  });

  it('brings no two rooms together', async (scene) => {
    const rooms: string[] = [];
    for (let i = 0; i < 2; i++) {
      const people = await scene.people('Ann', 'Bob', 'Cid', 'Dan', 'Eve');
      const room = await scene.matchOpen(...people);
      for (const id of people.slice(2)) await scene.leave(id, room);
      rooms.push(room);
    }
    const seats = [(await seatOf(scene, rooms[0]!))!, (await seatOf(scene, rooms[1]!))!];
    const dan = await scene.wait(await scene.person('Dan'), { groupSize: 5 });
    assert.equal((await scene.claim([...seats, dan])).commit, undefined);
    assert.equal((await scene.claim(seats)).commit, undefined);
  });

  it('brings a whole party in', async (scene) => {
    const people = await scene.people('Ann', 'Bob', 'Cid', 'Dan');
    const room = await scene.matchOpen(...people);
    for (const id of people.slice(2)) await scene.leave(id, room);
    const [eve, fay] = (await scene.people('Eve', 'Fay')) as [string, string];
    const friends = { party: { name: 'friends', size: 2 } };
    await scene.enqueue(eve, { groupSize: 4 }, friends);
    const ticket = await scene.wait(fay, { groupSize: 4 }, friends);

    const { commit } = await scene.claim([(await seatOf(scene, room))!, ticket]);

    assert.deepEqual(commit?.participantIds, [...people.slice(0, 2), eve, fay]);
    assert.equal((await scene.told(people[0]!, 'partner.joined')).length, 2);
    await scene.leave(people[0]!, room);
    assert.equal((await seatOf(scene, room))?.party.length, 2);
  });

  it('asks a newcomer alone for consent, and opens the door when they accept', async (scene) => {
    const { ann, bob, dan, room, seat } = await freeSeat(scene);
    const head = await scene.head(ann);
    const { commit } = await scene.offer([seat, await scene.wait(dan, { groupSize: 3 })]);
    assert.ok(commit);
    assert.deepEqual(
      commit.appended.map(({ participantId }) => participantId),
      [dan],
    );
    assert.equal((await scene.told(dan, 'match.offered'))[0]?.group_size, 3);
    await refused('offer_not_found', () => scene.respond(ann, true));

    const matched = await scene.respond(dan, true);

    assert.deepEqual('roomId' in matched && [matched.roomId, matched.participantIds], [room, [ann, bob, dan]]);
    assert.deepEqual(await scene.eventNames(ann, head), ['partner.joined']);
  });

  it('goes on looking when a newcomer declines, and avoids them', async (scene) => {
    const { ann, dan, room, seat } = await freeSeat(scene);
    await scene.offer([seat, await scene.wait(dan, { groupSize: 3 })]);
    const head = await scene.head(ann);
    await scene.due();

    await scene.respond(dan, false);

    const again = (await seatOf(scene, room))!;
    assert.deepEqual([again.avoid, again.enqueuedAt, again.version > seat.version], [[dan], seat.enqueuedAt, true]);
    assert.deepEqual(await scene.due(), [again.id]);
    assert.deepEqual(await scene.eventNames(ann, head), [], 'those in the room hear nothing of it');
  });

  it('takes an offer back when the seat is gone', async (scene) => {
    for (const change of ['ends', 'fills', 'loses another']) {
      const people = await scene.people('Ann', 'Bob', 'Cid', 'Dan');
      const room = await scene.matchOpen(...people);
      await scene.leave(people[3]!, room);
      if (change === 'ends') await scene.leave(people[2]!, room);
      const eve = await scene.person('Eve');
      const ticket = await scene.wait(eve, { group: { minimum: 2, maximum: 4, multiple: 1, patienceMs: 0 } });
      const { offerId, commit } = await scene.offer([(await seatOf(scene, room))!, ticket]);
      assert.ok(commit);

      if (change === 'fills') await scene.join(people[3]!, room);
      else await scene.leave(people[1]!, room);

      assert.deepEqual(await scene.told(eve, 'match.withdrawn'), [
        { offer_id: offerId, pool: 'default', waiting: true },
      ]);
      const [status] = await scene.statuses(eve);
      assert.deepEqual([status?.ticket.avoid, status?.ticket.enqueuedAt], [[], ticket.enqueuedAt], change);
      assert.equal((await seatOf(scene, room))?.group.minimum, change === 'loses another' ? 3 : undefined);
      await scene.store.cancel(eve, undefined, scene.now);
    }
  });

  it('takes an offer back when somebody there blocks the newcomer', async (scene) => {
    const { ann, bob, dan, room, seat } = await freeSeat(scene);
    const elsewhere = await scene.match(bob, dan);
    const { commit } = await scene.offer([seat, await scene.wait(dan, { groupSize: 3 })]);
    assert.ok(commit);

    await scene.store.block(bob, elsewhere, dan, scene.now);

    assert.deepEqual(await scene.eventNames(dan), ['chatroom.found', 'match.offered', 'match.withdrawn']);
    const again = [(await seatOf(scene, room))!, (await scene.statuses(dan))[0]!.ticket];
    assert.equal((await scene.claim(again)).commit, undefined);
    assert.equal((await scene.room(ann, room)).members.length, 2);
  });
};
