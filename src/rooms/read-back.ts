import { isUnavailable } from '../domain/errors.js';
import type { MessagePage } from '../domain/room.js';
import type { HistoryPage } from '../ports/history-store.js';
import type { MessageQuery } from '../ports/state-store.js';

/** Reads a page of the same room from history; undefined when history does not know the room. */
type ReadHistory = (query: MessageQuery) => Promise<HistoryPage | undefined>;

/**
 * Completes a page that the state could only begin with what has left the state. A page never bridges a gap: where history
 * is behind what the state still has, or away, the page ends there and says that it is truncated.
 */
export async function readBack(recent: MessagePage, query: MessageQuery, history: ReadHistory): Promise<MessagePage> {
  return query.after === undefined ? backwards(recent, query, history) : forwards(recent, query, history);
}

async function backwards(recent: MessagePage, query: MessageQuery, history: ReadHistory): Promise<MessagePage> {
  const { messages } = recent;
  const seam = messages[0]?.seq ?? query.before;
  const left = query.limit - messages.length;
  let older: HistoryPage | undefined;
  try {
    older = await history({ ...(seam !== undefined && { before: seam }), limit: Math.max(left, 1) });
  } catch (error) {
    if (messages.length === 0 || !isUnavailable(error)) throw error;
    // It may be back when the page before is asked for.
    return { ...recent, previous: messages[0]!.seq };
  }
  if (!older) return recent;
  const isBehind = seam !== undefined && older.lastSeq < seam - 1;
  if (messages.length === 0) return { ...older, truncated: older.truncated || isBehind };
  if (left === 0 || isBehind) {
    const more = older.messages.length > 0 && { previous: seam! };
    return { ...recent, ...more, truncated: isBehind || (!more && older.truncated) };
  }
  const { previous, truncated } = older;
  return {
    ...recent,
    messages: [...older.messages, ...messages],
    ...(previous !== undefined && { previous }),
    truncated,
  };
}

async function forwards(recent: MessagePage, query: MessageQuery, history: ReadHistory): Promise<MessagePage> {
  const { messages, next } = recent;
  let older: HistoryPage | undefined;
  try {
    older = await history(query);
  } catch (error) {
    if (messages.length === 0 || !isUnavailable(error)) throw error;
    return recent;
  }
  if (!older) return recent;
  const seam = messages[0]?.seq ?? Infinity;
  const before = older.messages.filter(({ seq }) => seq < seam);
  if (before.length === 0) return recent;
  const isBehind = messages.length > 0 && older.lastSeq < seam - 1;
  const all = isBehind ? before : [...before, ...messages];
  const page = all.slice(0, query.limit);
  const last = page.at(-1)!.seq;
  const hasMore = page.length < all.length || next !== undefined || isBehind || older.next !== undefined;
  return {
    messages: page,
    ...(hasMore && { next: last }),
    ...(older.previous !== undefined && { previous: older.previous }),
    truncated: older.truncated,
  };
}
