import type { ChatState } from './chat-state.js';
import type { Connection } from './connection.js';

/** What survives a reload: who one is, and what one last looked for. Treat it as a secret. */
export interface Saved {
  readonly participantToken: string;
  readonly displayName: string;
  readonly wish?: Wish;
}

export interface ChatStorage {
  load(): Saved | undefined;
  save(saved: Saved): void;
  clear(): void;
}

/** What one looks for. */
export interface Wish {
  readonly displayName: string;
  /** Default: the server's. */
  readonly pool?: string;
  /** Become the attribute `interests`. */
  readonly interests?: readonly string[];
  readonly groupSize?: number;
}

export interface ChatClientOptions {
  readonly connection: Connection;
  readonly storage?: ChatStorage;
  /** Milliseconds since the epoch; `Date.now` by default. */
  readonly now?: () => number;
  /** Between 0 and 1, for the spread of retries; `Math.random` by default. */
  readonly random?: () => number;
}

/**
 * A conversation as a person's face has it, whatever shows it: web page, window in a host, terminal. Holds one
 * participant, follows its events from a cursor, comes back by itself after a lost connection or a restarted server, and
 * shows all of it as one immutable state. Runs in browsers and in Node.js.
 */
export interface ChatClient {
  readonly state: ChatState;
  /** Calls back after each change, with the state readable from `state`. Returns how to stop. */
  subscribe(listener: () => void): () => void;

  /** Connects, and takes up what `storage` knows. Never rejects: what goes wrong is in `state`. */
  start(): Promise<void>;
  /** Tries again at once, while reconnecting or refused. */
  reconnect(): void;
  /** Looks again where one stands, e.g. when the window is shown again. */
  refresh(): Promise<void>;
  /**
   * Takes up a participant that somebody else made, e.g. the model in whose host the window is.
   * @param participantToken empty: the principal's own participant
   */
  adopt(participantToken: string): Promise<void>;
  /** Closes the connection and keeps what was saved. */
  stop(): Promise<void>;

  /** @throws ToolFailure, ConnectionLost */
  enterQueue(wish: Wish): Promise<void>;
  /** @throws ToolFailure, ConnectionLost */
  leaveQueue(pool?: string): Promise<void>;
  /** @throws ToolFailure, ConnectionLost */
  respond(offerId: string, accept: boolean): Promise<void>;
  /** Resolves with the room's id. @throws ToolFailure, ConnectionLost */
  joinRoom(name: string, displayName: string): Promise<string>;

  /**
   * Sends a message; it is in the conversation at once. While there is no connection it waits for one, and is sent once
   * whatever happens. Settles when it was sent or has failed. Never rejects: what the server refuses becomes `failed`.
   */
  send(roomId: string, text: string): Promise<void>;
  /** Sends a failed message again. */
  retry(roomId: string, key: string): Promise<void>;
  /** Tells the partners that one is writing; call it with every key: it is sent once in a while only. */
  typing(roomId: string): void;
  /** Reads older messages in front of the first. @throws ToolFailure, ConnectionLost */
  loadOlder(roomId: string): Promise<void>;
  markRead(roomId: string): void;

  /** @throws ToolFailure, ConnectionLost */
  leave(roomId: string): Promise<void>;
  /** Leaves, and looks for somebody else with the last wish. @throws ToolFailure, ConnectionLost */
  next(roomId: string): Promise<void>;
  /** @throws ToolFailure, ConnectionLost */
  block(roomId: string, userId: string, reason?: string): Promise<void>;
  /** @throws ToolFailure, ConnectionLost */
  report(roomId: string, userId: string, reason?: string): Promise<void>;
  /** Takes an ended conversation out of the state. */
  close(roomId: string): void;
  dismiss(noticeId: number): void;
}
