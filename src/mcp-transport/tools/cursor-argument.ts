import { decodeCursor } from '../../domain/cursor.js';
import { invalidArguments } from '../../domain/errors.js';

/** The position that a caller's cursor names in its own log. @throws ChatError `invalid_arguments` */
export function positionOf(logId: string, head: number, cursor: string, otherwise: string): number {
  const found = decodeCursor(logId, cursor);
  if (found !== undefined && found <= head) return found;
  throw invalidArguments(
    'cursor is not one of yours',
    `Pass the cursor of an earlier result, or leave it out to ${otherwise}.`,
  );
}
