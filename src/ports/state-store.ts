import type { LiveData, LiveName } from '../domain/event.js';
import type { LogSlice } from '../domain/event-log.js';
import type { Attributes, Participant, Provenance } from '../domain/participant.js';
import type { Message, MessagePage, RoomView } from '../domain/room.js';
import type { Reason, Ticket } from '../domain/ticket.js';
import type { Rate } from '../domain/token-bucket.js';
import type { AuditLog } from './audit-log.js';
import type { Awaitable } from './awaitable.js';
import type { CaseStore } from './case-store.js';
import type { Clock } from './clock.js';
import type { Appended, Commit, MessageQuery } from './commit.js';
import type { FigureLog } from './figure-log.js';
import type { InstanceRegistry } from './instance-registry.js';
import type { Evidence, OperatorSteps } from './operator-steps.js';
import type { Outbox, OutboxGroup } from './outbox.js';
import type { WatchList } from './watch-list.js';
import type { WebhookStore } from './webhook-store.js';

export type { Appended, Commit, MessageQuery } from './commit.js';

/** How long a ticket may be without an answer of its strategy before it is to be asked again, in milliseconds. */
export const UNANSWERED_MS = 5_000;

/** Bounds the store enforces. 0 lifts a bound. Times are milliseconds. */
export interface StateLimits {
  readonly participants: number;
  readonly participantsPerPrincipal: number;
  readonly ticketsPerParticipant: number;
  readonly roomsPerParticipant: number;
  readonly eventLogEntries: number;
  readonly eventLogAgeMs: number;
  readonly roomHistory: number;
  /** How many ended rooms stay readable, and for how long. */
  readonly endedRooms: number;
  readonly endedRoomAgeMs: number;
  readonly messageRate: Rate;
  readonly joinRate: Rate;
  /** Without any call or open stream for this long, a participant is away. */
  readonly presenceMs: number;
  /** Away for this long, a participant is gone: out of queues and rooms. */
  readonly graceMs: number;
  /** Gone for this long, a participant and its log are forgotten. */
  readonly retentionMs: number;
  /** Who reads the outbox (with no group nothing is written to it), and how many records it holds. */
  readonly outbox: { readonly groups: readonly OutboxGroup[]; readonly records: number };
}

export interface NewParticipant {
  readonly id: string;
  readonly logId: string;
  /** SHA-256 of the participant token, or null when the principal alone names the participant: then it is its own one. */
  readonly tokenDigest: string | null;
  readonly principal: string | null;
  readonly displayName: string;
  readonly provenance: Provenance;
  readonly attributes: Attributes;
}

/** A participant, and the head of its log. */
export interface FoundParticipant extends Commit {
  readonly participant: Participant;
  readonly head: number;
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
  /**
   * The party the participant comes with: `size` (2 to 15) people who enter the same pool with the same name and group.
   * The first one's ticket waits aside until they are complete, then becomes one ticket for them all, which is as
   * senior as its youngest member. Criteria of several members all hold.
   */
  readonly party?: { readonly name: string; readonly size: number };
}

/** `position` is the log position just before the call took effect. */
export type EnqueueResult = Commit & { readonly position: number } & (
    | {
        readonly status: 'waiting';
        readonly ticket: Ticket;
        /** As `waiting` gives it: all who came before are in it, unless they have gone. */
        readonly view: WaitingView;
      }
    | {
        /** `gathering`: aside until the party is complete, not to be matched. */
        readonly status: 'gathering' | 'already_waiting';
        readonly ticket: Ticket;
      }
    | { readonly status: 'already_in_chat'; readonly room: RoomView }
  );

/** A match that waits for everybody's consent. Times are milliseconds since the epoch. */
export interface OfferView {
  readonly offerId: string;
  readonly pool: string;
  readonly groupSize: number;
  readonly reasons: readonly Reason[];
  readonly expiresAt: number;
  /** Whether this participant has accepted already. */
  readonly accepted: boolean;
}

/** A ticket and the facts about its queue. */
export interface TicketStatus {
  readonly ticket: Ticket;
  /** Counts from 1 among the tickets of the same group size; null while it gathers or is offered a match. */
  readonly position: number | null;
  readonly queueLength: number;
  /** Times of recent matches in this queue, oldest first, in milliseconds since the epoch. */
  readonly matchedAt: readonly number[];
  /** How many of the party have yet to come; 0 when it is complete or there is none. */
  readonly missing: number;
  readonly offer?: OfferView;
}

/** What matching must know of a participant besides its ticket. */
export interface Relations {
  /** Ids of those it has blocked. */
  readonly blocked: ReadonlySet<string>;
  /** When it was last in a matched room with whom, in milliseconds since the epoch; the most recent 100. */
  readonly met: ReadonlyMap<string, number>;
}

/**
 * Who waits in a pool for a group that a ticket could be part of, in order of seniority, the ticket itself included.
 * Lazy and live: iterate, do not keep. Tickets are frozen to the last attribute, since strategies are shown them.
 */
export interface WaitingView {
  /** How many tickets. */
  readonly size: number;
  tickets(): Iterable<Ticket>;
  get(ticketId: string): Ticket | undefined;
  /** Of those behind the subject and the tickets that wait; of others nothing may be known. */
  relations(participantId: string): Relations;
}

/** Tickets for one room, in the versions in which they were seen, and why they belong together. */
export interface ClaimedGroup {
  readonly tickets: readonly { readonly id: string; readonly version: number }[];
  readonly reasons: readonly Reason[];
}

/** All-or-nothing taking of tickets into a new room, or into the open room that one of them stands for. */
export interface Claim {
  readonly pool: string;
  /** Id for the room if one has to be opened. */
  readonly roomId: string;
  /** Best first: the first of which every ticket can be had is taken, and no other. */
  readonly groups: readonly ClaimedGroup[];
  /**
   * Given, seats that become free later (while two remain) are filled: the room gets a ticket of its own in the pool, for
   * groups up to its present size, as senior as the room is old.
   */
  readonly backfill?: boolean;
}

/** Which of the groups of a claim was taken: its index. */
export interface Choice {
  readonly choice: number;
}

export interface Claimed {
  /** The room they are in now. */
  readonly roomId: string;
  /** Everybody in it, in order. */
  readonly participantIds: readonly string[];
}

/** What becomes of somebody who declines an offer or lets it lapse: back to the end of the queue, or out of it. */
export type DeclinerPolicy = 'requeue' | 'remove';

/**
 * All-or-nothing taking of tickets for a match that everybody must accept. Those who are in the open room already (a
 * ticket with a `roomId`) are not asked.
 */
export interface Offer extends Claim {
  readonly offerId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly decliner: DeclinerPolicy;
}

export type Responded =
  | { readonly status: 'accepted'; readonly offer: OfferView }
  | ({ readonly status: 'matched' } & Claimed)
  | { readonly status: 'declined'; readonly waiting: boolean };

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

/** Who reports whom. */
export interface Report {
  readonly reporter: string;
  readonly userId: string;
  /** Where both are or once were. */
  readonly roomId: string;
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

/** Takes what comes from other instances that share the state. Nothing it does may throw. */
export interface Elsewhere {
  /** What a step of another instance wrote, or one of this instance whose answer was lost; in any order and number. */
  appended(appended: readonly Appended[]): void;
  live<N extends LiveName>(participantId: string, name: N, data: LiveData[N]): void;
  /** Something may have been missed: what is listened to is to be looked up in its log. */
  missed(): void;
}

/** Present in a store that several instances share. */
export interface Sharing {
  /** Whether there is a connection to the state at this moment. */
  readonly reachable: boolean;
  /** Whether this instance carries out upkeep, as far as it knows. */
  readonly leads: boolean;
  /** The time on which all instances agree. */
  readonly clock: Clock;
  /** The instances that share it. */
  readonly instances: InstanceRegistry;
  /** Their webhooks, which are kept in the same place. */
  readonly webhooks: WebhookStore;
  /** What they counted lately. */
  readonly figures: FigureLog;
  /** Their cases, what their operators did, and what these watch. */
  readonly cases: CaseStore;
  readonly audit: AuditLog;
  readonly watches: WatchList;
  /** Begins to hear what other instances do; to be called once. */
  listen(elsewhere: Elsewhere): Awaitable<void>;
  /** Tells other instances something that is live only; it may be lost. */
  live<N extends LiveName>(participantId: string, name: N, data: LiveData[N]): void;
}

/**
 * The state of a namespace as atomic domain steps. Every step that a participant takes renews its presence first, and
 * throws `banned`, renewing nothing, while a ban of it is in force; steps throw `ChatError` (`participant_not_found`, `room_not_found`, …) and then change nothing else;
 * what the renewal wrote to others' logs then comes with the next `expire`. Hearing of an entry twice does no harm.
 *
 * Where several instances share the state, each step throws `unavailable` while it cannot be reached, and upkeep is one
 * instance's at a time, under a lease of seconds with a fencing token; for the others its steps change and take nothing.
 *
 * `now` is milliseconds since the epoch; it never runs the other way by more than the clocks of instances differ.
 */
export interface StateStore extends OperatorSteps {
  readonly sharing?: Sharing;
  /** What the steps have done; each step writes to it what it changes, if anybody reads it. */
  readonly outbox: Outbox;

  /**
   * A principal has one participant of its own, without a token: creating it again returns the one there is, unchanged.
   * @throws ChatError `too_many_participants`, in all or of the principal; `banned`, of a principal
   */
  createParticipant(input: NewParticipant, now: number): Awaitable<Participant>;
  /** The participant a token digest names, for the principal that presents it; with null, the principal's own one. */
  findParticipant(tokenDigest: string | null, principal: string | null): Awaitable<string | undefined>;
  /** The ids of all participants of a principal, those gone included until they are forgotten. */
  participantsOf(principal: string): Awaitable<readonly string[]>;
  participant(participantId: string, now: number): Awaitable<FoundParticipant>;
  /** Changes what is given; returns the participant as it is then. */
  updateProfile(participantId: string, change: ProfileChange, now: number): Awaitable<FoundParticipant>;
  /** Renews the presence of all that still exist and are not banned. */
  renew(participantIds: readonly string[], now: number): Awaitable<Commit>;
  /** Ends a participant's presence lease at once; the grace then runs as usual. */
  release(participantId: string, now: number): Awaitable<void>;

  /**
   * Forgets a participant at once, whatever it is doing: it leaves its queues and rooms, the others being told `removed`,
   * and its profile, token and log are gone. What it has said loses text and name in the messages of rooms that are kept
   * and in others' logs, with the next `expire` at the latest. Readers of the outbox are told, also when nobody of that
   * id is known here.
   */
  forget(participantId: string, now: number): Awaitable<Commit>;

  /**
   * @throws ChatError `pool_closed` (to the rest of a party that gathers, too), `too_many_tickets`, `too_many_rooms`,
   * `rate_limited` (joins), `party_mismatch`
   */
  enqueue(input: Enqueue, now: number): Awaitable<EnqueueResult>;
  /**
   * Takes the participant's tickets (of one pool) out; returns them. A party's ticket goes for all of it: the others get
   * `queue.expired`. A standing offer is declined by it, and the ticket is not put back.
   */
  cancel(participantId: string, pool: string | undefined, now: number): Awaitable<Commit & { cancelled: Ticket[] }>;
  /** The participant's tickets: waiting, gathering and offered ones. */
  tickets(participantId: string, now: number): Awaitable<Commit & { tickets: TicketStatus[] }>;
  /** The tickets of the subject's pool whose group sizes overlap the subject's, open rooms included. */
  waiting(subject: Ticket): Awaitable<WaitingView>;
  /** The first `limit` waiting tickets of a pool and group with their status, for live position updates. */
  front(queue: Pick<Ticket, 'pool' | 'group'>, limit: number): Awaitable<TicketStatus[]>;
  /**
   * Says that the strategy was asked for this ticket, and when it is to be asked again, in milliseconds since the epoch;
   * undefined: only with an arrival.
   */
  wakeAt(ticketId: string, at: number | undefined): Awaitable<void>;
  /**
   * Takes at most `limit` waiting tickets for which the strategy is to be asked now, the longest due first: those whose
   * `wakeAt` has come, those that an offer gave back or an operator moved, those of rooms with a free seat, and those
   * about which nobody has said for `UNANSWERED_MS` after their `enqueue` or `takeDue` when to ask again. Of paused pools
   * none. Upkeep.
   */
  takeDue(now: number, limit: number): Awaitable<readonly Ticket[]>;
  /**
   * Puts the tickets of a group into one room and tells everybody: `chatroom.found` to those who come, `partner.joined` to
   * those who were there. A group cannot be had when any of its tickets no longer waits in the version named, two of
   * them are of one participant, one has blocked another, more than one stands for a room, that room has too few free
   * seats or there would be nobody to talk to. Undefined, and nothing changed, when none can, or the pool is paused.
   */
  claim(claim: Claim, now: number): Awaitable<(Commit & Claimed & Choice) | undefined>;
  /**
   * Takes a group as `claim` does, but asks everybody first (`match.offered`). The room is opened in the step in
   * which the last one accepts. When one declines or the time is up, those who did not decline wait on where they stood,
   * avoid the decliners from then on (the last 100), and hear `match.withdrawn`, as the decliners do. It is withdrawn
   * without a decliner when the open room changes or one blocks another. A ticket whose lifetime ends meanwhile has
   * until the offer ends.
   */
  offer(offer: Offer, now: number): Awaitable<(Commit & Choice) | undefined>;
  /**
   * Answers the participant's standing offer, the oldest it has not yet accepted if none is named. Accepting twice is
   * accepting once; what was accepted may still be declined.
   *
   * @throws ChatError `offer_not_found`
   */
  respond(
    answer: { participantId: string; offerId?: string; accept: boolean },
    now: number,
  ): Awaitable<Commit & Responded>;

  /** @throws ChatError `room_full`, `room_inactive`, `too_many_rooms`, `rate_limited` (joins) */
  join(
    input: JoinRoom,
    now: number,
  ): Awaitable<Commit & { status: 'room_created' | 'joined'; room: RoomView; position: number }>;
  /** @throws ChatError `room_not_found`, `room_ended`, `not_in_room`, `muted`, `rate_limited` */
  post(input: Post, now: number): Awaitable<Commit & { message: Message; duplicate: boolean }>;
  /** What a participant has posted in a room with this `clientMessageId`, as long as it is known. Changes nothing. */
  sent(participantId: string, roomId: string, clientMessageId: string): Awaitable<Message | undefined>;
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
  /**
   * Keeps two apart in matching and named rooms; a party with both of them is broken.
   *
   * @throws ChatError `room_not_found`, `member_not_found`
   */
  block(participantId: string, roomId: string, userId: string, now: number): Awaitable<Commit>;
  /** What an operator has to know of somebody who is reported. @throws ChatError `room_not_found`, `member_not_found` */
  report(report: Report, now: number): Awaitable<Commit & { evidence: Evidence }>;

  /** Reads a participant's log without changing anything, presence included. */
  readEvents(participantId: string, query: EventQuery, now: number): Awaitable<EventSlice>;
  /** Remembers where a read ended (of one room, or of all) and marks the messages in it read. */
  acknowledge(participantId: string, position: number, roomId?: string): Awaitable<void>;

  /** Carries out whatever has become due: leases, graces, tickets, offers, retention. Upkeep. */
  expire(now: number): Awaitable<Commit>;
}
export const StateStore = Symbol.for('parley/StateStore');
