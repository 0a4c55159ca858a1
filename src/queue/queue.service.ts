import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { ParleyConfig, type PoolSettings } from '../config/index.js';
import { type Criterion, parseCriterion } from '../domain/criteria.js';
import { ChatError, invalidArguments, isUnavailable, ticketNotFound } from '../domain/errors.js';
import type { EventData, EventName } from '../domain/event.js';
import type { Participant } from '../domain/participant.js';
import type { RoomView } from '../domain/room.js';
import { requireLabel, visible } from '../domain/text.js';
import { type GroupSize, membersOf, type Reason, type Ticket } from '../domain/ticket.js';
import { estimateWaitSeconds } from '../domain/wait-estimate.js';
import { type CheckedProposal, MatchingEngine, type MatchTrigger, type Proposals } from '../matching/index.js';
import { NotificationsService } from '../notifications/index.js';
import type { Awaitable } from '../ports/awaitable.js';
import { Clock } from '../ports/clock.js';
import { Ids } from '../ports/ids.js';
import type { PoolControl, TicketFacts } from '../ports/operator-steps.js';
import {
  type Appended,
  type OfferView,
  StateStore,
  type TicketStatus,
  type WaitingView,
} from '../ports/state-store.js';
import { type Opened, RoomsService, type TicketGroup } from '../rooms/index.js';
import { ControlledPools, type PoolChange } from './controlled-pools.js';
import { groupFor } from './group-size.js';

/** Live position updates: how many of those waiting longest hear them, and at most how often, in milliseconds. */
const UPDATED_FRONT = 50;
const UPDATE_MS = 1_000;
/** How often tickets whose time has come are looked for, and how long one look may take, in milliseconds. */
const TICK_MS = 100;
const SLICE_MS = 25;
/** The same where the state is shared: while its steps are under way, this thread is free. */
const SHARED_SLICE_MS = 90;
/**
 * From how many groups the state may choose where it is shared: of many who arrive at once each goes for whoever has
 * waited longest, and all but one come too late.
 */
const SHARED_CHOICE = 16;
/** How often an instance looks at what operators have said of pools, in milliseconds. */
const CONTROL_MS = 1_000;
const PAUSED: Reason = { code: 'pool_paused', text: 'The pool is paused by an operator' };
/** Longest name of a party, in characters. */
const PARTY_NAME_MAX = 100;

/** A party by the name its members have agreed on. */
export interface Party {
  readonly name: string;
  /** How many they are: 2 to 15. */
  readonly size: number;
}

/** What somebody who enters a pool wants. */
export interface Wish {
  /** `default` by default. */
  readonly pool?: string;
  /** 2 to 16; the pool's own group by default. */
  readonly groupSize?: number;
  /** What the others must be, as the caller wrote it. */
  readonly criteria?: unknown;
  readonly party?: Party;
}

/** Where a ticket stands. */
export interface Place {
  readonly ticketId: string;
  readonly pool: string;
  readonly group: GroupSize;
  /** Counts from 1; null while a party is not complete or a match is offered. */
  readonly position: number | null;
  readonly queueLength: number;
  /** Null when too little is known. */
  readonly estimatedWaitSeconds: number | null;
  /** Milliseconds since the epoch. */
  readonly enqueuedAt: number;
  /** How many of the party have yet to come. */
  readonly missing: number;
  readonly offer: OfferView | undefined;
}

/** A place, and why one still waits there. */
export interface ExplainedPlace extends Place {
  readonly reasons: readonly Reason[];
}

/** The room a match has led to, as one of those in it is told. */
export type FoundRoom = Pick<RoomView, 'roomId' | 'name' | 'partners' | 'supervised'>;

/** `position` is the log position just before the call took effect. */
export type Entered = { readonly position: number } & (
  | { readonly status: 'waiting' | 'already_waiting'; readonly place: Place }
  | {
      readonly status: 'matched';
      readonly ticketId: string;
      readonly room: FoundRoom;
      readonly reasons: readonly Reason[];
    }
  | { readonly status: 'already_in_chat'; readonly room: RoomView }
);

/** What has become of an offer that somebody answered. `waiting` tells whether their own ticket waits on. */
export type Answered =
  | { readonly status: 'accepted'; readonly offer: OfferView }
  | { readonly status: 'matched'; readonly room: FoundRoom; readonly reasons: readonly Reason[] }
  | { readonly status: 'declined'; readonly waiting: boolean };

/** Without a room it is offered first, or there is none; then `woken` is over when it is known when to ask again. */
interface Match {
  readonly room: Opened['room'];
  readonly woken?: Awaitable<void>;
}

/** A ticket that has begun to wait; `at` is milliseconds since the epoch. */
export interface Arrival {
  readonly at: number;
  readonly ticket: Ticket;
}

/** Queues and the way out of them: a match, a cancellation, an expiry. */
@Injectable()
export class QueueService implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Queue');
  readonly #updates = new Map<string, NodeJS.Timeout>();
  readonly #arrivals = new Subject<Arrival>();
  readonly #pools: ControlledPools;
  #timer: NodeJS.Timeout | undefined;
  #controlTimer: NodeJS.Timeout | undefined;
  #ticking = false;

  /** Every ticket that begins to wait, a party's when it is complete. Subscribe with `subscribeSafely`. */
  readonly arrivals: Observable<Arrival> = this.#arrivals.asObservable();

  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    private readonly engine: MatchingEngine,
    private readonly rooms: RoomsService,
    private readonly notifications: NotificationsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {
    this.#pools = new ControlledPools(state, engine, config.pools);
  }

  async onModuleInit(): Promise<void> {
    const follow = () => this.followControls().catch((error: unknown) => this.#complain('pool control failed', error));
    this.#controlTimer = setInterval(() => void follow(), CONTROL_MS).unref();
    await follow();
    const tick = () => {
      this.tick().catch((error: unknown) => this.#complain('matching failed', error));
    };
    this.#timer = setInterval(tick, TICK_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    clearInterval(this.#controlTimer);
    for (const timer of this.#updates.values()) clearTimeout(timer);
    this.#arrivals.complete();
  }

  /**
   * Puts a participant into a pool and matches it at once if anybody compatible waits.
   * @param known as a step of just now returned it; else it is looked up
   * @throws ChatError `unknown_pool`, `invalid_arguments`, `ticket_refused`, `party_mismatch`, and what `enqueue` throws
   */
  async enter(participantId: string, wish: Wish = {}, known?: Participant): Promise<Entered> {
    const pool = this.#pool(wish.pool ?? 'default');
    const party = wish.party && requireParty(pool, wish.party);
    const group = groupFor(pool, wish.groupSize, party?.size ?? 1);
    const criteria = wish.criteria === undefined ? null : parseCriterion(wish.criteria);
    const result = await this.state.enqueue(
      {
        ticket: await this.#admit(known ?? (await this.#participant(participantId)), pool.name, group, criteria),
        ttlMs: pool.ticketTtlMs,
        roomsPerPool: pool.roomsPerParticipant,
        party,
      },
      this.clock.now(),
    );
    this.notifications.publish(result.appended);
    const { status, position } = result;
    if (status === 'already_in_chat') return { status, room: result.room, position };
    const { ticket } = result;
    let woken: Match['woken'];
    if (result.status === 'waiting') {
      if (this.#arrivals.observed) this.#arrivals.next({ at: ticket.enqueuedAt, ticket });
      // Who comes to a paused pool is due when it opens.
      if (!this.#pools.isPaused(pool.name)) {
        const match = await this.#match('enqueue', ticket, pool, result.view);
        const { room } = match;
        if (room) return { status: 'matched', ticketId: ticket.id, ...told(room.appended, participantId), position };
        woken = match.woken;
      }
    }
    const [places] = await Promise.all([this.places(participantId), woken]);
    const place = places.find(({ ticketId }) => ticketId === ticket.id);
    // Somebody else's arrival may have matched the ticket in the meantime: the event is in the log already.
    if (!place) return this.#matchedMeanwhile(participantId, ticket, position);
    return { status: status === 'gathering' ? 'waiting' : status, place, position };
  }

  /** Takes a participant out of one pool, or of all; returns the pools left. */
  async leave(participantId: string, poolName?: string): Promise<readonly string[]> {
    const pool = poolName === undefined ? undefined : this.#pool(poolName).name;
    const { cancelled, appended } = await this.state.cancel(participantId, pool, this.clock.now());
    this.notifications.publish(appended);
    cancelled.forEach((ticket) => this.#announcePositions(ticket));
    return cancelled.map((ticket) => ticket.pool);
  }

  /** Answers a match that was offered, the oldest that stands if none is named. @throws ChatError `offer_not_found` */
  async respond(participantId: string, accept: boolean, offerId?: string): Promise<Answered> {
    const answer = await this.state.respond({ participantId, offerId, accept }, this.clock.now());
    this.notifications.publish(answer.appended);
    switch (answer.status) {
      case 'accepted':
        return { status: 'accepted', offer: answer.offer };
      case 'declined':
        return { status: 'declined', waiting: answer.waiting };
      case 'matched':
        return { status: 'matched', ...told(answer.appended, participantId) };
    }
  }

  /** A participant's tickets: waiting, gathering and offered ones. */
  async places(participantId: string): Promise<readonly Place[]> {
    return (await this.#tickets(participantId)).map((status) => this.#place(status));
  }

  /** A participant's tickets, and why each still waits. */
  async explainedPlaces(participantId: string): Promise<readonly ExplainedPlace[]> {
    const tickets = await this.#tickets(participantId);
    return Promise.all(
      tickets.map(async (status) => ({ ...this.#place(status), reasons: await this.#explain(status) })),
    );
  }

  /** What operators have said of a pool, as this instance goes by it. @throws ChatError `unknown_pool` */
  poolControl(pool: string): PoolControl {
    return this.#pools.of(this.#pool(pool).name);
  }

  /**
   * Pauses, drains or opens a pool, or switches its strategy: here at once, at other instances within a second.
   * @throws ChatError `unknown_pool`, `invalid_arguments` when the strategy cannot be loaded
   */
  async controlPool(pool: string, change: PoolChange): Promise<void> {
    await this.#pools.change(this.#pool(pool).name, change, () => this.clock.now());
  }

  /** Looks at what operators have said of pools elsewhere. Runs by itself. */
  async followControls(): Promise<void> {
    await this.#pools.follow();
  }

  /** Moves a waiting ticket to another pool, to a group as that pool has it. @throws ChatError as `moveTicket`; `unknown_pool`, `invalid_arguments` */
  async move(ticketId: string, poolName: string): Promise<TicketFacts> {
    const pool = this.#pool(poolName);
    const before = await this.state.ticketFacts(ticketId);
    if (!before) throw ticketNotFound();
    const group = groupFor(pool, undefined, Math.max(1, before.members.length));
    const to = { pool: pool.name, group, ttlMs: pool.ticketTtlMs };
    const { ticket, appended } = await this.state.moveTicket(ticketId, to, this.clock.now());
    this.notifications.publish(appended);
    this.#announcePositions(before);
    this.#announcePositions(ticket);
    return ticket;
  }

  /** Takes a ticket out of its queue. @throws ChatError `ticket_not_found`, `ticket_refused` */
  async remove(ticketId: string): Promise<TicketFacts> {
    const { ticket, appended } = await this.state.removeTicket(ticketId, this.clock.now());
    this.notifications.publish(appended);
    this.#announcePositions(ticket);
    return ticket;
  }

  /**
   * Asks again for tickets whose time has come, the longest due first, for as long as a slice lasts; what is left stays
   * due. Runs by itself.
   */
  async tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    try {
      const end = performance.now() + (this.state.sharing ? SHARED_SLICE_MS : SLICE_MS);
      do {
        const [ticket] = await this.state.takeDue(this.clock.now(), 1);
        if (!ticket) return;
        await this.#askAgain(ticket);
      } while (performance.now() < end);
    } finally {
      this.#ticking = false;
    }
  }

  async #askAgain(ticket: Ticket): Promise<void> {
    const pool = this.config.pools.get(ticket.pool);
    if (!pool) return;
    // Nothing of a paused pool is handed out, so it was opened elsewhere just now.
    if (this.#pools.isPaused(pool.name)) await this.followControls();
    // A seat in a room, or a place that an offer gave back; else its hour has come.
    const trigger = ticket.roomId !== null || ticket.avoid.length > 0 ? 'release' : 'tick';
    const { room, woken } = await this.#match(trigger, ticket, pool, await this.state.waiting(ticket));
    await woken;
    if (room) {
      const { roomId: room_id, participantIds } = room;
      this.#logger.log({ msg: 'matched', room_id, pool: pool.name, members: participantIds.length });
    } else if (trigger === 'release') {
      this.#announcePositions(ticket);
    }
  }

  /** Has a ticket matched, and asked for again when it is not. */
  async #match(trigger: MatchTrigger, subject: Ticket, pool: PoolSettings, view: WaitingView): Promise<Match> {
    const opened = await this.#take(await this.engine.propose(trigger, subject, view), subject, pool);
    if (opened) return { room: opened.room };
    return { room: undefined, woken: this.state.wakeAt(subject.id, await this.engine.nextWake(subject)) };
  }

  /** Takes the groups that are proposed until the subject is in one. */
  async #take(proposals: Proposals, subject: Ticket, pool: PoolSettings): Promise<Opened | undefined> {
    let taken: CheckedProposal | undefined;
    const isIn = ({ tickets }: CheckedProposal) => tickets.some(({ id }) => id === subject.id);
    try {
      for (const groups of inBatches(proposals, this.state.sharing ? SHARED_CHOICE : 1, isIn)) {
        const opened = await this.rooms.openFor(pool, groups.map(asTold));
        if (!opened) continue;
        taken = groups[opened.choice]!;
        this.#announcePositions(subject);
        for (const ticket of taken.tickets) {
          if (ticket.id !== subject.id && !isSameGroup(ticket.group, subject.group)) this.#announcePositions(ticket);
        }
        if (isIn(taken)) return opened;
      }
    } finally {
      proposals.settle(taken);
    }
    return undefined;
  }

  async #tickets(participantId: string): Promise<readonly TicketStatus[]> {
    const { tickets, appended } = await this.state.tickets(participantId, this.clock.now());
    this.notifications.publish(appended);
    return tickets;
  }

  #place({ ticket, position, queueLength, matchedAt, missing, offer }: TicketStatus): Place {
    const { id: ticketId, pool, group, enqueuedAt } = ticket;
    return {
      ticketId,
      pool,
      group,
      position,
      queueLength,
      estimatedWaitSeconds:
        position === null ? null : estimateWaitSeconds(position, group.minimum, matchedAt, this.clock.now()),
      enqueuedAt,
      missing,
      offer,
    };
  }

  async #explain({ ticket, missing, offer }: TicketStatus): Promise<readonly Reason[]> {
    if (offer) {
      return offer.accepted
        ? [{ code: 'others_to_accept', text: 'You have accepted a match; the others have yet to answer' }]
        : [{ code: 'yours_to_accept', text: 'A match waits for your answer' }];
    }
    if (missing > 0) return [{ code: 'party_incomplete', text: `Waiting for ${missing} more of your party` }];
    if (this.#pools.isPaused(ticket.pool)) return [PAUSED];
    return readable(await this.engine.explain(ticket, await this.state.waiting(ticket)));
  }

  async #participant(participantId: string): Promise<Participant> {
    const { participant, appended } = await this.state.participant(participantId, this.clock.now());
    this.notifications.publish(appended);
    return participant;
  }

  /** The ticket as the strategy wants it queued. */
  async #admit(
    { id: participantId, principal, displayName, provenance, attributes }: Participant,
    pool: string,
    group: GroupSize,
    criteria: Criterion | null,
  ): Promise<Ticket> {
    const verdict = await this.engine.admit({
      id: this.ids.uuid(),
      pool,
      participantId,
      principal,
      displayName,
      provenance,
      attributes,
      party: [],
      criteria,
      group,
      priority: 0,
      enqueuedAt: this.clock.now(),
      version: 1,
      roomId: null,
      avoid: [],
    });
    if ('refused' in verdict) {
      const hint = 'Change what the reason names, or use another pool.';
      throw new ChatError('ticket_refused', `Pool "${pool}" refused the ticket: ${verdict.refused.text}`, hint);
    }
    return verdict.ticket;
  }

  async #matchedMeanwhile(participantId: string, ticket: Ticket, position: number): Promise<Entered> {
    const rooms = await this.rooms.list(participantId);
    const room = rooms.findLast(({ kind, name }) => kind === 'match' && name === ticket.pool);
    if (!room) throw new ChatError('unavailable', 'The ticket was matched and the chat has ended', 'Call again.', true);
    return { status: 'matched', ticketId: ticket.id, room, reasons: [], position };
  }

  /** Says what failed, unless the state is away, of which its adapter tells. */
  #complain(msg: string, error: unknown): void {
    if (!isUnavailable(error)) this.#logger.error({ msg, error: String(error) });
  }

  #pool(name: string): PoolSettings {
    const pool = this.config.pools.get(name);
    if (pool) return pool;
    const known = [...this.config.pools.keys()].join(', ');
    throw new ChatError('unknown_pool', `Unknown pool ${JSON.stringify(name.slice(0, 64))}`, `Use one of: ${known}.`);
  }

  /** Tells the front of a queue its new positions, once for all changes within a second. */
  #announcePositions(subject: Pick<Ticket, 'pool' | 'group'>): void {
    const { pool, group } = subject;
    const key = `${group.minimum} ${group.maximum} ${group.multiple} ${pool}`;
    if (this.#updates.has(key)) return;
    const announce = async () => {
      this.#updates.delete(key);
      for (const { ticket, position, queueLength } of await this.state.front(subject, UPDATED_FRONT)) {
        // Those behind the ticket of an open room are in it already.
        if (position === null || ticket.roomId !== null) continue;
        const data = { ticket_id: ticket.id, pool, position, queue_length: queueLength };
        for (const { participantId } of membersOf(ticket)) {
          this.notifications.live(participantId, 'queue.updated', data);
        }
      }
    };
    const timer = setTimeout(() => {
      announce().catch((error: unknown) => this.#complain('position update failed', error));
    }, UPDATE_MS);
    this.#updates.set(key, timer.unref());
  }
}

const isSameGroup = (a: GroupSize, b: GroupSize) =>
  a.minimum === b.minimum && a.maximum === b.maximum && a.multiple === b.multiple;

function requireParty({ name: pool, maxPartySize }: PoolSettings, { name, size }: Party): Party {
  if (size < 2 || size > maxPartySize) {
    const hint =
      maxPartySize === 1
        ? 'Leave out party and party_size: everybody comes alone here.'
        : `Use a party_size from 2 to ${maxPartySize}.`;
    throw invalidArguments(`party_size ${size} is not possible in pool "${pool}"`, hint);
  }
  return { name: requireLabel('party', name, PARTY_NAME_MAX), size };
}

/** Reasons as a model or a terminal may read them, on one line each: partners' attributes may be in them. */
const readable = (reasons: readonly Reason[]): readonly Reason[] =>
  reasons.map(({ code, text }) => ({ code, text: visible(text.replaceAll(/\s+/g, ' ')) }));

const asTold = ({ tickets, reasons }: CheckedProposal): TicketGroup => ({ tickets, reasons: readable(reasons) });

/** As they come, so many at a time; a batch ends with one that is not in. */
function* inBatches<T>(items: Iterable<T>, size: number, isIn: (item: T) => boolean): Iterable<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    if (batch.push(item) < size && isIn(item)) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The room one was brought into and why, as the events of that step say it. */
function told(appended: readonly Appended[], participantId: string): { room: FoundRoom; reasons: readonly Reason[] } {
  const body = (name: EventName) =>
    appended.find((one) => one.participantId === participantId && one.entry.body.name === name)?.entry.body;
  const found = body('chatroom.found')!.data as EventData['chatroom.found'];
  const { room_id: roomId, pool: name, partners, reasons } = found;
  return { room: { roomId, name, partners, supervised: body('room.supervised') !== undefined }, reasons };
}
