import type { EventData } from '../domain/event.js';
import type { PublicProfile, Sender } from '../domain/participant.js';
import { visible } from '../domain/text.js';
import type { Reason } from '../domain/ticket.js';
import type { MessageEntry, Offer, Person, Ticket } from './chat-state.js';
import type { Facts } from './connection.js';

/** The server's answers in the state's words. Every text that others wrote is made visible here, and nowhere else. */

/** Where one stands: the answer of `get_status`. */
export interface Standing {
  readonly me: Person;
  readonly cursor: string;
  readonly tickets: readonly Ticket[];
  readonly rooms: readonly Room[];
}

/** A conversation that goes on. */
export interface Room {
  readonly roomId: string;
  readonly pool?: string;
  readonly roomName?: string;
  readonly partners: readonly Person[];
  readonly reasons: readonly string[];
  /** Whether an operator watches; undefined when the answer does not tell. */
  readonly supervised?: boolean;
  /** Of its last message; 0 before the first. */
  readonly lastSeq: number;
}

/** A page of `get_messages`. */
export interface Page {
  readonly messages: readonly SentMessage[];
  /** Whether the server keeps older ones. */
  readonly hasOlder: boolean;
}

/** A message that the server has. */
export type SentMessage = MessageEntry & { readonly seq: number };

interface RoomFacts {
  readonly room_id: string;
  readonly pool?: string;
  readonly room_name?: string;
  readonly partners: readonly PublicProfile[];
  readonly reasons?: readonly Reason[];
  readonly supervised?: boolean;
  readonly last_seq?: number;
}

interface OfferFacts {
  readonly offer_id: string;
  readonly group_size: number;
  readonly reasons: readonly Reason[];
  readonly expires_at: string;
  readonly accepted?: boolean;
}

interface TicketFacts {
  readonly ticket_id: string;
  readonly pool: string;
  readonly position: number | null;
  readonly queue_length: number;
  readonly estimated_wait_seconds: number | null;
  readonly enqueued_at?: string;
  readonly reasons?: readonly Reason[];
  readonly offer?: OfferFacts;
}

type MessageFacts = Omit<EventData['message.received'], 'room_id'>;

export const person = ({ user_id, display_name }: PublicProfile): Person => ({
  userId: user_id,
  displayName: visible(display_name),
});

export const reasonsOf = (reasons: readonly Reason[] = []): string[] => reasons.map(({ text }) => visible(text));

export function standingOf(facts: Facts): Standing {
  const { tickets, rooms, cursor, ...me } = facts as unknown as PublicProfile & {
    readonly tickets: readonly TicketFacts[];
    readonly rooms: readonly RoomFacts[];
    readonly cursor: string;
  };
  return { me: person(me), cursor, tickets: tickets.map((ticket) => ticketOf(ticket, 0)), rooms: rooms.map(roomOf) };
}

/** @param since when the facts do not tell, in milliseconds since the epoch */
function ticketOf(facts: TicketFacts, since: number): Ticket {
  return {
    ticketId: facts.ticket_id,
    pool: facts.pool,
    position: facts.position,
    queueLength: facts.queue_length,
    estimatedWaitSeconds: facts.estimated_wait_seconds,
    since: facts.enqueued_at === undefined ? since : Date.parse(facts.enqueued_at),
    reasons: reasonsOf(facts.reasons),
    ...(facts.offer && { offer: offerOf(facts.offer) }),
  };
}

/** The ticket in an answer of `enter_queue`. @param since milliseconds since the epoch */
export const ticketFrom = (facts: Facts, since: number): Ticket => ticketOf(facts as unknown as TicketFacts, since);

/** The room in an answer of a tool that leads to one. */
export const roomFrom = (facts: Facts): Room => roomOf(facts as unknown as RoomFacts);

export const offerOf = (facts: OfferFacts): Offer => ({
  offerId: facts.offer_id,
  groupSize: facts.group_size,
  reasons: reasonsOf(facts.reasons),
  expiresAt: Date.parse(facts.expires_at),
  accepted: facts.accepted === true,
});

export const roomOf = (facts: RoomFacts): Room => ({
  roomId: facts.room_id,
  ...(facts.pool !== undefined && { pool: facts.pool }),
  ...(facts.room_name !== undefined && { roomName: visible(facts.room_name) }),
  partners: facts.partners.map(person),
  reasons: reasonsOf(facts.reasons),
  ...(facts.supervised !== undefined && { supervised: facts.supervised }),
  lastSeq: facts.last_seq ?? 0,
});

/** @param me one's own user id */
export function messageOf({ seq, message, sender, timestamp }: MessageFacts, me: string | undefined): SentMessage {
  const mine = sender.user_id === me;
  return {
    kind: 'message',
    key: `seq:${seq}`,
    seq,
    text: visible(message),
    mine,
    at: Date.parse(timestamp),
    ...(mine ? { delivery: 'sent' as const } : { sender: senderOf(sender) }),
  };
}

const senderOf = (sender: Sender) => ({ ...person(sender), provenance: sender.provenance });

export function pageOf(facts: Facts, me: string | undefined): Page {
  const { messages, previous } = facts as unknown as {
    readonly messages: readonly MessageFacts[];
    readonly previous: number | null;
  };
  return { messages: messages.map((message) => messageOf(message, me)), hasOlder: previous !== null };
}
