import { EventLog } from '../../domain/event-log.js';
import type { Attributes, Participant, Provenance, PublicProfile, Sender } from '../../domain/participant.js';
import { TokenBucket } from '../../domain/token-bucket.js';
import type { NewParticipant, ProfileChange, StateLimits } from '../../ports/state-store.js';
import type { RoomRecord } from './room-record.js';
import type { WaitingTicket } from './waiting-queue.js';

/** A participant with everything that is theirs. */
export class ParticipantRecord implements Participant {
  readonly id: string;
  readonly logId: string;
  readonly principal: string | null;
  readonly provenance: Provenance;
  readonly tokenDigest: string | null;
  readonly log: EventLog;
  /** Waiting tickets by pool. */
  readonly tickets = new Map<string, WaitingTicket>();
  /** Active rooms by id, in the order they were entered. */
  readonly rooms = new Map<string, RoomRecord<ParticipantRecord>>();
  readonly blocked = new Set<string>();
  presence: 'present' | 'away' | 'gone' = 'present';
  /** When the lease was last renewed or, once away, when it ran out. */
  since: number;
  attributes: Attributes;
  profile: PublicProfile;
  sender: Sender;
  readonly messageBucket: TokenBucket;
  readonly joinBucket: TokenBucket;
  /** Log position up to which everything was read. */
  readPosition = 0;
  /** Log positions up to which the events of single rooms were read, where that is further. */
  readonly roomPositions = new Map<string, number>();

  constructor(input: NewParticipant, limits: StateLimits, now: number) {
    this.id = input.id;
    this.logId = input.logId;
    this.principal = input.principal;
    this.provenance = input.provenance;
    this.tokenDigest = input.tokenDigest;
    this.log = new EventLog(input.logId, limits.eventLogEntries, limits.eventLogAgeMs);
    this.since = now;
    this.attributes = input.attributes;
    this.profile = { user_id: input.id, display_name: input.displayName };
    this.sender = { ...this.profile, provenance: input.provenance };
    this.messageBucket = new TokenBucket(limits.messageRate, now);
    this.joinBucket = new TokenBucket(limits.joinRate, now);
  }

  get displayName(): string {
    return this.profile.display_name;
  }

  change({ displayName, attributes }: ProfileChange): void {
    if (attributes) this.attributes = attributes;
    if (displayName === undefined || displayName === this.displayName) return;
    this.profile = { user_id: this.id, display_name: displayName };
    this.sender = { ...this.profile, provenance: this.provenance };
  }

  enter(room: RoomRecord<ParticipantRecord>): void {
    room.admit(this);
    this.rooms.set(room.id, room);
  }

  quit(room: RoomRecord<ParticipantRecord>): void {
    room.dismiss(this);
    this.rooms.delete(room.id);
  }

  apart(other: ParticipantRecord): boolean {
    return this.blocked.has(other.id) || other.blocked.has(this.id);
  }
}
