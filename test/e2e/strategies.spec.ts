import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ERAS, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

const POOLS = JSON.stringify([
  { name: 'queue', strategy: 'priority', options: { weights: { plan: { gold: 20 } } } },
  {
    name: 'friends',
    strategy: 'affinity',
    options: { floor: 0.5, final_floor: 0, sink_seconds: 100 },
  },
  { name: 'helpers', strategy: 'skills', options: { stages: [{ after_seconds: 30, proficiency_slack: 1 }] } },
]);

describe.each(ERAS)('strategies that pools name, in $era', ({ connect }) => {
  const parley = useParley();
  const clock = new FakeClock();
  const start = () => parley.start({ clock, environment: { POOLS, PRESENCE_TTL_SECONDS: 0 } });
  const person = async (display_name: string, pool: string, attributes: object, args: object = {}) => {
    const client = await parley.client<TestClient>(connect);
    return { client, entered: await client.enter({ display_name, pool, attributes, ...args }) };
  };
  const whyWaiting = async ({ client }: { client: TestClient }) => (await client.ok('get_status')).tickets[0]!.reasons;

  it('priority: the most urgent comes first, and waiting makes urgent', async () => {
    await start();
    const wantsMentor = { criteria: { attribute: 'role', equals: 'mentor' } };
    const mentor = (name: string) => person(name, 'queue', { role: 'mentor' });
    const patient = await person('Patient', 'queue', {}, wantsMentor);
    clock.advance(60_000);
    await person('Gold', 'queue', { plan: 'gold' }, wantsMentor);
    const { entered } = await mentor('Mia');
    expect(entered).toMatchObject({
      status: 'matched',
      partner: { display_name: 'Gold' },
      reasons: [{ code: 'most_urgent', text: 'Your turn came by priority and waiting time' }],
    });
    clock.advance(20 * 60_000);
    await person('Gold too', 'queue', { plan: 'gold' }, wantsMentor);
    expect((await mentor('Max')).entered.partner.user_id).toBe(patient.client.userId);
  });

  it('affinity: those meet who share most, and are told what', async () => {
    await start();
    const ann = await person('Ann', 'friends', { interests: ['chess', 'hiking'], languages: ['de'] });
    const ben = await person('Ben', 'friends', { interests: ['football'], languages: ['de'] });
    expect(ben.entered.status).toBe('waiting');
    expect(await whyWaiting(ben)).toEqual([
      { code: 'too_little_shared', text: '1 waiting shares too little with you yet; the bar sinks again in 10 s' },
    ]);
    const carl = await person('Carl', 'friends', { interests: ['hiking', 'chess', 'go'], languages: ['de', 'fr'] });
    const reasons = [
      { code: 'shared_interests', text: expect.stringMatching(/^You both like (chess and hiking|hiking and chess)$/) },
      { code: 'shared_languages', text: 'You both speak German' },
    ];
    expect(carl.entered).toMatchObject({ status: 'matched', partner: { display_name: 'Ann' }, reasons });
    expect((await ann.client.hears('chatroom.found')).params).toMatchObject({ reasons });
    expect((await ann.client.call('wait_for_message', { timeout_seconds: 0 })).text).toMatch(
      /You were matched with "Carl" in room \S+\. Why: "You both like [^"]+", "You both speak German"\./,
    );
  });

  it('affinity: the bar sinks while two wait, until they will do for each other', async () => {
    await start();
    const ann = await person('Ann', 'friends', { interests: ['chess'] });
    const ben = await person('Ben', 'friends', { interests: ['football'] });
    expect([ann.entered.status, ben.entered.status]).toEqual(['waiting', 'waiting']);
    clock.advance(100_000);
    expect((await ann.client.hears('chatroom.found')).params).toMatchObject({
      partner: { user_id: ben.client.userId },
      reasons: [{ code: 'waited_long' }],
    });
  });

  it('skills: each side’s needs are met, in full or a little below after a while', async () => {
    await start();
    const ann = await person('Ann', 'helpers', { needs: ['react:3'], offers: ['sql:4'] });
    const ben = await person('Ben', 'helpers', { needs: ['sql:2'], offers: ['react:2'] });
    expect(ben.entered.status).toBe('waiting');
    expect(await whyWaiting(ann)).toEqual([
      { code: 'need_unmet', text: 'Nobody waiting offers react at level 3; widens in 30 s' },
    ]);
    clock.advance(30_000);
    expect((await ann.client.hears('chatroom.found')).params).toMatchObject({
      partner: { user_id: ben.client.userId },
      reasons: [{ code: 'needs_met', text: expect.stringContaining('You can help each other with') }],
    });
    const carl = await parley.client<TestClient>(connect);
    expect(await carl.refused('enter_queue', { pool: 'helpers', attributes: { needs: ['react:9'] } })).toMatchObject({
      code: 'ticket_refused',
      error: expect.stringContaining('needs must be skills with a level from 1 to 5'),
    });
  });
});
