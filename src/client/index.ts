export { Backoff, type BackoffOptions } from './backoff.js';
export { type ChatClient, type ChatClientOptions, type ChatStorage, type Saved, type Wish } from './chat-client.js';
export type {
  ChatState,
  Conversation,
  Entry,
  Happening,
  HappeningEntry,
  Link,
  MessageEntry,
  Notice,
  Offer,
  Partner,
  Person,
  Ticket,
} from './chat-state.js';
export {
  type Connection,
  ConnectionLost,
  type Facts,
  type Following,
  type HeardEvent,
  type Listener,
  type PoolFacts,
  type Position,
  Refusal,
  type ServerFacts,
  ToolFailure,
} from './connection.js';
export { ANOTHER_PARTICIPANT, CHAT_EXTENSION } from './extension.js';
export { followEvents } from './follow-events.js';
export { HostConnection, type HostConnectionOptions, type ToolCaller, type Visibility } from './host-connection.js';
export { HttpConnection, type HttpConnectionOptions } from './http-connection.js';
export type { ServerSettings } from './server-settings.js';
export { createChatClient } from './live-chat-client.js';
export { MemoryStorage } from './memory-storage.js';
export { type KeyValueStorage, SessionStorage } from './session-storage.js';
