import type { Entry, Happening, HappeningEntry, Person } from './chat-state.js';
import type { SentMessage } from './wire.js';

/**
 * What a conversation shows, in order: messages by their number, happenings by their time, messages that are being sent
 * last. Failed ones stay where they failed.
 */
export type Entries = readonly Entry[];

/** Puts a message that the server has where it belongs. One that is there already changes nothing. */
export function withMessage(entries: Entries, message: SentMessage): Entries {
  let index = entries.length;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]!;
    if (entry.kind === 'message') {
      if (entry.seq === message.seq) return entries;
      if (entry.seq !== undefined && entry.seq < message.seq) break;
      if (entry.seq !== undefined || entry.delivery === 'sending') index = i;
    } else if (entry.what === 'opened') {
      break;
    } else if (entry.at > message.at) {
      index = i;
    }
  }
  return entries.toSpliced(index, 0, message);
}

/** Puts in what happened: behind everything from before its time, in front of messages that are being sent. */
export function withHappening(entries: Entries, happening: HappeningEntry): Entries {
  let index = entries.length;
  for (; index > 0; index--) {
    const entry = entries[index - 1]!;
    if (entry.kind === 'happening' || entry.delivery === 'failed') break;
    if (entry.seq !== undefined && entry.at <= happening.at) break;
  }
  return entries.toSpliced(index, 0, happening);
}

/** The time of something that happens now, by a clock that may lag behind the server's. */
export const latest = (entries: Entries, now: number): number =>
  entries.reduce((at, entry) => Math.max(at, entry.at), now);

export function happening(what: Happening, at: number, who?: Person): HappeningEntry {
  return { kind: 'happening', key: `${what}:${at}:${who?.userId ?? ''}`, what, at, ...(who && { who }) };
}

/** The last message's number; 0 when there is none. */
export function lastSeq(entries: Entries): number {
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]!;
    if (entry.kind === 'message' && entry.seq !== undefined) return entry.seq;
  }
  return 0;
}

/** The first message's number; undefined when there is none. */
export const firstSeq = (entries: Entries): number | undefined =>
  entries.find((entry): entry is SentMessage => entry.kind === 'message' && entry.seq !== undefined)?.seq;

/** The last number before the first missing message behind `through`. */
export function contiguousThrough(entries: Entries, through: number): number {
  let expected = through + 1;
  for (const entry of entries) {
    if (entry.kind === 'message' && entry.seq === expected) expected++;
  }
  return expected - 1;
}
