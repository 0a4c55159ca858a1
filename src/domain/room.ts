import type { PublicProfile, Sender } from './participant.js';

/** One message of a room; `seq` counts from 1 without gaps. `text` is what was sent, byte for byte. */
export interface Message {
  readonly messageId: string;
  readonly seq: number;
  readonly text: string;
  readonly sender: Sender;
  readonly timestamp: string;
}

export type RoomKind = 'match' | 'named';

/** A room as one of its present or former members sees it. */
export interface RoomView {
  readonly roomId: string;
  readonly kind: RoomKind;
  /** The pool of a matched room, the name of a named one. */
  readonly name: string;
  readonly active: boolean;
  readonly capacity: number;
  readonly members: readonly Sender[];
  /** Everybody else who is in the room. */
  readonly partners: readonly PublicProfile[];
  readonly lastSeq: number;
  /** Messages of others this member has not read by `wait_for_message` or `get_messages`. */
  readonly unread: number;
  /** Whether an operator watches. */
  readonly supervised: boolean;
}

/** A page of a room's messages, oldest first. Positions are message `seq`s. */
export interface MessagePage {
  readonly messages: readonly Message[];
  /** Pass as `after` for the page that follows, if there is one. */
  readonly next?: number;
  /** Pass as `before` for the page that precedes, if there is one. */
  readonly previous?: number;
  /** Older messages than the asked-for range existed but are no longer kept. */
  readonly truncated: boolean;
}
