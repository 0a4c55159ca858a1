import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { heard, noticeOf } from '../../../src/client/chat-reducer.js';
import { ChatStore } from '../../../src/client/chat-store.js';
import { opened, sending, sent, withMessages } from '../../../src/client/conversations.js';
import type { ChatState, HeardEvent, MessageEntry } from '../../../src/client/index.js';
import { messageOf } from '../../../src/client/wire.js';
import { at, BEN, message, ROOM, TIME } from './fake-connection.js';

const room = { roomId: ROOM, pool: 'default', partners: [], reasons: [], lastSeq: 0 };
const inRoom = (): ChatState => opened(new ChatStore().value, room, TIME);
const event = (name: string, data: object, seconds = 0): HeardEvent => ({
  name,
  data: { room_id: ROOM, ...data },
  timestamp: at(seconds),
  cursor: `c${seconds}`,
});
const texts = (state: ChatState) =>
  state.conversations[0]!.entries.map((entry) => (entry.kind === 'message' ? entry.text : entry.what));
const sendingMessage = (key: string): MessageEntry => ({
  kind: 'message',
  key,
  text: key,
  mine: true,
  at: TIME,
  delivery: 'sending',
});

describe('messages', () => {
  it('stand in the order of their numbers, each once, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (seqs) => {
        let state = inRoom();
        for (const seq of seqs) state = heard(state, event('message.received', message(seq, `${seq}`), seq), TIME);
        const expected = [...new Set(seqs)].sort((a, b) => a - b).map(String);
        expect(texts(state)).toEqual(['opened', ...expected]);
        expect(state.conversations[0]!.unread).toBe(expected.length);
      }),
    );
  });

  it('that are being sent stand last, and move to their place without a double', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7], { minLength: 7 }), fc.nat(6), (order, mine) => {
        const own = mine + 1;
        let state = sending(inRoom(), ROOM, sendingMessage('mine'));
        let answered = false;
        for (const seq of order) {
          if (seq === own) {
            state = sent(state, ROOM, 'mine', own, TIME + own * 1_000);
            answered = true;
          } else {
            const read = messageOf(message(seq, `${seq}`), 'ann');
            state = withMessages(state, ROOM, [read]);
          }
          if (!answered) expect(texts(state).at(-1)).toBe('mine');
        }
        const again = withMessages(state, ROOM, [messageOf(message(own, 'double'), 'ann')]);
        expect(again).toBe(state);
        expect(texts(state)).toEqual([
          'opened',
          ...[1, 2, 3, 4, 5, 6, 7].map((seq) => (seq === own ? 'mine' : `${seq}`)),
        ]);
      }),
    );
  });

  it('read back before the answer to one’s own message are not doubled by it', () => {
    const before = sending(inRoom(), ROOM, sendingMessage('mine'));
    const read = withMessages(before, ROOM, [
      messageOf(message(1, 'mine', { user_id: 'ann', display_name: 'Ann' }), 'ann'),
    ]);
    const after = sent(read, ROOM, 'mine', 1, TIME);
    expect(after.conversations[0]!.entries.slice(1)).toEqual([{ ...sendingMessage('mine'), seq: 1, delivery: 'sent' }]);
  });
});

describe('happenings', () => {
  it('stand by their time between messages, also when they are heard late', () => {
    let state = inRoom();
    for (const seq of [1, 2, 3]) state = heard(state, event('message.received', message(seq, `${seq}`), seq), TIME);
    state = heard(state, event('partner.joined', { partner: BEN }, 2), TIME);
    expect(texts(state)).toEqual(['opened', '1', '2', 'joined', '3']);
  });
});

describe('an operator', () => {
  it('who watches is told of, and seen for as long as it goes on', () => {
    let state = heard(inRoom(), event('room.supervised', { supervised: true }, 1), TIME);
    expect(texts(state)).toEqual(['opened', 'watched']);
    expect(state.conversations[0]!.supervised).toBe(true);
    state = heard(state, event('room.supervised', { supervised: false }, 2), TIME);
    expect(texts(state)).toEqual(['opened', 'watched', 'unwatched']);
    expect(state.conversations[0]!.supervised).toBeUndefined();
  });

  it('who closes a room is told of', () => {
    const state = heard(inRoom(), event('room.closed', { reason: 'closed_by_operator' }, 1), TIME);
    expect([texts(state), state.conversations[0]!.active]).toEqual([['opened', 'stopped'], false]);
  });

  it('who moves a ticket is told of, and where it waits now', () => {
    const ticket = {
      ...{ ticketId: 't', pool: 'default', position: 1, queueLength: 1, estimatedWaitSeconds: null },
      ...{ since: TIME, reasons: [] },
    };
    const state = { ...inRoom(), tickets: [ticket] };
    const moved = event('queue.moved', { ticket_id: 't', from: 'default', pool: 'mentors' });
    expect(heard(state, moved, TIME).tickets).toEqual([{ ...ticket, pool: 'mentors', position: null }]);
    expect(noticeOf(state, moved)).toMatch(/moved you from “default” to “mentors”/);
    const removed = event('queue.expired', { ticket_id: 't', pool: 'default', reason: 'removed' });
    expect(noticeOf(state, removed)).toMatch(/operator has taken you out of “default”/);
  });
});

describe('events', () => {
  const CASES: readonly HeardEvent[] = [
    event('message.received', message(1, 'x')),
    event('partner.joined', { partner: BEN }),
    event('partner.disconnected', { partner: BEN, reason: 'left', room_active: false }),
    event('room.closed', { reason: 'partner_left' }),
    event('room.supervised', { supervised: true }),
    event('partner.typing', { partner: BEN, typing: true }),
    event('queue.updated', { ticket_id: 't', position: 1, queue_length: 1 }),
    event('queue.expired', { ticket_id: 't', pool: 'default', reason: 'timeout' }),
    event('queue.moved', { ticket_id: 't', from: 'default', pool: 'mentors' }),
    event('match.offered', { offer_id: 'o', pool: 'default', group_size: 2, reasons: [], expires_at: at(9) }),
    event('match.withdrawn', { offer_id: 'o', pool: 'default', waiting: false }),
    event('something.new', {}),
  ];

  it.each(CASES)('$name about what is not known changes nothing', (unknown) => {
    const state = new ChatStore().value;
    expect(heard(state, unknown, TIME)).toBe(state);
  });

  it.each(CASES)('$name in one conversation leaves others as they are', (known) => {
    const state = opened(inRoom(), { ...room, roomId: 'other' }, TIME);
    const after = heard(state, known, TIME);
    expect(after.conversations[1]).toBe(state.conversations[1]);
    expect(after.tickets).toBe(state.tickets);
    expect(after.link).toBe(state.link);
  });

  it('never open a conversation again that has ended', () => {
    const found = { pool: 'default', partner: BEN, partners: [BEN], reasons: [], matched_at: at(0) };
    let state = heard(new ChatStore().value, event('chatroom.found', found), TIME);
    state = heard(state, event('partner.disconnected', { partner: BEN, reason: 'left', room_active: false }, 1), TIME);
    expect(heard(state, event('chatroom.found', found), TIME)).toBe(state);
  });
});
