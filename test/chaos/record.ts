import type { Envelope, Message } from '../support/clients.js';

/** A message as its sender knows it. */
export interface Sent {
  readonly roomId: string;
  /** Unlike that of any other message. */
  readonly text: string;
  /** What the service said when it took the message; undefined when it never did. */
  accepted?: { readonly messageId: string; readonly seq: number; readonly at: number };
}

/** An event as it reached a participant; `at` is milliseconds since the epoch. */
export interface Heard {
  readonly event: Envelope;
  readonly at: number;
}

/** What one participant did and was told, in its own order, and in the end what the service has of it. */
export interface Life {
  readonly name: string;
  readonly userId: string;
  readonly token: string;
  /** The position before everything that happened to it. */
  readonly cursor: string;
  readonly sent: Sent[];
  /** What came by stream or long poll. */
  readonly heard: Heard[];
  /** Tickets that the service has named. */
  readonly tickets: Set<string>;
  /** Calls of `enter_queue` whose answer named no ticket, although there may be one. */
  unknownTickets: number;
  /** Calls of `leave_queue` that may have cancelled a ticket. */
  cancellations: number;
  /** The rooms it asked to leave, each with how many events it had heard by then. */
  readonly left: Map<string, number>;
  /** Whether the service has forgotten it. */
  forgotten: boolean;
  /** Its whole event log, read when all was over. */
  log: readonly Envelope[];
  /** The messages of its rooms, read when all was over. */
  readonly rooms: Map<string, readonly Message[]>;
}
