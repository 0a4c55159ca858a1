import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WrittenEvent } from '../../src/domain/event.js';
import { EventLog } from '../../src/domain/event-log.js';

const LOG = 'l'.repeat(22);
const body = (at: number) =>
  new WrittenEvent('room.closed', at, new Date(at).toISOString(), { room_id: `room-${at}`, reason: 'partner_left' });

describe('EventLog', () => {
  it('hands a reader that pages from anywhere everything still kept, once and in order, and tells what is gone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 5_000 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
        fc.integer({ min: 0, max: 220 }),
        fc.integer({ min: 1, max: 50 }),
        (maxEntries, maxAgeMs, gaps, start, limit) => {
          const log = new EventLog(LOG, maxEntries, maxAgeMs);
          let now = 1_000;
          const all = gaps.map((gap) => log.append(body((now += gap))));
          const bySize = maxEntries === 0 ? all : all.slice(-maxEntries);
          const kept = bySize.filter((entry) => maxAgeMs === 0 || entry.body.at >= now - maxAgeMs);

          const first = log.read(start, limit, now);
          const firstKept = kept[0]?.seq ?? all.length + 1;
          expect(first.truncated).toBe(start + 1 < firstKept || start > all.length);

          const read: number[] = [];
          for (let position = start; ;) {
            const { entries } = log.read(position, limit, now);
            expect(entries.length).toBeLessThanOrEqual(limit);
            if (entries.length === 0) break;
            read.push(...entries.map((entry) => entry.seq));
            position = entries.at(-1)!.seq;
          }
          expect(read).toEqual(kept.map((entry) => entry.seq).filter((seq) => seq > start));
          expect(log.head).toBe(all.length);
        },
      ),
    );
  });

  it('numbers entries from 1 without gaps, whatever is dropped', () => {
    const log = new EventLog(LOG, 3, 0);
    expect(Array.from({ length: 100 }, (_, i) => log.append(body(i)).seq)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
  });

  it('gives a reader far behind the oldest entries it still keeps', () => {
    const log = new EventLog(LOG, 100, 0);
    for (let i = 0; i < 1_000; i++) log.append(body(i));

    const { entries, truncated } = log.read(0, 5, 1_000);

    expect(entries.map((entry) => entry.seq)).toEqual([901, 902, 903, 904, 905]);
    expect(truncated).toBe(true);
  });

  it('reads a position ahead of the head as the head, and says so', () => {
    const log = new EventLog(LOG, 100, 0);
    log.append(body(1));
    expect(log.read(1, 10, 1)).toEqual({ entries: [], truncated: false });
    expect(log.read(5, 10, 1)).toEqual({ entries: [], truncated: true });
  });
});
