import type { Criterion } from './criteria.js';
import type { Attributes, Provenance } from './participant.js';

/** Why two or more were matched, or why somebody still waits, in words a person understands. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

/** One participant behind a ticket. */
export interface TicketMember {
  readonly participantId: string;
  readonly principal: string | null;
  readonly displayName: string;
  readonly provenance: Provenance;
  readonly attributes: Attributes;
}

/** How many people a ticket's room may hold, everybody included. */
export interface GroupSize {
  /** 2 to `maximum`. */
  readonly minimum: number;
  /** `minimum` to 16. */
  readonly maximum: number;
  /** The number must be a multiple of this; 1 by default. */
  readonly multiple: number;
  /** For how many milliseconds the ticket holds out for `maximum` before less will do. */
  readonly patienceMs: number;
}

/** A place in a pool: of one participant, of a party that stays together, or of an open room with seats to fill. */
export interface Ticket extends TicketMember {
  readonly id: string;
  readonly pool: string;
  /** Those who came along and stay together with the participant named above; mostly nobody. */
  readonly party: readonly TicketMember[];
  /** What everybody else in the room must be; null when anybody will do. */
  readonly criteria: Criterion | null;
  readonly group: GroupSize;
  /** Higher is more urgent; 0 by default. FIFO ignores it. */
  readonly priority: number;
  /** Milliseconds since the epoch; seniority is counted from here. */
  readonly enqueuedAt: number;
  /** Changes whenever the ticket does; a claim names the version it saw. */
  readonly version: number;
  /** Set on the ticket of an open room: whoever is matched with it joins that room. */
  readonly roomId: string | null;
  /** Participants not to be proposed again: an offer with them came to nothing. */
  readonly avoid: readonly string[];
}

/** Everybody behind a ticket. */
export function membersOf(ticket: Ticket): readonly TicketMember[] {
  return ticket.party.length === 0 ? [ticket] : [ticket, ...ticket.party];
}

/** How many people are behind these tickets. */
export function headcount(tickets: readonly Ticket[]): number {
  let count = tickets.length;
  for (const ticket of tickets) count += ticket.party.length;
  return count;
}

/** Most people that all of these tickets admit to one room. */
export function largestSize(tickets: readonly Ticket[]): number {
  return Math.min(...tickets.map(({ group }) => group.maximum));
}

/** Whether all of these tickets accept a room of just these people now: in bounds, a multiple, and worth settling for. */
export function isComplete(tickets: readonly Ticket[], now: number): boolean {
  const size = headcount(tickets);
  if (!tickets.every(({ group }) => size >= group.minimum && size <= group.maximum && size % group.multiple === 0)) {
    return false;
  }
  // Less than the largest possible room will do as soon as one of them has waited long enough for it.
  return size === largestSize(tickets) || tickets.some(({ group, enqueuedAt }) => now - enqueuedAt >= group.patienceMs);
}

/** The group of exactly `size` people. */
export const exactly = (size: number): GroupSize => ({ minimum: size, maximum: size, multiple: 1, patienceMs: 0 });
