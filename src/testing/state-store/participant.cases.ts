import assert from 'node:assert/strict';
import type { Cases } from './cases.js';
import { refused } from './scene.js';

export const participantCases: Cases = (it) => {
  it('keeps a participant as it was created', async (scene) => {
    const created = await scene.person('Ann', { principal: 'p1', provenance: 'agent', attributes: { likes: ['tea'] } });

    const { participant, head } = await scene.store.participant(created, scene.now);

    assert.equal(head, 0);
    assert.deepEqual(
      [participant.displayName, participant.provenance, participant.attributes, participant.principal],
      ['Ann', 'agent', { likes: ['tea'] }, 'p1'],
    );
  });

  it('finds a participant by its token for its own principal and for no other', async (scene) => {
    const owned = await scene.person('Ann', { principal: 'p1', tokenDigest: 'owned' });
    const open = await scene.person('Bob', { principal: null, tokenDigest: 'open' });

    assert.equal(await scene.store.findParticipant('owned', 'p1'), owned);
    assert.equal(await scene.store.findParticipant('open', null), open);
    assert.equal(await scene.store.findParticipant('owned', null), undefined);
    assert.equal(await scene.store.findParticipant('owned', 'p2'), undefined);
    assert.equal(await scene.store.findParticipant('open', 'p1'), undefined);
    assert.equal(await scene.store.findParticipant('unheard of', null), undefined);
  });

  it('takes participants that have no token', async (scene) => {
    const [ann, bob] = [await scene.person('Ann', { tokenDigest: null }), await scene.person('Bob')];
    await scene.say(ann, await scene.match(ann, bob), 'hello');

    assert.equal((await scene.told(bob, 'message.received'))[0]?.sender.user_id, ann);
  });

  it('changes what a profile change names, keeps the rest, and shows the new name from then on', async (scene) => {
    const [ann, bob] = [await scene.person('Ann', { attributes: { level: 1 } }), await scene.person('Bob')];
    const room = await scene.match(ann, bob);

    await scene.store.updateProfile(ann, { displayName: 'Anna' }, scene.now);
    await scene.say(ann, room, 'hello');

    const { participant } = await scene.store.participant(ann, scene.now);
    assert.deepEqual([participant.displayName, participant.attributes], ['Anna', { level: 1 }]);
    assert.equal((await scene.told(bob, 'message.received'))[0]?.sender.display_name, 'Anna');
    assert.equal((await scene.room(bob, room)).partners[0]?.display_name, 'Anna');

    await scene.store.updateProfile(ann, { attributes: { level: 2 } }, scene.now);
    const later = (await scene.store.participant(ann, scene.now)).participant;
    assert.deepEqual([later.displayName, later.attributes], ['Anna', { level: 2 }]);
  });

  it('answers every step of somebody unknown alike', async (scene) => {
    const { store, now } = scene;
    const nobody = 'nobody';
    const steps: (() => unknown)[] = [
      () => store.participant(nobody, now),
      () => store.updateProfile(nobody, { displayName: 'X' }, now),
      () => scene.enqueue(nobody),
      () => store.cancel(nobody, undefined, now),
      () => store.tickets(nobody, now),
      () => scene.respond(nobody, true),
      () => scene.join(nobody, 'lobby'),
      () => scene.post(nobody, 'room', 'text'),
      () => scene.leave(nobody, 'room'),
      () => store.room(nobody, 'room', now),
      () => store.rooms(nobody, now),
      () => scene.page(nobody, 'room'),
      () => store.block(nobody, 'room', 'other', now),
      () => store.report({ reporter: nobody, userId: 'other', roomId: 'room', reason: '', at: now }, now),
      () => scene.read(nobody),
    ];
    for (const step of steps) await refused('participant_not_found', step, 'Participant not found');
  });

  it('takes renewals, releases and acknowledgements of somebody forgotten as done', async (scene) => {
    assert.deepEqual((await scene.store.renew(['nobody'], scene.now)).appended, []);
    await scene.store.release('nobody', scene.now);
    await scene.store.acknowledge('nobody', 1);
  });

  it(
    'refuses a participant beyond the limit while everybody is still there',
    async (scene) => {
      await scene.people('Ann', 'Bob');
      const error = await refused('too_many_participants', () => scene.person('Eve'));
      assert.equal(error.retryable, true);
    },
    { participants: 2 },
  );

  it(
    'makes room for a newcomer by forgetting those gone, the longest gone first',
    async (scene) => {
      const [first, second, present] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
      await scene.store.release(first, scene.now);
      await scene.pass(5_000);
      await scene.store.release(second, scene.now);
      for (let s = 0; s < 40; s++) {
        await scene.store.renew([present], scene.now);
        await scene.pass(1_000);
      }

      await scene.person('Dan');
      await refused('participant_not_found', () => scene.store.participant(first, scene.now));
      assert.equal(await scene.store.findParticipant(`digest-of-${first}`, null), undefined);
      assert.equal(await scene.store.findParticipant(`digest-of-${second}`, null), second);
      await scene.person('Eve');
      await refused('participant_not_found', () => scene.store.participant(second, scene.now));

      await refused('too_many_participants', () => scene.person('Fay'));
      assert.equal((await scene.store.participant(present, scene.now)).participant.id, present);
    },
    { participants: 3 },
  );

  it(
    'does not forget somebody who was gone and has come back',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      for (let s = 0; s < 125; s++) await scene.pass(1_000);
      await scene.store.participant(ann, scene.now);

      await scene.person('Cid');
      assert.equal((await scene.store.participant(ann, scene.now)).participant.id, ann);
      await refused('participant_not_found', () => scene.store.participant(bob, scene.now));
      await refused('too_many_participants', () => scene.person('Dan'));
    },
    { participants: 2 },
  );

  it(
    'takes any number of participants when the limit is lifted',
    async (scene) => {
      const people = await scene.people(...Array.from({ length: 50 }, (_, i) => `P${i}`));
      assert.equal(new Set(people).size, 50);
    },
    { participants: 0 },
  );
};
