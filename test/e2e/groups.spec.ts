import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ERAS, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

const POOLS = JSON.stringify([
  { name: 'patient', max_group_size: 4, group_patience_seconds: 30 },
  { name: 'parties', max_group_size: 6, max_party_size: 2 },
  { name: 'open', min_group_size: 3, max_group_size: 3, backfill: true },
  { name: 'fresh', cooldown_seconds: 60 },
]);

describe.each(ERAS)('who may meet in $era', ({ connect }) => {
  const parley = useParley();
  const clock = new FakeClock();
  const start = () => parley.start({ clock, environment: { POOLS, PRESENCE_TTL_SECONDS: 0 } });
  const person = async (display_name: string, args: object = {}) => {
    const client = await parley.client<TestClient>(connect);
    return { client, entered: await client.enter({ display_name, ...args }) };
  };
  const names = (partners: readonly { display_name: string }[]) => partners.map(({ display_name }) => display_name);

  it('is up to the criteria of both sides', async () => {
    await start();
    const mentee = { attributes: { role: 'mentee', language: ['de', 'fr'] } };
    const mentor = { attributes: { role: 'mentor', language: 'de', level: 4 } };
    const wantsMentor = {
      all: [
        { attribute: 'role', equals: 'mentor' },
        { attribute: 'level', min: 3 },
      ],
    };
    const ann = await person('Ann', { ...mentee, criteria: wantsMentor });
    const ben = await person('Ben', { ...mentor, criteria: { attribute: 'language', in: ['en'] } });
    expect([ann.entered.status, ben.entered.status]).toEqual(['waiting', 'waiting']);
    expect((await ann.client.ok('get_status')).tickets[0]!.reasons).not.toEqual([]);
    const carl = await person('Carl', { ...mentor, criteria: { attribute: 'language', equals: 'de' } });
    expect(carl.entered).toMatchObject({ status: 'matched', partner: { display_name: 'Ann' } });
    const dora = await person('Dora', { attributes: { language: 'en' } });
    expect(dora.entered).toMatchObject({ status: 'matched', partner: { display_name: 'Ben' } });
  });

  it.each([
    [{ all: [{ attribute: 'level', min: 'three' }] }, 'criteria.all[0].min must be a number'],
    [{ provenance: 'robot' }, 'criteria.provenance must be one of human, agent, human_via_agent'],
    ['anybody', 'criteria must be of type object'],
  ])('is refused by path and rule when the criteria are %j', async (criteria, error) => {
    await start();
    const ann = await parley.client<TestClient>(connect);
    expect(await ann.refused('enter_queue', { criteria })).toMatchObject({ code: 'invalid_arguments', error });
  });

  it('lets a party stay together', async () => {
    await start();
    const team = { pool: 'parties', group_size: 4, party_size: 2 };
    const ann = await person('Ann', { ...team, party: 'red team' });
    expect(ann.entered).toMatchObject({ status: 'waiting', position: null, party_missing: 1 });
    expect((await ann.client.call('get_status')).text).toContain(
      'Waiting in pool parties: Waiting for 1 more of your party.',
    );
    const carl = await person('Carl', { ...team, party: 'blue team' });
    const { facts, text } = await ann.client.call('enter_queue', { ...team, party: 'red team' });
    expect([facts.status, text]).toEqual([
      'already_waiting',
      expect.stringMatching(/^Already waiting for 1 more of your party\. Call wait_for_message/),
    ]);
    const ben = await person('Ben', { ...team, party: 'red team' });
    expect(ben.entered).toMatchObject({ status: 'waiting', position: 1, ticket_id: ann.entered.ticket_id });
    const dora = await person('Dora', { ...team, party: 'blue team' });
    expect(dora.entered.status).toBe('matched');
    expect(names(dora.entered.partners).toSorted()).toEqual(['Ann', 'Ben', 'Carl']);
    for (const { client } of [ann, ben, carl]) {
      expect((await client.hears('chatroom.found')).params).toMatchObject({ room_id: dora.entered.room_id });
    }
  });

  it('takes a party out when one of it leaves, and tells the others', async () => {
    await start();
    const team = { pool: 'parties', group_size: 4, party: 'red team', party_size: 2 };
    const ann = await person('Ann', team);
    const ben = await person('Ben', team);
    await ann.client.ok('leave_queue');
    expect((await ben.client.hears('queue.expired')).params).toMatchObject({ pool: 'parties', reason: 'party_broken' });
    expect((await ben.client.call('wait_for_message', { timeout_seconds: 0 })).text).toContain(
      'Your place in pool parties is gone, because one of your party has left. Call enter_queue to wait again.',
    );
  });

  it.each([
    [{ party: 'red team' }, 'party and party_size go together'],
    [{ party: 'red team', party_size: 2 }, 'party_size 2 is not possible in pool "default"'],
    [{ pool: 'parties', party: 'red team', party_size: 3 }, 'party_size 3 is not possible in pool "parties"'],
    [
      { pool: 'parties', group_size: 2, party: 'red team', party_size: 2 },
      'A party of 2 leaves no seat for anybody else in a group of 2',
    ],
  ])('is not for a party like %j', async (args, error) => {
    await start();
    const ann = await parley.client<TestClient>(connect);
    expect(await ann.refused('enter_queue', args)).toMatchObject({ code: 'invalid_arguments', error });
  });

  it('asks a party to agree', async () => {
    await start();
    const team = { pool: 'parties', party: 'red team', party_size: 2 };
    await person('Ann', { ...team, group_size: 4 });
    const ben = await parley.client<TestClient>(connect);
    expect(await ben.refused('enter_queue', { ...team, group_size: 5 })).toMatchObject({ code: 'party_mismatch' });
  });

  it('fills the seat that somebody leaves in an open room', async () => {
    await start();
    const [ann, ben] = [await person('Ann', { pool: 'open' }), await person('Ben', { pool: 'open' })];
    const { client: carl, entered } = await person('Carl', { pool: 'open' });
    const { room_id } = entered;
    await ben.client.ok('leave_chat', { room_id });
    const dora = await person('Dora', { pool: 'open' });
    expect(dora.entered).toMatchObject({ status: 'matched', room_id });
    expect(names(dora.entered.partners)).toEqual(['Ann', 'Carl']);
    for (const client of [ann.client, carl]) {
      expect((await client.hears('partner.joined')).params).toEqual({
        room_id,
        partner: { user_id: dora.client.userId, display_name: 'Dora' },
      });
    }
    await dora.client.say(room_id, 'did I miss much?');
    await ann.client.hearsMessage('did I miss much?');

    const ed = await person('Ed', { pool: 'open' });
    expect(ed.entered.status).toBe('waiting');
    await carl.ok('leave_chat', { room_id });
    expect((await ed.client.hears('chatroom.found')).params).toMatchObject({ room_id });
  });

  it('settles for fewer than the most when patience has ended', async () => {
    await start();
    const ann = await person('Ann', { pool: 'patient' });
    const ben = await person('Ben', { pool: 'patient' });
    expect(ben.entered).toMatchObject({ status: 'waiting', position: 2 });
    expect((await ben.client.ok('get_status')).tickets).toMatchObject([{ group_size: 4, min_group_size: 2 }]);
    clock.advance(30_000);
    expect((await ann.client.hears('chatroom.found')).params).toMatchObject({
      partners: [{ user_id: ben.client.userId }],
    });
  });

  it('keeps two apart for a time after they have met', async () => {
    await start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect, connect, { pool: 'fresh' });
    await ann.ok('leave_chat', { room_id: roomId });
    await ann.become('enter_queue', { pool: 'fresh' });
    expect((await ben.become('enter_queue', { pool: 'fresh' })).status).toBe('waiting');
    clock.advance(60_000);
    await ann.hears('chatroom.found', 2);
    expect(ann.all('chatroom.found')[1]!.params).toMatchObject({ partner: { user_id: ben.userId } });
  });
});
