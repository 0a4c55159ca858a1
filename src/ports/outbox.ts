import type { DisconnectReason, QueueExpiredReason, RoomClosedReason } from '../domain/event.js';
import type { Provenance, Sender } from '../domain/participant.js';
import type { RoomKind } from '../domain/room.js';
import type { Reason } from '../domain/ticket.js';
import type { Awaitable } from './awaitable.js';

/** Somebody who comes into a room; may read its messages after `after_seq`. */
export interface RecordedMember extends Sender {
  readonly provenance: Provenance;
  readonly principal: string | null;
  readonly after_seq: number;
}

/** What happened, by kind, as history keeps it and the message queue tells it. Times are RFC 3339 UTC. */
export interface RecordData {
  'room.opened': {
    room_id: string;
    kind: RoomKind;
    /** The pool of a matched room, the name of a named one. */
    name: string;
    capacity: number;
    members: RecordedMember[];
    /** Why they were matched; empty for a named room. */
    reasons: Reason[];
    tickets: string[];
  };
  'room.joined': { room_id: string; member: RecordedMember; reasons: Reason[] };
  /** `last_seq`: the last message that the one who left may read. */
  'room.left': { room_id: string; user_id: string; reason: DisconnectReason; last_seq: number };
  'room.closed': { room_id: string; reason: RoomClosedReason };
  'message.sent': {
    room_id: string;
    message_id: string;
    seq: number;
    sender: Sender;
    /** As sent. */
    message: string;
    timestamp: string;
  };
  /** It waits from now on: a party's ticket once the party is complete. Each ends in exactly one of the ways below. */
  'ticket.created': { ticket_id: string; pool: string; user_ids: string[]; priority: number };
  /** By an operator: it waits on in `pool`. */
  'ticket.moved': { ticket_id: string; from: string; pool: string };
  'ticket.matched': { ticket_id: string; pool: string; room_id: string; waited_ms: number };
  /** By those behind it: they left the queue, or declined an offer, or let it lapse where that ends the ticket. */
  'ticket.cancelled': { ticket_id: string; pool: string };
  'ticket.expired': { ticket_id: string; pool: string; reason: QueueExpiredReason };
  /** Everything about this participant is to be deleted. */
  'participant.forgotten': { user_id: string };
}

export type RecordKind = keyof RecordData;

export interface OutboxRecord<K extends RecordKind = RecordKind> {
  /** Unique in the namespace for ever, and the same whenever the record is taken: what to recognise a repetition by. */
  readonly id: string;
  readonly kind: K;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly data: RecordData[K];
}

/** Who reads the outbox; each has a position of its own in it. */
export type OutboxGroup = 'history' | 'events';

export interface OutboxBatch {
  /** In the order in which it happened. */
  readonly records: readonly OutboxRecord[];
  /** What to acknowledge the batch by. */
  readonly receipt: string;
}

export interface OutboxState {
  /** Records that the group has yet to acknowledge. */
  readonly pending: number;
  /** When the oldest of them was written, in milliseconds since the epoch; null when there is none. */
  readonly oldestAt: number | null;
  /** Records that were dropped, because the outbox was full, before the group had acknowledged them. */
  readonly lost: number;
}

/**
 * What the steps of the state have done, written in the same atomic step, for those who keep or relay it. Bounded: when
 * it is full the oldest records are dropped and counted. A group that has fallen behind holds up nobody.
 *
 * One batch of a group is out at a time, so that order is kept: until it is acknowledged or its lease is over nobody
 * is given another. A batch whose lease is over is given to whoever asks next; an acknowledgement that comes too late
 * changes nothing, and the records come again.
 */
export interface Outbox {
  /** The oldest records that the group has yet to acknowledge; undefined when there are none or another consumer holds them. */
  take(
    group: OutboxGroup,
    consumer: string,
    query: { readonly limit: number; readonly leaseMs: number },
    now: number,
  ): Awaitable<OutboxBatch | undefined>;
  /** False when the lease was over and somebody else has taken the records. */
  acknowledge(group: OutboxGroup, consumer: string, receipt: string): Awaitable<boolean>;
  /** Gives a batch back that could not be delivered, to be taken again at once. */
  release(group: OutboxGroup, consumer: string, receipt: string): Awaitable<void>;
  state(group: OutboxGroup): Awaitable<OutboxState>;
}
