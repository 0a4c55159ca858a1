import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ParleyConfig, type PoolSettings } from '../config/index.js';
import { ChatError, invalidArguments } from '../domain/errors.js';
import type { RoomView } from '../domain/room.js';
import type { Reason, Ticket } from '../domain/ticket.js';
import { estimateWaitSeconds } from '../domain/wait-estimate.js';
import { MatchingEngine } from '../matching/index.js';
import { NotificationsService } from '../notifications/index.js';
import { Clock } from '../ports/clock.js';
import { Ids } from '../ports/ids.js';
import { StateStore, type TicketStatus } from '../ports/state-store.js';
import { RoomsService } from '../rooms/index.js';

/** Live position updates: how many of those waiting longest hear them, and at most how often, in milliseconds. */
const UPDATED_FRONT = 50;
const UPDATE_MS = 1_000;

/** Where a ticket stands. Positions count from 1; the estimate is null when too little is known. */
export interface Place {
  readonly ticketId: string;
  readonly pool: string;
  readonly groupSize: number;
  readonly position: number;
  readonly queueLength: number;
  readonly estimatedWaitSeconds: number | null;
  readonly enqueuedAt: string;
  /** Why it still waits. */
  readonly reasons: readonly Reason[];
}

/** `position` is the log position just before the call took effect. */
export type Entered = { readonly position: number } & (
  | { readonly status: 'waiting' | 'already_waiting'; readonly place: Place }
  | {
      readonly status: 'matched';
      readonly ticketId: string;
      readonly room: RoomView;
      readonly reasons: readonly Reason[];
    }
  | { readonly status: 'already_in_chat'; readonly room: RoomView }
);

/** Queues and the way out of them: a match, a cancellation, an expiry. */
@Injectable()
export class QueueService implements OnModuleDestroy {
  readonly #logger = new Logger('Queue');
  readonly #updates = new Map<string, NodeJS.Timeout>();

  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    private readonly engine: MatchingEngine,
    private readonly rooms: RoomsService,
    private readonly notifications: NotificationsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  onModuleDestroy(): void {
    for (const timer of this.#updates.values()) clearTimeout(timer);
  }

  /** Puts a participant into a pool and matches it at once if anybody compatible waits. `groupSize` is 2 to 16. */
  async enter(participantId: string, poolName = 'default', groupSize?: number): Promise<Entered> {
    const pool = this.#pool(poolName);
    const size = groupSize ?? pool.minGroupSize;
    if (size < pool.minGroupSize || size > pool.maxGroupSize) {
      throw invalidArguments(
        `group_size ${size} is not possible in pool "${pool.name}"`,
        `Use a group_size from ${pool.minGroupSize} to ${pool.maxGroupSize}.`,
      );
    }
    const { appended, ...result } = await this.state.enqueue(
      {
        ticket: await this.#admit(participantId, pool.name, size),
        ttlMs: pool.ticketTtlMs,
        roomsPerPool: pool.roomsPerParticipant,
      },
      this.clock.now(),
    );
    this.notifications.publish(appended);
    if (result.status === 'already_in_chat') return result;
    const { status, ticket, position } = result;
    const match = status === 'waiting' ? await this.#match(ticket) : undefined;
    if (match) {
      const room = await this.rooms.room(participantId, match.roomId);
      return { status: 'matched', ticketId: ticket.id, room, reasons: match.reasons, position };
    }
    const place = (await this.places(participantId)).find(({ ticketId }) => ticketId === ticket.id);
    // Somebody else's arrival may have matched the ticket in the meantime: the event is in the log already.
    if (!place) return this.#matchedMeanwhile(participantId, ticket, position);
    return { status, place, position };
  }

  /** Takes a participant out of one pool, or of all; returns the pools left. */
  async leave(participantId: string, poolName?: string): Promise<readonly string[]> {
    const pool = poolName === undefined ? undefined : this.#pool(poolName).name;
    const { cancelled, appended } = await this.state.cancel(participantId, pool, this.clock.now());
    this.notifications.publish(appended);
    cancelled.forEach((ticket) => this.#announcePositions(ticket));
    return cancelled.map((ticket) => ticket.pool);
  }

  /** A participant's waiting tickets. */
  async places(participantId: string): Promise<readonly Place[]> {
    const { tickets, appended } = await this.state.tickets(participantId, this.clock.now());
    this.notifications.publish(appended);
    return Promise.all(tickets.map((status) => this.#place(status)));
  }

  async #place({ ticket, position, queueLength, matchedAt }: TicketStatus): Promise<Place> {
    return {
      ticketId: ticket.id,
      pool: ticket.pool,
      groupSize: ticket.groupSize,
      position,
      queueLength,
      estimatedWaitSeconds: estimateWaitSeconds(position, ticket.groupSize, matchedAt, this.clock.now()),
      enqueuedAt: new Date(ticket.enqueuedAt).toISOString(),
      reasons: this.engine.explain(ticket, await this.state.waiting(ticket.pool, ticket.groupSize)),
    };
  }

  /** The ticket as the strategy wants it queued. */
  async #admit(participantId: string, pool: string, groupSize: number): Promise<Ticket> {
    const now = this.clock.now();
    const { participant, appended } = await this.state.participant(participantId, now);
    this.notifications.publish(appended);
    const { principal, displayName, provenance, attributes } = participant;
    const verdict = this.engine.admit({
      id: this.ids.uuid(),
      pool,
      participantId,
      principal,
      displayName,
      provenance,
      attributes,
      groupSize,
      priority: 0,
      enqueuedAt: now,
      version: 1,
    });
    if ('refused' in verdict) {
      const hint = 'Change what the reason names, or use another pool.';
      throw new ChatError('ticket_refused', `Pool "${pool}" refused the ticket: ${verdict.refused.text}`, hint);
    }
    return verdict.ticket;
  }

  async #match(subject: Ticket): Promise<{ roomId: string; reasons: readonly Reason[] } | undefined> {
    const view = await this.state.waiting(subject.pool, subject.groupSize);
    for (const { tickets, reasons } of this.engine.proposals('enqueue', subject, view)) {
      const room = await this.rooms.openFor(subject.pool, tickets, reasons);
      if (!room) continue;
      this.#announcePositions(subject);
      if (room.participantIds.includes(subject.participantId)) return { roomId: room.roomId, reasons };
    }
    return undefined;
  }

  async #matchedMeanwhile(participantId: string, ticket: Ticket, position: number): Promise<Entered> {
    const rooms = await this.rooms.list(participantId);
    const room = rooms.findLast(({ kind, name }) => kind === 'match' && name === ticket.pool);
    if (!room) throw new ChatError('unavailable', 'The ticket was matched and the chat has ended', 'Call again.', true);
    return { status: 'matched', ticketId: ticket.id, room, reasons: [], position };
  }

  #pool(name: string): PoolSettings {
    const pool = this.config.pools.get(name);
    if (pool) return pool;
    const known = [...this.config.pools.keys()].join(', ');
    throw new ChatError('unknown_pool', `Unknown pool ${JSON.stringify(name.slice(0, 64))}`, `Use one of: ${known}.`);
  }

  /** Tells the front of a queue its new positions, once for all changes within a second. */
  #announcePositions({ pool, groupSize }: Ticket): void {
    const key = `${groupSize} ${pool}`;
    if (this.#updates.has(key)) return;
    const announce = async () => {
      this.#updates.delete(key);
      for (const { ticket, position, queueLength } of await this.state.front(pool, groupSize, UPDATED_FRONT)) {
        const data = { ticket_id: ticket.id, pool, position, queue_length: queueLength };
        this.notifications.live(ticket.participantId, 'queue.updated', data);
      }
    };
    const timer = setTimeout(() => {
      announce().catch((error: unknown) => this.#logger.error({ msg: 'position update failed', error: String(error) }));
    }, UPDATE_MS);
    this.#updates.set(key, timer.unref());
  }
}
