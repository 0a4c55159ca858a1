import type { RecordedMember } from '../../ports/outbox.js';
import type { ParticipantRecord } from './participant-record.js';
import type { RoomRecord } from './room-record.js';

/** Somebody in a room, as the outbox has it. */
export function recordMember(room: RoomRecord<ParticipantRecord>, member: ParticipantRecord): RecordedMember {
  return { ...member.sender, principal: member.principal, after_seq: room.readableAfter(member.id) };
}
