import { jest } from '@jest/globals';
import type { ChatClient, ChatState, Conversation, MessageEntry, Partner, Ticket } from '../../../src/client/index.js';

const NOTHING: ChatState = {
  link: { state: 'connecting' },
  me: undefined,
  pools: [],
  messageMaxCharacters: undefined,
  tickets: [],
  conversations: [],
  notices: [],
};

export const AT = Date.UTC(2026, 10, 22, 20, 15, 30);

export const ben: Partner = { userId: 'u_ben', displayName: 'Ben', presence: 'here' };
export const cleo: Partner = { userId: 'u_cleo', displayName: 'Cleo', presence: 'here' };

export const ticketOf = (more: Partial<Ticket> = {}): Ticket => ({
  ticketId: 't_1',
  pool: 'default',
  position: 2,
  queueLength: 5,
  estimatedWaitSeconds: 40,
  since: AT,
  reasons: [],
  ...more,
});

export const conversationOf = (more: Partial<Conversation> = {}): Conversation => ({
  roomId: 'r_1',
  pool: 'default',
  partners: [ben],
  reasons: [],
  active: true,
  entries: [{ kind: 'happening', key: 'opened', what: 'opened', at: AT }],
  hasOlder: false,
  unread: 0,
  typing: [],
  ...more,
});

let keys = 0;
export const messageOf = (text: string, more: Partial<MessageEntry> = {}): MessageEntry => ({
  kind: 'message',
  key: `m_${keys++}`,
  text,
  mine: false,
  sender: { ...ben, provenance: 'human' },
  at: AT,
  ...more,
});

/** A client whose state a test sets; it records what it is asked for. */
export function fakeChatClient() {
  let state = NOTHING;
  const listeners = new Set<() => void>();
  const asked = <T>(answer: T) => jest.fn(async (..._args: unknown[]) => answer);
  const client = {
    get state() {
      return state;
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: jest.fn(async () => become({ link: { state: 'online' } })),
    reconnect: jest.fn(),
    refresh: asked(undefined),
    adopt: asked(undefined),
    stop: asked(undefined),
    enterQueue: asked(undefined),
    leaveQueue: asked(undefined),
    respond: asked(undefined),
    joinRoom: asked('r_1'),
    send: asked(undefined),
    retry: asked(undefined),
    typing: jest.fn(),
    loadOlder: asked(undefined),
    markRead: jest.fn(),
    leave: asked(undefined),
    next: asked(undefined),
    block: asked(undefined),
    report: asked(undefined),
    close: jest.fn((roomId: string) =>
      become({ conversations: state.conversations.filter((conversation) => conversation.roomId !== roomId) }),
    ),
    dismiss: jest.fn((id: number) => become({ notices: state.notices.filter((notice) => notice.id !== id) })),
  } satisfies ChatClient;
  function become(more: Partial<ChatState>): void {
    state = { ...state, ...more };
    for (const listener of [...listeners]) listener();
  }
  /** Adds to the entries of a conversation that is there. */
  function say(roomId: string, ...entries: Conversation['entries']): void {
    become({
      conversations: state.conversations.map((conversation) =>
        conversation.roomId === roomId
          ? { ...conversation, entries: [...conversation.entries, ...entries] }
          : conversation,
      ),
    });
  }
  return { client, become, say };
}
