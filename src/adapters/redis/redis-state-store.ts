import { createHash, randomBytes } from 'node:crypto';
import { ChatError, memberNotFound } from '../../domain/errors.js';
import type { LiveData, LiveName } from '../../domain/event.js';
import { LogEntry, MessageReceived } from '../../domain/event.js';
import type { Participant, Sender } from '../../domain/participant.js';
import { type Place, readPlace, writePlace } from '../../domain/place.js';
import type { Message, MessagePage, RoomView } from '../../domain/room.js';
import { visible } from '../../domain/text.js';
import { membersOf, type Ticket, type TicketMember } from '../../domain/ticket.js';
import {
  type Destination,
  type Evidence,
  EVIDENCE_MESSAGES,
  type Page,
  type PageQuery,
  type ParticipantFacts,
  type PoolControl,
  type PoolFigures,
  type RoomFacts,
  type Sanction,
  SANCTIONS_MAX,
  type TicketFacts,
  type Totals,
} from '../../ports/operator-steps.js';
import type {
  Appended,
  Choice,
  Claim,
  Claimed,
  Commit,
  Elsewhere,
  Enqueue,
  EnqueueResult,
  EventQuery,
  EventSlice,
  FoundParticipant,
  JoinRoom,
  MessageQuery,
  NewParticipant,
  Offer,
  Post,
  ProfileChange,
  Report,
  Responded,
  Sharing,
  StateLimits,
  StateStore,
  TicketStatus,
  WaitingView,
} from '../../ports/state-store.js';
import { Feed } from './feed.js';
import { isoOf } from './iso-time.js';
import { MemoryWatch } from './memory-watch.js';
import { type PoolChanges, PoolReplica } from './pool-replica.js';
import { RedisClock } from './redis-clock.js';
import { RedisConnection } from './redis-connection.js';
import { RedisInstanceRegistry } from './redis-instance-registry.js';
import { RedisAuditLog } from './operations/redis-audit-log.js';
import { RedisCaseStore } from './operations/redis-case-store.js';
import { RedisFigureLog } from './operations/redis-figure-log.js';
import { RedisWatchList } from './operations/redis-watch-list.js';
import { RedisOutbox } from './redis-outbox.js';
import { RedisWebhookStore } from './webhooks/redis-webhook-store.js';
import { StepLine } from './step-line.js';
import {
  readAppended,
  readBody,
  readRefusal,
  readStatus,
  readTicket,
  type Reply,
  type Taken,
  type WireBody,
  type WireStatus,
  type WireTicket,
  type WireWaiting,
} from './wire.js';

export interface RedisStateOptions {
  /** As `ADDRESS_FORMS` says. */
  readonly url: string;
  /** What this service's keys begin with, as a hash tag: 1 to 64 of a-z, 0-9, `_` and `-`. */
  readonly namespace: string;
  /** A clock that is never set, in milliseconds since whenever; this process's own by default. */
  readonly steady?: () => number;
  /** Most cases, and entries of the audit log, that are kept. */
  readonly cases?: number;
  readonly auditEntries?: number;
}

const CASES_KEPT = 1_000;
const AUDIT_ENTRIES_KEPT = 100_000;

/** Most presences renewed by one call, so that it does not hold up others for long. */
const RENEWED_AT_ONCE = 200;

/** How many tickets that were handed out are remembered. */
const MAX_HANDED_OUT = 10_000;

type Done<T> = Commit & { readonly value: T };

/** Of a message that was sent before, what was answered then. */
type Posted = { readonly seq: number; readonly sender: Sender } | { readonly first: Message };

/** The state in a Redis that any number of instances share. Each step is done at once there, by a function call. */
export class RedisStateStore implements StateStore, Sharing {
  readonly sharing: Sharing = this;
  readonly instances: RedisInstanceRegistry;
  readonly outbox: RedisOutbox;
  readonly clock: RedisClock;
  readonly webhooks: RedisWebhookStore;
  readonly figures: RedisFigureLog;
  readonly cases: RedisCaseStore;
  readonly audit: RedisAuditLog;
  readonly watches: RedisWatchList;
  readonly #tag: string;
  /** Sent once; after that the server knows them by their digest. */
  readonly #limits: { readonly json: string; readonly digest: string };
  readonly #instance = randomBytes(8).toString('hex');
  readonly #replicas = new Map<string, PoolReplica>();
  readonly #memory: MemoryWatch;
  readonly #line = new StepLine((steps) => this.#call(steps));
  #feed: Feed | undefined;
  #calls = 0;
  /** Fencing token of the lease of upkeep; 0 before it was asked for, undefined while another instance has it. */
  #token: number | undefined = 0;
  #isStopping = false;
  /** Tickets that were handed out to be looked at, and under which token. */
  readonly #handedOut = new Map<string, number>();
  /** What refused steps wrote, because coming back is not refused, and calls that failed halfway: `expire` tells of it. */
  #untold: Appended[] = [];

  private constructor(
    private readonly connection: RedisConnection,
    options: RedisStateOptions,
    limits: StateLimits,
  ) {
    const { namespace, cases = CASES_KEPT, auditEntries = AUDIT_ENTRIES_KEPT } = options;
    this.#tag = `{${namespace}}`;
    const json = JSON.stringify(limits);
    this.#limits = { json, digest: createHash('sha256').update(json).digest('base64url').slice(0, 16) };
    this.instances = new RedisInstanceRegistry(connection, namespace);
    this.webhooks = new RedisWebhookStore(connection, namespace);
    this.figures = new RedisFigureLog(connection, namespace);
    this.cases = new RedisCaseStore(connection, namespace, cases);
    this.audit = new RedisAuditLog(connection, namespace, auditEntries);
    this.watches = new RedisWatchList(connection, namespace);
    this.#memory = new MemoryWatch(namespace);
    this.clock = new RedisClock(async () => (await this.#step<number>('time', {}, 0)).value, options.steady);
    this.outbox = new RedisOutbox((name, args, now) => this.#step(name, args, now), limits.outbox);
  }

  /** @throws StateUrlError one clear line when there is no Redis to be used at that address */
  static async open(options: RedisStateOptions, limits: StateLimits): Promise<RedisStateStore> {
    const store = new RedisStateStore(await RedisConnection.open(options.url), options, limits);
    try {
      store.#memory.see((await store.#step<string>('open', {}, 0)).value);
      await store.clock.start();
    } catch (error) {
      store.onApplicationShutdown();
      throw error;
    }
    return store;
  }

  /** Called by Nest when nothing new is taken on: another instance carries out upkeep from now on. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    const token = this.#token;
    this.#token = undefined;
    if (!token || !this.reachable) return;
    // If it fails, the lease is over in seconds.
    await this.#step('resign', { holder: this.#instance, token }, 0).catch(() => undefined);
  }

  /** Called by Nest when everything else has stopped. */
  onApplicationShutdown(): void {
    this.#feed?.stop();
    this.clock.stop();
    this.connection.close();
  }

  // What other instances do

  get reachable(): boolean {
    return this.connection.isReady;
  }

  get leads(): boolean {
    return this.#token !== undefined && this.#token > 0;
  }

  async listen(elsewhere: Elsewhere): Promise<void> {
    const read = async (after: number, limit: number) => {
      type Read = { epoch: string; newest: number; messages: string[] };
      const args = { after, limit };
      const { epoch, newest, messages } = (await this.#step<Read>('feed', args, 0)).value;
      // What is in a feed that began anew is not what comes after the one before.
      return { newest, messages: this.#memory.see(epoch, newest) ? messages : [] };
    };
    const feed = new Feed(this.#instance, { read }, elsewhere);
    await feed.start();
    this.#feed = feed;
    await this.connection.subscribe(
      this.#liveChannel,
      (message) => feed.hear(message),
      () => feed.catchUp(),
    );
    feed.catchUp();
  }

  live<N extends LiveName>(participantId: string, name: N, data: LiveData[N]): void {
    const message = this.#feed?.live({ participantId, name, data });
    // Nobody misses it for long.
    if (message !== undefined) this.connection.publish(this.#liveChannel, message).catch(() => undefined);
  }

  // Participants

  async createParticipant(input: NewParticipant, now: number): Promise<Participant> {
    const args = { ...withoutNull(input), attributes: JSON.stringify(input.attributes) };
    return (await this.#step<Participant>('createParticipant', args, now)).value;
  }

  async findParticipant(tokenDigest: string | null, principal: string | null): Promise<string | undefined> {
    const args = withoutNull({ tokenDigest, principal });
    return (await this.#step<string | null>('findParticipant', args, 0)).value ?? undefined;
  }

  async participantsOf(principal: string): Promise<readonly string[]> {
    return (await this.#step<string[]>('participantsOf', { principal }, 0)).value;
  }

  participant(id: string, now: number): Promise<FoundParticipant> {
    return this.#found('participant', { id }, now);
  }

  updateProfile(id: string, { displayName, attributes }: ProfileChange, now: number): Promise<FoundParticipant> {
    const change = { displayName, attributes: attributes && JSON.stringify(attributes) };
    return this.#found('updateProfile', { id, ...change }, now);
  }

  async renew(ids: readonly string[], now: number): Promise<Commit> {
    const appended: Appended[] = [];
    for (let i = 0; i < ids.length; i += RENEWED_AT_ONCE) {
      const some = ids.slice(i, i + RENEWED_AT_ONCE);
      const renewed = await this.#after(appended, () => this.#step('renew', { ids: some }, now));
      appended.push(...renewed.appended);
    }
    return { appended };
  }

  async release(id: string, now: number): Promise<void> {
    await this.#step('release', { id }, now);
  }

  async forget(id: string, now: number): Promise<Commit> {
    return this.#committed('forget', { id }, now);
  }

  // Queue

  async enqueue({ ticket, ttlMs, roomsPerPool, party }: Enqueue, now: number): Promise<EnqueueResult> {
    const { id, pool, participantId, group, priority, enqueuedAt, version, avoid } = ticket;
    const { principal, displayName, provenance, attributes } = ticket;
    const member: TicketMember = { participantId, principal, displayName, provenance, attributes };
    const given = {
      ...{ id, pool, participantId, group, priority, enqueuedAt, version, avoid },
      member: JSON.stringify(member),
      criteria: JSON.stringify(ticket.criteria),
    };
    type Wire = { position: number } & (
      | { status: 'waiting' | 'gathering' | 'already_waiting'; ticket: WireTicket }
      | { status: 'already_in_chat'; room: RoomView }
    );
    const args = { ticket: given, ttlMs, roomsPerPool, party };
    const replica = this.#replicaOf(pool);
    // On the same way, behind it, so that no other round trip is needed.
    const [{ value, appended }] = await Promise.all([this.#step<Wire>('enqueue', args, now), replica.refresh()]);
    if (value.status === 'already_in_chat') return { ...value, appended };
    const { status, position } = value;
    const entered = readTicket(value.ticket);
    if (status === 'waiting') return { status, ticket: entered, view: replica.seenBy(entered), position, appended };
    return { status, ticket: entered, position, appended };
  }

  async cancel(id: string, pool: string | undefined, now: number): Promise<Commit & { cancelled: Ticket[] }> {
    const { value, appended } = await this.#step<WireTicket[]>('cancel', { id, pool }, now);
    return { cancelled: value.map(readTicket), appended };
  }

  async tickets(id: string, now: number): Promise<Commit & { tickets: TicketStatus[] }> {
    const { value, appended } = await this.#step<WireStatus[]>('tickets', { id }, now);
    return { tickets: value.map(readStatus), appended };
  }

  async waiting(subject: Ticket): Promise<WaitingView> {
    const people = membersOf(subject).map((member) => member.participantId);
    return this.#replicaOf(subject.pool).view(subject, people);
  }

  async front({ pool, group }: Pick<Ticket, 'pool' | 'group'>, limit: number): Promise<TicketStatus[]> {
    return (await this.#step<WireStatus[]>('front', { pool, group, limit }, 0)).value.map(readStatus);
  }

  async wakeAt(id: string, at: number | undefined): Promise<void> {
    const token = this.#handedOut.get(id);
    this.#handedOut.delete(id);
    await this.#step('wakeAt', { id, at, fence: token && { holder: this.#instance, token } }, 0);
  }

  async takeDue(now: number, limit: number): Promise<readonly Ticket[]> {
    if (this.#token === undefined) return [];
    const taken = await this.#lead<{ tickets: WireTicket[] }>('takeDue', { limit }, now);
    if (!taken) return [];
    const { token, tickets } = taken.value;
    for (const { id } of tickets) {
      this.#handedOut.set(id, token);
      // Of one that was matched nobody says when to ask again.
      if (this.#handedOut.size > MAX_HANDED_OUT) this.#handedOut.delete(this.#handedOut.keys().next().value!);
    }
    return tickets.map(readTicket);
  }

  async claim(claim: Claim, now: number): Promise<(Commit & Claimed & Choice) | undefined> {
    const args = { ...claim, groups: groupsOf(claim) };
    const { value, appended } = await this.#step<(Claimed & Choice) | null>('claim', args, now);
    return value ? { ...value, appended } : undefined;
  }

  async offer(offer: Offer, now: number): Promise<(Commit & Choice) | undefined> {
    const args = { ...offer, groups: groupsOf(offer), expiresText: new Date(offer.expiresAt).toISOString() };
    const { value, appended } = await this.#step<Choice | null>('offer', args, now);
    return value ? { ...value, appended } : undefined;
  }

  async respond(
    answer: { participantId: string; offerId?: string; accept: boolean },
    now: number,
  ): Promise<Commit & Responded> {
    const { value, appended } = await this.#step<Responded>('respond', answer, now);
    return { ...value, appended };
  }

  // Rooms

  async join(
    input: JoinRoom,
    now: number,
  ): Promise<Commit & { status: 'room_created' | 'joined'; room: RoomView; position: number }> {
    type Joined = { status: 'room_created' | 'joined'; room: RoomView; position: number };
    const { value, appended } = await this.#step<Joined>('join', input, now);
    return { ...value, appended };
  }

  async post(input: Post, now: number): Promise<Commit & { message: Message; duplicate: boolean }> {
    const { participantId, roomId, messageId, text, clientMessageId } = input;
    const shown = visible(text);
    const given = [participantId, roomId, messageId, JSON.stringify(text)];
    // Each text that is sent costs 0.1 µs here and as much there.
    if (shown !== text || clientMessageId !== undefined) given.push(JSON.stringify(shown));
    if (clientMessageId !== undefined) given.push(clientMessageId);
    const reply = await this.#take<Posted>('post', given, now);
    const { value } = reply;
    if ('first' in value) return { message: value.first, duplicate: true, appended: readAppended(reply) };
    const { seq, sender } = value;
    const iso = isoOf(now);
    const message = { messageId, seq, text, sender, timestamp: iso };
    const appended = readAppended(reply, new MessageReceived(now, roomId, message));
    return { message, duplicate: false, appended };
  }

  async sent(id: string, roomId: string, clientMessageId: string): Promise<Message | undefined> {
    return (await this.#step<Message | null>('sent', { id, roomId, clientMessageId }, 0)).value ?? undefined;
  }

  async leave(id: string, roomId: string, now: number): Promise<Commit> {
    return this.#committed('leave', { id, roomId }, now);
  }

  async room(id: string, roomId: string, now: number): Promise<Commit & { room: RoomView }> {
    const { value: room, appended } = await this.#step<RoomView>('room', { id, roomId }, now);
    return { room, appended };
  }

  async rooms(id: string, now: number): Promise<Commit & { rooms: RoomView[] }> {
    const { value: rooms, appended } = await this.#step<RoomView[]>('rooms', { id }, now);
    return { rooms, appended };
  }

  async messages(
    id: string,
    roomId: string,
    query: MessageQuery,
    now: number,
  ): Promise<Commit & { page: MessagePage }> {
    const { value: page, appended } = await this.#step<MessagePage>('messages', { id, roomId, query }, now);
    return { page, appended };
  }

  async block(id: string, roomId: string, userId: string, now: number): Promise<Commit> {
    return this.#committed('block', { id, roomId, userId }, now);
  }

  async report({ reporter, userId, roomId }: Report, now: number): Promise<Commit & { evidence: Evidence }> {
    type Wire = Omit<Evidence, 'reported'> & { readonly reported: Sender | null };
    const args = { reporter, userId, roomId, messages: EVIDENCE_MESSAGES };
    const { value, appended } = await this.#step<Wire>('report', args, now);
    const reported = value.reported ?? value.messages.findLast(({ sender }) => sender.user_id === userId)?.sender;
    if (!reported) {
      this.#untold.push(...appended);
      throw memberNotFound();
    }
    return { evidence: { ...value, reported }, appended };
  }

  // Operators

  async totals(): Promise<Totals> {
    return (await this.#step<Totals>('totals', {}, 0)).value;
  }

  async poolFigures(pools: readonly string[]): Promise<readonly PoolFigures[]> {
    return (await this.#step<PoolFigures[]>('poolFigures', { pools }, 0)).value;
  }

  async poolControls(): Promise<ReadonlyMap<string, PoolControl>> {
    return new Map(Object.entries((await this.#step<Record<string, PoolControl>>('poolControls', {}, 0)).value));
  }

  async controlPool(pool: string, { mode, strategy }: PoolControl, now: number): Promise<void> {
    await this.#step('controlPool', { pool, mode, strategy: strategy ? JSON.stringify(strategy) : 'null' }, now);
  }

  async listTickets(pool: string, { after, limit }: PageQuery): Promise<Page<TicketFacts>> {
    return this.#page('listTickets', { pool }, after, limit);
  }

  async ticketFacts(ticketId: string): Promise<TicketFacts | undefined> {
    return (await this.#step<TicketFacts | null>('ticketFacts', { ticketId }, 0)).value ?? undefined;
  }

  async removeTicket(ticketId: string, now: number): Promise<Commit & { ticket: TicketFacts }> {
    const { value: ticket, appended } = await this.#step<TicketFacts>('removeTicket', { ticketId }, now);
    return { ticket, appended };
  }

  async moveTicket(ticketId: string, to: Destination, now: number): Promise<Commit & { ticket: TicketFacts }> {
    const { value: ticket, appended } = await this.#step<TicketFacts>('moveTicket', { ticketId, ...to }, now);
    return { ticket, appended };
  }

  async listRooms({ name, after, limit }: PageQuery & { readonly name?: string }): Promise<Page<RoomFacts>> {
    return this.#page('listRooms', { name }, after, limit);
  }

  async roomFacts(roomId: string): Promise<RoomFacts | undefined> {
    return (await this.#step<RoomFacts | null>('roomFacts', { roomId }, 0)).value ?? undefined;
  }

  async closeRoom(roomId: string, now: number): Promise<Commit> {
    return this.#committed('closeRoom', { roomId }, now);
  }

  async transcript(roomId: string, query: MessageQuery): Promise<MessagePage> {
    return (await this.#step<MessagePage>('transcript', { roomId, query }, 0)).value;
  }

  async supervise(roomId: string, supervised: boolean, now: number): Promise<Commit> {
    return this.#committed('supervise', { roomId, supervised }, now);
  }

  async participantFacts(id: string, now: number): Promise<ParticipantFacts | undefined> {
    return (await this.#step<ParticipantFacts | null>('participantFacts', { id }, now)).value ?? undefined;
  }

  async dismiss(id: string, now: number): Promise<Commit> {
    return this.#committed('dismiss', { id }, now);
  }

  async impose(sanction: Sanction, now: number): Promise<Commit> {
    const { id, kind, subject, until } = sanction;
    const args = { id, kind, ...subject, till: until ?? undefined, max: SANCTIONS_MAX };
    return this.#committed('impose', { ...args, sanction: JSON.stringify(sanction) }, now);
  }

  async lift(id: string): Promise<boolean> {
    return (await this.#step<boolean>('lift', { id }, 0)).value;
  }

  async sanctions({ after, limit }: PageQuery, now: number): Promise<Page<Sanction>> {
    return this.#page('sanctions', {}, after, limit, now);
  }

  // Event logs

  async readEvents(id: string, query: EventQuery, now: number): Promise<EventSlice> {
    type Wire = { logId: string; entries: [number, WireBody][]; truncated: boolean; position: number };
    const { value } = await this.#step<Wire>('readEvents', { id, ...query }, now);
    const { logId, entries, truncated, position } = value;
    return { entries: entries.map(([seq, body]) => new LogEntry(logId, seq, readBody(body))), truncated, position };
  }

  async acknowledge(id: string, position: number, roomId?: string): Promise<void> {
    await this.#step('acknowledge', { id, position, roomId }, 0);
  }

  // Time

  async expire(now: number): Promise<Commit> {
    const appended = this.#untold;
    this.#untold = [];
    for (;;) {
      const expired = await this.#after(appended, () => this.#lead<{ more: boolean }>('expire', {}, now));
      if (expired) appended.push(...expired.appended);
      if (!expired?.value.more) return { appended };
    }
  }

  /** Takes a further step of a call; if it fails, what those before have written is told by the next `expire`. */
  async #after<T>(appended: readonly Appended[], take: () => Promise<T>): Promise<T> {
    try {
      return await take();
    } catch (error) {
      this.#untold.push(...appended);
      throw error;
    }
  }

  /** Takes a step of upkeep, unless that is another instance's. */
  async #lead<T>(name: string, args: object, now: number): Promise<Done<T & { token: number }> | undefined> {
    if (this.#isStopping) return undefined;
    const fence = { holder: this.#instance, token: this.#token ?? 0 };
    const done = await this.#step<(T & { token: number }) | null>(name, { ...args, ...fence }, now);
    const { value, appended } = done;
    // Of several calls under way one may have been given the lease.
    if (value) this.#token = value.token;
    else if (fence.token === (this.#token ?? 0)) this.#token = undefined;
    return value ? { value, appended } : undefined;
  }

  get #liveChannel(): string {
    return `${this.#tag}:live`;
  }

  #replicaOf(pool: string): PoolReplica {
    let replica = this.#replicas.get(pool);
    if (!replica) {
      const source = {
        changes: async (query: object) => (await this.#step<PoolChanges>('waiting', query, 0)).value,
        scan: async (of: string, sizes: string, cursor: string) =>
          (await this.#step<{ cursor: string; waiting: WireWaiting[] }>('scanQueue', { pool: of, sizes, cursor }, 0))
            .value,
      };
      this.#replicas.set(pool, (replica = new PoolReplica(pool, source)));
    }
    return replica;
  }

  async #page<T>(name: string, of: object, after: string | undefined, limit: number, now = 0): Promise<Page<T>> {
    type Wire = { readonly items: T[]; readonly next: Place | null };
    const args = { ...of, after: after === undefined ? undefined : readPlace(after), limit };
    const { items, next } = (await this.#step<Wire>(name, args, now)).value;
    return { items, ...(next && { next: writePlace(next) }) };
  }

  async #found(name: string, args: object, now: number): Promise<FoundParticipant> {
    const { value, appended } = await this.#step<Omit<FoundParticipant, 'appended'>>(name, args, now);
    return { ...value, appended };
  }

  async #committed(name: string, args: object, now: number): Promise<Commit> {
    return { appended: (await this.#step(name, args, now)).appended };
  }

  async #step<T>(name: string, args: object, now: number): Promise<Done<T>> {
    const reply = await this.#take<T>(name, [asJson(args)], now);
    return { value: reply.value, appended: readAppended(reply) };
  }

  async #take<T>(name: string, given: readonly string[], now: number): Promise<Taken<T>> {
    const answer = await this.#line.take([name, String(now), isoOf(now), String(given.length), ...given]);
    if (answer.startsWith('!')) throw new Error(answer.slice(1));
    const reply = JSON.parse(answer) as Reply<T>;
    if (!('refused' in reply)) return reply;
    this.#untold.push(...readAppended(reply));
    throw readRefusal(reply.refused);
  }

  /** Takes steps by one call; what they have written is known by its number until they are answered. */
  async #call(steps: readonly string[]): Promise<readonly string[]> {
    const call = ++this.#calls;
    this.#feed?.begin(call);
    try {
      const answers = await this.#callWithLimits(`${this.#instance}.${call}`, steps);
      this.#feed?.answered(call);
      return answers;
    } catch (error) {
      if (error instanceof ChatError) this.#feed?.lost(call);
      else this.#feed?.answered(call);
      throw error;
    }
  }

  async #callWithLimits(origin: string, steps: readonly string[]): Promise<readonly string[]> {
    const { digest, json } = this.#limits;
    try {
      return await this.connection.call<string[]>(this.#tag, [origin, digest, '', ...steps]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('LIMITS'))) throw error;
    }
    return this.connection.call<string[]>(this.#tag, [origin, digest, json, ...steps]);
  }
}

/** What a claim names: of each ticket `version:id`, with a space between. */
const groupsOf = ({ groups }: Claim) =>
  groups.map(({ tickets, reasons }) => ({
    tickets: tickets.map(({ id, version }) => `${version}:${id}`).join(' '),
    reasons: JSON.stringify(reasons),
  }));

/** JSON that Lua can read: a lone surrogate, which no stored text and no id holds, becomes a mark. */
function asJson(args: object): string {
  const json = JSON.stringify(args);
  if (!json.includes('\\ud')) return json;
  return JSON.stringify(args, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
}

/** Lua has no null: what is null is left out. */
function withoutNull(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}
