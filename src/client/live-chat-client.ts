import { visible } from '../domain/text.js';
import type { ChatClient, ChatClientOptions, ChatStorage, Saved, Wish } from './chat-client.js';
import { inTickets, isPuzzling, noticeOf, withoutOffer, withoutTickets } from './chat-reducer.js';
import type { ChatState, Ticket } from './chat-state.js';
import { ChatStore } from './chat-store.js';
import { ConnectionLost, type Facts, type HeardEvent, ToolFailure } from './connection.js';
import { conversationOf, ended, failed, opened, sending, sent, withTyping } from './conversations.js';
import { History } from './history.js';
import { type Letter, Outbox } from './outbox.js';
import { randomId } from './random-id.js';
import { same } from './same.js';
import { Session } from './session.js';
import { TypingClock } from './typing-clock.js';
import { type Room, roomFrom, type Standing, ticketFrom } from './wire.js';

const DEFAULT_POOL = 'default';

/** Creates the client; `start` connects it. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return new LiveChatClient(options);
}

/** The client over a connection: what a person does, and what follows from what is heard. */
class LiveChatClient implements ChatClient {
  readonly #storage: ChatStorage | undefined;
  readonly #now: () => number;
  readonly #store = new ChatStore();
  readonly #session: Session;
  readonly #outbox: Outbox;
  readonly #history: History;
  readonly #typing: TypingClock;
  /** What was typed, by key, until the server has it. */
  readonly #unsent = new Map<string, string>();
  #saved: Saved | undefined;
  #displayName = '';
  #wish: Wish | undefined;
  /** To be looked for again: the server forgot somebody who was waiting. */
  #wishAgain: Wish | undefined;
  /** Calls that enter a queue or a room: when the server has forgotten the participant, they come as another. */
  #entering = 0;
  /** Counts events about tickets, to see whether an answer is older than they are. */
  #ticketEvents = 0;

  constructor({ connection, storage, now = Date.now, random = Math.random }: ChatClientOptions) {
    this.#storage = storage;
    this.#now = now;
    const store = this.#store;
    this.#session = new Session({
      connection,
      store,
      now,
      random,
      onEvent: (event, before) => this.#heard(event, before),
      onStanding: (standing, isFirst) => this.#stands(standing, isFirst),
      onForgotten: () => this.#forgotten(),
      onConnected: () => this.#enterAgain(),
      onOnline: () => this.#outbox.resume(),
    });
    this.#outbox = new Outbox({
      send: (roomId, letter) => this.#deliver(roomId, letter),
      failed: (roomId, key, failure) => store.change((state) => failed(state, roomId, key, failure)),
      isOnline: () => this.#session.online,
      idle: (roomId) => this.#catchUp(roomId),
    });
    this.#history = new History(
      store,
      (args) => this.#session.call('get_messages', args),
      (roomId) => this.#outbox.isBusy(roomId),
    );
    this.#typing = new TypingClock(now, (roomId, userId) =>
      store.inConversation(roomId, (conversation) => withTyping(conversation, userId, false)),
    );
  }

  get state(): ChatState {
    return this.#store.value;
  }

  subscribe(listener: () => void): () => void {
    return this.#store.subscribe(listener);
  }

  async start(): Promise<void> {
    const saved = this.#session.token === undefined ? this.#storage?.load() : undefined;
    if (saved) {
      this.#session.become(saved.participantToken);
      this.#displayName = saved.displayName;
      this.#wish = saved.wish;
    }
    await this.#session.start();
  }

  reconnect(): void {
    this.#session.wake();
  }

  async refresh(): Promise<void> {
    if (this.#session.online) await this.#session.look();
    else this.#session.wake();
  }

  async adopt(participantToken: string): Promise<void> {
    if (this.#session.token === participantToken) return this.refresh();
    this.#session.become(participantToken);
    this.#clear();
    this.#wish = undefined;
    this.#wishAgain = undefined;
    this.#store.change((state) => ({ ...state, me: undefined, tickets: [], conversations: [] }));
    await this.#session.takeUp();
  }

  async stop(): Promise<void> {
    this.#outbox.clear();
    this.#typing.clear();
    await this.#session.stop();
  }

  async enterQueue(wish: Wish): Promise<void> {
    const { displayName, pool = DEFAULT_POOL, interests, groupSize } = wish;
    const ticketEvents = this.#ticketEvents;
    const facts = await this.#enter('enter_queue', displayName, {
      display_name: displayName,
      pool,
      ...(interests && { attributes: interests.length > 0 ? { interests } : {} }),
      ...(groupSize !== undefined && { group_size: groupSize }),
    });
    this.#wish = wish;
    this.#wishAgain = undefined;
    this.#save();
    if (facts['room_id'] !== undefined) {
      this.#store.change((state) => withoutTickets(state, (ticket) => ticket.pool === pool));
      this.#opened(roomFrom({ pool, ...facts }), facts['status'] === 'matched');
    } else if (ticketEvents === this.#ticketEvents) {
      const ticket = ticketFrom({ pool, ...facts }, this.#now());
      const isSame = ({ ticketId }: Ticket) => ticketId === ticket.ticketId;
      this.#store.change((state) => ({ ...state, tickets: [...withoutTickets(state, isSame).tickets, ticket] }));
    }
    await this.#session.follow();
    void this.refresh();
  }

  async leaveQueue(pool?: string): Promise<void> {
    this.#wishAgain = undefined;
    await this.#session.call('leave_queue', pool === undefined ? {} : { pool });
    this.#store.change((state) => withoutTickets(state, (ticket) => pool === undefined || ticket.pool === pool));
  }

  async respond(offerId: string, accept: boolean): Promise<void> {
    const isConcerned = ({ offer }: Ticket) => offer?.offerId === offerId;
    const pool = this.state.tickets.find(isConcerned)?.pool;
    if (!accept) this.#store.change((state) => withoutOffer(state, isConcerned));
    try {
      const facts = await this.#session.call('respond_to_match', { offer_id: offerId, accept });
      if (facts['status'] === 'matched') {
        this.#store.change((state) => withoutTickets(state, isConcerned));
        this.#opened(roomFrom({ pool, ...facts }), true);
      } else if (facts['status'] === 'accepted') {
        this.#store.change((state) => {
          const offer = state.tickets.find(isConcerned)?.offer;
          return offer ? inTickets(state, isConcerned, { offer: { ...offer, accepted: true } }) : state;
        });
      }
    } finally {
      void this.refresh();
    }
  }

  async joinRoom(name: string, displayName: string): Promise<string> {
    const facts = await this.#enter('join_room', displayName, { room_name: name, display_name: displayName });
    this.#save();
    const room = roomFrom({ room_name: name, ...facts });
    this.#opened(room, false);
    await this.#session.follow();
    return room.roomId;
  }

  async send(roomId: string, text: string): Promise<void> {
    if (text.trim() === '') return;
    const key = randomId();
    this.#unsent.set(key, text);
    await this.#post(roomId, { key, text });
  }

  async retry(roomId: string, key: string): Promise<void> {
    const text = this.#unsent.get(key);
    const entry = conversationOf(this.state, roomId)?.entries.find((other) => other.key === key);
    if (text === undefined || entry?.kind !== 'message' || entry.delivery !== 'failed') return;
    await this.#post(roomId, { key, text });
  }

  typing(roomId: string): void {
    if (!this.#session.online || !conversationOf(this.state, roomId)?.active || !this.#typing.isNews(roomId)) return;
    this.#session.call('set_typing', { room_id: roomId }).catch(() => undefined);
  }

  async loadOlder(roomId: string): Promise<void> {
    await this.#history.older(roomId);
  }

  markRead(roomId: string): void {
    this.#store.inConversation(roomId, (conversation) =>
      conversation.unread === 0 ? conversation : { ...conversation, unread: 0 },
    );
  }

  async leave(roomId: string): Promise<void> {
    if (!conversationOf(this.state, roomId)?.active) return;
    try {
      await this.#session.call('leave_chat', { room_id: roomId });
    } catch (error) {
      // Whoever the server does not find in the room has left it.
      if (!(error instanceof ToolFailure) || error.retryable) throw error;
    }
    this.#outbox.abandon(roomId, 'You left before it was sent.');
    this.#store.inConversation(roomId, (conversation) => ended(conversation, 'left', this.#now()));
  }

  async next(roomId: string): Promise<void> {
    const pool = conversationOf(this.state, roomId)?.pool;
    await this.leave(roomId);
    await this.enterQueue(this.#wish ?? { displayName: this.#displayName, pool });
  }

  async block(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.#session.call('block_participant', { room_id: roomId, user_id: userId, ...(reason && { reason }) });
  }

  async report(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.#session.call('report_participant', { room_id: roomId, user_id: userId, ...(reason && { reason }) });
  }

  close(roomId: string): void {
    const conversation = conversationOf(this.state, roomId);
    if (!conversation || conversation.active) return;
    for (const { key } of conversation.entries) this.#unsent.delete(key);
    this.#history.forget(roomId);
    const isOther = ({ roomId: other }: { roomId: string }) => other !== roomId;
    this.#store.change((state) => ({ ...state, conversations: state.conversations.filter(isOther) }));
  }

  dismiss(noticeId: number): void {
    this.#store.dismiss(noticeId);
  }

  /** Calls a tool that makes a participant where there is none. */
  async #enter(tool: string, displayName: string, args: Facts): Promise<Facts> {
    this.#entering++;
    try {
      const known = this.#session.token;
      const facts = await this.#session.call(tool, args).catch((error: unknown) => {
        if (known === undefined || this.#session.token !== undefined) throw error;
        return this.#session.call(tool, args);
      });
      const {
        user_id,
        participant_token: token = this.#session.token ?? '',
        cursor,
      } = facts as Readonly<Record<string, string>>;
      if (token !== this.#session.token) this.#session.become(token, cursor);
      const me = { userId: user_id!, displayName: visible(displayName) };
      this.#displayName = displayName;
      this.#store.change((state) => ({ ...state, me }));
      return facts;
    } finally {
      this.#entering--;
    }
  }

  #opened(room: Room, isNew: boolean): void {
    const known = conversationOf(this.state, room.roomId);
    // It was heard of, and left, before the answer came.
    if (isNew && known && !known.active) return;
    if (isNew && !known) this.#history.begin(room.roomId);
    this.#store.change((state) => opened(state, room, this.#now()));
    this.#catchUp(room.roomId);
  }

  async #post(roomId: string, { key, text }: Letter): Promise<void> {
    const conversation = conversationOf(this.state, roomId);
    if (!conversation) return;
    const message = { kind: 'message', key, text: visible(text), mine: true, at: this.#now() } as const;
    this.#store.change((state) => sending(state, roomId, { ...message, delivery: 'sending' }));
    this.#typing.sent(roomId);
    if (conversation.active) await this.#outbox.post(roomId, { key, text });
    else this.#store.change((state) => failed(state, roomId, key, 'The conversation has ended.'));
  }

  async #deliver(roomId: string, { key, text }: Letter): Promise<void> {
    const args = { room_id: roomId, message: text, client_message_id: key };
    const { seq, timestamp, message } = await this.#session.call('send_message', args);
    this.#unsent.delete(key);
    const masked = typeof message === 'string' ? visible(message) : undefined;
    this.#store.change((state) => sent(state, roomId, key, seq as number, Date.parse(timestamp as string), masked));
  }

  #heard(event: HeardEvent, before: ChatState): void {
    const { room_id: roomId, partner, sender, typing } = event.data as unknown as LooseData;
    const notice = noticeOf(before, event);
    if (notice !== undefined) this.#store.notice('info', notice);
    switch (event.name) {
      case 'chatroom.found':
        this.#ticketEvents++;
        if (!conversationOf(before, roomId)) this.#history.begin(roomId);
        break;
      case 'match.offered':
      case 'match.withdrawn':
      case 'queue.expired':
      case 'queue.moved':
        this.#ticketEvents++;
        break;
      case 'message.received':
        this.#typing.heard(roomId, sender.user_id, false);
        this.#catchUp(roomId);
        break;
      case 'partner.typing':
        this.#typing.heard(roomId, partner.user_id, typing);
        break;
    }
    if (isPuzzling(this.state, event)) void this.refresh();
  }

  async #stands({ rooms, me }: Standing, isFirst: boolean): Promise<void> {
    this.#displayName = me.displayName;
    this.#save();
    // In a room that somebody else entered for us meanwhile, all is news.
    if (!isFirst) rooms.forEach(({ roomId }) => this.#history.begin(roomId));
    await Promise.all(rooms.map(({ roomId, lastSeq }) => this.#history.catchUp(roomId, lastSeq)));
  }

  /** Reads what is missing, if anything is. A lost connection is the session's business. */
  #catchUp(roomId: string): void {
    this.#history.catchUp(roomId).catch(() => undefined);
  }

  #forgotten(): void {
    const wasWaiting = this.state.tickets.length > 0;
    for (const { roomId } of this.state.conversations) {
      this.#outbox.abandon(roomId, 'The server has forgotten this conversation.');
    }
    this.#clear();
    this.#saved = undefined;
    this.#storage?.clear();
    const now = this.#now();
    this.#store.change((state) => ({
      ...state,
      me: undefined,
      tickets: [],
      conversations: state.conversations.map((one) => (one.active ? ended(one, 'lost', now) : one)),
    }));
    const again = wasWaiting && this.#wish !== undefined;
    this.#store.notice(
      'warning',
      `The server was restarted and does not know you any more. ${
        again ? 'You are put in the queue again.' : 'What was said stays here; look for somebody whenever you like.'
      }`,
    );
    if (!again || this.#entering > 0) return;
    this.#wishAgain = this.#wish;
    if (this.#session.online) this.#enterAgain().catch(() => undefined);
  }

  /** @throws ConnectionLost */
  async #enterAgain(): Promise<void> {
    if (!this.#wishAgain) return;
    try {
      await this.enterQueue(this.#wishAgain);
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      this.#wishAgain = undefined;
      this.#store.notice('error', `You could not be put in the queue again: ${(error as Error).message}.`);
    }
  }

  #clear(): void {
    this.#outbox.clear();
    this.#history.clear();
    this.#typing.clear();
    this.#unsent.clear();
  }

  #save(): void {
    const participantToken = this.#session.token;
    if (participantToken === undefined) return;
    const who = { participantToken, displayName: this.#displayName };
    const saved = this.#wish ? { ...who, wish: this.#wish } : who;
    if (same(saved, this.#saved)) return;
    this.#saved = saved;
    this.#storage?.save(saved);
  }
}

/** Of the events that are looked into here. */
interface LooseData {
  readonly room_id: string;
  readonly partner: { readonly user_id: string };
  readonly sender: { readonly user_id: string };
  readonly typing: boolean;
}
