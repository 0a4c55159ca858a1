import { allOf } from '../../domain/criteria.js';
import type { Ticket, TicketMember } from '../../domain/ticket.js';
import type { ParticipantRecord } from './participant-record.js';
import type { RoomRecord } from './room-record.js';

/** How many participants a ticket avoids; the oldest are forgotten first. */
const MAX_AVOIDED = 100;

/** The ticket of a party that one more has joined: as senior as its youngest, as urgent as its most urgent member. */
export function withMember(party: Ticket, newcomer: Ticket): Ticket {
  return {
    ...party,
    party: [...party.party, memberOf(newcomer)],
    criteria: allOf([party.criteria, newcomer.criteria]),
    priority: Math.max(party.priority, newcomer.priority),
    enqueuedAt: Math.max(party.enqueuedAt, newcomer.enqueuedAt),
    version: party.version + 1,
    avoid: union(party.avoid, newcomer.avoid),
  };
}

/** The ticket by which an open room looks for more: that of a party of its members who will take one more at a time. */
export function ticketOfRoom(room: RoomRecord<ParticipantRecord>): Ticket {
  const { tickets, version, avoid } = room.backfill!;
  const [first, ...party] = [...room.members.values()].map((member): TicketMember => {
    const ticket = tickets.get(member.id);
    const known = [ticket, ...(ticket?.party ?? [])].find((one) => one?.participantId === member.id);
    return known ? memberOf(known) : profileOf(member);
  });
  const came = [...new Set(tickets.values())];
  return {
    ...first!,
    id: room.id,
    pool: room.name,
    party,
    criteria: allOf(came.map((ticket) => ticket.criteria)),
    group: { minimum: room.members.size + 1, maximum: room.capacity, multiple: 1, patienceMs: 0 },
    priority: Math.max(0, ...came.map((ticket) => ticket.priority)),
    enqueuedAt: room.openedAt,
    version,
    roomId: room.id,
    avoid,
  };
}

/** Both, without repetition; the newest if they are too many. */
export function union(avoided: readonly string[], more: readonly string[]): readonly string[] {
  return more.length === 0 ? avoided : [...new Set([...avoided, ...more])].slice(-MAX_AVOIDED);
}

function memberOf({ participantId, principal, displayName, provenance, attributes }: TicketMember): TicketMember {
  return { participantId, principal, displayName, provenance, attributes };
}

function profileOf({ id, principal, displayName, provenance, attributes }: ParticipantRecord): TicketMember {
  return { participantId: id, principal, displayName, provenance, attributes };
}
