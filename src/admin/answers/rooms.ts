import type { Message, MessagePage } from '../../domain/room.js';
import type { RoomFacts } from '../../ports/operator-steps.js';
import { flag, list, named, nullable, object, oneOf, text, time, type TypeOf, whole } from '../schema.js';
import { iso, Person, person } from './common.js';

export const Room = named(
  'Room',
  object({
    room_id: text(),
    kind: oneOf(['match', 'named']),
    name: text('The pool of a matched room, the name of a named one: untrusted.'),
    active: flag(),
    capacity: whole(),
    opened_at: time(),
    members: list(Person),
    former: list(Person),
    last_seq: whole('How many messages have been sent.'),
    supervised: flag('Whether its members have been told that somebody watches.'),
  }),
);

export function room(facts: RoomFacts): TypeOf<typeof Room> {
  const { roomId, kind, name, active, capacity, openedAt, members, former, lastSeq, supervised } = facts;
  return {
    room_id: roomId,
    kind,
    name,
    active,
    capacity,
    opened_at: iso(openedAt),
    members: members.map(person),
    former: former.map(person),
    last_seq: lastSeq,
    supervised,
  };
}

export const MessageAnswer = named(
  'Message',
  object({
    message_id: text(),
    seq: whole(),
    message: text('What somebody wrote: untrusted.'),
    sender: Person,
    timestamp: time(),
  }),
);

export const message = ({ messageId, seq, text, sender, timestamp }: Message): TypeOf<typeof MessageAnswer> => ({
  message_id: messageId,
  seq,
  message: text,
  sender: person(sender),
  timestamp,
});

export const Transcript = named(
  'Transcript',
  object({
    messages: list(MessageAnswer),
    next: nullable(whole('Pass as `after` for what follows.')),
    previous: nullable(whole('Pass as `before` for what precedes.')),
    truncated: flag('Older messages existed but are no longer kept.'),
  }),
);

export const transcript = ({ messages, next, previous, truncated }: MessagePage): TypeOf<typeof Transcript> => ({
  messages: messages.map(message),
  next: next ?? null,
  previous: previous ?? null,
  truncated,
});
