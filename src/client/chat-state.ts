import type { PoolFacts } from './connection.js';

/** A snapshot of everything a face shows. Immutable: what has not changed keeps its identity from one to the next. */
export interface ChatState {
  readonly link: Link;
  readonly me: Person | undefined;
  readonly pools: readonly PoolFacts[];
  readonly messageMaxCharacters: number | undefined;
  /** Places in queues. */
  readonly tickets: readonly Ticket[];
  /** In the order in which they were opened; ended ones stay until closed. */
  readonly conversations: readonly Conversation[];
  /** What the person should be told, oldest first, until dismissed. At most 5: older ones go. */
  readonly notices: readonly Notice[];
}

export type Link =
  | { readonly state: 'connecting' | 'online' | 'closed' }
  /** `retryAt`: milliseconds since the epoch. */
  | { readonly state: 'reconnecting'; readonly retryAt: number; readonly why: string }
  /** The server answers and will not serve; nothing is tried again until `reconnect` is called. */
  | { readonly state: 'refused'; readonly why: string };

export interface Person {
  readonly userId: string;
  /** Safe to show: control, bidi and invisible characters are marked. */
  readonly displayName: string;
}

export interface Partner extends Person {
  readonly presence: 'here' | 'away' | 'gone';
}

export interface Ticket {
  readonly ticketId: string;
  readonly pool: string;
  /** From 1; null while an offer stands or a party is not complete. */
  readonly position: number | null;
  readonly queueLength: number;
  readonly estimatedWaitSeconds: number | null;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Why nobody was found yet, in the server's words. */
  readonly reasons: readonly string[];
  readonly offer?: Offer;
}

/** A match that everybody must accept before there is a room. */
export interface Offer {
  readonly offerId: string;
  readonly groupSize: number;
  readonly reasons: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly accepted: boolean;
}

export interface Conversation {
  readonly roomId: string;
  /** Of a match. */
  readonly pool?: string;
  /** Of a room that was joined by name. */
  readonly roomName?: string;
  readonly partners: readonly Partner[];
  /** Why the match was made. */
  readonly reasons: readonly string[];
  readonly active: boolean;
  /** Present while an operator watches. */
  readonly supervised?: true;
  /** Messages and what happened, in order. */
  readonly entries: readonly Entry[];
  /** Whether the server keeps messages from before the first entry. */
  readonly hasOlder: boolean;
  /** Partners' messages since `markRead`. */
  readonly unread: number;
  /** The user ids of those who are writing. */
  readonly typing: readonly string[];
}

export type Entry = MessageEntry | HappeningEntry;

export interface MessageEntry {
  readonly kind: 'message';
  /** Stable from sending to sent. */
  readonly key: string;
  /** Absent until the server has it. */
  readonly seq?: number;
  /** Safe to show as text, never as HTML: control, bidi and invisible characters are marked. */
  readonly text: string;
  readonly mine: boolean;
  /** Absent from one's own. */
  readonly sender?: Person & { readonly provenance: string };
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of one's own messages. `sent`: the server has put it into every partner's log. */
  readonly delivery?: 'sending' | 'sent' | 'failed';
  /** Why it failed, and what to do. */
  readonly failure?: string;
}

/**
 * `lost`: the server knows nothing of the room any more. `stopped`: an operator has ended it. `watched`, `unwatched`: by an
 * operator, from then on or no more.
 */
export type Happening =
  | 'opened'
  | 'joined'
  | 'left'
  | 'timeout'
  | 'removed'
  | 'reconnected'
  | 'closed'
  | 'stopped'
  | 'watched'
  | 'unwatched'
  | 'lost';

export interface HappeningEntry {
  readonly kind: 'happening';
  readonly key: string;
  readonly what: Happening;
  /** Whom it concerns; absent when it is oneself or the room. */
  readonly who?: Person;
  readonly at: number;
}

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'warning' | 'error';
  readonly text: string;
}
