import type { Awaitable } from './awaitable.js';

/** Something that somebody wants others to read. */
export interface Utterance {
  readonly kind: 'message' | 'display_name';
  readonly text: string;
  /** Undefined for the name of somebody who is about to come. */
  readonly participantId: string | undefined;
  /** The room it is for; undefined for a name. */
  readonly roomId: string | undefined;
}

/**
 * `mask`: others read `text` instead. `refuse`: nobody does, and its author is told `reason`. `flag`: others read it, and operators
 * get a case; where there is a `text` they read that instead.
 */
export type Verdict =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'mask'; readonly text: string }
  | { readonly verdict: 'refuse'; readonly reason: string }
  | { readonly verdict: 'flag'; readonly reason: string; readonly text?: string };

/** Looks at what people write before others read it. */
export interface MessageModerator {
  /** For the log and the metrics. */
  readonly name: string;
  /**
   * Rejects when it cannot tell; what happens then is configured.
   * @param signal aborted when nobody waits for the verdict any more
   */
  judge(utterance: Utterance, signal: AbortSignal): Awaitable<Verdict>;
  /** Lets go of what it holds: it is not asked any more. */
  close?(): void;
}
/** The host application's own, if it brings one; it comes after those that are configured. */
export const MessageModerator = Symbol.for('parley/MessageModerator');

/** Those that are configured, in the order in which they are asked. */
export type ConfiguredModerators = readonly MessageModerator[];
export const ConfiguredModerators = Symbol.for('parley/ConfiguredModerators');
