import assert from 'node:assert/strict';
import type { OutboxGroup } from '../../ports/outbox.js';
import type { Cases } from './cases.js';
import { OutboxScene } from './outbox-scene.js';
import { refused, texts } from './scene.js';

const READ = { outbox: { groups: ['history'] as OutboxGroup[], records: 1_000 } };

export const forgetCases: Cases = (it) => {
  it('leaves nothing by which somebody who is forgotten could act or be found', async (scene) => {
    const own = { tokenDigest: null, principal: 'firm' };
    const [ann, bob] = [await scene.person('Ann'), await scene.person('Bob', own)];
    await scene.store.forget(ann, scene.now);
    await scene.store.forget(bob, scene.now);

    assert.equal(await scene.store.findParticipant(`digest-of-${ann}`, null), undefined);
    assert.equal(await scene.store.findParticipant(null, 'firm'), undefined);
    assert.deepEqual(await scene.store.participantsOf('firm'), []);
    await refused('participant_not_found', () => scene.store.participant(ann, scene.now));
    await refused('participant_not_found', () => scene.read(ann));
  });

  it('takes them out of queues and rooms, and the others are told', async (scene) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const roomId = await scene.match(ann, bob);
    const { room } = await scene.join(ann, 'lobby');
    await scene.join(cid, 'lobby');
    const party = { name: 'friends', size: 2 };
    await scene.enqueue(ann, { groupSize: 3 }, { party });
    const { id: ticket_id } = await scene.wait(dan, { groupSize: 3 }, { party });
    const { appended } = await scene.store.forget(ann, scene.now);

    assert.deepEqual(
      appended.map(({ participantId, entry }) => [participantId, entry.body.name]),
      [
        [dan, 'queue.expired'],
        [bob, 'partner.disconnected'],
        [bob, 'room.closed'],
        [cid, 'partner.disconnected'],
      ],
    );
    const [gone] = await scene.told(bob, 'partner.disconnected');
    assert.equal(gone!.reason, 'removed');
    assert.deepEqual(await scene.told(bob, 'room.closed'), [{ room_id: roomId, reason: 'partner_removed' }]);
    assert.deepEqual(await scene.told(dan, 'queue.expired'), [{ ticket_id, pool: 'default', reason: 'party_broken' }]);
    assert.deepEqual(await scene.queue('default', 3), []);
    assert.equal((await scene.room(cid, room.roomId)).members.length, 1);
  });

  it('withdraws an offer that stands with them', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    await scene.offer([await scene.wait(ann), await scene.wait(bob)]);
    await scene.store.forget(ann, scene.now);
    assert.deepEqual(await scene.queue(), [bob]);
    await refused('offer_not_found', () => scene.respond(bob, true));
  });

  it('takes text and name from all they have said, and from nothing else', async (scene) => {
    const [ann, bob, cid] = [await scene.person('Ann, "sender":{'), ...(await scene.people('Bob', 'Cid'))] as [
      string,
      string,
      string,
    ];
    const matched = await scene.match(ann, bob);
    const { room } = await scene.join(ann, 'lobby');
    for (const id of [bob, cid]) await scene.join(id, 'lobby');
    const tricky = 'a "text":"x","sender":{"display_name":"y" \\ ,"message":"z"';
    await scene.post(ann, matched, tricky, 'm1');
    await scene.post(bob, matched, 'mine');
    await scene.post(ann, room.roomId, tricky);
    await scene.post(cid, room.roomId, 'ours');
    await scene.leave(ann, room.roomId);
    await scene.store.forget(ann, scene.now);
    await scene.pass(1_000);

    const nobody = { user_id: ann, display_name: 'Anonymous', provenance: 'human_via_agent' };
    const { messages } = await scene.page(bob, matched);
    assert.deepEqual(
      messages.map(({ seq, text }) => [seq, text]),
      [
        [1, ''],
        [2, 'mine'],
      ],
    );
    assert.deepEqual(messages[0]!.sender, nobody);
    assert.deepEqual(
      (await scene.page(cid, room.roomId)).messages.map(({ text }) => text),
      ['', 'ours'],
    );
    assert.deepEqual(texts(await scene.read(bob, { after: 0 })), ['', '', 'ours']);
    assert.deepEqual(texts(await scene.read(cid, { after: 0 })), ['']);
    const [heard] = await scene.told(cid, 'message.received');
    assert.deepEqual(heard!.sender, nobody);
  });

  it(
    'tells the readers of the outbox, whether or not anybody of that id is known',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      const ticket = await scene.wait(bob);
      const roomId = (await scene.join(ann, 'lobby')).room.roomId;
      const before = (await new OutboxScene(scene).records()).length;
      for (const id of [ann, bob, 'long-gone']) await scene.store.forget(id, scene.now);

      assert.deepEqual((await new OutboxScene(scene).facts()).slice(before), [
        ['room.left', { room_id: roomId, user_id: ann, reason: 'removed', last_seq: 0 }],
        ['room.closed', { room_id: roomId, reason: 'partner_removed' }],
        ['participant.forgotten', { user_id: ann }],
        ['ticket.cancelled', { ticket_id: ticket.id, pool: 'default' }],
        ['participant.forgotten', { user_id: bob }],
        ['participant.forgotten', { user_id: 'long-gone' }],
      ]);
    },
    READ,
  );
};
