import { EventLog } from '../../domain/event-log.js';
import type { Attributes, Participant, Provenance, PublicProfile, Sender } from '../../domain/participant.js';
import { TokenBucket } from '../../domain/token-bucket.js';
import type { NewParticipant, ProfileChange, Relations, StateLimits } from '../../ports/state-store.js';
import type { Restrictions } from './sanctions.js';
import type { RoomRecord } from './room-record.js';
import type { TicketRecord } from './waiting-queue.js';

/** Most blocks one participant keeps; the oldest is forgotten first. */
const MAX_BLOCKS = 1_000;
/** How many of those it has met one participant remembers; whom it has not met for longest goes first. */
const MAX_MET = 100;

const NOBODY: ReadonlySet<string> = new Set();
const NEVER: ReadonlyMap<string, number> = new Map();

/** A participant with everything that is theirs. */
export class ParticipantRecord implements Participant, Relations {
  readonly id: string;
  readonly logId: string;
  readonly principal: string | null;
  readonly provenance: Provenance;
  readonly tokenDigest: string | null;
  readonly log: EventLog;
  /** Tickets by pool: waiting, gathering and offered ones. */
  readonly tickets = new Map<string, TicketRecord<ParticipantRecord>>();
  /** Active rooms by id, in the order they were entered. */
  readonly rooms = new Map<string, RoomRecord<ParticipantRecord>>();
  presence: 'present' | 'away' | 'gone' = 'present';
  /** When the lease was last renewed or, once away, when it ran out. */
  since: number;
  /** Undefined for the many who have none. */
  restrictions: Restrictions | undefined;
  attributes: Attributes;
  profile: PublicProfile;
  sender: Sender;
  readonly messageBucket: TokenBucket;
  readonly joinBucket: TokenBucket;
  /** Log position up to which everything was read. */
  readPosition = 0;
  /** Log positions up to which the events of single rooms were read, where that is further. */
  readonly roomPositions = new Map<string, number>();
  // Most block nobody, and many only pass by.
  #blocked: Set<string> | undefined;
  #met: Map<string, number> | undefined;

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

  get blocked(): ReadonlySet<string> {
    return this.#blocked ?? NOBODY;
  }

  get met(): ReadonlyMap<string, number> {
    return this.#met ?? NEVER;
  }

  block(userId: string): void {
    const blocked = (this.#blocked ??= new Set<string>());
    blocked.add(userId);
    if (blocked.size > MAX_BLOCKS) blocked.delete(blocked.values().next().value!);
  }

  /** Whether one of the two has blocked the other. */
  apart(other: ParticipantRecord): boolean {
    return this.#blocked?.has(other.id) === true || other.#blocked?.has(this.id) === true;
  }

  /** Both remember that they were in a matched room together. */
  meet(other: ParticipantRecord, now: number): void {
    this.#remember(other.id, now);
    other.#remember(this.id, now);
  }

  #remember(userId: string, now: number): void {
    const met = (this.#met ??= new Map<string, number>());
    met.delete(userId);
    met.set(userId, now);
    if (met.size > MAX_MET) met.delete(met.keys().next().value!);
  }
}
