import assert from 'node:assert/strict';
import type { Ticket } from '../../domain/ticket.js';
import type { ClaimedGroup, Offer } from '../../ports/state-store.js';
import type { Cases } from './cases.js';
import { refused, type Scene } from './scene.js';

/** Three who wait for a room of their own, a second apart, and are offered one. */
async function three(scene: Scene, options: Partial<Offer & ClaimedGroup> = {}) {
  const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
  const tickets: Ticket[] = [];
  for (const id of [ann, bob, cid]) {
    tickets.push(await scene.wait(id, { groupSize: 3 }));
    scene.clock.advance(1_000);
  }
  const { offerId, roomId, commit } = await scene.offer(tickets, options);
  assert.ok(commit, 'the offer is made');
  return { ann, bob, cid, people: [ann, bob, cid], tickets, offerId, roomId, commit };
}

const withdrawn = (offerId: string, waiting: boolean) => [{ offer_id: offerId, pool: 'default', waiting }];

export const offerCases: Cases = (it) => {
  it('asks everybody, says nothing of who they are, and keeps their tickets aside', async (scene) => {
    const reasons = [{ code: 'shared_interest', text: 'You all like tea' }];
    const { people, tickets, offerId, commit } = await three(scene, { reasons });

    assert.deepEqual(
      commit.appended.map(({ participantId, entry }) => [participantId, entry.body.name]),
      people.map((id) => [id, 'match.offered']),
    );
    const expiresAt = scene.now + 30_000;
    for (const id of people) {
      assert.deepEqual(await scene.told(id, 'match.offered'), [
        {
          ...{ offer_id: offerId, pool: 'default', group_size: 3, reasons },
          expires_at: new Date(expiresAt).toISOString(),
        },
      ]);
      const [status] = await scene.statuses(id);
      assert.equal(status?.position, null);
      assert.deepEqual(status?.offer, { offerId, pool: 'default', groupSize: 3, reasons, expiresAt, accepted: false });
      assert.deepEqual(await scene.rooms(id), []);
      assert.equal((await scene.enqueue(id)).status, 'already_waiting');
    }
    assert.deepEqual(await scene.queue('default', 3), []);
    assert.equal((await scene.claim(tickets)).commit, undefined);
    assert.equal((await scene.offer(tickets)).commit, undefined);
  });

  it('is made to the first group that can be had, and says which', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    await scene.store.cancel(ann, undefined, scene.now);
    const pair = [second, await scene.wait(cid)];
    const groups = [[first, second], pair].map((tickets, i) => ({
      tickets,
      reasons: [{ code: 'tea', text: `group ${i}` }],
    }));

    const { commit } = await scene.offer([], { groups });

    assert.equal(commit?.choice, 1);
    assert.deepEqual((await scene.statuses(bob))[0]?.offer?.reasons, groups[1]?.reasons);
    for (const id of [bob, cid]) await scene.respond(id, true);
    assert.deepEqual((await scene.told(cid, 'chatroom.found'))[0]?.reasons, groups[1]?.reasons);
  });

  it('opens the room when the last one accepts', async (scene) => {
    const { ann, bob, cid, people, offerId, roomId } = await three(scene);
    for (const id of [bob, ann, bob]) {
      const answer = await scene.respond(id, true, offerId);
      assert.deepEqual([answer.status, 'offer' in answer && answer.offer.accepted], ['accepted', true]);
    }
    assert.deepEqual((await scene.statuses(ann))[0]?.offer?.accepted, true);
    assert.deepEqual((await scene.statuses(cid))[0]?.offer?.accepted, false);
    assert.deepEqual(await scene.rooms(ann), []);

    const matched = await scene.respond(cid, true);

    assert.equal(matched.status, 'matched');
    assert.deepEqual('roomId' in matched && [matched.roomId, matched.participantIds], [roomId, people]);
    for (const id of people) {
      assert.deepEqual(await scene.eventNames(id), ['match.offered', 'chatroom.found']);
      assert.deepEqual([await scene.rooms(id), await scene.statuses(id)], [[roomId], []]);
      await refused('offer_not_found', () => scene.respond(id, true, offerId));
    }
    assert.deepEqual((await scene.pass(60_000)).appended, []);
  });

  it('puts the others back where they stood when one declines, and takes the decliner out', async (scene) => {
    const { ann, bob, cid, tickets, offerId } = await three(scene);
    const dan = await scene.person('Dan');
    await scene.wait(dan, { groupSize: 3 });
    await scene.respond(ann, true);

    const answer = await scene.respond(bob, false);

    assert.deepEqual([answer.status, 'waiting' in answer && answer.waiting], ['declined', false]);
    assert.deepEqual(await scene.queue('default', 3), [ann, cid, dan]);
    const back = (await scene.statuses(ann))[0]!;
    assert.deepEqual([back.position, back.offer, back.ticket.avoid], [1, undefined, [bob]]);
    assert.deepEqual(
      [back.ticket.enqueuedAt, back.ticket.version > tickets[0]!.version],
      [tickets[0]!.enqueuedAt, true],
    );
    assert.deepEqual(await scene.told(ann, 'match.withdrawn'), withdrawn(offerId, true));
    assert.deepEqual(await scene.told(cid, 'match.withdrawn'), withdrawn(offerId, true));
    assert.deepEqual(await scene.told(bob, 'match.withdrawn'), withdrawn(offerId, false));
    assert.deepEqual(await scene.statuses(bob), []);
    assert.deepEqual(
      answer.appended.map(({ participantId }) => participantId),
      [ann, bob, cid],
      'the answer looks the same to each, whoever declined',
    );
    assert.equal((await scene.claim(tickets.slice(0, 2))).commit, undefined, 'as they are now, nobody has seen them');
  });

  it('puts a decliner behind all the others if that is the policy', async (scene) => {
    const { ann, bob, cid, tickets, offerId } = await three(scene, { decliner: 'requeue' });
    const dan = await scene.person('Dan');
    await scene.wait(dan, { groupSize: 3 });

    const answer = await scene.respond(ann, false, offerId);

    assert.deepEqual([answer.status, 'waiting' in answer && answer.waiting], ['declined', true]);
    assert.deepEqual(await scene.queue('default', 3), [bob, cid, dan, ann]);
    const [own] = await scene.statuses(ann);
    assert.deepEqual([own?.ticket.id, own?.ticket.enqueuedAt, own?.ticket.avoid], [tickets[0]!.id, scene.now, []]);
    for (const id of [ann, bob, cid]) {
      assert.deepEqual(await scene.told(id, 'match.withdrawn'), withdrawn(offerId, true));
    }
  });

  it('lets somebody think again and decline what they have accepted', async (scene) => {
    const { ann, bob } = await three(scene);
    await scene.respond(ann, true);
    assert.equal((await scene.respond(ann, false)).status, 'declined');
    assert.deepEqual((await scene.statuses(bob))[0]?.ticket.avoid, [ann]);
  });

  it('takes silence for a decline, and nothing else, when the time is up', async (scene) => {
    const { ann, bob, cid, offerId } = await three(scene);
    await scene.respond(bob, true);
    await scene.pass(29_000);
    assert.equal((await scene.statuses(ann))[0]?.offer?.offerId, offerId);

    const { appended } = await scene.pass(2_000);

    assert.equal(appended.length, 3);
    assert.deepEqual(await scene.queue('default', 3), [bob]);
    assert.deepEqual((await scene.statuses(bob))[0]?.ticket.avoid, [ann, cid]);
    assert.deepEqual(await scene.told(bob, 'match.withdrawn'), withdrawn(offerId, true));
    for (const id of [ann, cid]) {
      assert.deepEqual(await scene.told(id, 'match.withdrawn'), withdrawn(offerId, false));
      assert.deepEqual(await scene.statuses(id), []);
    }
  });

  it('lets those who were silent together wait on apart', async (scene) => {
    const { ann, bob, cid } = await three(scene, { decliner: 'requeue' });
    await scene.pass(31_000);

    assert.deepEqual(await scene.queue('default', 3), [ann, bob, cid]);
    assert.deepEqual((await scene.statuses(ann))[0]?.ticket.avoid, [bob, cid]);
    assert.deepEqual((await scene.statuses(cid))[0]?.ticket.avoid, [ann, bob]);
  });

  it('takes no answer after the time is up', async (scene) => {
    const { ann, offerId } = await three(scene);
    scene.clock.advance(30_000);
    await refused('offer_not_found', () => scene.respond(ann, true, offerId));
    await refused('offer_not_found', () => scene.respond(ann, true));
  });

  it('gives one answer for offers that never were and those of others', async (scene) => {
    const { offerId, ann } = await three(scene);
    const eve = await scene.person('Eve');
    const text = 'Offer not found';
    await refused('offer_not_found', () => scene.respond(eve, true, offerId), text);
    await refused('offer_not_found', () => scene.respond(eve, false), text);
    await refused('offer_not_found', () => scene.respond(ann, true, 'never'), text);
  });

  it('answers the offer that was named, or the oldest not yet accepted', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const offerWith = async (other: string, pool: string) => {
      const tickets = [await scene.wait(ann, { pool }), await scene.wait(other, { pool })];
      return (await scene.offer(tickets, { pool })).offerId;
    };
    const first = await offerWith(bob, 'mentors');
    const second = await offerWith(cid, 'experts');
    const accepted = async (offerId?: string) => {
      const answer = await scene.respond(ann, true, offerId);
      return 'offer' in answer && answer.offer.offerId;
    };

    assert.deepEqual([await accepted(), await accepted(), await accepted(second)], [first, second, second]);
    const declined = await scene.respond(ann, false, second);
    assert.equal(declined.status, 'declined');
    assert.deepEqual([await scene.queue('experts'), await scene.queue('mentors')], [[cid], []]);
  });

  it('takes leaving the queue for a decline, and puts nobody back who has left', async (scene) => {
    const { ann, bob, cid, tickets, offerId } = await three(scene, { decliner: 'requeue' });
    const { cancelled } = await scene.store.cancel(bob, undefined, scene.now);

    assert.deepEqual(
      cancelled.map(({ id }) => id),
      [tickets[1]!.id],
    );
    assert.deepEqual(await scene.queue('default', 3), [ann, cid]);
    assert.deepEqual((await scene.statuses(cid))[0]?.ticket.avoid, [bob]);
    assert.deepEqual(await scene.told(bob, 'match.withdrawn'), withdrawn(offerId, false));
    assert.deepEqual(await scene.eventNames(bob), ['match.offered', 'match.withdrawn']);
    assert.deepEqual(await scene.statuses(bob), []);
  });

  it('takes being gone for a decline', async (scene) => {
    const { ann, bob, cid } = await three(scene, { expiresAt: scene.now + 600_000, decliner: 'requeue' });
    for (let s = 0; s < 125; s++) {
      await scene.store.renew([ann, cid], scene.now);
      await scene.pass(1_000);
    }
    assert.deepEqual(await scene.queue('default', 3), [ann, cid]);
    assert.deepEqual(await scene.eventNames(bob), ['match.offered', 'match.withdrawn', 'queue.expired']);
    assert.deepEqual((await scene.statuses(ann))[0]?.ticket.avoid, [bob]);
  });

  it("lets an offer stand when a ticket's lifetime is over, and ends the ticket if nothing comes of it", async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const options = { ttlMs: 10_000 };
    const happy = [await scene.wait(ann, {}, options), await scene.wait(bob, {}, options)];
    const unhappy = [await scene.wait(cid, {}, options), await scene.wait(dan, {}, options)];
    for (const tickets of [happy, unhappy]) await scene.offer(tickets);
    await scene.pass(15_000);
    assert.deepEqual(await scene.eventNames(cid), ['match.offered']);

    await scene.respond(ann, true);
    assert.equal((await scene.respond(bob, true)).status, 'matched');
    await scene.respond(dan, false);
    assert.deepEqual(await scene.queue(), [cid]);
    await scene.pass(1_000);

    assert.deepEqual(await scene.eventNames(cid), ['match.offered', 'match.withdrawn', 'queue.expired']);
    assert.deepEqual(await scene.eventNames(dan), ['match.offered', 'match.withdrawn']);
    assert.deepEqual(await scene.queue(), []);
  });

  it('hands out those who were given back to be looked at now', async (scene) => {
    const { bob, tickets } = await three(scene);
    await scene.store.wakeAt(tickets[0]!.id, scene.now);
    assert.deepEqual(await scene.due(), [], 'not while the offer stands');
    await scene.respond(bob, false);
    await scene.store.wakeAt(tickets[0]!.id, scene.now + 60_000);

    assert.deepEqual(await scene.due(), [tickets[0]!.id, tickets[2]!.id], 'whatever was meant before');
    assert.deepEqual(await scene.due(), []);
    await scene.store.wakeAt(tickets[0]!.id, scene.now);
    assert.deepEqual(await scene.due(), [tickets[0]!.id], 'what is meant after that holds');
  });

  it('asks every member of a party, and takes the no of one for that of all', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const party = { party: { name: 'friends', size: 2 } };
    await scene.enqueue(ann, { groupSize: 3 }, party);
    const ticket = await scene.wait(bob, { groupSize: 3 }, party);
    const other = await scene.wait(cid, { groupSize: 3 });
    const { offerId } = await scene.offer([ticket, other]);
    await scene.respond(ann, true);
    await scene.respond(cid, true);
    assert.equal((await scene.statuses(bob))[0]?.offer?.accepted, false);

    await scene.respond(bob, false);

    for (const id of [ann, bob]) {
      assert.deepEqual(await scene.told(id, 'match.withdrawn'), withdrawn(offerId, false));
      assert.deepEqual(await scene.statuses(id), []);
    }
    assert.deepEqual(await scene.queue('default', 3), [cid]);
    assert.deepEqual((await scene.statuses(cid))[0]?.ticket.avoid, [ann, bob]);
  });

  it('breaks a party of which one leaves while it is asked', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const party = { party: { name: 'friends', size: 2 } };
    await scene.enqueue(ann, { groupSize: 3 }, party);
    await scene.offer([await scene.wait(bob, { groupSize: 3 }, party), await scene.wait(cid, { groupSize: 3 })]);

    await scene.store.cancel(ann, undefined, scene.now);

    assert.deepEqual(await scene.eventNames(bob), ['match.offered', 'match.withdrawn', 'queue.expired']);
    assert.deepEqual((await scene.told(bob, 'queue.expired'))[0]?.reason, 'party_broken');
    assert.deepEqual(await scene.queue('default', 3), [cid]);
  });

  it('offers nothing to two who are apart, and takes an offer back when they come to be', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);
    await scene.store.block(ann, room, cid, scene.now);
    const [first, second, third] = [await scene.wait(ann), await scene.wait(bob), await scene.wait(cid)];
    assert.equal((await scene.offer([first, third])).commit, undefined);
    const { offerId } = await scene.offer([first, second]);
    await scene.respond(ann, true);

    await scene.store.block(bob, room, ann, scene.now);

    for (const id of [ann, bob]) {
      assert.deepEqual(await scene.told(id, 'match.withdrawn'), withdrawn(offerId, true));
      assert.deepEqual((await scene.statuses(id))[0]?.ticket.avoid, []);
    }
    assert.deepEqual(await scene.queue(), [ann, bob, cid]);
  });

  it('opens one room when the last two accept at the same time', async (scene) => {
    const { ann, bob, cid, roomId } = await three(scene);
    await scene.respond(ann, true);
    const answers = await Promise.all([scene.respond(bob, true), scene.respond(cid, true)]);

    assert.deepEqual(answers.map(({ status }) => status).sort(), ['accepted', 'matched']);
    for (const id of [ann, bob, cid]) assert.deepEqual(await scene.rooms(id), [roomId]);
  });

  it('remembers the time of a match as the time of its last consent', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    await scene.offer([await scene.wait(ann), await scene.wait(bob)]);
    await scene.respond(ann, true);
    scene.clock.advance(5_000);
    await scene.respond(bob, true);
    await scene.wait(cid);

    assert.deepEqual((await scene.statuses(cid))[0]?.matchedAt, [scene.now]);
  });

  it(
    'counts a ticket that is offered a match against the limits',
    async (scene) => {
      const { ann } = await three(scene);
      await refused('too_many_tickets', () => scene.enqueue(ann, { pool: 'mentors' }));
      await refused('too_many_rooms', () => scene.join(ann, 'lobby'));
    },
    { ticketsPerParticipant: 1, roomsPerParticipant: 1 },
  );
};
