import assert from 'node:assert/strict';
import type { Ticket } from '../../domain/ticket.js';
import type { Enqueue } from '../../ports/state-store.js';
import type { Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

const friends = (size: number): Partial<Enqueue> => ({ party: { name: 'friends', size } });

/** A complete party of these people, for a room of three. */
async function party(scene: Scene, ...people: string[]): Promise<Ticket> {
  const of = friends(people.length);
  for (const id of people.slice(0, -1)) {
    assert.equal((await scene.enqueue(id, { groupSize: 3 }, of)).status, 'gathering');
  }
  return scene.wait(people.at(-1)!, { groupSize: 3 }, of);
}

export const partyCases: Cases = (it) => {
  it('keeps the first of a party aside until the others have come', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const first = await scene.enqueue(ann, { groupSize: 4 }, friends(3));
    const second = await scene.enqueue(bob, { groupSize: 4 }, friends(3));

    assert.deepEqual([first.status, second.status], ['gathering', 'gathering']);
    assert.deepEqual(await scene.queue('default', 4), []);
    const [status] = await scene.statuses(ann);
    assert.deepEqual([status?.position, status?.missing, status?.ticket.party.length], [null, 1, 1]);
    assert.deepEqual(await scene.statuses(bob), [status]);

    const ticket = await scene.wait(cid, { groupSize: 4 }, friends(3));

    assert.deepEqual([ticket.id, ticket.participantId], ['ticket' in first && first.ticket.id, ann]);
    assert.deepEqual(
      ticket.party.map(({ participantId }) => participantId),
      [bob, cid],
    );
    for (const id of [ann, bob, cid]) {
      const [own] = await scene.statuses(id);
      assert.deepEqual([own?.ticket, own?.position, own?.missing], [ticket, 1, 0]);
    }
    assert.deepEqual(await scene.queue('default', 4), [ann]);
  });

  it('makes one ticket of all: as senior as the youngest, as urgent as the most urgent, with what each brings', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const [tea, human] = [{ attribute: 'likes', equals: 'tea' }, { provenance: 'human' as const }];
    const attributes = { level: 1 };
    await scene.enqueue(ann, { groupSize: 3, criteria: tea, attributes, displayName: 'Ann' }, friends(2));
    scene.clock.advance(5_000);
    await scene.wait(cid, { groupSize: 3 });
    scene.clock.advance(5_000);
    const mine = { groupSize: 3, criteria: human, priority: 2, displayName: 'Bob', provenance: 'human' as const };
    const ticket = await scene.wait(bob, mine, friends(2));

    assert.deepEqual(ticket.criteria, { all: [tea, human] });
    assert.deepEqual([ticket.enqueuedAt, ticket.priority, ticket.version], [scene.now, 2, 2]);
    assert.deepEqual([ticket.displayName, ticket.attributes], ['Ann', attributes]);
    assert.deepEqual(ticket.party, [
      { participantId: bob, principal: null, displayName: 'Bob', provenance: 'human', attributes: {} },
    ]);
    assert.deepEqual(await scene.queue('default', 3), [cid, ann]);
  });

  it('keeps the only criterion of a party as it is', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const criteria = { all: [{ attribute: 'likes', equals: 'tea' }, { provenance: 'human' as const }] };
    await scene.enqueue(ann, { groupSize: 4 }, friends(3));
    await scene.enqueue(bob, { groupSize: 4, criteria }, friends(3));
    assert.deepEqual((await scene.wait(cid, { groupSize: 4 }, friends(3))).criteria, criteria);
  });

  it('brings a party into one room and tells each of all the others', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const { commit, roomId } = await scene.claim([
      await scene.wait(cid, { groupSize: 3 }),
      await party(scene, ann, bob),
    ]);

    assert.deepEqual(commit?.participantIds, [cid, ann, bob]);
    for (const id of [ann, bob, cid]) {
      const [found] = await scene.told(id, 'chatroom.found');
      assert.deepEqual(
        found?.partners.map((partner) => partner.user_id),
        [cid, ann, bob].filter((other) => other !== id),
      );
      assert.deepEqual(await scene.rooms(id), [roomId]);
      assert.deepEqual(await scene.statuses(id), []);
    }
  });

  it('lets a party have a room of its own when it is as large as the room', async (scene) => {
    const people = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const { commit } = await scene.claim([await party(scene, ...people)]);
    assert.deepEqual(commit?.participantIds, people);
  });

  it('claims no party that is not complete', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const gathering = await scene.enqueue(ann, {}, friends(2));
    assert.ok('ticket' in gathering);
    assert.equal((await scene.claim([gathering.ticket, await scene.wait(bob)])).commit, undefined);
    assert.equal((await scene.offer([gathering.ticket, (await scene.statuses(bob))[0]!.ticket])).commit, undefined);
  });

  it('refuses whoever names the same party but another size of it or of the group', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.enqueue(ann, { groupSize: 4 }, friends(3));

    await refused(
      'party_mismatch',
      () => scene.enqueue(bob, { groupSize: 4 }, friends(2)),
      'Your party differs in size',
    );
    await refused(
      'party_mismatch',
      () => scene.enqueue(bob, { groupSize: 5 }, friends(3)),
      'Your party differs in group size',
    );
    assert.deepEqual(await scene.statuses(bob), []);
    assert.equal((await scene.enqueue(bob, { groupSize: 4 }, friends(3))).status, 'gathering');
  });

  it('keeps parties of different names and pools apart, and gives a name free when a party is complete', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const gathers = async (id: string, pool: string, name: string) =>
      (await scene.enqueue(id, { pool }, { party: { name, size: 2 } })).status;

    assert.equal(await gathers(ann, 'default', 'friends'), 'gathering');
    assert.equal(await gathers(bob, 'default', 'others'), 'gathering');
    assert.equal(await gathers(cid, 'mentors', 'friends'), 'gathering');
    assert.equal(await gathers(cid, 'default', 'friends'), 'waiting');
    assert.equal(await gathers(dan, 'default', 'friends'), 'gathering');
  });

  it('keeps the place of somebody who enters again while the party gathers', async (scene) => {
    const ann = await scene.person();
    await scene.enqueue(ann, {}, friends(2));
    assert.equal((await scene.enqueue(ann, {}, friends(2))).status, 'already_waiting');
    assert.equal((await scene.enqueue(ann)).status, 'already_waiting');
    assert.equal((await scene.statuses(ann))[0]?.missing, 1);
  });

  it('breaks the party when one of them leaves, tells the others, and gives its name free', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    for (const gather of [() => scene.enqueue(ann, {}, friends(3)), () => scene.enqueue(bob, {}, friends(3))]) {
      assert.equal((await gather()).status, 'gathering');
    }
    const { ticket } = (await scene.statuses(ann))[0]!;

    const { cancelled, appended } = await scene.store.cancel(bob, undefined, scene.now);

    assert.deepEqual(cancelled, [ticket]);
    assert.deepEqual(
      appended.map(({ participantId }) => participantId),
      [ann],
    );
    assert.deepEqual(await scene.told(ann, 'queue.expired'), [
      { ticket_id: ticket.id, pool: 'default', reason: 'party_broken' },
    ]);
    assert.deepEqual([await scene.statuses(ann), await scene.statuses(bob)], [[], []]);
    const anew = await scene.enqueue(cid, {}, friends(2));
    assert.deepEqual([anew.status, (await scene.statuses(cid))[0]?.missing], ['gathering', 1]);
  });

  it('takes a complete party out of the queue when one of them leaves', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const ticket = await party(scene, ann, bob);
    await scene.store.cancel(ann, undefined, scene.now);

    assert.deepEqual(await scene.queue('default', 3), []);
    assert.deepEqual(await scene.eventNames(bob), ['queue.expired']);
    assert.equal((await scene.claim([ticket, await scene.wait(cid, { groupSize: 3 })])).commit, undefined);
  });

  it('breaks the party when one of them is gone', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { id } = await party(scene, ann, bob);
    for (let s = 0; s < 125; s++) {
      await scene.store.renew([ann], scene.now);
      await scene.pass(1_000);
    }
    const expired = (reason: string) => [{ ticket_id: id, pool: 'default', reason }];
    assert.deepEqual(await scene.told(ann, 'queue.expired'), expired('party_broken'));
    assert.deepEqual(await scene.told(bob, 'queue.expired'), expired('timeout'));
    assert.deepEqual(await scene.queue('default', 3), []);
  });

  it('gives a party its time from when the last one came, and tells all when it is over', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const options = { ...friends(2), ttlMs: 20_000 };
    await scene.enqueue(ann, {}, options);
    await scene.pass(15_000);
    const { id } = await scene.wait(bob, {}, options);

    await scene.pass(15_000);
    assert.deepEqual(await scene.queue(), [ann]);
    await scene.pass(6_000);
    for (const who of [ann, bob]) {
      const expired = [{ ticket_id: id, pool: 'default', reason: 'ticket_ttl' }];
      assert.deepEqual(await scene.told(who, 'queue.expired'), expired);
      assert.deepEqual(await scene.statuses(who), []);
    }
  });

  it('ends a party that has not gathered in time, and gives its name free', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.enqueue(ann, {}, { ...friends(2), ttlMs: 20_000 });
    await scene.pass(21_000);

    assert.deepEqual(await scene.eventNames(ann), ['queue.expired']);
    assert.equal((await scene.enqueue(bob, {}, friends(2))).status, 'gathering');
  });

  it('lets nobody into a party with somebody they are apart from, and says not why', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.store.block(ann, await scene.match(ann, bob), bob, scene.now);
    await scene.enqueue(ann, {}, friends(2));

    const error = await refused('party_mismatch', () => scene.enqueue(bob, {}, friends(2)));
    assert.doesNotMatch(`${error.message} ${error.hint}`, /block/i);
  });

  it('breaks a party of which one blocks another', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    const { id } = await party(scene, ann, bob);

    await scene.store.block(ann, room, bob, scene.now);

    for (const who of [ann, bob]) {
      const broken = [{ ticket_id: id, pool: 'default', reason: 'party_broken' }];
      assert.deepEqual(await scene.told(who, 'queue.expired'), broken);
    }
    assert.deepEqual(await scene.queue('default', 3), []);
  });

  it('claims no party with somebody whom any of them has blocked, or who is one of them', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.store.block(bob, await scene.match(bob, cid), cid, scene.now);
    const tickets = [await party(scene, ann, bob), await scene.wait(cid, { groupSize: 3 })];
    assert.equal((await scene.claim(tickets)).commit, undefined);
    assert.equal((await scene.claim([tickets[0]!, tickets[0]!])).commit, undefined);
    assert.deepEqual(await scene.queue('default', 3), [ann, cid]);
  });

  it(
    'counts the ticket of a party against the limits of each of its members',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      await party(scene, ann, bob);
      for (const id of [ann, bob]) await refused('too_many_tickets', () => scene.enqueue(id, { pool: 'mentors' }));
      for (const id of [ann, bob]) await refused('too_many_rooms', () => scene.join(id, 'lobby'));
    },
    { ticketsPerParticipant: 1, roomsPerParticipant: 1 },
  );
};
