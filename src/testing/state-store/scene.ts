import assert from 'node:assert/strict';
import { ChatError, type ChatErrorCode } from '../../domain/errors.js';
import type { EventData, EventEnvelope, EventName } from '../../domain/event.js';
import type { MessagePage, RoomView } from '../../domain/room.js';
import { exactly, type GroupSize, type Ticket } from '../../domain/ticket.js';
import type { Awaitable } from '../../ports/awaitable.js';
import type {
  Claim,
  ClaimedGroup,
  Enqueue,
  EnqueueResult,
  EventQuery,
  EventSlice,
  NewParticipant,
  Offer,
  Relations,
  StateLimits,
  StateStore,
  TicketStatus,
  WaitingView,
} from '../../ports/state-store.js';
import { stateLimits, ticketOf } from '../builders.js';
import { FakeClock } from '../fake-clock.js';
import { SequentialIds } from '../sequential-ids.js';

/** What a case wants different about a ticket; `groupSize` is short for a group of exactly so many. */
type Wish = Partial<Ticket> & { readonly groupSize?: number };

/** A fresh, empty store with the given limits. */
export type MakeStateStore = (limits: StateLimits) => Awaitable<StateStore>;

/** What one case of the contract works with: a store, a clock and short words for what people do. */
export class Scene {
  readonly clock = new FakeClock();
  readonly ids = new SequentialIds();

  private constructor(readonly store: StateStore) {}

  static async with(make: MakeStateStore, limits: Partial<StateLimits> = {}): Promise<Scene> {
    return new Scene(await make(stateLimits(limits)));
  }

  get now(): number {
    return this.clock.now();
  }

  /** Moves time on and carries out what has become due. */
  async pass(ms: number) {
    this.clock.advance(ms);
    return this.store.expire(this.now);
  }

  /** A new participant's id. */
  async person(name = 'Ann', overrides: Partial<NewParticipant> = {}): Promise<string> {
    const id = this.ids.uuid();
    const input: NewParticipant = {
      id,
      logId: this.ids.secret(16),
      tokenDigest: `digest-of-${id}`,
      principal: null,
      displayName: name,
      provenance: 'human_via_agent',
      attributes: {},
      ...overrides,
    };
    return (await this.store.createParticipant(input, this.now)).id;
  }

  async people(...names: string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const name of names) ids.push(await this.person(name));
    return ids;
  }

  async enqueue(
    participantId: string,
    { groupSize = 2, ...ticket }: Wish = {},
    options: Partial<Enqueue> = {},
  ): Promise<EnqueueResult> {
    const group = exactly(groupSize);
    const made = ticketOf(participantId, { id: this.ids.uuid(), enqueuedAt: this.now, group, ...ticket });
    return this.store.enqueue({ ticket: made, ttlMs: 0, roomsPerPool: 0, ...options }, this.now);
  }

  /** The ticket of somebody who has just started to wait, and for whom the strategy was asked in vain. */
  async wait(participantId: string, ticket: Wish = {}, options: Partial<Enqueue> = {}): Promise<Ticket> {
    const result = await this.enqueue(participantId, ticket, options);
    assert.equal(result.status, 'waiting');
    const waiting = (result as EnqueueResult & { ticket: Ticket }).ticket;
    await this.store.wakeAt(waiting.id, undefined);
    return waiting;
  }

  async claim(
    tickets: readonly Pick<Ticket, 'id' | 'version'>[],
    pool = 'default',
    { reasons = [], ...options }: Partial<Claim & ClaimedGroup> = {},
  ) {
    const roomId = this.ids.uuid();
    const commit = await this.store.claim({ pool, roomId, groups: [{ tickets, reasons }], ...options }, this.now);
    return { roomId, commit };
  }

  /** Puts people into a room of their own by way of the queue; returns the room's id. */
  async match(...participantIds: string[]): Promise<string> {
    return this.#match(participantIds);
  }

  /** As `match`, a room whose free seats are filled again. */
  async matchOpen(...participantIds: string[]): Promise<string> {
    return this.#match(participantIds, { backfill: true });
  }

  async #match(participantIds: readonly string[], options: Partial<Claim> = {}): Promise<string> {
    const tickets: Ticket[] = [];
    for (const id of participantIds) tickets.push(await this.wait(id, { groupSize: participantIds.length }));
    const { roomId, commit } = await this.claim(tickets, 'default', options);
    assert.ok(commit, 'the claim succeeds');
    return roomId;
  }

  /** Offers the tickets a match that stands for 30 s. */
  async offer(
    tickets: readonly Pick<Ticket, 'id' | 'version'>[],
    { reasons = [], ...options }: Partial<Offer & ClaimedGroup> = {},
  ) {
    const [offerId, roomId] = [this.ids.uuid(), this.ids.uuid()];
    const asked: Offer = {
      ...{ pool: 'default', roomId, offerId, groups: [{ tickets, reasons }] },
      ...{ expiresAt: this.now + 30_000, decliner: 'remove' },
      ...options,
    };
    return { offerId, roomId, commit: await this.store.offer(asked, this.now) };
  }

  async respond(participantId: string, accept: boolean, offerId?: string) {
    return this.store.respond({ participantId, accept, offerId }, this.now);
  }

  /** Somebody's tickets and where they stand. */
  async statuses(participantId: string): Promise<TicketStatus[]> {
    return (await this.store.tickets(participantId, this.now)).tickets;
  }

  /** Ids of the tickets to be looked at now. */
  async due(limit = 100): Promise<string[]> {
    return (await this.store.takeDue(this.now, limit)).map((ticket) => ticket.id);
  }

  /** Whether either of two has blocked the other. */
  async apart(participantId: string, other: string): Promise<boolean> {
    const blocks = async (one: string, another: string) => (await this.relations(one)).blocked.has(another);
    return (await blocks(participantId, other)) || (await blocks(other, participantId));
  }

  /** What matching would know of somebody who comes to the pool. */
  async relations(participantId: string): Promise<Relations> {
    return (await this.store.waiting(ticketOf(participantId))).relations(participantId);
  }

  /** What somebody sees of a pool who waits for a group of this size. */
  async view(pool = 'default', group: number | GroupSize = 2): Promise<WaitingView> {
    return this.store.waiting(ticketOf('', { pool, group: typeof group === 'number' ? exactly(group) : group }));
  }

  async join(participantId: string, name: string, capacity = 10) {
    return this.store.join({ participantId, name, capacity, roomId: this.ids.uuid() }, this.now);
  }

  async post(participantId: string, roomId: string, text: string, clientMessageId?: string) {
    return this.store.post({ participantId, roomId, messageId: this.ids.uuid(), text, clientMessageId }, this.now);
  }

  async say(participantId: string, roomId: string, ...texts: string[]): Promise<void> {
    for (const text of texts) await this.post(participantId, roomId, text);
  }

  async leave(participantId: string, roomId: string) {
    return this.store.leave(participantId, roomId, this.now);
  }

  async page(
    participantId: string,
    roomId: string,
    query: { before?: number; after?: number; limit?: number } = {},
  ): Promise<MessagePage> {
    return (await this.store.messages(participantId, roomId, { limit: 100, ...query }, this.now)).page;
  }

  async room(participantId: string, roomId: string): Promise<RoomView> {
    return (await this.store.room(participantId, roomId, this.now)).room;
  }

  async rooms(participantId: string): Promise<string[]> {
    return (await this.store.rooms(participantId, this.now)).rooms.map((room) => room.roomId);
  }

  async head(participantId: string): Promise<number> {
    return (await this.store.participant(participantId, this.now)).head;
  }

  async read(participantId: string, query: Partial<EventQuery> = {}): Promise<EventSlice> {
    return this.store.readEvents(participantId, { limit: 1_000, ...query }, this.now);
  }

  /** Everything in a participant's log. */
  async events(participantId: string, after = 0): Promise<EventEnvelope[]> {
    return (await this.read(participantId, { after })).entries.map((entry) => entry.envelope);
  }

  async eventNames(participantId: string, after = 0): Promise<EventName[]> {
    return (await this.events(participantId, after)).map((event) => event.name);
  }

  /** The data of the events of one name in a participant's log. */
  async told<N extends EventName>(participantId: string, name: N): Promise<EventData[N][]> {
    const events = await this.events(participantId);
    return events.filter((event) => event.name === name).map((event) => event.data as EventData[N]);
  }

  /** Reads on from where the last such call ended, as a wait without a cursor does; returns the texts of messages. */
  async hear(participantId: string, roomId?: string, limit = 1_000): Promise<string[]> {
    const slice = await this.read(participantId, { roomId, limit });
    await this.store.acknowledge(participantId, slice.position, roomId);
    return texts(slice);
  }

  /** Who waits for a group of this size, longest first. */
  async queue(pool = 'default', group: number | GroupSize = 2): Promise<string[]> {
    return [...(await this.view(pool, group)).tickets()].map((ticket) => ticket.participantId);
  }
}

/** The texts of the messages in a slice of an event log. */
export function texts(slice: EventSlice): string[] {
  return slice.entries
    .filter((entry) => entry.body.name === 'message.received')
    .map((entry) => (entry.body.data as EventData['message.received']).message);
}

/** Asserts that a step is refused with a code, whether it throws or rejects; returns the error. */
export async function refused(code: ChatErrorCode, step: () => unknown, message?: string): Promise<ChatError> {
  let result: unknown;
  try {
    result = await step();
  } catch (error) {
    assert.ok(error instanceof ChatError, `expected a ChatError, got ${String(error)}`);
    assert.equal(error.code, code);
    if (message !== undefined) assert.equal(error.message, message);
    return error;
  }
  assert.fail(`expected "${code}", got ${JSON.stringify(result)}`);
}
