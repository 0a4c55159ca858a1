import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { ParleyConfig, type PoolSettings } from '../config/index.js';
import { ChatError, invalidArguments } from '../domain/errors.js';
import type { Message, MessagePage, RoomView } from '../domain/room.js';
import { requireLabel, requireMessage, requireStorable } from '../domain/text.js';
import type { Reason, Ticket } from '../domain/ticket.js';
import { CaseDesk, ModerationGate, type Passed } from '../moderation/index.js';
import { NotificationsService } from '../notifications/index.js';
import { type Awaitable, then } from '../ports/awaitable.js';
import { Clock } from '../ports/clock.js';
import { type FoundPage, HistoryStore, type SearchQuery } from '../ports/history-store.js';
import { Ids } from '../ports/ids.js';
import { type Choice, type Claimed, type Commit, type MessageQuery, StateStore } from '../ports/state-store.js';
import { readBack } from './read-back.js';

/** Longest name of a room and longest reason of a report, in characters. */
const ROOM_NAME_MAX = 100;
const REPORT_REASON_MAX = 1_000;

export interface Sent extends Message {
  /** Others read what a moderator made of it. */
  readonly masked?: true;
}

export interface Joined {
  readonly status: 'room_created' | 'joined';
  readonly room: RoomView;
  /** Log position just before the call took effect. */
  readonly position: number;
}

/** Tickets for one room, and why they belong together. */
export interface TicketGroup {
  readonly tickets: readonly Ticket[];
  readonly reasons: readonly Reason[];
}

/** What became of groups. */
export interface Opened extends Choice {
  /** Undefined when it is offered first. */
  readonly room: (Commit & Claimed) | undefined;
}

/** A group that was put into a room, or offered one. */
export interface Group {
  readonly pool: string;
  /** Tickets of open rooms included. */
  readonly tickets: readonly Ticket[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Rooms and what is said in them. Every call acts for one participant and renews its presence. */
@Injectable()
export class RoomsService implements OnModuleDestroy {
  readonly #groups = new Subject<Group>();

  /** Every group that this instance found, after it was taken. Subscribe with `subscribeSafely`. */
  readonly groups: Observable<Group> = this.#groups.asObservable();

  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    private readonly notifications: NotificationsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    private readonly gate: ModerationGate,
    private readonly cases: CaseDesk,
    @Inject(HistoryStore) private readonly history: HistoryStore | null = null,
  ) {}

  onModuleDestroy(): void {
    this.#groups.complete();
  }

  /**
   * Opens a room for the first group that can be taken whole, or lets it into the open room that one of its tickets
   * stands for. In a pool that asks first, everybody is offered the match instead.
   * @returns which group; its room, who is in it and what they were told, unless it was offered; undefined: none
   */
  async openFor(pool: PoolSettings, groups: readonly TicketGroup[]): Promise<Opened | undefined> {
    const now = this.clock.now();
    const { name, acceptMs, decliner, backfill } = pool;
    const claim = { pool: name, roomId: this.ids.uuid(), groups, backfill };
    const room = acceptMs > 0 ? undefined : await this.state.claim(claim, now);
    const offer = () => ({ ...claim, offerId: this.ids.uuid(), expiresAt: now + acceptMs, decliner });
    const taken = acceptMs > 0 ? await this.state.offer(offer(), now) : room;
    if (!taken) return undefined;
    const { choice } = taken;
    if (this.#groups.observed) this.#groups.next({ pool: name, tickets: groups[choice]!.tickets, at: now });
    this.#published(taken);
    return { choice, room };
  }

  /** Joins the room of that name, creating it if there is none. `capacity` is 2 to 50. */
  async join(participantId: string, roomName: string, capacity: number): Promise<Joined> {
    const name = requireLabel('room_name', roomName, ROOM_NAME_MAX);
    const roomId = this.ids.uuid();
    const { appended, ...joined } = await this.state.join({ participantId, name, capacity, roomId }, this.clock.now());
    this.notifications.publish(appended);
    return joined;
  }

  /**
   * Sends a message; with a `clientMessageId` seen before it sends nothing and returns the first result.
   * @throws ChatError `message_refused`, by a moderator; `unavailable`, when one cannot tell
   */
  send(participantId: string, roomId: string, text: string, clientMessageId?: string): Awaitable<Sent> {
    requireMessage(text, this.config.messageMaxCharacters);
    if (clientMessageId !== undefined) requireStorable('client_message_id', clientMessageId);
    if (this.gate.active) return this.#sendJudged(participantId, roomId, text, clientMessageId);
    return then(this.#post(participantId, roomId, text, clientMessageId), ({ message }) => message);
  }

  async #sendJudged(participantId: string, roomId: string, text: string, clientMessageId?: string): Promise<Sent> {
    const passed = await this.#judged(participantId, roomId, text, clientMessageId);
    if ('messageId' in passed) return passed;
    const { message, duplicate } = await this.#post(participantId, roomId, passed.text, clientMessageId);
    if (passed.flags.length > 0 && !duplicate) this.cases.flag(participantId, roomId, passed.flags);
    return asSent(message, text);
  }

  #post(participantId: string, roomId: string, text: string, clientMessageId?: string) {
    const post = { participantId, roomId, messageId: this.ids.uuid(), text, clientMessageId };
    return then(this.state.post(post, this.clock.now()), (posted) => {
      this.notifications.publish(posted.appended);
      return posted;
    });
  }

  /** Leaves at once; the others are told, and the room closes when too few remain. */
  async leave(participantId: string, roomId: string): Promise<void> {
    this.#published(await this.state.leave(participantId, roomId, this.clock.now()));
  }

  async room(participantId: string, roomId: string): Promise<RoomView> {
    return this.#published(await this.state.room(participantId, roomId, this.clock.now())).room;
  }

  /** The active rooms of a participant, oldest first. */
  async list(participantId: string): Promise<readonly RoomView[]> {
    return this.#published(await this.state.rooms(participantId, this.clock.now())).rooms;
  }

  /** Reads a page; what has left the state comes from history, where there is one. `limit` is at least 1. */
  async messages(participantId: string, roomId: string, query: MessageQuery): Promise<MessagePage> {
    const { history } = this;
    let page: MessagePage;
    try {
      page = this.#published(await this.state.messages(participantId, roomId, query, this.clock.now())).page;
    } catch (error) {
      const isGone = error instanceof ChatError && error.code === 'room_not_found';
      const kept = isGone ? await history?.messages(participantId, roomId, query) : undefined;
      if (!kept) throw error;
      return kept;
    }
    if (!history || !page.truncated) return page;
    return readBack(page, query, (older) => history.messages(participantId, roomId, older));
  }

  /**
   * Searches what the participant may read, in all of its rooms or in one, as far as history has it.
   * @throws ChatError `room_not_found`, `unavailable`
   */
  async search(participantId: string, query: SearchQuery): Promise<FoundPage> {
    if (query.text.trim() === '') throw invalidArguments('query must not be blank');
    requireStorable('query', query.text);
    if (!this.history) throw new Error('There is no history to search');
    const found = await this.history.search(participantId, query);
    // History may not have heard of a new room yet.
    if (!found && query.roomId !== undefined) await this.room(participantId, query.roomId);
    return found ?? { messages: [] };
  }

  async setTyping(participantId: string, roomId: string, typing: boolean): Promise<void> {
    const { members } = await this.room(participantId, roomId);
    const self = members.find((member) => member.user_id === participantId);
    if (!self) return;
    const partner = { user_id: self.user_id, display_name: self.display_name };
    for (const member of members) {
      if (member !== self)
        this.notifications.live(member.user_id, 'partner.typing', { room_id: roomId, partner, typing });
    }
  }

  /** Keeps the two apart from now on, whoever asked for it. */
  async block(participantId: string, roomId: string, userId: string): Promise<void> {
    this.#published(await this.state.block(participantId, roomId, userId, this.clock.now()));
  }

  /** Opens a case for the operators, or adds to the one there is, with what was said last. */
  async report(participantId: string, roomId: string, userId: string, reason = ''): Promise<void> {
    const words = reason === '' ? '' : requireLabel('reason', reason.replaceAll(/\s+/g, ' '), REPORT_REASON_MAX);
    const report = { reporter: participantId, userId, roomId };
    const { evidence } = this.#published(await this.state.report(report, this.clock.now()));
    await this.cases.report(evidence, words);
  }

  /** What others may read of a message; or the one that was sent already, whatever would be said of it now. */
  async #judged(participantId: string, roomId: string, text: string, clientMessageId?: string): Promise<Passed | Sent> {
    try {
      return await this.gate.judge({ kind: 'message', text, participantId, roomId });
    } catch (error) {
      const first =
        clientMessageId === undefined ? undefined : await this.state.sent(participantId, roomId, clientMessageId);
      if (!first) throw error;
      return asSent(first, text);
    }
  }

  #published<T extends Commit>(commit: T): T {
    this.notifications.publish(commit.appended);
    return commit;
  }
}

const asSent = (message: Message, written: string): Sent =>
  message.text === written ? message : { ...message, masked: true };
