import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ERAS, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

const POOLS = JSON.stringify([
  { name: 'default', accept_seconds: 30 },
  { name: 'forgiving', accept_seconds: 30, decliner: 'requeue' },
]);

describe.each(ERAS)('a match that everybody must accept, in $era', ({ connect }) => {
  const parley = useParley();
  const clock = new FakeClock();
  const start = (environment = {}) => parley.start({ clock, environment: { POOLS, ...environment } });

  const person = async (display_name: string, args: object = {}) => {
    const client = await parley.client<TestClient>(connect);
    const entered = await client.enter({ display_name, ...args });
    return { client, entered };
  };
  /** Ann and Ben, to whom a match is offered. */
  const offered = async (args: object = {}) => {
    const ann = await person('Ann', args);
    const ben = await person('Ben', args);
    const { offer_id } = (await ben.client.hears('match.offered')).params as { offer_id: string };
    await ann.client.hears('match.offered');
    return { ann: ann.client, ben: ben.client, entered: ben.entered, offer_id };
  };
  const lapse = async () => {
    clock.advance(30_000);
    await parley.server.upkeep();
  };

  it('is offered to both by every path, without a word about who they are', async () => {
    await start();
    const ann = await person('Ann');
    await ann.client.subscribe('chat://inbox');
    const ben = await person('Ben');
    expect(ben.entered).toMatchObject({ status: 'waiting', position: null, offer: { accepted: false, group_size: 2 } });

    const { params, event } = await ann.client.hears('match.offered');
    const data = {
      offer_id: ben.entered.offer!.offer_id,
      pool: 'default',
      group_size: 2,
      reasons: [{ code: 'longest_waiting', text: 'You were next in line' }],
      expires_at: new Date(clock.now() + 30_000).toISOString(),
    };
    expect(params).toEqual(data);
    const updated = await ann.client.hears('notifications/resources/updated');
    expect(updated.event).toEqual({ ...event, data });
    const { facts, text } = await ann.client.call('wait_for_message', { cursor: ann.entered.cursor });
    expect(facts.events).toEqual([{ ...event, data }]);
    expect(text).toContain(
      `A match for a group of 2 in pool default is offered. Why: "You were next in line". ` +
        `Call respond_to_match with offer_id ${data.offer_id} and accept true or false before ${data.expires_at}; ` +
        `nobody learns who declined.`,
    );
    expect(JSON.stringify(ann.client.heard)).not.toContain(ben.client.userId);
    expect((await ann.client.ok('get_status')).rooms).toEqual([]);
  });

  it('opens a room in the moment the last one accepts', async () => {
    await start();
    const { ann, ben, offer_id } = await offered();
    expect(await ann.call('respond_to_match', { accept: true })).toMatchObject({
      facts: { status: 'accepted', offer_id, expires_at: new Date(clock.now() + 30_000).toISOString() },
      text: expect.stringContaining('Call wait_for_message'),
    });
    expect((await ann.ok('get_status')).tickets).toMatchObject([
      { position: null, offer: { offer_id, accepted: true }, reasons: [{ code: 'others_to_accept' }] },
    ]);
    const { facts, text } = await ben.call('respond_to_match', { accept: true, offer_id });
    expect(facts).toMatchObject({
      status: 'matched',
      partner: { user_id: ann.userId, display_name: 'Ann' },
      partners: [{ user_id: ann.userId }],
      reasons: [{ code: 'longest_waiting' }],
    });
    expect(text).toContain(`Matched with "Ann" in room ${facts.room_id}. Why: "You were next in line".`);
    expect((await ann.hears('chatroom.found')).params).toMatchObject({ room_id: facts.room_id });
    await ann.say(facts.room_id, 'here we are');
    await ben.hearsMessage('here we are');
  });

  it('comes to nothing when one declines, and nobody learns who', async () => {
    await start();
    const { ann, ben, offer_id } = await offered();
    await ann.ok('respond_to_match', { accept: true });
    const { facts, text } = await ben.call('respond_to_match', { accept: false });
    expect(facts).toEqual({ status: 'declined', waiting: false });
    expect(text).toContain('You no longer wait in that pool. Call enter_queue');
    for (const [client, waiting] of [
      [ann, true],
      [ben, false],
    ] as const) {
      const { params } = await client.hears('match.withdrawn');
      expect(params).toEqual({ offer_id, pool: 'default', waiting });
    }
    expect((await ann.ok('get_status')).tickets).toMatchObject([{ position: 1, queue_length: 1 }]);
    expect((await ann.call('wait_for_message', { timeout_seconds: 0 })).text).toContain(
      'The match offered in pool default came to nothing; you wait on.',
    );
    expect((await ben.call('wait_for_message', { timeout_seconds: 0 })).text).toContain(
      'came to nothing; you no longer wait there. Call enter_queue to wait again.',
    );
    expect((await ben.ok('get_status')).tickets).toEqual([]);
    const found = await person('Carl');
    expect(found.entered.offer).toMatchObject({ accepted: false });
    await ann.hears('match.offered', 2);
  });

  it('lets those who stayed silent go, and matches the one who accepted with the next', async () => {
    await start();
    const { ann, ben } = await offered();
    const carl = await person('Carl');
    expect(carl.entered).toMatchObject({ status: 'waiting', position: 1 });
    await ann.ok('respond_to_match', { accept: true });
    await lapse();
    expect((await ben.hears('match.withdrawn')).params).toMatchObject({ waiting: false });
    expect((await ann.hears('match.withdrawn')).params).toMatchObject({ waiting: true });
    await ann.hears('match.offered', 2);
    await carl.client.hears('match.offered');
    await ann.ok('respond_to_match', { accept: true });
    expect((await carl.client.ok('respond_to_match', { accept: true })).partner.user_id).toBe(ann.userId);
  });

  it('puts one who declined at the end of the queue where the pool forgives', async () => {
    await start();
    const { ann, ben } = await offered({ pool: 'forgiving' });
    const { facts, text } = await ann.call('respond_to_match', { accept: false });
    expect(facts).toEqual({ status: 'declined', waiting: true });
    expect(text).toContain('You wait on at the end of the queue');
    expect((await ben.hears('match.withdrawn')).params).toMatchObject({ waiting: true });
    expect((await ben.ok('get_status')).tickets).toMatchObject([{ position: 1, queue_length: 2 }]);
    expect((await ann.ok('get_status')).tickets).toMatchObject([{ position: 2, queue_length: 2 }]);
  });

  it('answers an enter_queue that waits', async () => {
    await start();
    const ann = await parley.client<TestClient>(connect);
    const entering = ann.call('enter_queue', { wait_seconds: 40 });
    await parley.server.waiting(1);
    await person('Ben');
    const { facts, text } = await entering;
    expect(facts).toMatchObject({ status: 'waiting', position: null, offer: { accepted: false } });
    expect(text).toContain(`Call respond_to_match with offer_id ${facts.offer!.offer_id}`);
  });

  it('stands in get_status until it is answered', async () => {
    await start();
    const { ann, offer_id } = await offered();
    const { facts, text } = await ann.call('get_status');
    expect(facts.tickets).toMatchObject([
      { position: null, offer: { offer_id, accepted: false }, reasons: [{ code: 'yours_to_accept' }] },
    ]);
    expect(text).toContain(
      `Waiting in pool default: A match waits for your answer. Call respond_to_match with offer_id ${offer_id}`,
    );
  });

  it('is declined by leaving the queue', async () => {
    await start();
    const { ann, ben } = await offered();
    expect((await ann.ok('leave_queue')).pools).toEqual(['default']);
    expect((await ben.hears('match.withdrawn')).params).toMatchObject({ waiting: true });
  });

  it('can be answered once, by those it was made to, while it lasts', async () => {
    await start();
    const { ann, ben, offer_id } = await offered();
    const eve = await person('Eve');
    const over = { error: 'Offer not found', code: 'offer_not_found', retryable: false };
    expect(await eve.client.refused('respond_to_match', { accept: true, offer_id })).toMatchObject(over);
    expect(await ann.refused('respond_to_match', { offer_id })).toMatchObject({ error: 'accept is required' });
    await lapse();
    for (const client of [ann, ben]) {
      expect(await client.refused('respond_to_match', { accept: true })).toMatchObject(over);
    }
  });

  it('tells a model to call the tool by its configured name', async () => {
    await start({ TOOL_PREFIX: 'chat_' });
    const ann = await parley.client<TestClient>(connect);
    const ben = await parley.client<TestClient>(connect);
    const become = async (client: TestClient) => {
      const { facts, text } = await client.call('chat_enter_queue');
      client.token = facts.participant_token;
      return text;
    };
    await become(ann);
    const texts = [
      await become(ben),
      (await ann.call('chat_wait_for_message', { timeout_seconds: 0 })).text,
      (await ann.call('chat_get_status')).text,
    ];
    for (const text of texts) expect(text).toContain('Call chat_respond_to_match with offer_id');
  });
});
