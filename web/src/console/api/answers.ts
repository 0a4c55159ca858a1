/** What the operator API answers, as far as the console reads it; a test holds it against the API's own types. */

/** RFC 3339, in UTC. */
type Time = string;

/** A part of a longer list, under `K`. */
type Page<K extends string, T> = { readonly [P in K]: readonly T[] } & { readonly next: string | null };

/** A name is as somebody calls themselves: untrusted. */
export interface Person {
  readonly user_id: string;
  readonly display_name: string;
}

export type PoolMode = 'open' | 'paused' | 'draining';

export interface Pool {
  readonly pool: string;
  readonly description: string;
  readonly mode: PoolMode;
  readonly strategy: {
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly by_operator: boolean;
  };
  readonly suspended: boolean;
  readonly waiting: number;
  readonly oldest_at: Time | null;
}

export interface Decision {
  readonly at: Time;
  readonly pool: string;
  readonly strategy: string;
  readonly fallback: boolean;
  readonly trigger: string;
  readonly ticket_id: string;
  readonly waiting: number;
  readonly proposed: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly failure: string | null;
  readonly chosen: readonly string[] | null;
  readonly score: number | null;
  readonly reasons: readonly string[];
  readonly micros: number;
}

export interface PoolDetail extends Pool {
  readonly statistics: {
    readonly runs: number;
    readonly proposals: number;
    readonly refusals: Readonly<Record<string, number>>;
    readonly failures: Readonly<Record<string, number>>;
    readonly suspensions: number;
    readonly mean_micros: number | null;
  };
  readonly decisions: readonly Decision[];
}

export interface Ticket {
  readonly ticket_id: string;
  readonly pool: string;
  readonly state: 'waiting' | 'gathering' | 'offered';
  readonly members: readonly Person[];
  readonly group: { readonly minimum: number; readonly maximum: number };
  readonly priority: number;
  readonly enqueued_at: Time;
  readonly room_id: string | null;
}

export interface Room {
  readonly room_id: string;
  readonly kind: 'match' | 'named';
  readonly name: string;
  readonly active: boolean;
  readonly capacity: number;
  readonly opened_at: Time;
  readonly members: readonly Person[];
  readonly former: readonly Person[];
  readonly last_seq: number;
  readonly supervised: boolean;
}

export interface Message {
  readonly message_id: string;
  readonly seq: number;
  readonly message: string;
  readonly sender: Person;
  readonly timestamp: Time;
}

export interface Transcript {
  readonly messages: readonly Message[];
  readonly previous: number | null;
  readonly truncated: boolean;
}

export interface Sanction {
  readonly id: string;
  readonly kind: 'ban' | 'mute';
  readonly user_id: string | null;
  readonly principal: string | null;
  readonly reason: string;
  readonly by: string;
  readonly at: Time;
  readonly until: Time | null;
}

export interface Participant {
  readonly user_id: string;
  readonly display_name: string;
  readonly provenance: 'human' | 'agent' | 'human_via_agent';
  readonly principal: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly presence: 'present' | 'away' | 'gone';
  readonly ticket_ids: readonly string[];
  readonly room_ids: readonly string[];
  readonly sanctions: readonly Sanction[];
}

interface CaseFacts {
  readonly id: string;
  readonly state: 'open' | 'resolved';
  readonly room: { readonly room_id: string; readonly kind: 'match' | 'named'; readonly name: string } | null;
  readonly reported: Person;
  readonly reported_principal: string | null;
  readonly opened_at: Time;
  readonly resolution: { readonly note: string; readonly by: string; readonly at: Time } | null;
}

export interface CaseSummary extends CaseFacts {
  readonly complaints: number;
}

export interface Case extends CaseFacts {
  readonly complaints: readonly { readonly reporter: string | null; readonly reason: string; readonly at: Time }[];
  readonly messages: readonly Message[];
}

export interface Instance {
  readonly id: string;
  readonly url: string | null;
  readonly stage: 'serving' | 'draining' | 'drained';
  readonly version: string;
  readonly started_at: Time;
}

export interface InstanceDetail extends Instance {
  readonly sessions: number;
  readonly streams: number;
  readonly waits: number;
  readonly forwards: number;
  readonly leads: boolean;
  readonly state_reachable: boolean;
}

export interface Instances {
  readonly this: InstanceDetail;
  readonly others: readonly Instance[];
}

export interface Lag {
  readonly pending: number;
  readonly behind_seconds: number;
  readonly lost: number;
  readonly failures: number;
}

export interface Overview {
  readonly caller: { readonly principal: string; readonly scopes: readonly string[] };
  readonly totals: {
    readonly participants: number;
    readonly active_rooms: number;
    readonly tickets: number;
    readonly open_cases: number;
  };
  readonly pools: readonly Pool[];
  readonly instance: InstanceDetail;
  readonly lags: {
    readonly history: Lag | null;
    readonly message_queue: Lag | null;
    readonly webhooks: { readonly subscriptions: number; readonly pending: number };
  };
}

export interface Figures {
  readonly interval_ms: number;
  /** Milliseconds since the epoch, ascending. */
  readonly at: readonly number[];
  readonly series: readonly {
    readonly name: string;
    readonly of: string | null;
    readonly unit: 'count' | 'per_minute' | 'seconds';
    readonly values: readonly (number | null)[];
  }[];
}

export interface Webhook {
  readonly id: string;
  readonly user_id: string;
  readonly event: string;
  readonly url: string;
  readonly active: boolean;
  readonly expires_at: Time;
  readonly last_delivery_at: Time | null;
  readonly last_error: string | null;
  readonly failures: number;
  readonly pending: number;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Time;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly details: Readonly<Record<string, unknown>>;
}

export interface PoolList {
  readonly pools: readonly Pool[];
}
export interface DecisionList {
  readonly decisions: readonly Decision[];
}
export interface ParticipantList {
  readonly participants: readonly Participant[];
}
export type TicketPage = Page<'tickets', Ticket>;
export type RoomPage = Page<'rooms', Room>;
export type SanctionPage = Page<'sanctions', Sanction>;
export type CasePage = Page<'cases', CaseSummary>;
export type WebhookPage = Page<'webhooks', Webhook>;
export type AuditPage = Page<'entries', AuditEntry>;
