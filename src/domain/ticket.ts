import type { Attributes, Provenance } from './participant.js';

/** Why two or more were matched, or why somebody still waits, in words a person understands. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

/** A participant's place in a pool. Times are milliseconds since the epoch. */
export interface Ticket {
  readonly id: string;
  readonly pool: string;
  readonly participantId: string;
  readonly principal: string | null;
  readonly displayName: string;
  readonly provenance: Provenance;
  readonly attributes: Attributes;
  /** How many people the room shall hold, this participant included: 2 to 16. */
  readonly groupSize: number;
  /** Higher is more urgent; 0 by default. FIFO ignores it. */
  readonly priority: number;
  readonly enqueuedAt: number;
  /** Changes whenever the ticket does; a claim names the version it saw. */
  readonly version: number;
}
