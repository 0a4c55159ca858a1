import type { OutboxRecord, RecordData, RecordedMember, RecordKind } from '../ports/outbox.js';

/** The time from somebody's coming into a room to their going, and what of it they may read. */
export interface Stay {
  readonly roomId: string;
  readonly member: RecordedMember;
  /** The record of the coming. */
  readonly came: string;
  readonly joinedAt: number;
  end?: StayEnd;
}

export interface StayEnd {
  readonly roomId: string;
  readonly userId: string;
  /** The record of the going. */
  readonly went: string;
  readonly lastSeq: number;
  readonly reason: string;
  readonly at: number;
}

/** The records of one kind. */
export const ofKind = <K extends RecordKind>(records: readonly OutboxRecord[], kind: K): OutboxRecord<K>[] =>
  records.filter((record): record is OutboxRecord<K> => record.kind === kind);

/** Stays that begin among the records, and the ends of those that began before them. */
export function staysIn(records: readonly OutboxRecord[]): { readonly begun: Stay[]; readonly ended: StayEnd[] } {
  const begun: Stay[] = [];
  const ended: StayEnd[] = [];
  const open = new Map<string, Stay>();
  const begin = (roomId: string, member: RecordedMember, { id, at }: OutboxRecord) => {
    const stay: Stay = { roomId, member, came: id, joinedAt: at };
    begun.push(stay);
    open.set(`${roomId} ${member.user_id}`, stay);
  };
  for (const record of records) {
    if (record.kind === 'room.opened') {
      const { room_id, members } = record.data as RecordData['room.opened'];
      for (const member of members) begin(room_id, member, record);
    } else if (record.kind === 'room.joined') {
      const { room_id, member } = record.data as RecordData['room.joined'];
      begin(room_id, member, record);
    } else if (record.kind === 'room.left') {
      const { room_id, user_id, last_seq, reason } = record.data as RecordData['room.left'];
      const end = { roomId: room_id, userId: user_id, went: record.id, lastSeq: last_seq, reason, at: record.at };
      const stay = open.get(`${room_id} ${user_id}`);
      if (stay) stay.end ??= end;
      else ended.push(end);
    }
  }
  return { begun, ended };
}
