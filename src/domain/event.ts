import { encodeCursor, encodeEventId } from './cursor.js';
import type { PublicProfile, Sender } from './participant.js';
import type { Message } from './room.js';
import { visible } from './text.js';
import type { Reason } from './ticket.js';

export type DisconnectReason = 'left' | 'timeout' | 'removed';
/** `party_broken`: one of the party has left or is gone. `removed`: by an operator. */
export type QueueExpiredReason = 'ticket_ttl' | 'timeout' | 'party_broken' | 'removed';
export type RoomClosedReason = 'partner_left' | 'partner_timeout' | 'partner_removed' | 'closed_by_operator';

/** Payloads by event name, as they stand on the wire. Times are RFC 3339 UTC. */
export interface EventData {
  'chatroom.found': {
    room_id: string;
    pool: string;
    partner: PublicProfile;
    partners: PublicProfile[];
    reasons: Reason[];
    matched_at: string;
  };
  'message.received': {
    room_id: string;
    message_id: string;
    seq: number;
    message: string;
    sender: Sender;
    timestamp: string;
  };
  'partner.disconnected': { room_id: string; partner: PublicProfile; reason: DisconnectReason; room_active: boolean };
  'partner.joined': { room_id: string; partner: PublicProfile };
  'partner.reconnected': { room_id: string; partner: PublicProfile };
  'room.closed': { room_id: string; reason: RoomClosedReason };
  /** Whether an operator watches the room from now on. */
  'room.supervised': { room_id: string; supervised: boolean };
  'queue.expired': { ticket_id: string; pool: string; reason: QueueExpiredReason };
  /** An operator has moved the ticket to another pool, where it waits on. */
  'queue.moved': { ticket_id: string; from: string; pool: string };
  /** A match that everybody must accept before there is a room; it says who it is made of to nobody. */
  'match.offered': { offer_id: string; pool: string; group_size: number; reasons: Reason[]; expires_at: string };
  /** The offer came to nothing; `waiting` tells whether one's own ticket waits on. Nobody learns who declined. */
  'match.withdrawn': { offer_id: string; pool: string; waiting: boolean };
}

export type EventName = keyof EventData;

/** Live only: never logged, never replayed. */
export interface LiveData {
  'partner.typing': { room_id: string; partner: PublicProfile; typing: boolean };
  'queue.updated': { ticket_id: string; pool: string; position: number; queue_length: number };
}

export type LiveName = keyof LiveData;

/** The event serialised last. Its recipients hear it one after the other, while logs keep thousands of events. */
let serialised: { readonly body: EventBody; readonly json: string } | undefined;

/** What happened, shared by the logs of all recipients, so that it is serialised once. */
export abstract class EventBody<N extends EventName = EventName> {
  abstract readonly data: EventData[N];
  /** The room it belongs to, if any. */
  abstract readonly roomId: string | undefined;

  constructor(
    readonly name: N,
    /** Milliseconds since the epoch. */
    readonly at: number,
    readonly timestamp: string,
  ) {}

  /** `data` as JSON text. */
  get json(): string {
    if (serialised?.body !== this) serialised = { body: this, json: JSON.stringify(this.data) };
    return serialised.json;
  }
}

/** What happened, as it was written down. */
export class WrittenEvent<N extends EventName = EventName> extends EventBody<N> {
  constructor(
    name: N,
    at: number,
    timestamp: string,
    readonly data: EventData[N],
  ) {
    super(name, at, timestamp);
  }

  get roomId(): string | undefined {
    return roomOf(this.data);
  }
}

/** What happened, as the text in which it came. It is handed on as it is, and read for whoever needs more than that. */
export class ToldEvent<N extends EventName = EventName> extends EventBody<N> {
  #data: EventData[N] | undefined;

  constructor(
    name: N,
    at: number,
    timestamp: string,
    private readonly text: string,
  ) {
    super(name, at, timestamp);
  }

  override get json(): string {
    return this.text;
  }

  get data(): EventData[N] {
    return (this.#data ??= JSON.parse(this.text) as EventData[N]);
  }

  get roomId(): string | undefined {
    return roomOf(this.data);
  }
}

const roomOf = (data: EventData[EventName]) => ('room_id' in data ? data.room_id : undefined);

/** A message that somebody else has sent. It is the room's own: to keep it once more would cost as much as to send it. */
export class MessageReceived extends EventBody<'message.received'> {
  constructor(
    at: number,
    readonly roomId: string,
    readonly message: Message,
  ) {
    super('message.received', at, message.timestamp);
  }

  get data(): EventData['message.received'] {
    const { messageId, seq, text, sender, timestamp } = this.message;
    return { room_id: this.roomId, message_id: messageId, seq, message: visible(text), sender, timestamp };
  }
}

/** The event as every delivery path shows it. */
export interface EventEnvelope {
  event_id: string;
  name: EventName;
  timestamp: string;
  cursor: string;
  data: EventData[EventName];
}

/** One entry of a participant's event log: `seq` counts from 1 without gaps. */
export class LogEntry {
  constructor(
    readonly logId: string,
    readonly seq: number,
    readonly body: EventBody,
  ) {}

  get cursor(): string {
    return encodeCursor(this.logId, this.seq);
  }

  get eventId(): string {
    return encodeEventId(this.logId, this.seq);
  }

  get envelope(): EventEnvelope {
    const { name, timestamp, data } = this.body;
    return { event_id: this.eventId, name, timestamp, cursor: this.cursor, data };
  }
}
