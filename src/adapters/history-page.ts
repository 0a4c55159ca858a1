import type { Message } from '../domain/room.js';
import type { HistoryPage } from '../ports/history-store.js';
import type { MessageQuery } from '../ports/state-store.js';

/** What is known of a participant's part of a room. */
export interface ReadableRoom {
  /** The first and the last message that are kept and may be read by it; 0 when there is none. */
  readonly first: number;
  readonly last: number;
  /** It may read messages after this one, kept or not. */
  readonly after: number;
  /** The last message of the room that was taken in. */
  readonly lastSeq: number;
}

/** A page of what may be read. @param messages of the page, oldest first */
export function historyPage(messages: readonly Message[], { after }: MessageQuery, room: ReadableRoom): HistoryPage {
  const { first, last, lastSeq } = room;
  const [begin, end] = [messages[0]?.seq, messages.at(-1)?.seq];
  const isStart = begin === undefined ? after === undefined || after < first : begin <= first;
  const wanted = Math.max(after ?? 0, room.after) + 1;
  return {
    messages,
    ...(end !== undefined && end < last && { next: end }),
    ...(begin !== undefined && begin > first && { previous: begin }),
    truncated: isStart && (first === 0 ? wanted <= lastSeq : wanted < first),
    lastSeq,
  };
}
