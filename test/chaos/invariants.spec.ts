import { describe, expect, it } from '@jest/globals';
import type { Envelope, Message } from '../support/clients.js';
import { verify } from './invariants.js';
import type { Life } from './record.js';

interface Draft extends Life {
  log: Envelope[];
  readonly rooms: Map<string, Message[]>;
}

/** Two who met in a room, said two things each in turn, and parted. */
function story(): { ann: Draft; ben: Draft; all: Draft[] } {
  const [ann, ben] = [newcomer('Ann'), newcomer('Ben')];
  const room: Message[] = [];
  tell(ann, 'chatroom.found', { room_id: 'room', partners: [who(ben)] });
  tell(ben, 'chatroom.found', { room_id: 'room', partners: [who(ann)] });
  for (const [sender, partner] of [
    [ann, ben],
    [ben, ann],
    [ann, ben],
    [ben, ann],
  ] as const) {
    const seq = room.length + 1;
    const text = `message ${seq}`;
    const message = { message_id: `m${seq}`, seq, message: text, sender: { ...who(sender), provenance: 'human' } };
    room.push({ ...message, timestamp: '' });
    sender.sent.push({ roomId: 'room', text, accepted: { messageId: `m${seq}`, seq, at: seq } });
    tell(partner, 'message.received', { room_id: 'room', ...message });
  }
  ann.left.set('room', ann.log.length);
  tell(ben, 'partner.disconnected', { room_id: 'room' });
  tell(ben, 'room.closed', { room_id: 'room' });
  for (const life of [ann, ben]) {
    life.rooms.set('room', [...room]);
    life.heard.push(...life.log.map((event) => ({ event, at: 0 })));
  }
  return { ann, ben, all: [ann, ben] };
}

function newcomer(name: string): Draft {
  return {
    name,
    userId: `id of ${name}`,
    token: '',
    cursor: '',
    sent: [],
    heard: [],
    tickets: new Set([`ticket of ${name}`]),
    unknownTickets: 0,
    cancellations: 0,
    left: new Map(),
    forgotten: false,
    log: [],
    rooms: new Map(),
  };
}

const who = ({ userId, name }: Life) => ({ user_id: userId, display_name: name });

function tell(life: Draft, name: string, data: Envelope['data']): void {
  const event_id = `${life.name} ${life.log.length + 1}`;
  life.log.push({ event_id, name, timestamp: '', cursor: event_id, data });
}

/** The only event of a name, with its place. */
const find = (life: Draft, name: string) => life.log.findIndex((event) => event.name === name);

describe('the checker of what was promised', () => {
  it('is content with a story in which all went well', () => {
    expect(verify(story().all)).toEqual([]);
  });

  it.each<[what: string, harm: (all: ReturnType<typeof story>) => void, complaint: RegExp]>([
    [
      'a message that is not in the log of the partner',
      ({ ben }) => ben.log.splice(find(ben, 'message.received'), 1),
      /"message 1" is 0 times in the log of Ben/,
    ],
    [
      'a message that is in the log twice',
      ({ ben }) => ben.log.push(ben.log[find(ben, 'message.received')]!),
      /"message 1" is 2 times in the log of Ben/,
    ],
    [
      'messages in the wrong order',
      ({ ben }) => ben.log.splice(1, 2, ben.log[2]!, ben.log[1]!),
      /log of Ben: "message 1" is there again or out of turn/,
    ],
    [
      'a message that is not in the room',
      ({ all }) => all.forEach(({ rooms }) => rooms.get('room')!.pop()),
      /"message 4" is 0 times in its room/,
    ],
    [
      'a message that is in the room twice',
      ({ ann }) => ann.rooms.get('room')!.push({ ...ann.rooms.get('room')![0]!, seq: 5, message_id: 'm5' }),
      /"message 1" is there twice/,
    ],
    [
      'a gap in the numbers of a room',
      ({ ann }) => ann.rooms.get('room')!.splice(1, 1),
      /room room of Ann: message 2 has number 3/,
    ],
    [
      'a message with another text than was sent',
      ({ ann }) => ann.rooms.get('room')!.splice(0, 1, { ...ann.rooms.get('room')![0]!, message: 'changed' }),
      /"message 1" is changed in its room/,
    ],
    [
      'a message that nobody said',
      ({ ann, ben }) => {
        const forged = { room_id: 'room', message_id: 'm5', seq: 5, message: 'forged', sender: who(ben) };
        tell(ann, 'message.received', forged);
      },
      /log of Ann: nobody said "forged"/,
    ],
    [
      'messages taken in another order than they were sent in',
      ({ ann }) => ann.sent.reverse(),
      /Ann: "message 1" was taken out of turn/,
    ],
    [
      'somebody in two rooms at a time',
      ({ ann, ben, all }) => {
        const cleo = newcomer('Cleo');
        tell(cleo, 'chatroom.found', { room_id: 'other', partners: [who(ben)] });
        tell(cleo, 'room.closed', { room_id: 'other' });
        ben.log.splice(2, 0, { ...cleo.log[0]!, data: { room_id: 'other', partners: [who(cleo)] } });
        all.push(cleo);
        expect(ann.log).toHaveLength(3);
      },
      /Ben is in room and other at a time/,
    ],
    [
      'a match that has used up no ticket',
      ({ ann, ben }) => {
        for (const [one, other] of [
          [ann, ben],
          [ben, ann],
        ] as const) {
          tell(one, 'chatroom.found', { room_id: 'again', partners: [who(other)] });
          tell(one, 'room.closed', { room_id: 'again' });
        }
      },
      /Ann had 1 tickets, 2 matches and 0 expiries/,
    ],
    ['a ticket without an end', ({ ann }) => ann.tickets.add('another'), /Ann: of 2 tickets only 1 have ended/],
    [
      'a room of which one was not told',
      ({ ben }) => ben.log.splice(find(ben, 'chatroom.found'), 1),
      /Ben was not told of room, where Ann is/,
    ],
    [
      'somebody who was not told of the end of a room',
      ({ ben }) => ben.log.splice(find(ben, 'room.closed'), 1),
      /Ben was not told of the end of room/,
    ],
    [
      'an end that was told twice',
      ({ ben }) => ben.log.push(ben.log[find(ben, 'room.closed')]!),
      /Ben was told twice of the end of room/,
    ],
    [
      'an event that was heard twice',
      ({ ben }) => ben.heard.splice(1, 0, ben.heard[0]!),
      /Ben heard chatroom.found as number 2, where its log has message.received/,
    ],
    ['an event that was not heard', ({ ben }) => ben.heard.pop(), /Ben heard 4 of 5 events/],
  ])('complains of %s', (_, harm, complaint) => {
    const told = story();
    harm(told);
    expect(verify(told.all).filter((what) => complaint.test(what))).not.toEqual([]);
  });

  it('lets an engine lose what it never promised to keep, but nothing else', () => {
    const { all } = story();
    for (const { log, rooms } of all) {
      log.splice(log.findIndex(({ data }) => data['message_id'] === 'm4') >>> 0, 1);
      rooms.get('room')!.pop();
    }
    expect(verify(all, { mayBeLost: (at) => at === 4 })).toEqual([]);
    expect(verify(all, { mayBeLost: (at) => at === 3 })).not.toEqual([]);
  });
});
