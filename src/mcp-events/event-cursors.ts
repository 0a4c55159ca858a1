import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { decodeCursor } from '../domain/cursor.js';
import { EventsKey } from './events-key.js';

/** A position in a participant's log, and whether it lies behind the one asked for. */
export interface Start {
  readonly position: number;
  readonly truncated: boolean;
}

const CURSOR = /^ec1_([0-9a-z]{1,11})_[\w-]{22}$/;
/** Bytes kept of a signature. */
const MAC_BYTES = 16;

/**
 * Cursors of MCP Events: a position in a participant's log, signed together with the log, so that in any other log, and
 * with any change, one is unintelligible. All modes and filters share them.
 */
@Injectable()
export class EventCursors {
  readonly #key: Buffer;

  constructor(key: EventsKey) {
    this.#key = key.for('cursors');
  }

  /** The position after the entry with sequence number `seq` (0 = before the first). */
  encode(logId: string, seq: number): string {
    const mac = createHmac('sha256', this.#key).update(`${logId}\0${seq}`).digest().subarray(0, MAC_BYTES);
    return `ec1_${seq.toString(36)}_${mac.toString('base64url')}`;
  }

  /**
   * Where to go on from a cursor. It never fails (SEP-3415, cursors): what cannot be read means from now on, what is no
   * longer kept the oldest that is. The cursors of `enter_queue` and the other tools are understood as well.
   * @param head sequence number of the newest entry
   * @param oldest sequence number of the oldest entry that is kept; `head + 1` when none is
   */
  decode(logId: string, head: number, oldest: number, text: string): Start {
    const position = this.#verified(logId, text) ?? decodeCursor(logId, text);
    if (position === undefined || position > head) return { position: head, truncated: true };
    if (position + 1 < oldest) return { position: oldest - 1, truncated: true };
    return { position, truncated: false };
  }

  /** The position of a cursor that `encode` would give out just so. */
  #verified(logId: string, text: string): number | undefined {
    const [, seq] = CURSOR.exec(text) ?? [];
    if (seq === undefined) return undefined;
    const position = Number.parseInt(seq, 36);
    if (!Number.isSafeInteger(position)) return undefined;
    const [given, own] = [Buffer.from(text), Buffer.from(this.encode(logId, position))];
    return given.length === own.length && timingSafeEqual(given, own) ? position : undefined;
  }
}
