import type { Attributes, Provenance, Sender } from '../domain/participant.js';
import type { Message, MessagePage, RoomKind } from '../domain/room.js';
import type { GroupSize } from '../domain/ticket.js';
import type { Awaitable } from './awaitable.js';
import type { Commit, MessageQuery } from './commit.js';

/**
 * `open`: people enter and are matched. `paused`: they enter and wait, and nobody is matched. `draining`: nobody enters, and
 * those who wait are matched.
 */
export type PoolMode = 'open' | 'paused' | 'draining';

/** What operators have said of a pool; it holds on every instance, until they say otherwise. */
export interface PoolControl {
  readonly mode: PoolMode;
  /** In place of the one that is configured; null: that one. */
  readonly strategy: { readonly strategy: string; readonly options: Readonly<Record<string, unknown>> } | null;
}

/** A pool of which operators have said nothing. */
export const UNCONTROLLED: PoolControl = { mode: 'open', strategy: null };

/** A pool at this moment. Times are milliseconds since the epoch. */
export interface PoolFigures {
  readonly pool: string;
  /** Tickets that wait, of open rooms not counted. */
  readonly waiting: number;
  /** When the longest waiting of them was enqueued; null when there is none. */
  readonly oldestAt: number | null;
}

/** How much there is in all. */
export interface Totals {
  /** Those included who are gone and not yet forgotten. */
  readonly participants: number;
  readonly activeRooms: number;
  /** Those of open rooms included. */
  readonly tickets: number;
}

/** `after`: the `next` of the page before; anything else is refused with `invalid_arguments`. `limit`: 1 to 500. */
export interface PageQuery {
  readonly after?: string;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `after` for the page that follows, if there is one. */
  readonly next?: string;
}

/** A ticket as operators see it. */
export interface TicketFacts {
  readonly ticketId: string;
  readonly pool: string;
  readonly state: 'waiting' | 'gathering' | 'offered';
  /** Everybody it stands for; nobody for a free seat in a room. */
  readonly members: readonly Sender[];
  readonly group: GroupSize;
  readonly priority: number;
  /** Milliseconds since the epoch. */
  readonly enqueuedAt: number;
  /** The open room that it stands for; null: none. */
  readonly roomId: string | null;
}

/** Where a ticket is moved. */
export interface Destination {
  readonly pool: string;
  /** What the ticket wants there. */
  readonly group: GroupSize;
  /** How long it lives from now on, in milliseconds; 0 = until matched, cancelled or gone. */
  readonly ttlMs: number;
}

/** How many former members of a room operators see. */
export const FORMER_MAX = 100;

/** A room as operators see it. */
export interface RoomFacts {
  readonly roomId: string;
  readonly kind: RoomKind;
  /** The pool of a matched room, the name of a named one. */
  readonly name: string;
  readonly active: boolean;
  readonly capacity: number;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** Who is in it. */
  readonly members: readonly Sender[];
  /** Who was and is known still: the last `FORMER_MAX` to come, in the order of coming. */
  readonly former: readonly Sender[];
  readonly lastSeq: number;
  /** Whether its members have been told that somebody watches. */
  readonly supervised: boolean;
}

/** A participant as operators see it. Times are milliseconds since the epoch. */
export interface ParticipantFacts {
  readonly participantId: string;
  readonly displayName: string;
  readonly provenance: Provenance;
  readonly principal: string | null;
  readonly attributes: Attributes;
  /** `away`: the presence lease is over and the grace runs. `gone`: only the event log is kept. */
  readonly presence: 'present' | 'away' | 'gone';
  readonly ticketIds: readonly string[];
  readonly roomIds: readonly string[];
  readonly sanctions: readonly Sanction[];
}

/** Most bans and mutes in force. */
export const SANCTIONS_MAX = 10_000;

/** After a change of strategy, how long instances may take to go by it, in milliseconds: nobody is due before that. */
export const STRATEGY_SETTLES_MS = 2_000;

/** Whom a sanction is for: one participant, or a principal with all it has and will have. */
export type SanctionSubject = { readonly participantId: string } | { readonly principal: string };

/**
 * A ban keeps its subject out: it leaves its queues and rooms at once, and whatever it does is refused with `banned`. Who
 * is muted may read and not write: messages are refused with `muted`.
 */
export interface Sanction {
  readonly id: string;
  readonly kind: 'ban' | 'mute';
  readonly subject: SanctionSubject;
  /** For operators, and told to nobody else. */
  readonly reason: string;
  /** The principal of the operator. */
  readonly by: string;
  /** Milliseconds since the epoch; `until` null: until it is lifted. */
  readonly at: number;
  readonly until: number | null;
}

/** How many messages go with a report. */
export const EVIDENCE_MESSAGES = 20;

/** What a report was about, as it was at that moment. */
export interface Evidence {
  readonly room: { readonly roomId: string; readonly kind: RoomKind; readonly name: string };
  readonly reporter: Sender;
  readonly reported: Sender;
  readonly reportedPrincipal: string | null;
  /** The last `EVIDENCE_MESSAGES` that the reporter may read, oldest first. */
  readonly messages: readonly Message[];
}

/**
 * What operators see and do. Atomic like the steps of participants, and like them heard by everybody concerned; nobody's
 * presence is renewed. Reading is not a moment's picture: what changes between two pages may be on both or on neither.
 */
export interface OperatorSteps {
  totals(): Awaitable<Totals>;
  /** Of these pools, in this order. Costs the same however many wait. */
  poolFigures(pools: readonly string[]): Awaitable<readonly PoolFigures[]>;

  /** By pool: all that are not as they are configured. Cheap, for every instance looks once a second. */
  poolControls(): Awaitable<ReadonlyMap<string, PoolControl>>;
  /**
   * `enqueue` throws `pool_closed` while a pool drains, `claim` and `offer` take nothing while it is paused. Who waits is
   * due when it is no longer paused, and soon after its strategy has changed.
   */
  controlPool(pool: string, control: PoolControl, now: number): Awaitable<void>;

  /** All that have not ended, those of open rooms included; in order of seniority. */
  listTickets(pool: string, query: PageQuery): Awaitable<Page<TicketFacts>>;
  ticketFacts(ticketId: string): Awaitable<TicketFacts | undefined>;
  /**
   * Everybody behind it hears `queue.expired` with the reason `removed`.
   * @throws ChatError `ticket_not_found`; `ticket_refused` when it stands for a room
   */
  removeTicket(ticketId: string, now: number): Awaitable<Commit & { ticket: TicketFacts }>;
  /**
   * Moves a waiting ticket to another pool, as senior as it is; everybody behind it hears `queue.moved`.
   * @throws ChatError `ticket_not_found`; `ticket_refused` when it is offered a match, gathers, stands for a room, or one
   * behind it waits there already; `pool_closed` when nobody enters there
   */
  moveTicket(ticketId: string, to: Destination, now: number): Awaitable<Commit & { ticket: TicketFacts }>;

  /** Active rooms, oldest first; with a `name` those of that pool or name. */
  listRooms(query: PageQuery & { readonly name?: string }): Awaitable<Page<RoomFacts>>;
  roomFacts(roomId: string): Awaitable<RoomFacts | undefined>;
  /** Everybody in it hears `room.closed` with the reason `closed_by_operator`. @throws ChatError `room_not_found`, `room_ended` */
  closeRoom(roomId: string, now: number): Awaitable<Commit>;
  /** What is kept of what was said, whoever asks; marks nothing read. @throws ChatError `room_not_found` */
  transcript(roomId: string, query: MessageQuery): Awaitable<MessagePage>;
  /**
   * Says to everybody in a room, and to everybody who comes, whether somebody watches (`room.supervised`). Saying it twice
   * is saying it once.
   * @throws ChatError `room_not_found`, `room_ended`
   */
  supervise(roomId: string, supervised: boolean, now: number): Awaitable<Commit>;

  participantFacts(participantId: string, now: number): Awaitable<ParticipantFacts | undefined>;
  /**
   * Out of its queues and rooms at once: it hears `queue.expired` (`removed`) and `room.closed` (`closed_by_operator`), the
   * others that it was `removed`. It may come back. @throws ChatError `participant_not_found`
   */
  dismiss(participantId: string, now: number): Awaitable<Commit>;

  /**
   * Several of one subject hold beside each other. A ban dismisses all of the subject's participants.
   * @throws ChatError `participant_not_found`, of a participant that is not known; `too_many_sanctions`
   */
  impose(sanction: Sanction, now: number): Awaitable<Commit>;
  /** False when there is no such sanction any more. */
  lift(sanctionId: string): Awaitable<boolean>;
  /** Those in force, newest first. */
  sanctions(query: PageQuery, now: number): Awaitable<Page<Sanction>>;
}
