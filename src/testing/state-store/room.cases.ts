import assert from 'node:assert/strict';
import type { Cases } from './cases.js';
import { refused } from './scene.js';

export const roomCases: Cases = (it) => {
  it('creates a named room for the first and lets others join it by its name', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];

    const created = await scene.join(ann, 'lobby', 5);
    const joined = await scene.join(bob, 'lobby', 2);

    assert.deepEqual([created.status, joined.status], ['room_created', 'joined']);
    assert.equal(joined.room.roomId, created.room.roomId);
    assert.deepEqual(
      [created.room.kind, created.room.name, created.room.capacity, created.room.active, created.room.partners],
      ['named', 'lobby', 5, true, []],
    );
    assert.equal(joined.room.capacity, 5, 'the first one decides');
    assert.deepEqual(joined.room.partners, [{ user_id: ann, display_name: 'Ann' }]);
    assert.deepEqual(await scene.told(ann, 'partner.joined'), [
      { room_id: created.room.roomId, partner: { user_id: bob, display_name: 'Bob' } },
    ]);
    assert.deepEqual(await scene.events(bob), [], 'nobody is told of their own coming');
  });

  it('returns the log position just before a join took effect', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    assert.equal((await scene.join(ann, 'lobby')).position, 0);
    await scene.join(bob, 'lobby');
    assert.equal((await scene.join(ann, 'den')).position, 1);
  });

  it('takes a second join of a member as done and tells nobody', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.join(ann, 'lobby', 2);
    await scene.join(bob, 'lobby', 2);

    const again = await scene.join(bob, 'lobby', 2);

    assert.deepEqual([again.status, again.room.members.length], ['joined', 2]);
    assert.equal((await scene.told(ann, 'partner.joined')).length, 1);
  });

  it('finds no room by what is no id, whatever characters it is made of', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    await scene.post(ann, roomId, 'hello', 'm1');
    const parts = ['log', 'members', 'sent', 'backfill'].flatMap((part) => [`${roomId}:${part}`, `${part}:${roomId}`]);
    for (const id of ['', ' ', ':', '{}', '*', '\0', '\ud800', 'é\n"', ann, ...parts]) {
      await refused('room_not_found', () => scene.room(ann, id));
      await refused('room_not_found', () => scene.page(ann, id));
      await refused('room_not_found', () => scene.post(ann, id, 'hello', 'm1'));
      await refused('room_not_found', () => scene.leave(ann, id));
      await refused('room_not_found', () => scene.store.block(ann, id, bob, scene.now));
      await refused('member_not_found', () => scene.store.block(ann, roomId, id, scene.now));
    }
  });

  it('lets nobody into a full room until somebody has left', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.join(ann, 'lobby', 2);
    const { room } = await scene.join(bob, 'lobby', 2);

    await refused('room_full', () => scene.join(cid, 'lobby'), 'Room is full');
    await refused('room_not_found', () => scene.room(cid, room.roomId));
    await scene.leave(ann, room.roomId);
    assert.equal((await scene.join(cid, 'lobby')).status, 'joined');
    await refused('room_full', () => scene.join(ann, 'lobby'), 'Room is full');
  });

  it('tells somebody blocked, and somebody who blocked, what it tells when a room is full', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.store.block(ann, await scene.match(ann, bob), bob, scene.now);
    await scene.join(ann, 'lobby', 10);
    await scene.join(bob, 'den', 10);

    const blocked = await refused('room_full', () => scene.join(bob, 'lobby'), 'Room is full');
    const blocking = await refused('room_full', () => scene.join(ann, 'den'), 'Room is full');
    await scene.join(cid, 'booth', 1);
    const full = await refused('room_full', () => scene.join(ann, 'booth'));

    for (const error of [blocked, blocking]) {
      assert.deepEqual([error.hint, error.retryable, error.details], [full.hint, full.retryable, full.details]);
    }
    assert.equal((await scene.join(cid, 'lobby')).status, 'joined');
  });

  it('lets somebody who left a room come back to it', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { room } = await scene.join(ann, 'lobby');
    await scene.join(bob, 'lobby');
    await scene.leave(bob, room.roomId);

    const back = await scene.join(bob, 'lobby');

    assert.deepEqual([back.status, back.room.roomId], ['joined', room.roomId]);
    assert.deepEqual(await scene.eventNames(ann), ['partner.joined', 'partner.disconnected', 'partner.joined']);
    await scene.say(ann, room.roomId, 'welcome back');
    assert.equal((await scene.told(bob, 'message.received')).at(-1)?.message, 'welcome back');
  });

  it('lets a former member come back by the id of a room, a matched one too', async (scene) => {
    const people = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(...people);
    await scene.leave(people[0], room);

    const back = await scene.join(people[0], room);

    assert.deepEqual([back.status, back.room.roomId, back.room.members.length], ['joined', room, 3]);
  });

  it('understands the id of a room somebody knows before a room that merely bears it as its name', async (scene) => {
    const [ann, bob, eve, dan] = (await scene.people('Ann', 'Bob', 'Eve', 'Dan')) as [string, string, string, string];
    const room = await scene.match(ann, bob, dan);
    const trap = await scene.join(eve, room);
    await scene.leave(ann, room);

    assert.equal(trap.status, 'room_created', 'a stranger learns nothing about the room with that id');
    assert.notEqual(trap.room.roomId, room);
    assert.equal((await scene.join(ann, room)).room.roomId, room);
  });

  it('keeps a named room while anybody is in it, and frees its name with the last', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { room } = await scene.join(ann, 'lobby');
    await scene.join(bob, 'lobby');

    await scene.leave(ann, room.roomId);
    assert.deepEqual(await scene.told(bob, 'partner.disconnected'), [
      { room_id: room.roomId, partner: { user_id: ann, display_name: 'Ann' }, reason: 'left', room_active: true },
    ]);
    assert.deepEqual(await scene.rooms(bob), [room.roomId]);

    await scene.leave(bob, room.roomId);
    await refused('room_inactive', () => scene.join(ann, room.roomId), 'Room is no longer active');
    const next = await scene.join(ann, 'lobby');
    assert.equal(next.status, 'room_created');
    assert.notEqual(next.room.roomId, room.roomId);
  });

  it('closes a room of two when one leaves, and tells the other', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);

    const { appended } = await scene.leave(ann, room);

    assert.deepEqual(await scene.eventNames(bob), ['chatroom.found', 'partner.disconnected', 'room.closed']);
    assert.deepEqual(await scene.told(bob, 'partner.disconnected'), [
      { room_id: room, partner: { user_id: ann, display_name: 'Ann' }, reason: 'left', room_active: false },
    ]);
    assert.deepEqual(await scene.told(bob, 'room.closed'), [{ room_id: room, reason: 'partner_left' }]);
    assert.deepEqual(await scene.eventNames(ann), ['chatroom.found'], 'nobody is told of their own going');
    assert.equal(appended.length, 2);
    assert.deepEqual([await scene.rooms(ann), await scene.rooms(bob)], [[], []]);
    await refused('room_inactive', () => scene.join(ann, room), 'Room is no longer active');
  });

  it('keeps a matched room of three while two remain', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);

    await scene.leave(ann, room);
    assert.deepEqual(
      (await scene.told(bob, 'partner.disconnected')).map((event) => event.room_active),
      [true],
    );
    await scene.say(bob, room, 'still here');
    assert.deepEqual(await scene.eventNames(cid), ['chatroom.found', 'partner.disconnected', 'message.received']);

    await scene.leave(bob, room);
    assert.deepEqual((await scene.eventNames(cid)).slice(3), ['partner.disconnected', 'room.closed']);
    assert.deepEqual(await scene.rooms(cid), []);
  });

  it('says that a chat has ended to those who were in it', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    await scene.leave(ann, room);

    for (const id of [ann, bob]) {
      await refused('room_ended', () => scene.post(id, room, 'hello?'), 'Chat has ended');
      assert.deepEqual((await scene.leave(id, room)).appended, [], 'leaving what has ended is done already');
      const view = await scene.room(id, room);
      assert.deepEqual([view.active, view.members, view.partners], [false, [], []]);
    }
  });

  it('gives strangers the same answer for a room that exists as for one that does not', async (scene) => {
    const [ann, bob, eve] = (await scene.people('Ann', 'Bob', 'Eve')) as [string, string, string];
    const active = await scene.match(ann, bob);
    const ended = await scene.match(ann, bob);
    await scene.leave(ann, ended);

    for (const room of [active, ended, 'no such room']) {
      const steps: (() => unknown)[] = [
        () => scene.post(eve, room, 'hi'),
        () => scene.leave(eve, room),
        () => scene.room(eve, room),
        () => scene.page(eve, room),
        () => scene.store.block(eve, room, ann, scene.now),
        () => scene.store.report({ reporter: eve, userId: ann, roomId: room }, scene.now),
      ];
      for (const step of steps) await refused('room_not_found', step, 'Room not found');
    }
    assert.equal((await scene.eventNames(ann)).includes('message.received'), false);
  });

  it('tells a former member of a living room that they are not in it', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);
    await scene.leave(ann, room);

    for (const step of [() => scene.post(ann, room, 'hi'), () => scene.leave(ann, room), () => scene.room(ann, room)]) {
      await refused('not_in_room', step, 'You are not in this room');
    }
  });

  it('lists the active rooms of somebody, oldest first', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const first = await scene.match(ann, bob);
    const { room: second } = await scene.join(ann, 'lobby');
    const third = await scene.match(ann, bob);
    await scene.leave(ann, first);

    assert.deepEqual(await scene.rooms(ann), [second.roomId, third]);
    assert.deepEqual(await scene.rooms(bob), [third]);
  });

  it(
    'refuses a room beyond the limit until one is left',
    async (scene) => {
      const ann = await scene.person();
      const { room } = await scene.join(ann, 'a');
      await scene.join(ann, 'b');

      const error = await refused('too_many_rooms', () => scene.join(ann, 'c'));
      assert.equal(error.details.limit, 2);
      await refused('too_many_rooms', () => scene.enqueue(ann));
      await scene.leave(ann, room.roomId);
      await scene.join(ann, 'c');
    },
    { roomsPerParticipant: 2 },
  );

  it(
    'keeps only the newest ended rooms, and every active one',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      const { room: active } = await scene.join(ann, 'lobby');
      const ended: string[] = [];
      for (let i = 0; i < 4; i++) {
        ended.push(await scene.match(ann, bob));
        await scene.leave(ann, ended[i]!);
      }

      for (const room of ended.slice(0, 2)) await refused('room_not_found', () => scene.room(ann, room));
      for (const room of ended.slice(2)) assert.equal((await scene.room(ann, room)).active, false);
      assert.equal((await scene.room(ann, active.roomId)).active, true);
    },
    { endedRooms: 2 },
  );

  it(
    'forgets an ended room after its time',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      const room = await scene.match(ann, bob);
      await scene.pass(120_000);
      await scene.leave(ann, room);

      await scene.pass(59_000);
      assert.equal((await scene.room(ann, room)).active, false);
      await scene.pass(2_000);
      await refused('room_not_found', () => scene.room(ann, room), 'Room not found');
    },
    { endedRoomAgeMs: 60_000, presenceMs: 0 },
  );

  it('lets people block only those they have been in a room with', async (scene) => {
    const [ann, bob, cid, eve] = (await scene.people('Ann', 'Bob', 'Cid', 'Eve')) as [string, string, string, string];
    const room = await scene.match(ann, bob, cid);
    const block = (who: string, whom: string) => scene.store.block(who, room, whom, scene.now);
    await scene.leave(bob, room);

    await refused('member_not_found', () => block(ann, ann));
    await refused('member_not_found', () => block(ann, eve));
    await refused('member_not_found', () => block(ann, 'nobody'));
    assert.deepEqual((await block(ann, bob)).appended, [], 'the one blocked is not told');
    await block(bob, cid);

    const apart = [await scene.apart(ann, bob), await scene.apart(bob, cid), await scene.apart(ann, cid)];
    assert.deepEqual(apart, [true, true, false]);
  });

  it('lets people block and report somebody after the chat has ended', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    await scene.leave(bob, room);

    await scene.store.block(ann, room, bob, scene.now);
    const { evidence } = await scene.store.report({ reporter: ann, userId: bob, roomId: room }, scene.now);

    assert.equal(await scene.apart(bob, ann), true);
    assert.equal(evidence.reported.user_id, bob);
  });

  it('gives with a report the last messages that the reporter may read, and who it is about', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const cid = await scene.person('Cid', { principal: 'cid@example' });
    await scene.join(ann, 'den', 4);
    const { room } = await scene.join(bob, 'den', 4);
    await scene.post(bob, room.roomId, 'before');
    await scene.join(cid, 'den', 4);
    for (let i = 1; i <= 22; i++) await scene.post(cid, room.roomId, `rude ${i}`);
    const of = (reporter: string) => ({ reporter, userId: cid, roomId: room.roomId });
    const { evidence, appended } = await scene.store.report(of(ann), scene.now);
    assert.deepEqual(appended, []);
    assert.deepEqual(evidence.room, { roomId: room.roomId, kind: 'named', name: 'den' });
    assert.equal(evidence.reporter.user_id, ann);
    assert.deepEqual(evidence.reported, {
      user_id: cid,
      display_name: 'Cid',
      provenance: evidence.reported.provenance,
    });
    assert.equal(evidence.reportedPrincipal, 'cid@example');
    assert.deepEqual(
      evidence.messages.map(({ text }) => text),
      Array.from({ length: 20 }, (_, i) => `rude ${i + 3}`),
    );

    const eve = await scene.person('Eve');
    await scene.join(eve, 'den', 4);
    assert.deepEqual((await scene.store.report(of(eve), scene.now)).evidence.messages, [], 'what was said before');
    assert.equal((await scene.store.room(ann, room.roomId, scene.now)).room.unread, 23, 'nothing is read by it');
    await refused('member_not_found', () => scene.store.report({ ...of(ann), userId: ann }, scene.now));
  });
};
