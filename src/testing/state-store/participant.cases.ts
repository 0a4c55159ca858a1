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

  it('keeps one participant of a principal without a token, which the principal alone names', async (scene) => {
    const own = await scene.person('Ann', { principal: 'p1', tokenDigest: null, attributes: { level: 1 } });
    const other = await scene.person('Ben', { principal: 'p2', tokenDigest: null });
    const another = await scene.person('Cleo', { principal: 'p1', tokenDigest: 'another' });

    const again = await scene.person('Someone else', { principal: 'p1', tokenDigest: null });

    assert.equal(again, own);
    const { participant } = await scene.store.participant(own, scene.now);
    assert.deepEqual([participant.displayName, participant.attributes], ['Ann', { level: 1 }]);
    assert.equal(await scene.store.findParticipant(null, 'p1'), own);
    assert.equal(await scene.store.findParticipant(null, 'p2'), other);
    assert.equal(await scene.store.findParticipant(null, 'p3'), undefined);
    assert.equal(await scene.store.findParticipant(null, null), undefined);
    assert.deepEqual([...(await scene.store.participantsOf('p1'))].sort(), [another, own].sort());
    assert.deepEqual(await scene.store.participantsOf('p3'), []);
  });

  it(
    'bounds the participants of a principal: its longest gone is forgotten first, else the newcomer is refused',
    async (scene) => {
      const first = await scene.person('Ann', { principal: 'p1', tokenDigest: null });
      await scene.pass(1_000);
      const second = await scene.person('Ann', { principal: 'p1', tokenDigest: 'second' });
      await refused(
        'too_many_participants',
        () => scene.person('Ann', { principal: 'p1', tokenDigest: 'third' }),
        'Limit reached: 2 participants per principal',
      );
      assert.equal(await scene.person('Ann', { principal: 'p1', tokenDigest: null }), first);
      await scene.person('Ben', { principal: 'p2' });
      await scene.pass(90_000);
      await scene.pass(30_000);

      const third = await scene.person('Ann', { principal: 'p1', tokenDigest: 'third' });

      assert.deepEqual([...(await scene.store.participantsOf('p1'))].sort(), [second, third].sort());
      assert.equal(await scene.store.findParticipant(null, 'p1'), undefined);
      assert.notEqual(await scene.person('Ann', { principal: 'p2', tokenDigest: null }), first);
    },
    { participantsPerPrincipal: 2 },
  );

  it(
    'bounds nobody who has no principal',
    async (scene) => {
      for (let i = 0; i < 5; i++) await scene.person('Ann', { tokenDigest: null });
    },
    { participantsPerPrincipal: 1 },
  );

  it('takes participants that have no token', async (scene) => {
    const [ann, bob] = [await scene.person('Ann', { tokenDigest: null }), await scene.person('Bob')];
    await scene.say(ann, await scene.match(ann, bob), 'hello');

    assert.equal((await scene.told(bob, 'message.received'))[0]?.sender.user_id, ann);
  });

  it('changes what a profile change names, keeps the rest, and shows the new name from then on', async (scene) => {
    const [ann, bob] = [await scene.person('Ann', { attributes: { level: 1 } }), await scene.person('Bob')];
    const room = await scene.match(ann, bob);

    const changed = await scene.store.updateProfile(ann, { displayName: 'Anna' }, scene.now);
    await scene.say(ann, room, 'hello');

    const { participant, head } = await scene.store.participant(ann, scene.now);
    const { displayName, attributes, logId } = participant;
    assert.deepEqual(
      [changed.participant.displayName, changed.participant.attributes, changed.participant.logId, changed.head],
      [displayName, attributes, logId, head],
    );
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
      () => store.report({ reporter: nobody, userId: 'other', roomId: 'room' }, now),
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
