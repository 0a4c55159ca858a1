/**
 * Cursors and event ids of one participant's event log.
 *
 * Both name the log by its random id, so a cursor is bound to its participant: in any other log it is unintelligible.
 * They are visible ASCII without a dot, which keeps them usable as SSE ids and HTTP header values.
 */
const CURSOR = /^c1_([\w-]{22})_([0-9a-z]{1,11})$/;

/** The position after the entry with sequence number `seq` (0 = before the first). */
export const encodeCursor = (logId: string, seq: number): string => `c1_${logId}_${seq.toString(36)}`;

export const encodeEventId = (logId: string, seq: number): string => `e1_${logId}_${seq.toString(36)}`;

/** The position a cursor names in the given log, or undefined when it is not one of this log's. */
export function decodeCursor(logId: string, cursor: string): number | undefined {
  const match = CURSOR.exec(cursor);
  if (!match || match[1] !== logId) return undefined;
  const seq = Number.parseInt(match[2]!, 36);
  return Number.isSafeInteger(seq) ? seq : undefined;
}
