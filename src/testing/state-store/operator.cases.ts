import assert from 'node:assert/strict';
import { exactly, type Ticket } from '../../domain/ticket.js';
import type { Page } from '../../ports/operator-steps.js';
import type { Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

/** All pages of a list. */
async function all<T>(read: (after: string | undefined) => Page<T> | Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

const ticketIds = async (scene: Scene, pool = 'default', limit = 2) =>
  (await all(async (after) => scene.store.listTickets(pool, { after, limit }))).map(({ ticketId }) => ticketId);

const roomIds = async (scene: Scene, name?: string, limit = 2) =>
  (await all(async (after) => scene.store.listRooms({ name, after, limit }))).map(({ roomId }) => roomId);

const move = async (scene: Scene, { id }: Ticket, pool: string, ttlMs = 0) =>
  scene.store.moveTicket(id, { pool, group: exactly(2), ttlMs }, scene.now);

export const operatorCases: Cases = (it) => {
  it('counts participants, active rooms and tickets', async (scene) => {
    assert.deepEqual(await scene.store.totals(), { participants: 0, activeRooms: 0, tickets: 0 });
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const roomId = await scene.match(ann, bob);
    await scene.join(cid, 'den');
    await scene.wait(cid);
    await scene.enqueue(cid, { pool: 'mentors' }, { party: { name: 'us', size: 2 } });
    assert.deepEqual(await scene.store.totals(), { participants: 3, activeRooms: 2, tickets: 2 });
    await scene.leave(ann, roomId);
    await scene.store.cancel(cid, undefined, scene.now);
    await scene.store.forget(ann, scene.now);
    assert.deepEqual(await scene.store.totals(), { participants: 2, activeRooms: 1, tickets: 0 });
  });

  it('tells of pools how many wait and since when, seats of open rooms not counted', async (scene) => {
    const [ann, bob, cid, dan, eve] = await scene.people('Ann', 'Bob', 'Cid', 'Dan', 'Eve');
    const room = await scene.matchOpen(ann!, bob!, cid!);
    await scene.leave(cid!, room);
    const figures = async () => scene.store.poolFigures(['default', 'mentors', 'nowhere']);
    const none = { waiting: 0, oldestAt: null };
    assert.deepEqual(
      await figures(),
      ['default', 'mentors', 'nowhere'].map((pool) => ({ pool, ...none })),
    );
    scene.clock.advance(10);
    const first = await scene.wait(dan!);
    scene.clock.advance(10);
    const second = await scene.wait(eve!, { groupSize: 3 });
    const [pool] = await figures();
    assert.deepEqual(pool, { pool: 'default', waiting: 2, oldestAt: first.enqueuedAt });
    await scene.store.cancel(dan!, undefined, scene.now);
    assert.deepEqual((await figures())[0], { pool: 'default', waiting: 1, oldestAt: second.enqueuedAt });
    await scene.store.cancel(eve!, undefined, scene.now);
    assert.deepEqual((await figures())[0], { pool: 'default', ...none });
  });

  it('lists the tickets of a pool in order of seniority, whatever state they are in', async (scene) => {
    const names = ['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay', 'Gil'];
    const [ann, bob, cid, dan, eve, fay, gil] = (await scene.people(...names)) as [string, ...string[]];
    const open = await scene.matchOpen(ann, bob!, cid!);
    scene.clock.advance(10);
    const waits = await scene.wait(dan!, { groupSize: 3, priority: 2 });
    scene.clock.advance(10);
    const gathering = await scene.enqueue(eve!, {}, { party: { name: 'us', size: 2 } });
    scene.clock.advance(10);
    const [one, other] = [await scene.wait(fay!), await scene.wait(gil!)];
    await scene.offer([one, other]);
    await scene.leave(cid!, open);
    assert.ok('ticket' in gathering);
    const ids = await ticketIds(scene);
    assert.deepEqual(
      [...ids.slice(0, 3), ...ids.slice(3).sort()],
      [open, waits.id, gathering.ticket.id, ...[one.id, other.id].sort()],
    );
    const { items } = await scene.store.listTickets('default', { limit: 500 });
    assert.deepEqual(
      items.map(({ state }) => state),
      ['waiting', 'waiting', 'gathering', 'offered', 'offered'],
    );
    assert.deepEqual([items[0]!.roomId, items[0]!.members], [open, []]);
    assert.deepEqual(items[1], {
      ticketId: waits.id,
      pool: 'default',
      state: 'waiting',
      members: [{ user_id: dan, display_name: 'Dan', provenance: 'human_via_agent' }],
      group: exactly(3),
      priority: 2,
      enqueuedAt: waits.enqueuedAt,
      roomId: null,
    });
    assert.deepEqual(await scene.store.ticketFacts(waits.id), items[1]);
    assert.equal(await scene.store.ticketFacts('no-such-ticket'), undefined);
    assert.deepEqual(await ticketIds(scene, 'nowhere'), []);
  });

  it('goes on with a list from where a page ended, whatever has gone meanwhile', async (scene) => {
    const tickets: Ticket[] = [];
    for (let i = 0; i < 6; i++) {
      tickets.push(await scene.wait(await scene.person(`P${i}`)));
      if (i % 2 === 1) scene.clock.advance(5);
    }
    const first = await scene.store.listTickets('default', { limit: 3 });
    for (const { ticketId } of first.items) await scene.store.removeTicket(ticketId, scene.now);
    const rest = await all(async (after) =>
      scene.store.listTickets('default', { limit: 2, after: after ?? first.next }),
    );
    const seen = [...first.items, ...rest].map(({ ticketId }) => ticketId);
    assert.deepEqual([...seen].sort(), tickets.map(({ id }) => id).sort());
    for (const after of ['nonsense', '1', '-1.x', '1.a b']) {
      await refused('invalid_arguments', () => scene.store.listTickets('default', { limit: 2, after }));
    }
  });

  it('removes a ticket, of which everybody behind it is told', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const party = { party: { name: 'us', size: 2 } };
    await scene.enqueue(ann, { groupSize: 3 }, party);
    const complete = await scene.enqueue(bob, { groupSize: 3 }, party);
    assert.ok('ticket' in complete);
    const { id } = complete.ticket;
    const { ticket, appended } = await scene.store.removeTicket(id, scene.now);
    assert.deepEqual(
      ticket.members.map(({ user_id }) => user_id),
      [ann, bob],
    );
    assert.equal(appended.length, 2);
    for (const one of [ann, bob]) {
      const expired = [{ ticket_id: id, pool: 'default', reason: 'removed' }];
      assert.deepEqual(await scene.told(one, 'queue.expired'), expired);
      assert.deepEqual(await scene.statuses(one), []);
    }
    await refused('ticket_not_found', () => scene.store.removeTicket(id, scene.now));
  });

  it('withdraws an offer when one of its tickets is removed', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const tickets = [await scene.wait(ann), await scene.wait(bob)] as const;
    await scene.offer(tickets);
    await scene.store.removeTicket(tickets[0].id, scene.now);
    assert.deepEqual(await scene.eventNames(ann), ['match.offered', 'match.withdrawn', 'queue.expired']);
    assert.deepEqual(await scene.eventNames(bob), ['match.offered', 'match.withdrawn']);
    assert.deepEqual(await scene.queue(), [bob]);
  });

  it('moves a waiting ticket to another pool, as senior as it is and to be looked at now', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const ticket = await scene.wait(ann, { groupSize: 3, priority: 5 });
    scene.clock.advance(1_000);
    await scene.wait(bob, { pool: 'mentors' });
    const moved = await move(scene, ticket, 'mentors');
    assert.deepEqual(moved.ticket, {
      ...(await scene.store.ticketFacts(ticket.id)),
      pool: 'mentors',
      group: exactly(2),
      priority: 5,
      enqueuedAt: ticket.enqueuedAt,
    });
    assert.deepEqual(await scene.told(ann, 'queue.moved'), [
      { ticket_id: ticket.id, from: 'default', pool: 'mentors' },
    ]);
    assert.equal(moved.appended.length, 1);
    assert.deepEqual(await scene.queue('default', 3), []);
    assert.deepEqual(await scene.queue('mentors'), [ann, bob]);
    assert.deepEqual(await scene.due(), [ticket.id]);
    assert.equal((await scene.claim([ticket], 'default')).commit, undefined, 'the version before is void');
    const [status] = await scene.statuses(ann);
    assert.deepEqual([status!.ticket.pool, status!.position], ['mentors', 1]);
    const mentors = [...(await scene.view('mentors')).tickets()];
    assert.ok((await scene.claim(mentors, 'mentors')).commit);
    assert.equal((await scene.enqueue(ann, {})).status, 'waiting');
    assert.equal((await scene.enqueue(cid, { pool: 'mentors' })).status, 'waiting');
  });

  it('gives a moved ticket the lifetime of its new pool', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const [short, long] = [await scene.wait(ann, {}, { ttlMs: 10_000 }), await scene.wait(bob, {}, { ttlMs: 10_000 })];
    await move(scene, short, 'mentors', 20_000);
    await move(scene, long, 'mentors');
    await scene.pass(15_000);
    assert.deepEqual(await scene.queue('mentors'), [ann, bob]);
    await scene.pass(15_000);
    assert.deepEqual(await scene.queue('mentors'), [bob]);
  });

  it('moves no ticket that is busy elsewhere, or whose people wait there already', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const held = async (ticket: Pick<Ticket, 'id'>, message: RegExp, pool = 'mentors') => {
      const error = await refused('ticket_refused', () => move(scene, ticket as Ticket, pool));
      assert.match(error.message, message);
    };
    const gathering = await scene.enqueue(ann, {}, { party: { name: 'us', size: 2 } });
    assert.ok('ticket' in gathering);
    await held(gathering.ticket, /rest of its party/);
    const both = [await scene.wait(bob), await scene.wait(cid)] as const;
    await scene.offer(both);
    await held(both[0], /offered a match/);
    const there = await scene.wait(dan, { pool: 'mentors' });
    await held(await scene.wait(dan), /waits in pool "mentors" already/);
    await held(there, /waits in pool "mentors" already/);
    const room = await scene.matchOpen(...(await scene.people('Eve', 'Fay', 'Gil')));
    await scene.leave((await scene.store.roomFacts(room))!.members[0]!.user_id, room);
    await held({ id: room }, /stands for a room/);
    await refused('ticket_refused', () => scene.store.removeTicket(room, scene.now));
    await scene.store.controlPool('trios', { mode: 'draining', strategy: null }, scene.now);
    await refused('pool_closed', () => move(scene, there, 'trios'));
    await refused('ticket_not_found', () => move(scene, { id: 'gone' } as Ticket, 'trios'));
    assert.deepEqual(await scene.queue('mentors'), [dan]);
  });

  it('lists active rooms, the oldest first, of all or of one name', async (scene) => {
    const matched: string[] = [];
    for (let i = 0; i < 3; i++) {
      matched.push(await scene.match(...(await scene.people('Ann', 'Bob'))));
      scene.clock.advance(5);
    }
    const { room: den } = await scene.join(await scene.person('Cid'), 'den');
    scene.clock.advance(5);
    const { room: homonym } = await scene.join(await scene.person('Dan'), 'default');
    assert.deepEqual(await roomIds(scene), [...matched, den.roomId, homonym.roomId]);
    assert.deepEqual(await roomIds(scene, 'default'), [...matched, homonym.roomId]);
    assert.deepEqual(await roomIds(scene, 'den'), [den.roomId]);
    assert.deepEqual(await roomIds(scene, 'nowhere'), []);
    await scene.store.closeRoom(matched[1]!, scene.now);
    await scene.store.closeRoom(den.roomId, scene.now);
    assert.deepEqual(await roomIds(scene), [matched[0], matched[2], homonym.roomId]);
    assert.deepEqual(await roomIds(scene, 'den'), []);
  });

  it('shows a room with those who are and who were in it', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const openedAt = scene.now;
    const roomId = await scene.match(ann, bob, cid);
    await scene.post(ann, roomId, 'hello');
    await scene.leave(cid, roomId);
    const names = { user_id: cid, display_name: 'Cid', provenance: 'human_via_agent' };
    const facts = await scene.store.roomFacts(roomId);
    assert.deepEqual(
      facts?.members.map(({ user_id }) => user_id),
      [ann, bob],
    );
    assert.deepEqual(
      { ...facts, members: [] },
      {
        ...{ roomId, kind: 'match', name: 'default', active: true, capacity: 3, openedAt, members: [] },
        ...{ former: [names], lastSeq: 1, supervised: false },
      },
    );
    await scene.leave(ann, roomId);
    const ended = await scene.store.roomFacts(roomId);
    assert.deepEqual([ended?.active, ended?.members, ended?.former.length], [false, [], 3]);
    assert.equal(await scene.store.roomFacts('no-such-room'), undefined);
  });

  it('closes a room, of which everybody in it is told', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const roomId = await scene.match(ann, bob, cid);
    await scene.leave(cid, roomId);
    const { appended } = await scene.store.closeRoom(roomId, scene.now);
    assert.equal(appended.length, 2);
    for (const one of [ann, bob]) {
      assert.deepEqual(await scene.told(one, 'room.closed'), [{ room_id: roomId, reason: 'closed_by_operator' }]);
      assert.deepEqual(await scene.rooms(one), []);
    }
    assert.deepEqual(await scene.told(cid, 'room.closed'), []);
    await refused('room_ended', () => scene.post(ann, roomId, 'still here?'));
    await refused('room_ended', () => scene.store.closeRoom(roomId, scene.now));
    await refused('room_not_found', () => scene.store.closeRoom('no-such-room', scene.now));
    const { room } = await scene.join(ann, 'den');
    await scene.store.closeRoom(room.roomId, scene.now);
    assert.equal((await scene.join(ann, 'den')).status, 'room_created');
  });

  it('fills no seat of a room that was closed', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const roomId = await scene.matchOpen(ann, bob, cid);
    await scene.leave(cid, roomId);
    assert.deepEqual(await ticketIds(scene), [roomId]);
    await scene.store.closeRoom(roomId, scene.now);
    assert.deepEqual(await ticketIds(scene), []);
    assert.equal((await scene.store.totals()).tickets, 0);
  });

  it('reads everything that was said in a room, and marks nothing read', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { room } = await scene.join(ann, 'den');
    await scene.say(ann, room.roomId, '1', '2', '3');
    await scene.join(bob, 'den');
    await scene.say(ann, room.roomId, '4');
    const page = await scene.store.transcript(room.roomId, { limit: 3 });
    assert.deepEqual([page.messages.map(({ text }) => text), page.previous], [['2', '3', '4'], 2]);
    const before = await scene.store.transcript(room.roomId, { limit: 3, before: page.previous! });
    assert.deepEqual(
      before.messages.map(({ text }) => text),
      ['1'],
    );
    assert.equal((await scene.room(bob, room.roomId)).unread, 1);
    await scene.store.closeRoom(room.roomId, scene.now);
    assert.equal((await scene.store.transcript(room.roomId, { limit: 10 })).messages.length, 4);
    await refused('room_not_found', () => scene.store.transcript('no-such-room', { limit: 1 }));
  });

  it('tells everybody in a room, and whoever comes, that somebody watches', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const roomId = await scene.matchOpen(ann, bob, cid);
    assert.equal((await scene.room(ann, roomId)).supervised, false);
    assert.equal((await scene.store.supervise(roomId, true, scene.now)).appended.length, 3);
    assert.deepEqual((await scene.store.supervise(roomId, true, scene.now)).appended, []);
    assert.deepEqual(await scene.told(ann, 'room.supervised'), [{ room_id: roomId, supervised: true }]);
    assert.equal((await scene.room(ann, roomId)).supervised, true);
    assert.equal((await scene.store.roomFacts(roomId))?.supervised, true);

    await scene.leave(cid, roomId);
    const seat = await scene.view('default', 3);
    await scene.claim([...seat.tickets(), await scene.wait(dan, { groupSize: 3 })]);
    assert.deepEqual(await scene.eventNames(dan), ['chatroom.found', 'room.supervised']);
    assert.deepEqual(await scene.told(bob, 'room.supervised'), [{ room_id: roomId, supervised: true }]);

    await scene.leave(dan, roomId);
    const joined = await scene.join(cid, roomId);
    assert.deepEqual([joined.room.supervised, joined.appended.length], [true, 3]);
    assert.deepEqual((await scene.eventNames(cid)).at(-1), 'room.supervised');
    await scene.store.supervise(roomId, false, scene.now);
    assert.deepEqual((await scene.told(cid, 'room.supervised')).at(-1), { room_id: roomId, supervised: false });
    assert.deepEqual(await scene.told(dan, 'room.supervised'), [{ room_id: roomId, supervised: true }]);
    await scene.store.closeRoom(roomId, scene.now);
    await refused('room_ended', () => scene.store.supervise(roomId, true, scene.now));
    await refused('room_not_found', () => scene.store.supervise('no-such-room', true, scene.now));
  });

  it('shows a participant with what it has and where it is', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    const ticket = await scene.wait(ann);
    await scene.store.updateProfile(ann, { attributes: { team: 'blue' } }, scene.now);
    const facts = async () => scene.store.participantFacts(ann, scene.now);
    assert.deepEqual(await facts(), {
      ...{ participantId: ann, displayName: 'Ann', provenance: 'human_via_agent', principal: null },
      ...{
        attributes: { team: 'blue' },
        presence: 'present',
        ticketIds: [ticket.id],
        roomIds: [roomId],
        sanctions: [],
      },
    });
    await scene.pass(90_000);
    assert.equal((await facts())?.presence, 'away');
    await scene.pass(30_000);
    assert.deepEqual([(await facts())?.presence, (await facts())?.roomIds], ['gone', []]);
    assert.equal(await scene.store.participantFacts('nobody', scene.now), undefined);
  });

  it('dismisses somebody from queues and rooms, who may come back', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    const ticket = await scene.wait(ann);
    await scene.store.dismiss(ann, scene.now);
    assert.deepEqual((await scene.eventNames(ann)).slice(1).sort(), ['queue.expired', 'room.closed']);
    assert.deepEqual(await scene.told(ann, 'room.closed'), [{ room_id: roomId, reason: 'closed_by_operator' }]);
    const expired = [{ ticket_id: ticket.id, pool: 'default', reason: 'removed' }];
    assert.deepEqual(await scene.told(ann, 'queue.expired'), expired);
    const [gone] = await scene.told(bob, 'partner.disconnected');
    assert.deepEqual([gone!.reason, gone!.room_active], ['removed', false]);
    assert.deepEqual(await scene.told(bob, 'room.closed'), [{ room_id: roomId, reason: 'partner_removed' }]);
    assert.equal((await scene.enqueue(ann)).status, 'waiting');
    await refused('participant_not_found', () => scene.store.dismiss('nobody', scene.now));
  });

  it('renews nobody’s presence', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    await scene.pass(90_000);
    await scene.store.supervise(roomId, true, scene.now);
    await scene.store.participantFacts(ann, scene.now);
    await scene.pass(30_000);
    assert.equal((await scene.store.participantFacts(ann, scene.now))?.presence, 'gone');
    assert.deepEqual(await scene.told(bob, 'partner.reconnected'), []);
  });

  it(
    'writes what operators did to the outbox',
    async (scene) => {
      const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
      const roomId = await scene.match(ann, bob);
      const ticket = await scene.wait(cid);
      const { id } = ticket;
      await move(scene, ticket, 'mentors');
      await scene.store.removeTicket(id, scene.now);
      await scene.store.closeRoom(roomId, scene.now);
      const batch = await scene.store.outbox.take('events', 'me', { limit: 100, leaseMs: 1_000 }, scene.now);
      const last = batch!.records.slice(-3).map(({ kind, data }) => [kind, data]);
      assert.deepEqual(last, [
        ['ticket.moved', { ticket_id: id, from: 'default', pool: 'mentors' }],
        ['ticket.expired', { ticket_id: id, pool: 'mentors', reason: 'removed' }],
        ['room.closed', { room_id: roomId, reason: 'closed_by_operator' }],
      ]);
    },
    { outbox: { groups: ['events'], records: 100 } },
  );
};
