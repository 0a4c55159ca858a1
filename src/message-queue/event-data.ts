import type { Sender } from '../domain/participant.js';
import type { OutboxRecord, RecordData, RecordedMember, RecordKind } from '../ports/outbox.js';

/** What an event of one kind is about, and what it says. */
export interface EventContent {
  /** The id of the room, the ticket or the participant. */
  readonly subject: string;
  readonly data: object;
}

type Tell<K extends RecordKind> = (data: RecordData[K], withText: boolean) => EventContent;

const ofRoom = <D extends { readonly room_id: string }>(data: D): EventContent => ({ subject: data.room_id, data });
const ofTicket = <D extends { readonly ticket_id: string }>(data: D): EventContent => ({
  subject: data.ticket_id,
  data,
});
const sender = ({ user_id, display_name, provenance }: Sender): Sender => ({ user_id, display_name, provenance });
const member = (recorded: RecordedMember) => ({ ...sender(recorded), after_seq: recorded.after_seq });

/**
 * Every property is named, so that what is added to a record reaches nobody before its schema knows it. The principal of
 * a participant never does.
 */
const TELL: { readonly [K in RecordKind]: Tell<K> } = {
  'room.opened': ({ room_id, kind, name, capacity, members, reasons, tickets }) =>
    ofRoom({ room_id, kind, name, capacity, members: members.map(member), reasons, tickets }),
  'room.joined': (data) => ofRoom({ room_id: data.room_id, member: member(data.member), reasons: data.reasons }),
  'room.left': ({ room_id, user_id, reason, last_seq }) => ofRoom({ room_id, user_id, reason, last_seq }),
  'room.closed': ({ room_id, reason }) => ofRoom({ room_id, reason }),
  'message.sent': ({ message, ...data }, withText) =>
    ofRoom({
      room_id: data.room_id,
      message_id: data.message_id,
      seq: data.seq,
      sender: sender(data.sender),
      timestamp: data.timestamp,
      characters: [...message].length,
      ...(withText && { message }),
    }),
  'ticket.created': ({ ticket_id, pool, user_ids, priority }) => ofTicket({ ticket_id, pool, user_ids, priority }),
  'ticket.moved': ({ ticket_id, from, pool }) => ofTicket({ ticket_id, from, pool }),
  'ticket.matched': ({ ticket_id, pool, room_id, waited_ms }) => ofTicket({ ticket_id, pool, room_id, waited_ms }),
  'ticket.cancelled': ({ ticket_id, pool }) => ofTicket({ ticket_id, pool }),
  'ticket.expired': ({ ticket_id, pool, reason }) => ofTicket({ ticket_id, pool, reason }),
  'participant.forgotten': ({ user_id }) => ({ subject: user_id, data: { user_id } }),
};

/** Every kind of record there is. */
export const RECORD_KINDS = Object.keys(TELL) as RecordKind[];

export function contentOf<K extends RecordKind>({ kind, data }: OutboxRecord<K>, withText: boolean): EventContent {
  return TELL[kind](data, withText);
}
