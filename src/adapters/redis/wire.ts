import { allOf, type Criterion } from '../../domain/criteria.js';
import {
  banned,
  type ChatError,
  memberNotFound,
  muted,
  notInRoom,
  offerNotFound,
  participantNotFound,
  partyMismatch,
  poolClosed,
  rateLimited,
  roomEnded,
  roomFull,
  roomInactive,
  roomNotFound,
  ticketHeld,
  ticketNotFound,
  tooManyOfPrincipal,
  tooManyParticipants,
  tooManyRooms,
  tooManySanctions,
  tooManyTickets,
} from '../../domain/errors.js';
import {
  type EventBody,
  type EventData,
  type EventName,
  LogEntry,
  ToldEvent,
  WrittenEvent,
} from '../../domain/event.js';
import { freezeTicket } from '../../domain/frozen.js';
import type { GroupSize, Ticket, TicketMember } from '../../domain/ticket.js';
import type { Appended, TicketStatus } from '../../ports/state-store.js';
import { isoOf } from './iso-time.js';

/** An event as it stands in a log. */
export interface WireBody {
  readonly name: EventName;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly data: EventData[EventName];
}

/** What steps wrote: events, each with the logs that have it and the number of its entry there. */
export interface Written<B = WireBody> {
  readonly told: readonly (readonly [logs: readonly WireLog[], body: B])[];
}

type WireLog = readonly [participantId: string, logId: string, seq: number];

/** Why a step was refused; of the details there are those that the code needs. */
export interface Refusal {
  readonly code: string;
  readonly details: { readonly limit: number; readonly what: string; readonly seconds: number; readonly till?: string };
}

/** The answer to a step; a body that the caller knows is null. */
export type Reply<T> = Taken<T> | (Written<WireBody | null> & { readonly refused: Refusal });
export type Taken<T> = Written<WireBody | null> & { readonly value: T };

export interface WireTicket {
  readonly id: string;
  readonly pool: string;
  readonly members: readonly TicketMember[];
  /** Of each of those who came with criteria of their own. */
  readonly criteria: readonly (Criterion | null)[];
  readonly group: GroupSize;
  readonly priority: number;
  readonly enqueuedAt: number;
  readonly version: number;
  readonly roomId: string | null;
  readonly avoid: readonly string[];
  /** Place among tickets of the same moment. */
  readonly order: number;
}

export type WireStatus = Omit<TicketStatus, 'ticket'> & { readonly ticket: WireTicket };

export interface WireRelations {
  readonly id: string;
  readonly blocked: readonly string[];
  /** Ids and times in turns, with a space between. */
  readonly met: string;
}

/** A ticket with what is known of those behind it. */
export interface WireWaiting {
  readonly ticket: WireTicket;
  readonly relations: readonly WireRelations[];
}

/** @param known what a body that is null stands for */
export function readAppended({ told }: Written<WireBody | null>, known?: EventBody): Appended[] {
  return appendedOf(told, (body) => (body ? readBody(body) : known!));
}

/**
 * What steps of others wrote. The data of each event stands on a line of its own, and is not read here: to read it, and
 * to write it again for those who hear it, would be 1.0 of 1.9 µs an event.
 */
export function readHeard(json: string): Appended[] {
  const lines = json.split('\n');
  // Versions before wrote it in one line.
  if (lines.length === 1) return readAppended(JSON.parse(json) as Written);
  const frame = lines.filter((_, i) => i % 2 === 0).join('null');
  const { told } = JSON.parse(frame) as Written<Omit<WireBody, 'data'>>;
  return appendedOf(told, ({ name, at }, i) => new ToldEvent(name, at, isoOf(at), lines[2 * i + 1]!));
}

function appendedOf<B>(told: Written<B>['told'], bodyOf: (body: B, i: number) => EventBody): Appended[] {
  const appended: Appended[] = [];
  told.forEach(([logs, wire], i) => {
    const body = bodyOf(wire, i);
    for (const [participantId, logId, seq] of logs) {
      appended.push({ participantId, entry: new LogEntry(logId, seq, body) });
    }
  });
  return appended;
}

export function readBody({ name, at, data }: WireBody): EventBody {
  return new WrittenEvent(name, at, isoOf(at), data);
}

export function readTicket(wire: WireTicket): Ticket {
  const { id, pool, members, criteria, group, priority, enqueuedAt, version, roomId, avoid } = wire;
  const [first, ...party] = members;
  const isOwn = roomId === null && criteria.length === 1;
  return freezeTicket({
    ...first!,
    ...{ id, pool, party, group, priority, enqueuedAt, version, roomId, avoid },
    criteria: isOwn ? criteria[0]! : allOf(criteria),
  });
}

export function readStatus(wire: WireStatus): TicketStatus {
  return { ...wire, ticket: readTicket(wire.ticket) };
}

/** The error a refusal stands for. */
export function readRefusal({ code, details: { limit, what, seconds, till } }: Refusal): ChatError | Error {
  switch (code) {
    case 'participant_not_found':
      return participantNotFound();
    case 'room_not_found':
      return roomNotFound();
    case 'room_ended':
      return roomEnded();
    case 'room_full':
      return roomFull();
    case 'room_inactive':
      return roomInactive();
    case 'not_in_room':
      return notInRoom();
    case 'member_not_found':
      return memberNotFound();
    case 'offer_not_found':
      return offerNotFound();
    case 'party_mismatch':
      return partyMismatch(what);
    case 'rate_limited':
      return rateLimited(what as 'messages' | 'joins', seconds);
    case 'too_many_participants':
      return what === 'principal' ? tooManyOfPrincipal(limit) : tooManyParticipants(limit);
    case 'too_many_sanctions':
      return tooManySanctions(limit);
    case 'banned':
      return banned(till === undefined ? null : Number(till));
    case 'muted':
      return muted(till === undefined ? null : Number(till));
    case 'pool_closed':
      return poolClosed(what);
    case 'ticket_not_found':
      return ticketNotFound();
    case 'ticket_refused':
      return ticketHeld(what);
    case 'too_many_tickets':
      return tooManyTickets(limit);
    case 'too_many_rooms':
      return tooManyRooms(limit);
    default:
      return new Error(`a step was refused with an unknown code: ${code}`);
  }
}
