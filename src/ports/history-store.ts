import type { Message, MessagePage } from '../domain/room.js';
import type { OutboxRecord } from './outbox.js';
import type { MessageQuery } from './state-store.js';

/** A message found by its text. */
export interface FoundMessage extends Message {
  readonly roomId: string;
}

export interface SearchQuery {
  /** Words that the message must hold, as people type them into a search box: 1 to 200 characters. */
  readonly text: string;
  readonly roomId?: string;
  /** The `next` of the page before. */
  readonly before?: string;
  readonly limit: number;
}

export interface FoundPage {
  /** Newest first. */
  readonly messages: readonly FoundMessage[];
  readonly next?: string;
}

/**
 * What rooms were and what was said in them, for longer than the state keeps it. It is fed from the outbox, so it is
 * a little behind the state, and further while it cannot be reached; then every operation throws `unavailable`.
 */
export interface HistoryStore {
  /** Takes records in, all or none; one that was taken before changes nothing. */
  append(records: readonly OutboxRecord[]): Promise<void>;
  /** What the participant may read of a room it is or was in; undefined when it never was, or the room is not known. */
  messages(participantId: string, roomId: string, query: MessageQuery): Promise<MessagePage | undefined>;
  /** Searches the rooms that the participant is or was in, for what it may read there. */
  search(participantId: string, query: SearchQuery): Promise<FoundPage>;
  /** Deletes what a participant wrote and who it was. Returns how many messages were deleted. */
  forget(participantId: string): Promise<number>;
  /**
   * Deletes what is older than its pool allows. `retentionMs` by pool name, `''` for named rooms and pools not listed; 0
   * keeps for ever. Returns how many messages were deleted.
   */
  prune(retentionMs: ReadonlyMap<string, number>, now: number): Promise<number>;
}
export const HistoryStore = Symbol.for('parley/HistoryStore');
