import type { Message, MessagePage } from '../domain/room.js';
import type { OutboxRecord } from './outbox.js';
import type { MessageQuery } from './state-store.js';

export interface HistoryPage extends MessagePage {
  /** The last message of the room that history has taken in; later ones are on their way. */
  readonly lastSeq: number;
}

/** A message found by its text. */
export interface FoundMessage extends Message {
  readonly roomId: string;
}

export interface SearchQuery {
  /**
   * What people type into a search box, 1 to 200 characters: words that must all be there in any order, `"a phrase"`,
   * `-not` and `or`. Whatever else is typed is no error.
   */
  readonly text: string;
  readonly roomId?: string;
  /** The `next` of the page before; one that is none finds nothing. */
  readonly before?: string;
  /** 1 to 100. */
  readonly limit: number;
}

export interface FoundPage {
  /** Newest first. */
  readonly messages: readonly FoundMessage[];
  /** Pass as `before` for the page that follows, if there is one. */
  readonly next?: string;
}

/**
 * What rooms were and what was said in them, for longer than the state keeps it. It is fed from the outbox, so it is
 * a little behind the state, and further while it cannot be reached; then every operation throws `unavailable`.
 */
export interface HistoryStore {
  /**
   * Takes records in, in the order in which they happened. One that was taken before changes nothing, whoever brings it; of
   * two messages in one place of a room the first stays. Nothing of a participant that was forgotten is taken.
   */
  append(records: readonly OutboxRecord[]): Promise<void>;
  /** What the participant may read of a room it is or was in; undefined when it never was, or the room is not known. */
  messages(participantId: string, roomId: string, query: MessageQuery): Promise<HistoryPage | undefined>;
  /**
   * Searches the rooms that the participant is or was in, for what it may read there. Undefined when it never was in the one
   * that was asked for.
   */
  search(participantId: string, query: SearchQuery): Promise<FoundPage | undefined>;
  /** Deletes what a participant wrote and who it was, now and for ever. Returns how many messages were deleted. */
  forget(participantId: string): Promise<number>;
  /**
   * Deletes what is older than its pool allows. `retentionMs` by pool name, `''` for named rooms and pools not listed; 0
   * keeps for ever. One instance does it at a time. Returns how many messages were deleted.
   */
  prune(retentionMs: ReadonlyMap<string, number>, now: number): Promise<number>;
  /** Ends its connections. */
  close(): Promise<void>;
}
export const HistoryStore = Symbol.for('parley/HistoryStore');

/** What bringing tables up to date came to: migrations by name, in the order in which they are applied. */
export interface MigrationReport {
  readonly present: readonly string[];
  /** Applied just now, or not applied when it was only asked. */
  readonly missing: readonly string[];
}
