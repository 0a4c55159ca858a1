import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeCursor } from '../../src/domain/cursor.js';
import { EventCursors } from '../../src/mcp-events/event-cursors.js';
import { EventsKey } from '../../src/mcp-events/events-key.js';
import { loadConfig } from '../../src/config/index.js';

const KEY = 'a secret of more than 32 characters';
const cursorsOf = (key: string) => new EventCursors(new EventsKey(loadConfig({ EVENTS_KEY: key })));
const cursors = cursorsOf(KEY);
const HEAD = Number.MAX_SAFE_INTEGER;

const logId = fc.string({ minLength: 22, maxLength: 22, unit: fc.constantFrom(...'abzABZ019_-') });
const seq = fc.nat({ max: HEAD - 1 });

describe('cursors of MCP Events', () => {
  it('name a position of one log, for every process that has the key', () => {
    fc.assert(
      fc.property(logId, seq, (log, position) => {
        const cursor = cursors.encode(log, position);
        expect(cursor).toMatch(/^[\w-]{1,64}$/);
        expect(cursorsOf(KEY).decode(log, HEAD, 1, cursor)).toEqual({ position, truncated: false });
      }),
    );
  });

  it('mean from now on in any other log, with any other key, and with any change', () => {
    const now = { position: HEAD, truncated: true };
    fc.assert(
      fc.property(logId, logId, seq, (log, other, position) => {
        fc.pre(log !== other);
        const cursor = cursors.encode(log, position);
        expect(cursors.decode(other, HEAD, 1, cursor)).toEqual(now);
        expect(cursorsOf('').decode(log, HEAD, 1, cursor)).toEqual(now);
      }),
    );
    fc.assert(
      fc.property(logId, seq, fc.nat(), fc.constantFrom(...'aZ0_-. '), (log, position, at, char) => {
        const cursor = cursors.encode(log, position);
        const index = at % cursor.length;
        const changed = cursor.slice(0, index) + char + cursor.slice(index + 1);
        fc.pre(changed !== cursor);
        expect(cursors.decode(log, HEAD, 1, changed)).toEqual(now);
      }),
    );
    fc.assert(fc.property(logId, fc.string(), (log, text) => expect(cursors.decode(log, HEAD, 1, text)).toEqual(now)));
  });

  it('mean the oldest entry that is kept when theirs is not, and now when theirs has yet to be', () => {
    fc.assert(
      fc.property(logId, fc.nat(1000), fc.nat(1000), fc.nat(1000), (log, position, kept, dropped) => {
        const head = dropped + kept;
        const { position: start, truncated } = cursors.decode(log, head, dropped + 1, cursors.encode(log, position));
        const there = position >= dropped && position <= head;
        expect(start).toBe(there ? position : position > head ? head : dropped);
        expect(truncated).toBe(!there);
      }),
    );
  });

  it('come from the tools as well', () => {
    fc.assert(
      fc.property(logId, fc.nat(1000), (log, position) => {
        expect(cursors.decode(log, 1000, 1, encodeCursor(log, position))).toEqual({ position, truncated: false });
      }),
    );
  });
});
