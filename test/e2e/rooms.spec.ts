import { describe, expect, it } from '@jest/globals';
import { ERAS, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

describe.each(ERAS)('rooms in $era', ({ connect }) => {
  const parley = useParley();
  const newClients = (count: number): Promise<TestClient[]> =>
    Promise.all(Array.from({ length: count }, () => parley.client<TestClient>(connect)));

  describe('with a name', () => {
    it('are made by the first, who is told that nobody is there yet', async () => {
      await parley.start();
      const [ann, ben] = await newClients(2);
      const { facts, text } = await ann!.call('join_room', { room_name: 'tea at five', display_name: 'Ann' });
      expect(facts).toEqual({
        status: 'room_created',
        room_id: expect.any(String),
        capacity: 2,
        supervised: false,
        partners: [],
        user_id: expect.any(String),
        participant_token: expect.stringMatching(/^pt_/),
        cursor: expect.stringMatching(/^c1_/),
      });
      expect(text).toContain('nobody else is there yet');
      ann!.token = facts.participant_token;
      await ann!.listen(facts.cursor);
      const joined = await ben!.join('tea at five', { display_name: 'Ben', capacity: 9 });
      expect(joined).toMatchObject({
        status: 'joined',
        room_id: facts.room_id,
        capacity: 2,
        partners: [{ user_id: facts.user_id, display_name: 'Ann' }],
      });
      expect((await ann!.hears('partner.joined')).params).toEqual({
        room_id: facts.room_id,
        partner: { user_id: ben!.userId, display_name: 'Ben' },
      });
      expect((await ann!.ok('get_status')).rooms).toEqual([
        {
          room_id: facts.room_id,
          room_name: 'tea at five',
          supervised: false,
          partners: [{ user_id: ben!.userId, display_name: 'Ben' }],
          unread: 0,
          last_seq: 0,
        },
      ]);
    });

    it('hold as many as the first said, and let in another when one has left', async () => {
      await parley.start();
      const [one, two, three, four] = await newClients(4);
      const { room_id } = await one!.join('round table', { capacity: 3 });
      await two!.join('round table');
      await three!.join('round table');
      expect((await four!.refused('join_room', { room_name: 'round table' })).error).toBe('Room is full');
      await two!.ok('leave_chat', { room_id });
      expect(await four!.join('round table')).toMatchObject({ status: 'joined', room_id });
      await one!.say(room_id, 'welcome');
      await Promise.all([three!.hearsMessage('welcome'), four!.hearsMessage('welcome')]);
      expect(two!.messagesHeard).toEqual([]);
    });

    it('take back one who has left, by name or by id, with what was said before', async () => {
      await parley.start();
      const [ann, ben] = await newClients(2);
      const { room_id } = await ann!.join('den', { display_name: 'Ann' });
      await ben!.join('den', { display_name: 'Ben' });
      await ann!.say(room_id, 'first');
      for (const room_name of ['den', room_id]) {
        await ben!.ok('leave_chat', { room_id });
        expect(await ben!.ok('join_room', { room_name })).toMatchObject({
          status: 'joined',
          room_id,
          user_id: ben!.userId,
          partners: [{ user_id: ann!.userId }],
        });
      }
      expect((await ben!.ok('get_messages', { room_id })).messages.map(({ message }) => message)).toEqual(['first']);
      await ann!.hears('partner.joined', 3);
      expect(ann!.heard.map(({ method }) => method)).toEqual([
        'partner.joined',
        'partner.disconnected',
        'partner.joined',
        'partner.disconnected',
        'partner.joined',
      ]);
      expect(ann!.all('partner.disconnected')[0]!.params).toMatchObject({ reason: 'left', room_active: true });
    });

    it('say nothing new to one who joins twice', async () => {
      await parley.start();
      const [ann, ben] = await newClients(2);
      const { room_id } = await ann!.join('den');
      await ben!.join('den');
      expect(await ben!.ok('join_room', { room_name: 'den' })).toMatchObject({ status: 'joined', room_id });
      await ben!.say(room_id, 'hi');
      await ann!.hearsMessage('hi');
      expect(ann!.all('partner.joined')).toHaveLength(1);
    });

    it('end with the last one in them; the name is free again', async () => {
      await parley.start();
      const [ann, ben] = await newClients(2);
      const { room_id } = await ann!.join('den');
      await ann!.ok('leave_chat', { room_id });
      const { status, room_id: other } = await ben!.join('den');
      expect(status).toBe('room_created');
      expect(other).not.toBe(room_id);
    });

    it('are full to one whom a member has blocked, so that nobody learns of a block', async () => {
      await parley.start();
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      await ann.ok('block_participant', { room_id: roomId, user_id: ben.userId });
      await ann.become('join_room', { room_name: 'den', capacity: 5 });
      const full = await ben.refused('join_room', { room_name: 'den' });
      expect(full).toMatchObject({ error: 'Room is full', code: 'room_full' });
    });
  });

  describe('and their messages', () => {
    it('are read back page by page, one’s own included, in order', async () => {
      await parley.start();
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      for (let i = 1; i <= 7; i++) await (i % 2 ? ann : ben).say(roomId, `message ${i}`);
      const page = (args: object = {}) => ann.ok('get_messages', { room_id: roomId, limit: 3, ...args });
      const seqs = async (args?: object) => {
        const { messages, next, previous } = await page(args);
        return { seqs: messages.map(({ seq }) => seq), next, previous };
      };
      expect(await seqs()).toEqual({ seqs: [5, 6, 7], next: null, previous: 5 });
      expect(await seqs({ before: 5 })).toEqual({ seqs: [2, 3, 4], next: 4, previous: 2 });
      expect(await seqs({ before: 2 })).toEqual({ seqs: [1], next: 1, previous: null });
      expect(await seqs({ after: 0 })).toEqual({ seqs: [1, 2, 3], next: 3, previous: null });
      expect(await seqs({ after: 6 })).toEqual({ seqs: [7], next: null, previous: 7 });
      expect(await seqs({ after: 7 })).toMatchObject({ seqs: [], next: null });
      const { messages } = await page({ before: 2 });
      expect(messages).toEqual([
        {
          message_id: expect.any(String),
          seq: 1,
          message: 'message 1',
          sender: { user_id: ann.userId, display_name: 'Ann', provenance: 'human_via_agent' },
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        },
      ]);
    });

    it('stay readable after the chat has ended', async () => {
      await parley.start();
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      await ann.say(roomId, 'one last thing');
      await ann.ok('leave_chat', { room_id: roomId });
      for (const client of [ann, ben]) {
        const { messages } = await client.ok('get_messages', { room_id: roomId });
        expect(messages.map(({ message }) => message)).toEqual(['one last thing']);
      }
    });

    it('of before one came are not theirs to read', async () => {
      await parley.start();
      const [ann, ben, carl] = await newClients(3);
      const { room_id } = await ann!.join('open house', { capacity: 3 });
      await ben!.join('open house');
      await ann!.say(room_id, 'before Carl');
      await carl!.join('open house');
      await ann!.say(room_id, 'with Carl');
      await carl!.hearsMessage('with Carl');
      const { messages, previous } = await carl!.ok('get_messages', { room_id });
      expect(messages.map(({ message }) => message)).toEqual(['with Carl']);
      expect(previous).toBeNull();
    });

    it('are counted as unread until they were waited for or read back', async () => {
      await parley.start();
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      const unread = async () => (await ann.ok('get_status')).rooms[0]!.unread;
      await ben.say(roomId, 'one');
      await ben.say(roomId, 'two');
      await ann.say(roomId, 'mine does not count');
      expect(await unread()).toBe(2);
      await ann.ok('wait_for_message', { timeout_seconds: 0 });
      expect(await unread()).toBe(0);
      await ben.say(roomId, 'three');
      expect(await unread()).toBe(1);
      await ann.ok('get_messages', { room_id: roomId });
      expect(await unread()).toBe(0);
    });

    it('with a client_message_id seen before are not sent again', async () => {
      await parley.start();
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      const first = await ann.say(roomId, 'once', { client_message_id: 'a-1' });
      expect(await ann.say(roomId, 'once', { client_message_id: 'a-1' })).toEqual(first);
      expect((await ben.say(roomId, 'mine', { client_message_id: 'a-1' })).seq).toBe(2);
      expect((await ann.say(roomId, 'twice', { client_message_id: 'a-2' })).seq).toBe(3);
      await ben.hearsMessage('twice');
      expect(ben.messagesHeard).toEqual(['once', 'twice']);
      await ben.ok('leave_chat', { room_id: roomId });
      expect(await ann.say(roomId, 'once', { client_message_id: 'a-1' })).toEqual(first);
    });

    it('beyond the history that is kept are reported as gone', async () => {
      await parley.start({ environment: { ROOM_HISTORY_MESSAGES: 3 } });
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      for (let i = 1; i <= 5; i++) await ben.say(roomId, `message ${i}`);
      const oldest = await ann.ok('get_messages', { room_id: roomId, after: 0 });
      expect(oldest.messages.map(({ seq }) => seq)).toEqual([3, 4, 5]);
      expect(oldest.truncated).toBe(true);
      expect((await ann.ok('get_messages', { room_id: roomId, after: 3 })).truncated).toBeUndefined();
    });
  });

  it('show that somebody is typing, live only', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ann.hears('chatroom.found');
    const partner = { user_id: ben.userId, display_name: 'Ben' };
    expect(await ben.ok('set_typing', { room_id: roomId })).toEqual({ success: true });
    const { params, event } = await ann.hears('partner.typing');
    expect(params).toEqual({ room_id: roomId, partner, typing: true });
    expect(event).toBeUndefined();
    await ben.ok('set_typing', { room_id: roomId, typing: false });
    expect((await ann.hears('partner.typing', 2)).params).toEqual({ room_id: roomId, partner, typing: false });
    const { events } = await ann.ok('wait_for_message', { cursor: ann.cursor, timeout_seconds: 0 });
    expect(events.map(({ name }) => name)).toEqual(['chatroom.found']);
    expect(ben.all('partner.typing')).toEqual([]);
  });

  it('let a member report another, who hears nothing of it', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    const report = { room_id: roomId, user_id: ben.userId, reason: 'spam' };
    expect(await ann.ok('report_participant', report)).toEqual({ success: true });
    for (const user_id of [ann.userId, 'somebody-else']) {
      for (const tool of ['report_participant', 'block_participant']) {
        expect(await ann.refused(tool, { room_id: roomId, user_id })).toMatchObject({
          error: 'No such participant in this room',
          code: 'member_not_found',
        });
      }
    }
    await ann.ok('leave_chat', { room_id: roomId });
    expect(await ann.ok('report_participant', report)).toEqual({ success: true });
    await ben.hears('room.closed');
    expect(ben.heard.map(({ method }) => method)).toEqual(['chatroom.found', 'partner.disconnected', 'room.closed']);
  });
});
