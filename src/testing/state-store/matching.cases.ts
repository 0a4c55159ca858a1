import assert from 'node:assert/strict';
import type { Ticket } from '../../domain/ticket.js';
import type { Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

/** Asserts that a claim is turned down and leaves queue, logs and rooms as they were. */
async function turnsDown(
  scene: Scene,
  tickets: readonly Pick<Ticket, 'id' | 'version'>[],
  people: readonly string[],
  pool?: string,
): Promise<void> {
  const look = async () => [
    await scene.queue(),
    await Promise.all(people.map((id) => scene.eventNames(id))),
    await Promise.all(people.map((id) => scene.rooms(id))),
    await Promise.all(people.map(async (id) => (await scene.store.tickets(id, scene.now)).tickets)),
  ];
  const before = await look();
  const { roomId, commit } = await scene.claim(tickets, pool);
  assert.equal(commit, undefined);
  assert.deepEqual(await look(), before);
  for (const id of people) await refused('room_not_found', () => scene.room(id, roomId));
}

export const matchingCases: Cases = (it) => {
  it('opens a room for the claimed tickets and tells each who the others are', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const tickets = [await scene.wait(ann), await scene.wait(bob)];
    const reasons = [{ code: 'shared_interest', text: 'You both like tea' }];
    const claim = { pool: 'default', roomId: 'room-1', groups: [{ tickets, reasons }] };

    const commit = await scene.store.claim(claim, scene.now);

    assert.deepEqual([commit?.roomId, commit?.participantIds], ['room-1', [ann, bob]]);
    const partner = (id: string, name: string) => ({ user_id: id, display_name: name });
    const found = (other: { user_id: string; display_name: string }) => ({
      room_id: 'room-1',
      pool: 'default',
      partner: other,
      partners: [other],
      reasons,
      matched_at: new Date(scene.now).toISOString(),
    });
    assert.deepEqual(await scene.told(ann, 'chatroom.found'), [found(partner(bob, 'Bob'))]);
    assert.deepEqual(await scene.told(bob, 'chatroom.found'), [found(partner(ann, 'Ann'))]);
    assert.deepEqual(await scene.queue(), []);
    assert.deepEqual((await scene.store.tickets(ann, scene.now)).tickets, []);

    const room = await scene.room(ann, 'room-1');
    assert.deepEqual(
      [room.kind, room.name, room.active, room.capacity, room.partners],
      ['match', 'default', true, 2, [partner(bob, 'Bob')]],
    );
    assert.deepEqual(
      room.members.map((member) => [member.user_id, member.provenance]),
      [
        [ann, 'human_via_agent'],
        [bob, 'human_via_agent'],
      ],
    );
  });

  it('puts groups of three into one room and tells each about both others', async (scene) => {
    const people = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(...people);

    for (const id of people) {
      const [found, ...more] = await scene.told(id, 'chatroom.found');
      assert.deepEqual(more, []);
      assert.deepEqual(
        found?.partners.map((partner) => partner.user_id),
        people.filter((other) => other !== id),
      );
      assert.deepEqual(found?.partner, found?.partners[0]);
      assert.equal((await scene.room(id, room)).members.length, 3);
    }
  });

  it('claims all or nothing when a ticket has changed since it was seen', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    await turnsDown(scene, [first, { id: second.id, version: second.version + 1 }], [ann, bob]);
  });

  it('claims all or nothing when somebody has left the queue', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const tickets = [await scene.wait(ann), await scene.wait(bob), await scene.wait(cid)];
    await scene.store.cancel(bob, undefined, scene.now);
    await turnsDown(scene, tickets, [ann, bob, cid]);
  });

  it('claims no ticket that never was, and none of another pool', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    const elsewhere = await scene.wait(bob, { pool: 'other' });
    await turnsDown(scene, [first, { id: 'never', version: 1 }], [ann, bob]);
    await turnsDown(scene, [first, elsewhere], [ann, bob]);
    await turnsDown(scene, [first, second], [ann, bob], 'other');
  });

  it('claims no pair of whom one has blocked the other, whoever it was', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.store.block(ann, await scene.match(ann, bob), bob, scene.now);
    const [first, second, third] = [await scene.wait(bob), await scene.wait(ann), await scene.wait(cid)];

    await turnsDown(scene, [first, second], [ann, bob]);
    await turnsDown(scene, [second, first, third], [ann, bob, cid]);
    assert.ok((await scene.claim([second, third])).commit, 'a block keeps apart the two it is about and nobody else');
  });

  it('claims no participant for a room with themselves, and no room for one', async (scene) => {
    const ann = await scene.person();
    const ticket = await scene.wait(ann);
    await turnsDown(scene, [ticket, ticket], [ann]);
    await turnsDown(scene, [ticket], [ann]);
    await turnsDown(scene, [], [ann]);
  });

  it("keeps a ticket's seniority when a claim fails", async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const first = await scene.wait(ann);
    await scene.wait(bob);
    await scene.wait(cid);

    assert.equal((await scene.claim([first, { id: 'never', version: 1 }])).commit, undefined);

    assert.deepEqual(await scene.queue(), [ann, bob, cid]);
    const [status] = (await scene.store.tickets(ann, scene.now)).tickets;
    assert.deepEqual([status?.position, status?.ticket], [1, first]);
  });

  it('takes the first group that can be had, and says which', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const [first, second, third] = [await scene.wait(ann), await scene.wait(bob), await scene.wait(cid)];
    const fourth = await scene.wait(dan);
    await scene.store.cancel(ann, undefined, scene.now);
    const pairs = [
      [first, fourth],
      [{ ...second, version: second.version + 1 }, fourth],
      [second, fourth],
      [third, fourth],
    ];
    const groups = pairs.map((tickets, i) => ({ tickets, reasons: [{ code: 'tea', text: `group ${i}` }] }));

    const { commit, roomId } = await scene.claim([], 'default', { groups });

    assert.deepEqual([commit?.choice, commit?.roomId, commit?.participantIds], [2, roomId, [bob, dan]]);
    assert.deepEqual((await scene.told(dan, 'chatroom.found'))[0]?.reasons, groups[2]?.reasons);
    assert.deepEqual(await scene.queue(), [cid]);
  });

  it('gives a ticket to one of two claims that race for it', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const [first, second, third] = [await scene.wait(ann), await scene.wait(bob), await scene.wait(cid)];

    const claims = await Promise.all([scene.claim([first, second]), scene.claim([first, third])]);

    assert.equal(claims.filter(({ commit }) => commit).length, 1);
    assert.equal((await scene.rooms(ann)).length, 1);
    assert.equal((await scene.queue()).length, 1);
    assert.equal((await scene.told(ann, 'chatroom.found')).length, 1);
  });

  it('claims a ticket once', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    await scene.claim([first, second]);
    await turnsDown(scene, [first, await scene.wait(cid)], [ann, cid]);
  });

  it('leaves the tickets of a matched participant in other pools alone', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.wait(ann, { pool: 'mentors' });
    await scene.match(ann, bob);

    assert.deepEqual(await scene.queue('mentors'), [ann]);
  });

  it('remembers when a queue last matched, oldest first, for an estimate of the wait', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const start = scene.now;
    await scene.match(ann, bob);
    scene.clock.advance(5_000);
    await scene.match(ann, bob);
    await scene.wait(cid);
    await scene.wait(dan, { groupSize: 3 });

    const matchedAt = async (id: string) => (await scene.store.tickets(id, scene.now)).tickets[0]?.matchedAt;
    assert.deepEqual(await matchedAt(cid), [start, start + 5_000]);
    assert.deepEqual(await matchedAt(dan), [], 'groups of another size say nothing about this one');
  });
};
