import type { Entry, HappeningEntry, MessageEntry, Person } from '../../../src/client/index.js';
import { dayOf } from './times.js';

/** Messages of one sender further apart than this do not stand together, in milliseconds. */
const TOGETHER_MS = 5 * 60_000;

/** What the log shows, line by line. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'happening'; readonly key: string; readonly entry: HappeningEntry }
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly sender: Person | undefined;
      readonly messages: readonly MessageEntry[];
    };

/**
 * Puts messages of one sender together and says where a day begins.
 *
 * @param firstUnread the key of the message that the person has not seen yet
 */
export function rowsOf(entries: readonly Entry[], firstUnread?: string): readonly Row[] {
  const rows: Row[] = [];
  let group: MessageEntry[] = [];
  let day: number | undefined;
  for (const entry of entries) {
    if (dayOf(entry.at) !== day) {
      day = dayOf(entry.at);
      group = [];
      rows.push({ kind: 'day', key: `day ${day}`, at: entry.at });
    }
    if (entry.kind === 'happening') {
      group = [];
      rows.push({ kind: 'happening', key: entry.key, entry });
      continue;
    }
    if (entry.key === firstUnread) {
      group = [];
      rows.push({ kind: 'unread', key: 'unread' });
    }
    const last = group.at(-1);
    if (last === undefined || !belongTogether(last, entry)) {
      group = [];
      rows.push({ kind: 'group', key: `group ${entry.key}`, sender: entry.sender, messages: group });
    }
    group.push(entry);
  }
  return rows;
}

const belongTogether = (a: MessageEntry, b: MessageEntry) =>
  a.mine === b.mine && a.sender?.userId === b.sender?.userId && b.at - a.at < TOGETHER_MS;

/** The first of the partners' messages that are not read yet. */
export function firstUnread(entries: readonly Entry[], unread: number): string | undefined {
  return entries
    .filter((entry) => entry.kind === 'message' && !entry.mine)
    .slice(unread === 0 ? Infinity : -unread)
    .at(0)?.key;
}
