import type { ChatState, Conversation, Link, Notice } from './chat-state.js';
import type { ServerFacts } from './connection.js';
import { inConversation } from './conversations.js';
import { Observable } from './observable.js';
import { same } from './same.js';

const NOTICES_MAX = 5;

const NOTHING: ChatState = {
  link: { state: 'closed' },
  me: undefined,
  pools: [],
  messageMaxCharacters: undefined,
  tickets: [],
  conversations: [],
  notices: [],
};

/** The one state of a client, and the small ways to change it. */
export class ChatStore extends Observable<ChatState> {
  #notices = 0;

  constructor() {
    super(NOTHING);
  }

  change(change: (state: ChatState) => ChatState): void {
    this.set(change(this.value));
  }

  inConversation(roomId: string, change: (conversation: Conversation) => Conversation): void {
    this.change((state) => inConversation(state, roomId, change));
  }

  link(link: Link): void {
    this.change((state) => (same(state.link, link) ? state : { ...state, link }));
  }

  server({ pools, messageMaxCharacters }: ServerFacts): void {
    this.change((state) => {
      if (same(state.pools, pools) && state.messageMaxCharacters === messageMaxCharacters) return state;
      return { ...state, pools, messageMaxCharacters };
    });
  }

  notice(tone: Notice['tone'], text: string): void {
    const notice = { id: ++this.#notices, tone, text };
    this.change((state) => ({ ...state, notices: [...state.notices, notice].slice(-NOTICES_MAX) }));
  }

  dismiss(noticeId: number): void {
    this.change((state) => {
      const notices = state.notices.filter(({ id }) => id !== noticeId);
      return notices.length === state.notices.length ? state : { ...state, notices };
    });
  }
}
