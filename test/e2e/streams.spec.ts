import { describe, expect, it } from '@jest/globals';
import { CHAT_EXTENSION, connectV1, connectV2, ERAS, rpcFailure, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

describe('several streams of one participant', () => {
  const parley = useParley();

  describe.each(ERAS)('opened in $era', ({ connect }) => {
    it('each hear each event once, with the same ids', async () => {
      await parley.start();
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      const others = await Promise.all(
        [connectV1, connectV2, connect].map((other) => parley.client<TestClient>(other)),
      );
      for (const other of others) {
        const { cursor } = await other.ok('get_status', { participant_token: ann.token });
        other.token = ann.token;
        await other.listen(cursor);
      }
      await until('all streams', () => parley.server.streams === 5);
      for (let i = 1; i <= 10; i++) await ben.say(roomId, `message ${i}`);
      const everywhere = [ann, ...others];
      await Promise.all(everywhere.map((client) => client.hearsMessage('message 10')));
      const [ids, ...otherIds] = everywhere.map((client) =>
        client.all('message.received').map(({ event }) => event?.event_id),
      );
      expect(ids).toHaveLength(10);
      expect(new Set(ids).size).toBe(10);
      for (const other of otherIds) expect(other).toEqual(ids);
    });

    it('are independent: one that closes takes nothing from the others', async () => {
      await parley.start();
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      const second = await parley.client<TestClient>(connect);
      const { cursor } = await second.ok('get_status', { participant_token: ann.token });
      second.token = ann.token;
      await second.listen(cursor);
      await until('all streams', () => parley.server.streams === 3);
      await ann.close();
      await until('one stream less', () => parley.server.streams === 2);
      await ben.say(roomId, 'who hears me?');
      await second.hearsMessage('who hears me?');
      expect(second.messagesHeard).toEqual(['who hears me?']);
    });
  });

  it('that one 2026-07-28 client opens are told apart by the id of their request', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV2);
    await ann.listen(ann.cursor);
    await ann.subscribe('chat://inbox');
    await ben.say(roomId, 'hello');
    await ann.hears('notifications/resources/updated');
    await until('three copies', () => ann.all('message.received').length === 3);
    const ids = ann.all('message.received').map(({ meta }) => meta[SUBSCRIPTION]);
    expect(new Set(ids).size).toBe(3);
    expect(new Set(ann.all('message.received').map(({ event }) => event?.event_id)).size).toBe(1);
    const [update] = ann.all('notifications/resources/updated');
    expect(ids).toContain(update!.meta[SUBSCRIPTION]);
  });

  it('are limited, with an error that says so', async () => {
    await parley.start({ environment: { STREAMS_PER_PARTICIPANT: 2 } });
    const { ann, ben, roomId } = await parley.pair(connectV2);
    await ann.listen();
    const failure = await ann.openListen({ [CHAT_EXTENSION]: { participant_token: ann.token } }).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    expect(failure).toContain('Limit reached: 2 streams per participant');

    const session = await parley.client(connectV1, { reconnectMs: 10 });
    const errors: string[] = [];
    session.client.onerror = (error) => errors.push(error.message);
    await until('the stream of the session', () => parley.server.streams === 4);
    await session.ok('get_status', { participant_token: ann.token });
    await until('a refusal', () => errors.some((error) => error.includes('Failed to open SSE stream')));
    await ben.say(roomId, 'two of you');
    await until('both copies', () => ann.messagesHeard.length === 2);
    expect(session.heard).toEqual([]);
    const { events } = await session.ok('wait_for_message', { timeout_seconds: 0 });
    expect(events.at(-1)?.data['message']).toBe('two of you');
  });
});

describe('a session of 2025-11-25', () => {
  const parley = useParley();

  it('remembers its own participant and nobody else’s', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV1);
    expect((await ann.ok('get_status')).user_id).toBe(ann.userId);
    expect((await ben.ok('get_status')).user_id).toBe(ben.userId);
    const nobody = await parley.client(connectV1);
    expect(await nobody.refused('send_message', { room_id: roomId, message: 'me too' })).toMatchObject({
      code: 'participant_required',
    });
    await ann.say(roomId, 'hi');
    await ben.hearsMessage('hi');
    expect(nobody.heard).toEqual([]);
  });

  it('hears the participant it speaks as, from when it does', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV1);
    await ben.say(roomId, 'before');
    const session = await parley.client(connectV1);
    await session.enter({ pool: 'default', group_size: 3 });
    await session.ok('enter_queue', { participant_token: ann.token });
    await ben.say(roomId, 'after');
    await session.hearsMessage('after');
    expect(session.messagesHeard).toEqual(['after']);
    expect((await session.ok('get_status')).user_id).toBe(ann.userId);
  });
});

describe('SESSIONS_MAX', () => {
  const parley = useParley();

  it('makes room by ending the session that has been idle longest, and never one that listens', async () => {
    await parley.start({ environment: { SESSIONS_MAX: 2 } });
    const { ann, ben, roomId } = await parley.pair(connectV1);
    await until('both streams', () => parley.server.streams === 2);
    const refused = await connectV1(parley.server.url).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    expect(refused).toContain('Limit reached: 2 sessions');
    await ann.say(roomId, 'undisturbed');
    await ben.hearsMessage('undisturbed');

    await ann.close();
    await until('one stream', () => parley.server.streams === 1);
    const carl = await parley.client(connectV1);
    expect((await carl.enter()).status).toBe('waiting');
    const again = await parley.client(connectV2);
    again.token = ann.token;
    await again.say(roomId, 'a session is not a participant');
    await ben.hearsMessage('a session is not a participant');
  });
});

describe('subscriptions/listen of 2026-07-28', () => {
  const parley = useParley();

  it('refuses a wrong token, and one participant’s cursor for another', async () => {
    await parley.start();
    const { ann, ben } = await parley.pair(connectV2);
    const eve = await parley.client(connectV2);
    const listening = (filter: object) => rpcFailure(eve.openListen({ [CHAT_EXTENSION]: filter }));
    expect(await listening({ participant_token: `pt_${'A'.repeat(43)}` })).toMatchObject({
      code: -32602,
      message: expect.stringContaining('Participant not found'),
    });
    expect(await listening({})).toMatchObject({
      code: -32602,
      message: expect.stringContaining('No participant is known'),
    });
    expect(await listening({ participant_token: ann.token, cursor: ben.cursor })).toMatchObject({
      code: -32602,
      message: expect.stringContaining('cursor is not one of this participant'),
    });
    expect(await listening({ participant_token: ann.token, since: 'noon' })).toMatchObject({ code: -32602 });
    expect(eve.heard).toEqual([]);
  });

  it('starts before the call whose cursor it is given: an immediate match is not missed', async () => {
    await parley.start();
    const ann = await parley.client(connectV2);
    await ann.become('enter_queue');
    const ben = await parley.client(connectV2);
    expect((await ben.become('enter_queue')).status).toBe('matched');
    await Promise.all([ann.listen(ann.cursor), ben.listen(ben.cursor)]);
    await Promise.all([ann.hears('chatroom.found'), ben.hears('chatroom.found')]);
  });

  it('carries nothing that was not asked for', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV2);
    const ear = await parley.client(connectV2);
    await ear.openListen({ toolsListChanged: true });
    await ear.openListen({});
    await ann.say(roomId, 'hi');
    await ben.hearsMessage('hi');
    await ear.client.listTools();
    expect(ear.heard).toEqual([]);
  });
});
