import type { ChatState, Conversation, Happening, MessageEntry, Partner, Person } from './chat-state.js';
import { happening, latest, withHappening, withMessage } from './entries.js';
import type { Page, Room, SentMessage } from './wire.js';

/** Key of an end that the server's answers imply before the event that explains it was heard. */
const UNEXPLAINED = 'closed?';

export const conversationOf = (state: ChatState, roomId: string): Conversation | undefined =>
  state.conversations.find((conversation) => conversation.roomId === roomId);

/** Changes one conversation; all else keeps its identity. Unknown rooms change nothing. */
export function inConversation(
  state: ChatState,
  roomId: string,
  change: (conversation: Conversation) => Conversation,
): ChatState {
  const index = state.conversations.findIndex((conversation) => conversation.roomId === roomId);
  const before = state.conversations[index];
  if (!before) return state;
  const after = change(before);
  return after === before ? state : { ...state, conversations: state.conversations.with(index, after) };
}

/**
 * Adds a conversation, or takes an ended one up again.
 * @param at when it began, in milliseconds since the epoch; undefined: long ago
 */
export function opened(state: ChatState, room: Room, at: number | undefined): ChatState {
  if (!conversationOf(state, room.roomId)) {
    const conversation: Conversation = {
      roomId: room.roomId,
      ...(room.pool !== undefined && { pool: room.pool }),
      ...(room.roomName !== undefined && { roomName: room.roomName }),
      partners: room.partners.map(here),
      reasons: room.reasons,
      active: true,
      ...(room.supervised && { supervised: true }),
      entries: at === undefined ? [] : [happening('opened', at)],
      hasOlder: false,
      unread: 0,
      typing: [],
    };
    return { ...state, conversations: [...state.conversations, conversation] };
  }
  return inConversation(state, room.roomId, (conversation) => {
    const current = withSupervision(withPartners(conversation, room.partners), room.supervised);
    const reasons = room.reasons.length > 0 && current.reasons.length === 0 ? room.reasons : current.reasons;
    if (current.active) return reasons === current.reasons ? current : { ...current, reasons };
    const entries = explained(current).entries;
    const again = happening('opened', latest(entries, at ?? 0));
    return { ...current, reasons, active: true, entries: withHappening(entries, again) };
  });
}

const here = (person: Person): Partner => ({ ...person, presence: 'here' });

/** Those who are there now; others whom one has met are gone, if they are not away. */
export function withPartners(conversation: Conversation, present: readonly Person[]): Conversation {
  const known = conversation.partners.map((partner): Partner => {
    const now = present.find(({ userId }) => userId === partner.userId);
    const presence = now ? 'here' : partner.presence === 'here' ? 'gone' : partner.presence;
    const displayName = now?.displayName ?? partner.displayName;
    return presence === partner.presence && displayName === partner.displayName
      ? partner
      : { ...partner, displayName, presence };
  });
  const fresh = present.filter(({ userId }) => known.every((partner) => partner.userId !== userId)).map(here);
  const same = fresh.length === 0 && known.every((partner, index) => partner === conversation.partners[index]);
  return same ? conversation : { ...conversation, partners: [...known, ...fresh] };
}

/** Says whether an operator watches; undefined changes nothing. */
export function withSupervision(conversation: Conversation, supervised: boolean | undefined): Conversation {
  if (supervised === undefined || supervised === (conversation.supervised ?? false)) return conversation;
  const { supervised: _before, ...rest } = conversation;
  return supervised ? { ...rest, supervised } : rest;
}

/** Says how one partner is. */
export function withPresence(
  conversation: Conversation,
  who: Person,
  presence: Partner['presence'],
  what: Happening,
  at: number,
): Conversation {
  const { partners, entries, typing } = explained(conversation);
  const index = partners.findIndex(({ userId }) => userId === who.userId);
  const partner = { ...who, presence };
  return {
    ...conversation,
    partners: index < 0 ? [...partners, partner] : partners.with(index, partner),
    typing: typing.filter((userId) => userId !== who.userId),
    entries: withHappening(entries, happening(what, at, who)),
  };
}

/** Ends a conversation, or explains its end. One whose end is explained stays as it is. */
export function ended(conversation: Conversation, what: Happening, now: number): Conversation {
  const current = explained(conversation);
  if (!conversation.active && current === conversation) return conversation;
  const entry = happening(what, latest(current.entries, now));
  return { ...current, active: false, typing: [], entries: withHappening(current.entries, entry) };
}

/** Ends a conversation that the server no longer lists, until an event says why. */
export function endedSomehow(conversation: Conversation, now: number): Conversation {
  const entry = { ...happening('closed', latest(conversation.entries, now)), key: UNEXPLAINED };
  return { ...conversation, active: false, typing: [], entries: withHappening(conversation.entries, entry) };
}

/** Without the end that nobody had explained, for an event that does. */
export function explained(conversation: Conversation): Conversation {
  const entries = conversation.entries.filter(({ key }) => key !== UNEXPLAINED);
  return entries.length === conversation.entries.length ? conversation : { ...conversation, entries };
}

/** Puts in messages that the server has; those of partners count as unread unless they are history. */
export function withMessages(
  state: ChatState,
  roomId: string,
  messages: readonly SentMessage[],
  { history = false } = {},
): ChatState {
  return inConversation(state, roomId, (conversation) => {
    let { entries, unread } = conversation;
    for (const message of messages) {
      const next = withMessage(entries, message);
      if (next !== entries && !message.mine && !history) unread++;
      entries = next;
    }
    return entries === conversation.entries ? conversation : { ...conversation, entries, unread };
  });
}

/** Puts in a page of what was said before. */
export function withHistory(state: ChatState, roomId: string, { messages, hasOlder }: Page): ChatState {
  const read = withMessages(state, roomId, messages, { history: true });
  return inConversation(read, roomId, (conversation) =>
    conversation.hasOlder === hasOlder ? conversation : { ...conversation, hasOlder },
  );
}

/** Puts in a message that is about to be sent, behind all others. One that failed moves there. */
export function sending(state: ChatState, roomId: string, message: MessageEntry): ChatState {
  return inConversation(state, roomId, (conversation) => ({
    ...conversation,
    entries: [...conversation.entries.filter(({ key }) => key !== message.key), message],
  }));
}

/**
 * The server has put a message into everybody's log: it moves to its place.
 * @param masked what others read, where that is not what was written
 */
export function sent(
  state: ChatState,
  roomId: string,
  key: string,
  seq: number,
  at: number,
  masked?: string,
): ChatState {
  return inConversation(state, roomId, (conversation) => {
    const entry = conversation.entries.find((other) => other.key === key);
    if (entry?.kind !== 'message') return conversation;
    const rest = conversation.entries.filter(
      (other) => other !== entry && !(other.kind === 'message' && other.seq === seq),
    );
    const { failure: _failure, ...message } = entry;
    const text = masked ?? message.text;
    return { ...conversation, entries: withMessage(rest, { ...message, text, seq, at, delivery: 'sent' }) };
  });
}

export function failed(state: ChatState, roomId: string, key: string, failure: string): ChatState {
  return inConversation(state, roomId, (conversation) => ({
    ...conversation,
    entries: conversation.entries.map((entry) =>
      entry.kind === 'message' && entry.key === key ? { ...entry, delivery: 'failed' as const, failure } : entry,
    ),
  }));
}

export function withTyping(conversation: Conversation, userId: string, typing: boolean): Conversation {
  if (conversation.typing.includes(userId) === typing) return conversation;
  const others = conversation.typing.filter((other) => other !== userId);
  return { ...conversation, typing: typing ? [...others, userId] : others };
}
