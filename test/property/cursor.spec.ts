import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, encodeEventId } from '../../src/domain/cursor.js';

const logId = fc.stringMatching(/^[A-Za-z0-9_-]{22}$/);
const position = fc.maxSafeNat();

describe('cursors', () => {
  it('come back as the position they stand for, in their own log', () => {
    fc.assert(fc.property(logId, position, (log, seq) => expect(decodeCursor(log, encodeCursor(log, seq))).toBe(seq)));
  });

  it('mean nothing in any other log', () => {
    fc.assert(
      fc.property(logId, logId, position, (log, other, seq) => {
        fc.pre(log !== other);
        expect(decodeCursor(other, encodeCursor(log, seq))).toBeUndefined();
      }),
    );
  });

  it('are unlike event ids, and both fit into headers and SSE ids', () => {
    fc.assert(
      fc.property(logId, position, (log, seq) => {
        expect(decodeCursor(log, encodeEventId(log, seq))).toBeUndefined();
        for (const id of [encodeCursor(log, seq), encodeEventId(log, seq)]) expect(id).toMatch(/^[\w-]{1,64}$/);
      }),
    );
  });

  it('never decode anything but a whole position, whatever is sent', () => {
    fc.assert(
      fc.property(
        logId,
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-zA-Z+.-]{0,13}$/)),
        (log, text) => {
          for (const cursor of [text, `c1_${log}_${text}`]) {
            const seq = decodeCursor(log, cursor);
            if (seq !== undefined) {
              expect(Number.isSafeInteger(seq) && seq >= 0).toBe(true);
              expect(decodeCursor(log, encodeCursor(log, seq))).toBe(seq);
            }
          }
        },
      ),
    );
  });
});
