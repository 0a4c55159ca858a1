import type { LogEntry } from '../domain/event.js';
import type { LogSlice } from '../domain/event-log.js';
import type { Attributes, Participant, Provenance } from '../domain/participant.js';
import type { Message, MessagePage, RoomView } from '../domain/room.js';
import type { Reason, Ticket } from '../domain/ticket.js';
import type { Rate } from '../domain/token-bucket.js';

/** Synchronous where the adapter can, so that the memory adapter costs no promise. */
export type Awaitable<T> = T | Promise<T>;

/** An entry that a step wrote to a participant's event log. */
export interface Appended {
  readonly participantId: string;
  readonly entry: LogEntry;
}

/** What every step returns: the log entries it wrote, for live fan-out after the commit. */
export interface Commit {
  readonly appended: readonly Appended[];
}

/** Bounds the store enforces. 0 lifts a bound. Times are milliseconds. */
export interface StateLimits {
  readonly participants: number;
  readonly ticketsPerParticipant: number;
  readonly roomsPerParticipant: number;
  readonly eventLogEntries: number;
  readonly eventLogAgeMs: number;
  readonly roomHistory: number;
  /** How many ended rooms stay readable, and for how long. */
  readonly endedRooms: number;
  readonly endedRoomAgeMs: number;
  readonly reports: number;
  readonly messageRate: Rate;
  readonly joinRate: Rate;
  /** Without any call or open stream for this long, a participant is away. */
  readonly presenceMs: number;
  /** Away for this long, a participant is gone: out of queues and rooms. */
  readonly graceMs: number;
  /** Gone for this long, a participant and its log are forgotten. */
  readonly retentionMs: number;
}

export interface NewParticipant {
  readonly id: string;
  readonly logId: string;
  /** SHA-256 of the participant token, or null when the principal alone names the participant. */
  readonly tokenDigest: string | null;
  readonly principal: string | null;
  readonly displayName: string;
  readonly provenance: Provenance;
  readonly attributes: Attributes;
}

export interface ProfileChange {
  readonly displayName?: string;
  readonly attributes?: Attributes;
}

export interface Enqueue {
  /** Becomes one of its participant's tickets unless that has one in the pool already. */
  readonly ticket: Ticket;
  /** Lifetime of the ticket in milliseconds; 0 = until matched, cancelled or gone. */
  readonly ttlMs: number;
  /** How many active rooms of this pool one participant may be in; 0 lifts the bound. */
  readonly roomsPerPool: number;
}

/** `position` is the log position just before the call took effect. */
export type EnqueueResult = Commit & { readonly position: number } & (
    | { readonly status: 'waiting' | 'already_waiting'; readonly ticket: Ticket }
    | { readonly status: 'already_in_chat'; readonly room: RoomView }
  );

/** A waiting ticket and the facts about its queue. Positions count from 1. */
export interface TicketStatus {
  readonly ticket: Ticket;
  readonly position: number;
  readonly queueLength: number;
  /** Times of recent matches in this queue, oldest first, in milliseconds since the epoch. */
  readonly matchedAt: readonly number[];
}

/** Who waits in one pool for one group size, in order of seniority. Lazy and live: iterate, do not keep. */
export interface WaitingView {
  readonly size: number;
  tickets(): Iterable<Ticket>;
  get(ticketId: string): Ticket | undefined;
  /** Whether either of two participants has blocked the other. */
  apart(participantId: string, other: string): boolean;
}

/** All-or-nothing taking of tickets into a new room. */
export interface Claim {
  readonly pool: string;
  readonly roomId: string;
  readonly tickets: readonly { readonly id: string; readonly version: number }[];
  readonly reasons: readonly Reason[];
}

export interface JoinRoom {
  readonly participantId: string;
  /** A room's name, or the id of a room the participant is or was in. */
  readonly name: string;
  /** Used when the room is created: 2 to 50. */
  readonly capacity: number;
  /** Id for the room if it has to be created. */
  readonly roomId: string;
}

export interface Post {
  readonly participantId: string;
  readonly roomId: string;
  readonly messageId: string;
  /** As sent; stored unchanged. */
  readonly text: string;
  readonly clientMessageId?: string;
}

/** Positions are message `seq`s; give at most one of `before` and `after`. */
export interface MessageQuery {
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
}

export interface Report {
  readonly reporter: string;
  readonly userId: string;
  readonly roomId: string;
  readonly reason: string;
  readonly at: number;
}

/** Positions are log `seq`s. */
export interface EventQuery {
  /** Where to read from; without it, where this participant's last acknowledged read ended. */
  readonly after?: number;
  /** Only events of this room. */
  readonly roomId?: string;
  readonly limit: number;
}

export interface EventSlice extends LogSlice {
  /** The position reached: behind the last entry returned, or the head when nothing more matched. */
  readonly position: number;
}

/**
 * The state of a namespace as atomic domain steps. Every step that names a participant renews its presence first;
 * steps throw `ChatError` (`participant_not_found`, `room_not_found`, …) and then change nothing else;
 * what the renewal wrote to others' logs then comes with the next `expire`. Hearing of an entry twice does no harm.
 *
 * `now` is milliseconds since the epoch; it never runs the other way by more than the clocks of instances differ.
 */
export interface StateStore {
  /** @throws ChatError `too_many_participants` */
  createParticipant(input: NewParticipant, now: number): Awaitable<Participant>;
  /** The participant a token digest names, for the principal that presents it. */
  findParticipant(tokenDigest: string, principal: string | null): Awaitable<string | undefined>;
  /** The participant and the head of its log. */
  participant(participantId: string, now: number): Awaitable<Commit & { participant: Participant; head: number }>;
  updateProfile(participantId: string, change: ProfileChange, now: number): Awaitable<Commit>;
  /** Renews the presence of all that still exist. */
  renew(participantIds: readonly string[], now: number): Awaitable<Commit>;
  /** Ends a participant's presence lease at once; the grace then runs as usual. */
  release(participantId: string, now: number): Awaitable<void>;

  /** @throws ChatError `too_many_tickets`, `rate_limited` (joins) */
  enqueue(input: Enqueue, now: number): Awaitable<EnqueueResult>;
  /** Takes the participant's tickets (of one pool) out; returns those that were waiting. */
  cancel(participantId: string, pool: string | undefined, now: number): Awaitable<Commit & { cancelled: Ticket[] }>;
  tickets(participantId: string, now: number): Awaitable<Commit & { tickets: TicketStatus[] }>;
  waiting(pool: string, groupSize: number): Awaitable<WaitingView>;
  /** The first `limit` waiting tickets of a queue with their status, for live position updates. */
  front(pool: string, groupSize: number, limit: number): Awaitable<TicketStatus[]>;
  /**
   * Opens a room for the claimed tickets and tells everybody (`chatroom.found`); undefined, and nothing changed, when
   * any of them no longer waits in the version named, or two of them are apart.
   */
  claim(claim: Claim, now: number): Awaitable<(Commit & { participantIds: readonly string[] }) | undefined>;

  /** @throws ChatError `room_full`, `room_inactive`, `too_many_rooms`, `rate_limited` (joins) */
  join(
    input: JoinRoom,
    now: number,
  ): Awaitable<Commit & { status: 'room_created' | 'joined'; room: RoomView; position: number }>;
  /** @throws ChatError `room_not_found`, `room_ended`, `not_in_room`, `rate_limited` */
  post(input: Post, now: number): Awaitable<Commit & { message: Message; duplicate: boolean }>;
  /** @throws ChatError `room_not_found`, `not_in_room` */
  leave(participantId: string, roomId: string, now: number): Awaitable<Commit>;
  /** @throws ChatError `room_not_found`, `not_in_room` */
  room(participantId: string, roomId: string, now: number): Awaitable<Commit & { room: RoomView }>;
  /** The active rooms a participant is in, oldest first. */
  rooms(participantId: string, now: number): Awaitable<Commit & { rooms: RoomView[] }>;
  /** Reads a page and marks it read. @throws ChatError `room_not_found` */
  messages(
    participantId: string,
    roomId: string,
    query: MessageQuery,
    now: number,
  ): Awaitable<Commit & { page: MessagePage }>;
  /** Keeps two apart in matching and named rooms. @throws ChatError `room_not_found`, `member_not_found` */
  block(participantId: string, roomId: string, userId: string, now: number): Awaitable<Commit>;
  /** @throws ChatError `room_not_found`, `member_not_found` */
  report(report: Report, now: number): Awaitable<Commit>;
  /** Newest first. */
  reports(limit: number): Awaitable<readonly Report[]>;

  /** Reads a participant's log without changing anything, presence included. */
  readEvents(participantId: string, query: EventQuery, now: number): Awaitable<EventSlice>;
  /** Remembers where a read ended (of one room, or of all) and marks the messages in it read. */
  acknowledge(participantId: string, position: number, roomId?: string): Awaitable<void>;

  /** Carries out whatever has become due: leases, graces, tickets, retention. */
  expire(now: number): Awaitable<Commit>;
}
export const StateStore = Symbol.for('parley/StateStore');
