import { exactly, type Ticket } from '../domain/ticket.js';
import type { StateLimits } from '../ports/state-store.js';

/** A waiting ticket of a participant, with whatever a test wants different. */
export function ticketOf(participantId: string, overrides: Partial<Ticket> = {}): Ticket {
  return {
    id: `ticket-of-${participantId}`,
    pool: 'default',
    participantId,
    principal: null,
    displayName: 'Anonymous',
    provenance: 'human_via_agent',
    attributes: {},
    party: [],
    criteria: null,
    group: exactly(2),
    priority: 0,
    enqueuedAt: 0,
    version: 1,
    roomId: null,
    avoid: [],
    ...overrides,
  };
}

/** The limits of a default configuration, except that nothing is bounded in rate, with whatever a test wants different. */
export function stateLimits(overrides: Partial<StateLimits> = {}): StateLimits {
  return {
    participants: 100_000,
    participantsPerPrincipal: 100,
    ticketsPerParticipant: 3,
    roomsPerParticipant: 20,
    outbox: { groups: [], records: 10_000 },
    eventLogEntries: 1_000,
    eventLogAgeMs: 86_400_000,
    roomHistory: 10_000,
    endedRooms: 1_000,
    endedRoomAgeMs: 3_600_000,
    messageRate: { burst: 0, perMs: 10_000 },
    joinRate: { burst: 0, perMs: 60_000 },
    presenceMs: 90_000,
    graceMs: 30_000,
    retentionMs: 86_400_000,
    ...overrides,
  };
}
