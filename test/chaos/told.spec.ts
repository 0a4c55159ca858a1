import { describe, expect, it } from '@jest/globals';
import type { Life } from './record.js';
import { type Told, verifyTold } from './told.js';

/** Ann, who met Ben, said two things and left. */
const ann = {
  name: 'Ann',
  sent: [1, 2].map((seq) => ({
    roomId: 'room',
    text: `message ${seq}`,
    accepted: { messageId: `m${seq}`, seq, at: 0 },
  })),
  tickets: new Set(['a']),
  log: [{ event_id: '', name: 'chatroom.found', timestamp: '', cursor: '', data: { room_id: 'room' } }],
} as unknown as Life;

function story(): Told[] {
  const members = [{ user_id: 'ann' }, { user_id: 'ben' }];
  const told: [type: string, data: Told['data']][] = [
    ['ticket.created', { ticket_id: 'a' }],
    ['ticket.created', { ticket_id: 'b' }],
    ['ticket.matched', { ticket_id: 'a' }],
    ['ticket.matched', { ticket_id: 'b' }],
    ['room.opened', { room_id: 'room', members }],
    ['message.sent', { room_id: 'room', seq: 1, message_id: 'm1' }],
    ['message.sent', { room_id: 'room', seq: 2, message_id: 'm2' }],
    ['room.left', { room_id: 'room', user_id: 'ann' }],
    ['room.closed', { room_id: 'room' }],
  ];
  return told.map(([type, data], i) => ({ id: `${i}`, type: `parley.${type}`, data }));
}

describe('the checker of what a message queue was told', () => {
  it('is content when it was told everything once', () => {
    expect(verifyTold([ann], story())).toEqual([]);
  });

  it.each<[what: string, harm: (told: Told[]) => void, complaint: RegExp]>([
    ['an event that was told twice', (told) => told.push(told[0]!), /1 events were told twice/],
    ['a message that was not told of', (told) => told.splice(6, 1), /"message 2" of Ann is told 0 times/],
    [
      'a message that was told of twice',
      (told) => told.push({ ...told[6]!, id: 'x' }),
      /"message 2" of Ann is told 2 times/,
    ],
    ['messages in the wrong order', (told) => told.splice(5, 2, told[6]!, told[5]!), /room: 2 is told after 0/],
    ['a ticket without an end', (told) => told.splice(2, 1), /ticket a has ended 0 times/],
    [
      'a ticket with two ends',
      (told) => told.push({ id: 'x', type: 'parley.ticket.expired', data: { ticket_id: 'a' } }),
      /ticket a has ended 2 times/,
    ],
    ['a ticket without a beginning', (told) => told.splice(0, 1), /nothing tells of the beginning of ticket a/],
    [
      'somebody in two rooms at a time',
      (told) => {
        const data = { room_id: 'other', members: [{ user_id: 'ann' }, { user_id: 'cleo' }] };
        told.splice(5, 0, { id: 'x', type: 'parley.room.opened', data });
      },
      /ann came into other while in room/,
    ],
    ['a room without an end', (told) => told.splice(8, 1), /nothing tells of the end of room room/],
    ['a room without a beginning', (told) => told.splice(4, 1), /nothing tells of room, where Ann was/],
    ['a room that was opened twice', (told) => told.push({ ...told[4]!, id: 'x' }), /room room was opened twice/],
    [
      'a room that was closed twice',
      (told) => told.push({ ...told[8]!, id: 'x' }),
      /room room was closed while it was not open/,
    ],
  ])('complains of %s', (_, harm, complaint) => {
    const told = story();
    harm(told);
    expect(verifyTold([ann], told)).toContainEqual(expect.stringMatching(complaint));
  });
});
