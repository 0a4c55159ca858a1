export const PROVENANCES = ['human', 'agent', 'human_via_agent'] as const;

/** Who is behind a participant, as far as Parley knows. */
export type Provenance = (typeof PROVENANCES)[number];

/** Flat facts about a participant that strategies may look at. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export const ATTRIBUTE_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
/** Most characters of a text in an attribute. */
export const ATTRIBUTE_VALUE_MAX = 256;
/** Most items of a list in an attribute. */
export const ATTRIBUTE_ITEMS_MAX = 32;

/** What other participants may know. */
export interface PublicProfile {
  readonly user_id: string;
  readonly display_name: string;
}

export interface Sender extends PublicProfile {
  readonly provenance: Provenance;
}

/** One party as the service sees it. `id` is the public `user_id`. */
export interface Participant {
  readonly id: string;
  readonly displayName: string;
  readonly provenance: Provenance;
  readonly attributes: Attributes;
  /** Random id of the event log, part of every cursor. */
  readonly logId: string;
  /** The principal the participant belongs to, or null while authentication is off. */
  readonly principal: string | null;
}
