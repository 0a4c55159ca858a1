import type { OutboxRecord, RecordData } from '../../ports/outbox.js';
import { ofKind, type Stay, type StayEnd, staysIn } from '../stays.js';

/** Whose data is in the records. */
export function peopleIn(records: readonly OutboxRecord[]): string[] {
  const people = new Set<string>();
  for (const { member } of staysIn(records).begun) people.add(member.user_id);
  for (const { data } of ofKind(records, 'message.sent')) people.add(data.sender.user_id);
  for (const { data } of ofKind(records, 'ticket.created')) for (const id of data.user_ids) people.add(id);
  return [...people];
}

export interface RoomRow {
  readonly roomId: string;
  readonly kind: string;
  readonly name: string;
  readonly capacity: number | null;
  readonly openedAt: number;
}

export interface MatchRow {
  readonly recordId: string;
  readonly roomId: string;
  readonly at: number;
  readonly userIds: readonly string[];
  readonly ticketIds: readonly string[];
  readonly reasons: string;
}

export interface TicketEnd {
  readonly ticketId: string;
  readonly pool: string;
  readonly outcome: 'matched' | 'cancelled' | 'expired';
  readonly reason: string | null;
  readonly roomId: string | null;
  readonly waitedMs: number | null;
  readonly at: number;
}

export interface RoomActivity {
  readonly roomId: string;
  readonly lastSeq: number;
  readonly at: number;
}

/** Records as rows of the tables; of what comes twice the first. */
export interface RecordBatch {
  readonly rooms: readonly RoomRow[];
  readonly begun: readonly Stay[];
  readonly ended: readonly StayEnd[];
  readonly closed: readonly OutboxRecord<'room.closed'>[];
  readonly messages: readonly RecordData['message.sent'][];
  readonly activity: readonly RoomActivity[];
  readonly matches: readonly MatchRow[];
  readonly tickets: readonly OutboxRecord<'ticket.created'>[];
  readonly ticketEnds: readonly TicketEnd[];
  readonly forgotten: readonly string[];
}

/** @param forgotten whose data is not taken in */
export function batchOf(records: readonly OutboxRecord[], forgotten: ReadonlySet<string>): RecordBatch {
  const opened = ofKind(records, 'room.opened');
  const isKept = (userId: string) => !forgotten.has(userId);
  const { begun, ended } = staysIn(records);
  const messages = firstOf(
    ofKind(records, 'message.sent').map(({ data }) => data),
    ({ room_id, seq }) => `${room_id} ${seq}`,
  );
  return {
    rooms: firstOf(
      [
        ...opened.map(({ at, data: { room_id, kind, name, capacity } }) => ({
          roomId: room_id,
          kind,
          name,
          capacity,
          openedAt: at,
        })),
        // Its opening was lost, or was before there was a history.
        ...messages.map(({ room_id, timestamp }) => ({
          roomId: room_id,
          kind: 'unknown',
          name: '',
          capacity: null,
          openedAt: Date.parse(timestamp),
        })),
      ],
      ({ roomId }) => roomId,
    ),
    begun: begun.filter(({ member }) => isKept(member.user_id)),
    ended,
    closed: firstOf(ofKind(records, 'room.closed'), ({ data }) => data.room_id),
    messages: messages.filter(({ sender }) => isKept(sender.user_id)),
    activity: activityIn(records),
    matches: firstOf(matchesIn(records, isKept), ({ recordId }) => recordId),
    tickets: firstOf(
      ofKind(records, 'ticket.created').map((record) => {
        return { ...record, data: { ...record.data, user_ids: record.data.user_ids.filter(isKept) } };
      }),
      ({ data }) => data.ticket_id,
    ),
    ticketEnds: firstOf(ticketEndsIn(records), ({ ticketId }) => ticketId),
    forgotten: ofKind(records, 'participant.forgotten').map(({ data }) => data.user_id),
  };
}

function matchesIn(records: readonly OutboxRecord[], isKept: (userId: string) => boolean): MatchRow[] {
  const matchOf = (record: OutboxRecord, userIds: string[], ticketIds: string[], reasons: readonly object[]) => ({
    recordId: record.id,
    roomId: (record.data as { room_id: string }).room_id,
    at: record.at,
    userIds: userIds.filter(isKept),
    ticketIds,
    // Reasons may tell what the members have said of themselves.
    reasons: JSON.stringify(userIds.every(isKept) ? reasons : []),
  });
  return records.flatMap((record) => {
    if (record.kind === 'room.opened') {
      const { kind, members, tickets, reasons } = record.data as RecordData['room.opened'];
      if (kind !== 'match') return [];
      const userIds = members.map(({ user_id }) => user_id);
      return [matchOf(record, userIds, tickets, reasons)];
    }
    if (record.kind !== 'room.joined') return [];
    const { member, reasons } = record.data as RecordData['room.joined'];
    return reasons.length > 0 ? [matchOf(record, [member.user_id], [], reasons)] : [];
  });
}

function ticketEndsIn(records: readonly OutboxRecord[]): TicketEnd[] {
  return records.flatMap((record): TicketEnd[] => {
    const { at } = record;
    if (record.kind === 'ticket.matched') {
      const { ticket_id, pool, room_id, waited_ms } = record.data as RecordData['ticket.matched'];
      return [
        { ticketId: ticket_id, pool, outcome: 'matched', reason: null, roomId: room_id, waitedMs: waited_ms, at },
      ];
    }
    if (record.kind === 'ticket.cancelled') {
      const { ticket_id, pool } = record.data as RecordData['ticket.cancelled'];
      return [{ ticketId: ticket_id, pool, outcome: 'cancelled', reason: null, roomId: null, waitedMs: null, at }];
    }
    if (record.kind !== 'ticket.expired') return [];
    const { ticket_id, pool, reason } = record.data as RecordData['ticket.expired'];
    return [{ ticketId: ticket_id, pool, outcome: 'expired', reason, roomId: null, waitedMs: null, at }];
  });
}

/** Of each room the last message and the last time at which something happened. */
function activityIn(records: readonly OutboxRecord[]): RoomActivity[] {
  const rooms = new Map<string, RoomActivity>();
  for (const { at, data } of records) {
    if (!('room_id' in data) || 'ticket_id' in data) continue;
    const known = rooms.get(data.room_id) ?? { lastSeq: 0, at };
    const lastSeq = Math.max(known.lastSeq, 'seq' in data ? data.seq : 0);
    rooms.set(data.room_id, { roomId: data.room_id, lastSeq, at: Math.max(known.at, at) });
  }
  return [...rooms.values()];
}

function firstOf<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!found.has(key)) found.set(key, item);
  }
  return [...found.values()];
}
