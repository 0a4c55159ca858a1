import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type ChatClient,
  type ChatState,
  ConnectionLost,
  createChatClient,
  MemoryStorage,
  Refusal,
  type Saved,
} from '../../../src/client/index.js';
import { at, BEN, FakeConnection, message, ROOM, TIME, toolFailure } from './fake-connection.js';

const SAVED: Saved = { participantToken: 'pt_ann', displayName: 'Ann', wish: { displayName: 'Ann', pool: 'chess' } };
const roomFacts = (lastSeq: number) => ({
  room_id: ROOM,
  pool: 'chess',
  partners: [BEN],
  unread: 0,
  last_seq: lastSeq,
});
const ticketFacts = (more: object = {}) => ({
  ticket_id: 'ticket-1',
  pool: 'default',
  group_size: 2,
  position: 2,
  queue_length: 5,
  estimated_wait_seconds: 30,
  enqueued_at: at(-60),
  reasons: [{ code: 'alone', text: 'Nobody else is there' }],
  ...more,
});
const found = (more: object = {}) => ({
  room_id: ROOM,
  pool: 'default',
  partner: BEN,
  partners: [BEN],
  reasons: [{ code: 'first', text: 'Both wait longest' }],
  matched_at: at(0),
  ...more,
});

let server: FakeConnection;
let storage: MemoryStorage;
let client: ChatClient;

beforeEach(() => {
  jest.useFakeTimers({ now: TIME });
  server = new FakeConnection();
  storage = new MemoryStorage();
  client = createChatClient({ connection: server, storage, random: () => 0.5 });
});

afterEach(async () => {
  await client.stop();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const settle = () => jest.advanceTimersByTimeAsync(0);
const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);
const talk = (index = 0) => client.state.conversations[index]!;
/** Messages and happenings, one word each. */
const lines = (state: ChatState = client.state, index = 0) =>
  state.conversations[index]!.entries.map((entry) => {
    if (entry.kind === 'happening') return entry.what + (entry.who ? ` ${entry.who.displayName}` : '');
    const state = entry.delivery === undefined || entry.delivery === 'sent' ? '' : ` (${entry.delivery})`;
    return `${entry.mine ? '> ' : '< '}${entry.text}${state}`;
  });
const notices = () => client.state.notices.map(({ text }) => text);

/** Somebody who was in a room before, with these messages. */
async function inRoom(...said: ReturnType<typeof message>[]): Promise<void> {
  server.messages.push(...said);
  server.rooms = [roomFacts(said.length)];
  storage.save(SAVED);
  await client.start();
}

describe('a chat client that starts', () => {
  it('connects as nobody, and tells what the server offers', async () => {
    expect(client.state.link).toEqual({ state: 'closed' });
    const started = client.start();
    expect(client.state.link).toEqual({ state: 'connecting' });
    await started;
    expect(client.state).toMatchObject({ link: { state: 'online' }, me: undefined, messageMaxCharacters: 4000 });
    expect(server.calls).toEqual([]);
    expect(server.isFollowed).toBe(false);
  });

  it('takes up what was saved: who one is, tickets, rooms and what was said in them', async () => {
    server.tickets = [ticketFacts()];
    await inRoom(message(1, 'hi'), message(2, 'hello', { user_id: 'ann', display_name: 'Ann' }));
    expect(client.state.me).toEqual({ userId: 'ann', displayName: 'Ann' });
    expect(client.state.tickets).toEqual([
      {
        ticketId: 'ticket-1',
        pool: 'default',
        position: 2,
        queueLength: 5,
        estimatedWaitSeconds: 30,
        since: TIME - 60_000,
        reasons: ['Nobody else is there'],
      },
    ]);
    expect(lines()).toEqual(['< hi', '> hello']);
    expect(talk()).toMatchObject({ active: true, unread: 0, hasOlder: false, pool: 'chess' });
    expect(server.positions).toEqual([{ participantToken: 'pt_ann', cursor: 'c0' }]);
  });

  it('forgets a saved participant that the server does not know, and says so', async () => {
    storage.save(SAVED);
    server.answers.set('get_status', () => {
      throw toolFailure('participant_not_found');
    });
    await client.start();
    expect(client.state.link).toEqual({ state: 'online' });
    expect(storage.load()).toBeUndefined();
    expect(notices()).toEqual([expect.stringContaining('does not know you any more')]);
    expect(server.called('enter_queue')).toEqual([]);
  });

  it('reads back as history what it could not read at the first try', async () => {
    server.answers.set('get_messages', () => {
      server.answers.delete('get_messages');
      throw new ConnectionLost('gone again');
    });
    await inRoom(message(1, 'hi'));
    expect(client.state.link).toMatchObject({ state: 'reconnecting', why: 'gone again' });
    await pass(1);
    expect(lines()).toEqual(['< hi']);
    expect(talk().unread).toBe(0);
  });

  it('says why it is refused, and tries again only when asked', async () => {
    const open = jest.spyOn(server, 'open').mockRejectedValueOnce(new Refusal('not an MCP endpoint', 404));
    await client.start();
    expect(client.state.link).toEqual({ state: 'refused', why: 'not an MCP endpoint' });
    await pass(3_600);
    expect(open).toHaveBeenCalledTimes(1);
    client.reconnect();
    await settle();
    expect(client.state.link).toEqual({ state: 'online' });
  });

  it('keeps trying while the server cannot be reached, less and less often', async () => {
    server.isDown = true;
    await client.start();
    expect(client.state.link).toEqual({
      state: 'reconnecting',
      retryAt: TIME + 150,
      why: 'the server cannot be reached',
    });
    await pass(60);
    expect(server.opens).toBeGreaterThan(10);
    expect(server.opens).toBeLessThan(20);
    server.isDown = false;
    await pass(5);
    expect(client.state.link).toEqual({ state: 'online' });
  });
});

describe('looking for a partner', () => {
  it('waits in the queue, follows from before the call, and is saved', async () => {
    await client.start();
    await client.enterQueue({ displayName: 'Ann', interests: ['go'], groupSize: 3 });
    expect(server.called('enter_queue')).toEqual([
      { display_name: 'Ann', pool: 'default', attributes: { interests: ['go'] }, group_size: 3 },
    ]);
    expect(client.state.me).toEqual({ userId: 'ann', displayName: 'Ann' });
    expect(client.state.tickets).toEqual([expect.objectContaining({ ticketId: 'ticket-1', position: 1, since: TIME })]);
    expect(server.positions).toEqual([{ participantToken: 'pt_ann', cursor: 'c0' }]);
    expect(storage.load()).toMatchObject({ participantToken: 'pt_ann', wish: { displayName: 'Ann', groupSize: 3 } });
  });

  it('hears its position, looks for estimate and reasons now and then, and is matched', async () => {
    await client.start();
    server.tickets = [ticketFacts()];
    await client.enterQueue({ displayName: 'Ann' });
    await settle();
    expect(client.state.tickets[0]).toMatchObject({ estimatedWaitSeconds: 30, since: TIME });
    server.push(
      'queue.updated',
      { ticket_id: 'ticket-1', pool: 'default', position: 1, queue_length: 9 },
      { live: true },
    );
    expect(client.state.tickets[0]).toMatchObject({ position: 1, queueLength: 9 });
    server.tickets = [ticketFacts({ estimated_wait_seconds: 5 })];
    await pass(20);
    expect(client.state.tickets[0]).toMatchObject({ estimatedWaitSeconds: 5 });
    server.push('chatroom.found', found());
    expect(client.state.tickets).toEqual([]);
    expect(talk()).toMatchObject({ roomId: ROOM, pool: 'default', reasons: ['Both wait longest'], active: true });
    expect(lines()).toEqual(['opened']);
  });

  it('is matched at once, and hears of it once', async () => {
    await client.start();
    server.answers.set('enter_queue', () => ({
      status: 'matched',
      user_id: 'ann',
      participant_token: 'pt_ann',
      cursor: 'c0',
      ...found(),
    }));
    server.rooms = [roomFacts(0)];
    await client.enterQueue({ displayName: 'Ann' });
    server.push('chatroom.found', found());
    await settle();
    expect(client.state.conversations).toHaveLength(1);
    expect(lines()).toEqual(['opened']);
  });

  it('is not shown as waiting when the match is heard before the answer', async () => {
    await inRoom();
    server.answers.set('enter_queue', () => {
      server.push('chatroom.found', found({ room_id: 'room-2' }));
      server.rooms = [roomFacts(0), { ...roomFacts(0), room_id: 'room-2' }];
      return { status: 'waiting', user_id: 'ann', ticket_id: 't', position: 1, queue_length: 1, cursor: 'c0' };
    });
    await client.enterQueue({ displayName: 'Ann' });
    await settle();
    expect(client.state.tickets).toEqual([]);
    expect(client.state.conversations.map(({ roomId }) => roomId)).toEqual([ROOM, 'room-2']);
  });

  it('stays left when one leaves before the answer that brings the match', async () => {
    await inRoom();
    server.answers.set('enter_queue', async () => {
      server.push('chatroom.found', found({ room_id: 'room-2' }));
      await client.leave('room-2');
      return { status: 'matched', user_id: 'ann', cursor: 'c0', ...found({ room_id: 'room-2' }) };
    });
    await client.enterQueue({ displayName: 'Ann' });
    expect(talk(1).active).toBe(false);
    expect(lines(client.state, 1)).toEqual(['opened', 'left']);
  });

  it('leaves the queue', async () => {
    await client.start();
    await client.enterQueue({ displayName: 'Ann' });
    await client.leaveQueue('default');
    expect(server.called('leave_queue')).toEqual([{ pool: 'default' }]);
    expect(client.state.tickets).toEqual([]);
  });

  it('loses its place with a notice that says why', async () => {
    server.tickets = [ticketFacts()];
    storage.save(SAVED);
    await client.start();
    server.push('queue.expired', { ticket_id: 'ticket-1', pool: 'default', reason: 'ticket_ttl' });
    expect(client.state.tickets).toEqual([]);
    expect(notices()).toEqual([expect.stringContaining('your place in the queue has expired')]);
    client.dismiss(client.state.notices[0]!.id);
    expect(client.state.notices).toEqual([]);
  });

  it('throws what the server refuses', async () => {
    await client.start();
    server.answers.set('enter_queue', () => {
      throw toolFailure('unknown_pool');
    });
    await expect(client.enterQueue({ displayName: 'Ann', pool: 'x' })).rejects.toMatchObject({ code: 'unknown_pool' });
    expect(storage.load()).toBeUndefined();
  });
});

describe('an offer', () => {
  const offered = { offer_id: 'o1', pool: 'default', group_size: 2, reasons: [], expires_at: at(30) };

  beforeEach(async () => {
    server.tickets = [ticketFacts()];
    storage.save(SAVED);
    await client.start();
    server.push('match.offered', offered);
    const { accepted: _accepted, ...offer } = { ...offered, accepted: false };
    server.tickets = [ticketFacts({ position: null, offer })];
  });

  it('stands at the ticket, is accepted, and becomes a conversation', async () => {
    expect(client.state.tickets[0]).toMatchObject({
      position: null,
      offer: { offerId: 'o1', groupSize: 2, expiresAt: TIME + 30_000, accepted: false },
    });
    server.answers.set('respond_to_match', () => ({ status: 'accepted', offer_id: 'o1', expires_at: at(30) }));
    server.tickets = [ticketFacts({ position: null, offer: { ...offered, accepted: true } })];
    await client.respond('o1', true);
    expect(client.state.tickets[0]!.offer!.accepted).toBe(true);
    server.tickets = [];
    server.rooms = [roomFacts(0)];
    server.push('chatroom.found', found());
    await settle();
    expect(client.state.tickets).toEqual([]);
    expect(lines()).toEqual(['opened']);
  });

  it('becomes a conversation at once for the last to accept', async () => {
    server.answers.set('respond_to_match', () => ({ status: 'matched', ...found({ pool: undefined }) }));
    server.tickets = [];
    server.rooms = [roomFacts(0)];
    await client.respond('o1', true);
    expect(client.state.tickets).toEqual([]);
    expect(talk()).toMatchObject({ roomId: ROOM, active: true });
  });

  it('is gone once declined, without a notice', async () => {
    server.answers.set('respond_to_match', () => {
      server.push('match.withdrawn', { offer_id: 'o1', pool: 'default', waiting: true });
      return { status: 'declined', waiting: true };
    });
    server.tickets = [ticketFacts()];
    await client.respond('o1', false);
    await settle();
    expect(client.state.tickets[0]!.offer).toBeUndefined();
    expect(client.state.tickets[0]!.position).toBe(2);
    expect(notices()).toEqual([]);
  });

  it('that is withdrawn leaves the ticket, with a notice', () => {
    server.push('match.withdrawn', { offer_id: 'o1', pool: 'default', waiting: true });
    expect(client.state.tickets[0]!.offer).toBeUndefined();
    expect(notices()).toEqual(['The match that was offered in “default” came to nothing; you wait on.']);
  });

  it('that is over when it is answered makes the client look again', async () => {
    server.answers.set('respond_to_match', () => {
      throw toolFailure('offer_not_found');
    });
    server.tickets = [];
    await expect(client.respond('o1', true)).rejects.toMatchObject({ code: 'offer_not_found' });
    await settle();
    expect(client.state.tickets).toEqual([]);
  });
});

describe('a conversation', () => {
  it('shows messages once and in order, whichever way they come', async () => {
    await inRoom(message(1, 'one'));
    server.says(message(2, 'two'));
    server.push('message.received', { room_id: ROOM, ...message(2, 'two') });
    server.push('message.received', { room_id: ROOM, ...message(1, 'one') });
    expect(lines()).toEqual(['< one', '< two']);
    expect(talk().unread).toBe(1);
    client.markRead(ROOM);
    expect(talk().unread).toBe(0);
    const before = client.state;
    client.markRead(ROOM);
    expect(client.state).toBe(before);
  });

  it('reads what is missing between two messages', async () => {
    await inRoom(message(1, 'one'));
    server.messages.push(
      message(2, 'two'),
      message(3, 'mine, from elsewhere', { user_id: 'ann', display_name: 'Ann' }),
    );
    server.says(message(4, 'four'));
    await settle();
    expect(server.called('get_messages').at(-1)).toEqual({ room_id: ROOM, after: 1, limit: 100 });
    expect(lines()).toEqual(['< one', '< two', '> mine, from elsewhere', '< four']);
    expect(talk().unread).toBe(2);
  });

  it('does not ask again for messages that the server does not give', async () => {
    await inRoom(message(1, 'one'));
    server.messages = [message(9, 'nine')];
    server.says(message(10, 'ten'));
    await settle();
    const calls = server.called('get_messages').length;
    server.says(message(11, 'eleven'));
    await settle();
    expect(lines()).toEqual(['< one', '< nine', '< ten', '< eleven']);
    expect(server.called('get_messages')).toHaveLength(calls);
  });

  it('reads what another face of the same participant has sent when it looks', async () => {
    await inRoom(message(1, 'one'));
    server.messages.push(message(2, 'by the model', { user_id: 'ann', display_name: 'Ann' }));
    server.rooms = [roomFacts(2)];
    await client.refresh();
    expect(lines()).toEqual(['< one', '> by the model']);
  });

  it('reads it also when a connection that polls tells of it', async () => {
    await inRoom(message(1, 'one'));
    server.tell();
    await settle();
    const calls = server.calls.length;
    server.messages.push(message(2, 'by the model', { user_id: 'ann', display_name: 'Ann' }));
    server.rooms = [roomFacts(2)];
    server.tell();
    await settle();
    expect(lines()).toEqual(['< one', '> by the model']);
    expect(server.calls.slice(calls).map(({ tool }) => tool)).toEqual(['get_messages']);
    server.rooms = [roomFacts(2), { ...roomFacts(1), room_id: 'room-2' }];
    server.tell();
    await settle();
    expect(client.state.conversations.map(({ roomId }) => roomId)).toEqual([ROOM, 'room-2']);
  });

  it('reads older messages in front', async () => {
    await inRoom(...Array.from({ length: 60 }, (_, index) => message(index + 1, `m${index + 1}`)));
    expect(talk()).toMatchObject({ hasOlder: true });
    expect(lines()[0]).toBe('< m11');
    await client.loadOlder(ROOM);
    expect(lines()[0]).toBe('< m1');
    expect(talk().hasOlder).toBe(false);
    expect(talk().unread).toBe(0);
  });

  it('tells who comes, goes and returns', async () => {
    await inRoom();
    const carl = { user_id: 'carl', display_name: 'Carl' };
    server.push('partner.joined', { room_id: ROOM, partner: carl });
    server.push('partner.disconnected', { room_id: ROOM, partner: BEN, reason: 'timeout', room_active: true });
    expect(talk().partners.map(({ displayName, presence }) => [displayName, presence])).toEqual([
      ['Ben', 'away'],
      ['Carl', 'here'],
    ]);
    server.push('partner.reconnected', { room_id: ROOM, partner: BEN });
    server.push('partner.disconnected', { room_id: ROOM, partner: carl, reason: 'left', room_active: false });
    server.push('room.closed', { room_id: ROOM, reason: 'partner_left' });
    expect(lines()).toEqual(['joined Carl', 'timeout Ben', 'reconnected Ben', 'left Carl']);
    expect(talk()).toMatchObject({ active: false });
    client.close(ROOM);
    expect(client.state.conversations).toEqual([]);
  });

  it('shows who is writing, for six seconds, until the message or until they stop', async () => {
    await inRoom();
    const typing = (on: boolean) =>
      server.push('partner.typing', { room_id: ROOM, partner: BEN, typing: on }, { live: true });
    typing(true);
    expect(talk().typing).toEqual(['ben']);
    await pass(4);
    typing(true);
    await pass(5);
    expect(talk().typing).toEqual(['ben']);
    await pass(1);
    expect(talk().typing).toEqual([]);
    typing(true);
    typing(false);
    expect(talk().typing).toEqual([]);
    typing(true);
    server.says(message(1, 'done'));
    expect(talk().typing).toEqual([]);
  });

  it('tells that one is writing once in three seconds, and again after a message', async () => {
    await inRoom();
    for (let i = 0; i < 10; i++) client.typing(ROOM);
    expect(server.called('set_typing')).toEqual([{ room_id: ROOM }]);
    await pass(3);
    client.typing(ROOM);
    expect(server.called('set_typing')).toHaveLength(2);
    await client.send(ROOM, 'sent');
    client.typing(ROOM);
    expect(server.called('set_typing')).toHaveLength(3);
  });

  it('is left, and the next partner looked for with the last wish', async () => {
    await inRoom();
    await client.next(ROOM);
    expect(server.called('leave_chat')).toEqual([{ room_id: ROOM }]);
    expect(server.called('enter_queue')).toEqual([{ display_name: 'Ann', pool: 'chess' }]);
    expect(lines()).toEqual(['left']);
    expect(talk().active).toBe(false);
    expect(client.state.tickets).toHaveLength(1);
  });

  it('is left, although the server was heard to know it no more before it answered', async () => {
    await inRoom();
    server.answers.set('leave_chat', async () => {
      server.rooms = [];
      await client.refresh();
      expect(lines()).toEqual(['closed']);
      return { success: true };
    });
    await client.leave(ROOM);
    expect(lines()).toEqual(['left']);
  });

  it('counts as left when the server does not find one in it', async () => {
    await inRoom();
    server.answers.set('leave_chat', () => {
      throw toolFailure('not_in_room');
    });
    await client.leave(ROOM);
    expect(talk().active).toBe(false);
  });

  it('blocks and reports', async () => {
    await inRoom();
    await client.block(ROOM, 'ben');
    await client.report(ROOM, 'ben', 'spam');
    expect(server.called('block_participant')).toEqual([{ room_id: ROOM, user_id: 'ben' }]);
    expect(server.called('report_participant')).toEqual([{ room_id: ROOM, user_id: 'ben', reason: 'spam' }]);
  });

  it('marks what must not be seen as text, in messages, names and reasons', async () => {
    await inRoom();
    const eve = { user_id: 'eve', display_name: 'Eve\u202e' };
    server.push(
      'chatroom.found',
      found({ room_id: 'r2', partners: [eve], reasons: [{ code: 'x', text: '\u001b[2J' }] }),
    );
    server.push('message.received', { room_id: 'r2', ...message(1, 'a\u0007b', eve) });
    const conversation = talk(1);
    expect(conversation.partners[0]!.displayName).toBe('Eve‹U+202E›');
    expect(conversation.reasons).toEqual(['‹U+001B›[2J']);
    expect(conversation.entries[1]).toMatchObject({ text: 'a‹U+0007›b', sender: { displayName: 'Eve‹U+202E›' } });
    void client.send(ROOM, 'pasted \u001b[31m');
    expect(lines()).toEqual(['> pasted ‹U+001B›[31m (sending)']);
    expect(server.called('send_message')).toMatchObject([{ message: 'pasted \u001b[31m' }]);
  });

  it('goes on beside others, each with its own messages', async () => {
    await inRoom();
    server.push('chatroom.found', found({ room_id: 'room-2' }));
    const before = talk();
    server.push('message.received', { room_id: 'room-2', ...message(1, 'over here') });
    expect(talk()).toBe(before);
    expect(lines(client.state, 1)).toEqual(['opened', '< over here']);
  });

  it('is joined by name, with what was said since one first joined', async () => {
    server.messages.push(message(1, 'early'));
    await client.start();
    expect(await client.joinRoom('den', 'Ann')).toBe(ROOM);
    await settle();
    expect(talk()).toMatchObject({ roomName: 'den', partners: [{ userId: 'ben', presence: 'here' }] });
    expect(lines()).toEqual(['opened', '< early']);
    expect(talk().unread).toBe(0);
  });
});

describe('a message', () => {
  it('is there at once, and sent with a key that stays', async () => {
    await inRoom();
    const sent = client.send(ROOM, 'hello');
    expect(lines()).toEqual(['> hello (sending)']);
    const { key } = talk().entries[0]!;
    await sent;
    expect(lines()).toEqual(['> hello']);
    expect(talk().entries[0]).toMatchObject({ key, seq: 1, delivery: 'sent', at: TIME + 1_000 });
    expect(server.called('send_message')).toEqual([{ room_id: ROOM, message: 'hello', client_message_id: key }]);
  });

  it('is shown as others read it, when parts of it were masked', async () => {
    await inRoom();
    server.answers.set('send_message', () => ({
      ...{ success: true, seq: 1, timestamp: at(1), masked: true, message: '**** it\u202e' },
    }));
    await client.send(ROOM, 'darn it');
    expect(lines()).toEqual(['> **** it‹U+202E›']);
  });

  it('goes one after another, in the order typed', async () => {
    await inRoom();
    await Promise.all(['one', 'two', 'three'].map((text) => client.send(ROOM, text)));
    expect(server.called('send_message').map(({ message }) => message)).toEqual(['one', 'two', 'three']);
    expect(lines()).toEqual(['> one', '> two', '> three']);
  });

  it('takes its place by number when a partner’s message overtakes the answer', async () => {
    await inRoom();
    server.answers.set('send_message', async () => {
      server.messages.push(message(1, 'mine', { user_id: 'ann', display_name: 'Ann' }));
      server.says(message(2, 'theirs'));
      return { success: true, seq: 1, timestamp: at(1) };
    });
    await client.send(ROOM, 'mine');
    await settle();
    expect(lines()).toEqual(['> mine', '< theirs']);
    expect(server.called('get_messages')).toHaveLength(1);
  });

  it('typed while away waits, and is sent once with the same key, although the answer was lost', async () => {
    await inRoom();
    server.answers.set('send_message', (args) => {
      server.messages.push(message(1, String(args['message']), { user_id: 'ann', display_name: 'Ann' }));
      server.isDown = true;
      server.cut();
      return { seq: 1, timestamp: at(1) };
    });
    const first = client.send(ROOM, 'first');
    const second = client.send(ROOM, 'second');
    await settle();
    expect(client.state.link).toMatchObject({ state: 'reconnecting' });
    expect(lines()).toEqual(['> first (sending)', '> second (sending)']);
    const sent: unknown[] = [];
    server.answers.set('send_message', ({ message, client_message_id }) => {
      sent.push([message, client_message_id]);
      const seq = message === 'first' ? 1 : 2;
      return { seq, timestamp: at(seq) };
    });
    server.isDown = false;
    server.rooms = [roomFacts(1)];
    await pass(1);
    await Promise.all([first, second]);
    expect(lines()).toEqual(['> first', '> second']);
    const keys = talk().entries.map(({ key }) => key);
    expect(sent).toEqual([
      ['first', keys[0]],
      ['second', keys[1]],
    ]);
    expect(server.called('send_message')[0]).toMatchObject({ client_message_id: keys[0] });
  });

  it('whose answer was lost with an earlier connection is sent again on the next', async () => {
    await inRoom();
    let fail!: (error: Error) => void;
    server.answers.set('send_message', () => new Promise((_, reject) => (fail = reject)));
    const sent = client.send(ROOM, 'hello');
    server.cut();
    await pass(1);
    server.answers.delete('send_message');
    fail(new ConnectionLost('too late'));
    await pass(1);
    await sent;
    expect(lines()).toEqual(['> hello']);
  });

  it('that comes too fast waits as long as the server says', async () => {
    await inRoom();
    server.answers.set('send_message', () => {
      throw toolFailure('rate_limited', true, 3);
    });
    void client.send(ROOM, 'fast');
    await pass(2.9);
    expect(lines()).toEqual(['> fast (sending)']);
    expect(server.called('send_message')).toHaveLength(1);
    server.answers.delete('send_message');
    await pass(0.1);
    expect(lines()).toEqual(['> fast']);
  });

  it('that is refused says why, lets the next pass, and can be sent again', async () => {
    await inRoom();
    server.answers.set('send_message', () => {
      throw toolFailure('invalid_arguments');
    });
    await client.send(ROOM, 'too long');
    server.answers.delete('send_message');
    await client.send(ROOM, 'short');
    expect(lines()).toEqual(['> too long (failed)', '> short']);
    const [refused] = talk().entries;
    expect(refused).toMatchObject({ failure: 'refused: invalid_arguments. Do something else.' });
    await client.retry(ROOM, refused!.key);
    expect(lines()).toEqual(['> short', '> too long']);
    expect(talk().entries[1]).not.toHaveProperty('failure');
    expect(server.called('send_message').at(-1)).toMatchObject({ client_message_id: refused!.key });
  });

  it('fails when the conversation is over, and when one leaves before it was sent', async () => {
    await inRoom();
    server.answers.set('send_message', () => {
      throw toolFailure('rate_limited', true, 60);
    });
    const waiting = client.send(ROOM, 'slow');
    await settle();
    await client.leave(ROOM);
    await waiting;
    await client.send(ROOM, 'late');
    expect(lines()).toEqual(['> slow (failed)', 'left', '> late (failed)']);
    expect(server.called('send_message')).toHaveLength(1);
  });

  it('of nothing but white space is none', async () => {
    await inRoom();
    await client.send(ROOM, ' \n ');
    expect(lines()).toEqual([]);
  });
});

describe('a lost connection', () => {
  it('is made again, with nothing lost and nothing twice', async () => {
    await inRoom(message(1, 'one'));
    const last = server.says(message(2, 'two'));
    server.isDown = true;
    server.cut();
    await settle();
    expect(client.state.link).toEqual({
      state: 'reconnecting',
      retryAt: TIME + 150,
      why: 'The connection to the server was lost',
    });
    server.messages.push(message(3, 'three'));
    server.rooms = [roomFacts(3)];
    server.cursor = 'c9';
    server.isDown = false;
    await pass(1);
    expect(client.state.link).toEqual({ state: 'online' });
    expect(server.positions.at(-1)).toEqual({ participantToken: 'pt_ann', cursor: last });
    server.push('message.received', { room_id: ROOM, ...message(3, 'three') });
    expect(lines()).toEqual(['< one', '< two', '< three']);
    expect(talk().unread).toBe(2);
  });

  it('is noticed by a call as well', async () => {
    await inRoom();
    server.isDown = true;
    await expect(client.block(ROOM, 'ben')).rejects.toMatchObject({ name: 'ConnectionLost' });
    expect(client.state.link).toMatchObject({ state: 'reconnecting' });
    server.isDown = false;
    await pass(1);
    expect(server.positions).toHaveLength(2);
  });

  it('is tried again at once when asked', async () => {
    server.isDown = true;
    await client.start();
    await pass(30);
    server.isDown = false;
    client.reconnect();
    await settle();
    expect(client.state.link).toEqual({ state: 'online' });
    await client.refresh();
    expect(client.state.link).toEqual({ state: 'online' });
  });

  it('is not given up for a call that had begun before it was made', async () => {
    await inRoom();
    let fail!: (error: Error) => void;
    server.answers.set('block_participant', () => new Promise((_, reject) => (fail = reject)));
    const blocked = client.block(ROOM, 'ben');
    server.cut();
    await pass(1);
    expect(client.state.link).toEqual({ state: 'online' });
    fail(new ConnectionLost('too late'));
    await expect(blocked).rejects.toThrow('too late');
    expect(client.state.link).toEqual({ state: 'online' });
  });

  it('that flickers is not hammered', async () => {
    await inRoom();
    for (let i = 0; i < 200; i++) {
      server.cut();
      await pass(0.1);
    }
    expect(server.opens).toBeLessThan(15);
  });

  it('brings the reason for an end that happened meanwhile, once', async () => {
    await inRoom(message(1, 'one'));
    server.isDown = true;
    server.cut();
    server.rooms = [];
    server.cursor = 'e2';
    server.isDown = false;
    await pass(1);
    expect(lines()).toEqual(['< one', 'closed']);
    expect(talk().active).toBe(false);
    server.push(
      'partner.disconnected',
      { room_id: ROOM, partner: BEN, reason: 'timeout', room_active: false },
      { timestamp: at(5) },
    );
    server.push('room.closed', { room_id: ROOM, reason: 'partner_timeout' }, { timestamp: at(5) });
    await settle();
    expect(lines()).toEqual(['< one', 'timeout Ben']);
  });

  it('adds rooms and takes away tickets of which nothing was heard', async () => {
    server.tickets = [ticketFacts()];
    storage.save(SAVED);
    await client.start();
    server.tickets = [];
    server.rooms = [roomFacts(1)];
    server.messages = [message(1, 'already there')];
    server.cut();
    await pass(1);
    expect(client.state.tickets).toEqual([]);
    expect(lines()).toEqual(['< already there']);
    expect(talk().unread).toBe(1);
    server.push('chatroom.found', found());
    expect(client.state.conversations).toHaveLength(1);
  });

  it('looks again when events are missing from the log', async () => {
    await inRoom();
    server.rooms = [{ ...roomFacts(0), partners: [BEN, { user_id: 'carl', display_name: 'Carl' }] }];
    server.push('queue.expired', { ticket_id: 'old', pool: 'x', reason: 'timeout' }, { truncated: true });
    await settle();
    expect(talk().partners).toHaveLength(2);
  });

  it('begins where the server stands when it does not know the cursor', async () => {
    await inRoom();
    server.says(message(1, 'one'));
    server.cursor = 'c5';
    server.rooms = [roomFacts(1)];
    const follow = jest
      .spyOn(server, 'follow')
      .mockRejectedValueOnce(new Refusal('cursor is not one of this participant'));
    server.cut();
    await pass(2);
    expect(client.state.link).toEqual({ state: 'online' });
    expect(follow.mock.calls.map(([{ cursor }]) => cursor)).toEqual(['e1', 'c5']);
  });
});

describe('an answer that is older than the state', () => {
  it('takes nothing back: neither a room that was found nor one that was left since', async () => {
    await inRoom();
    let answer!: (facts: object) => void;
    server.answers.set('get_status', () => new Promise((resolve) => (answer = resolve as never)));
    const looking = client.refresh();
    await settle();
    server.push('chatroom.found', found({ room_id: 'room-2' }));
    await client.leave(ROOM);
    server.answers.delete('get_status');
    answer({ user_id: 'ann', display_name: 'Ann', cursor: 'c0', tickets: [], rooms: [roomFacts(0)] });
    await looking;
    expect(client.state.conversations.map(({ roomId, active }) => [roomId, active])).toEqual([
      [ROOM, false],
      ['room-2', true],
    ]);
  });
});

describe('a server that has forgotten', () => {
  const forget = () => {
    server.rooms = [];
    server.tickets = [];
    const refuse = (args: object) => {
      if ('participant_token' in args && args.participant_token === 'pt_ann')
        throw toolFailure('participant_not_found');
      return undefined;
    };
    for (const tool of ['get_status', 'send_message', 'leave_chat']) {
      server.answers.set(tool, (args) => refuse(args) ?? { ...STANDING });
    }
    server.answers.set('enter_queue', (args) => {
      refuse(args);
      return {
        status: 'waiting',
        user_id: 'ann2',
        participant_token: 'pt_new',
        cursor: 'n0',
        ticket_id: 'ticket-2',
        position: 1,
        queue_length: 1,
        estimated_wait_seconds: null,
      };
    });
  };
  const STANDING = { user_id: 'ann2', display_name: 'Ann', cursor: 'n0', tickets: [], rooms: [] };

  it('leaves what was said on the screen, and says so', async () => {
    await inRoom(message(1, 'one'));
    forget();
    server.cut();
    const unsent = client.send(ROOM, 'are you there?');
    await pass(1);
    await unsent;
    expect(client.state.link).toEqual({ state: 'online' });
    expect(lines()).toEqual(['< one', '> are you there? (failed)', 'lost']);
    expect(talk().active).toBe(false);
    expect(client.state.me).toBeUndefined();
    expect(storage.load()).toBeUndefined();
    expect(notices()).toEqual([expect.stringContaining('What was said stays here')]);
    expect(server.called('enter_queue')).toEqual([]);
  });

  it('has somebody who was waiting in the queue again, as somebody new', async () => {
    server.tickets = [ticketFacts()];
    storage.save(SAVED);
    await client.start();
    forget();
    server.answers.set('get_status', (args) => {
      if (args['participant_token'] === 'pt_ann') throw toolFailure('participant_not_found');
      return { ...STANDING, tickets: [ticketFacts({ ticket_id: 'ticket-2' })] };
    });
    server.cut();
    await pass(1);
    expect(server.called('enter_queue')).toEqual([{ display_name: 'Ann', pool: 'chess' }]);
    expect(client.state.tickets).toEqual([expect.objectContaining({ ticketId: 'ticket-2' })]);
    expect(client.state.me).toMatchObject({ userId: 'ann2' });
    expect(server.positions.at(-1)).toEqual({ participantToken: 'pt_new', cursor: 'n0' });
    expect(storage.load()).toMatchObject({ participantToken: 'pt_new' });
    expect(notices()).toEqual([expect.stringContaining('put in the queue again')]);
  });

  it('is told apart when somebody enters: they come as somebody new, once', async () => {
    await inRoom();
    forget();
    await client.enterQueue({ displayName: 'Ann' });
    await settle();
    expect(
      server.calls.filter(({ tool }) => tool === 'enter_queue').map(({ args }) => args['participant_token']),
    ).toEqual(['pt_ann', undefined]);
    expect(lines()).toEqual(['lost']);
    expect(client.state.me).toMatchObject({ userId: 'ann2' });
  });
});

describe('adopting', () => {
  it('takes up somebody else’s participant in place of one’s own', async () => {
    await inRoom(message(1, 'one'));
    server.rooms = [{ ...roomFacts(0), room_id: 'room-2' }];
    await client.adopt('pt_model');
    expect(client.state.conversations.map(({ roomId }) => roomId)).toEqual(['room-2']);
    expect(server.positions.at(-1)).toEqual({ participantToken: 'pt_model', cursor: 'c0' });
    expect(storage.load()).toEqual({ participantToken: 'pt_model', displayName: 'Ann' });
  });

  it('may come before the start, or again', async () => {
    await client.adopt('pt_model');
    server.rooms = [roomFacts(0)];
    await client.start();
    expect(client.state.conversations).toHaveLength(1);
    await client.adopt('pt_model');
    expect(client.state.conversations).toHaveLength(1);
    expect(server.positions).toHaveLength(1);
  });
});

describe('listeners', () => {
  it('are called once per change, whatever one of them throws or changes', async () => {
    await inRoom();
    const complaint = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const seen: number[] = [];
    const mend = client.subscribe(() => {
      throw new Error('a broken face');
    });
    client.subscribe(() => client.markRead(ROOM));
    const stop = client.subscribe(() => seen.push(talk().unread));
    server.says(message(1, 'one'));
    expect(seen).toEqual([0, 0]);
    expect(complaint).toHaveBeenCalledTimes(2);
    stop();
    mend();
    server.says(message(2, 'two'));
    expect(seen).toHaveLength(2);
    complaint.mockRestore();
  });
});

describe('stopping', () => {
  it('ends a try to connect that is under way', async () => {
    storage.save(SAVED);
    let open!: () => void;
    jest
      .spyOn(server, 'open')
      .mockImplementationOnce(() => new Promise((resolve) => (open = () => resolve(server.facts))));
    const starting = client.start();
    await client.stop();
    open();
    await starting;
    expect(client.state.link).toEqual({ state: 'closed' });
    expect(server.calls).toEqual([]);
    expect(server.isFollowed).toBe(false);
  });

  it('closes the connection, keeps what was saved, and can be started again', async () => {
    await inRoom();
    server.answers.set('send_message', () => {
      throw toolFailure('rate_limited', true, 60);
    });
    const unsent = client.send(ROOM, 'unsent');
    await settle();
    await client.stop();
    await unsent;
    expect(client.state.link).toEqual({ state: 'closed' });
    expect(server.isFollowed).toBe(false);
    expect(storage.load()).toMatchObject({ participantToken: 'pt_ann' });
    await client.start();
    expect(client.state.link).toEqual({ state: 'online' });
    expect(server.isFollowed).toBe(true);
  });
});
