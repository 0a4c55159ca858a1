import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { historyPage } from '../../src/adapters/history-page.js';
import { historyUnavailable } from '../../src/domain/errors.js';
import type { Message, MessagePage } from '../../src/domain/room.js';
import type { MessageQuery } from '../../src/ports/state-store.js';
import { readBack } from '../../src/rooms/read-back.js';
import { RoomRecord } from '../../src/adapters/memory/room-record.js';

/** A room of which the state has the last messages, and history the first. */
interface Setting {
  readonly total: number;
  /** Messages that the state keeps. */
  readonly hot: number;
  /** History has taken in everything up to this one. */
  readonly taken: number;
  /** History has let go of everything up to this one. */
  readonly pruned: number;
  readonly limit: number;
  /** The messages of somebody who was forgotten are missing in history. */
  readonly forgotten: ReadonlySet<number>;
}

const message = (seq: number): Message => ({
  messageId: `m${seq}`,
  seq,
  text: `message ${seq}`,
  sender: { user_id: 'ann', display_name: 'Ann', provenance: 'human' },
  timestamp: new Date(seq).toISOString(),
});

const seqsOf = (page: MessagePage) => page.messages.map(({ seq }) => seq);

class Reader {
  readonly #room: RoomRecord<never>;
  readonly #kept: Message[];

  constructor(private readonly setting: Setting) {
    const { total, hot, taken, pruned, forgotten } = setting;
    this.#room = new RoomRecord('room', 'match', 'default', 2, hot, 0);
    const member = { id: 'ben', profile: { user_id: 'ben', display_name: 'Ben' } };
    this.#room.admit(member as never);
    const all = Array.from({ length: total }, (_, index) => message(index + 1));
    for (const each of all) this.#room.messages.push(each);
    this.#kept = all.filter(({ seq }) => seq > pruned && seq <= taken && !forgotten.has(seq));
  }

  read(query: Omit<MessageQuery, 'limit'>): Promise<MessagePage> {
    const asked = { ...query, limit: this.setting.limit };
    const recent = this.#room.page('ben', asked);
    return recent.truncated ? readBack(recent, asked, (older) => this.#history(older)) : Promise.resolve(recent);
  }

  /** Every page from the newest to the oldest, or from the oldest to the newest. */
  async pages(way: 'previous' | 'next'): Promise<MessagePage[]> {
    const pages: MessagePage[] = [];
    let query: Omit<MessageQuery, 'limit'> = way === 'previous' ? {} : { after: 0 };
    for (;;) {
      const page = await this.read(query);
      pages.push(page);
      const position = page[way];
      if (position === undefined) return pages;
      query = way === 'previous' ? { before: position } : { after: position };
      if (pages.length > 1_000) throw new Error('the pages never end');
    }
  }

  async #history({ before = Infinity, after, limit }: MessageQuery) {
    const kept = this.#kept;
    const page =
      after === undefined
        ? kept.filter(({ seq }) => seq < before).slice(-limit)
        : kept.filter(({ seq }) => seq > after).slice(0, limit);
    const [first, last] = [kept[0]?.seq ?? 0, kept.at(-1)?.seq ?? 0];
    return historyPage(
      page,
      { ...(after !== undefined && { after }), limit },
      { first, last, after: 0, lastSeq: this.setting.taken },
    );
  }
}

const numbers = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

const settings = fc
  .record({
    total: fc.integer({ min: 1, max: 40 }),
    hot: fc.integer({ min: 1, max: 12 }),
    limit: fc.integer({ min: 1, max: 15 }),
    behind: fc.integer({ min: 0, max: 20 }),
    old: fc.integer({ min: 0, max: 20 }),
    forgotten: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
  })
  .map(({ total, hot, limit, behind, old, forgotten }): Setting => {
    const taken = Math.max(0, total - behind);
    return { total, hot, limit, taken, pruned: Math.min(old, taken), forgotten: new Set(forgotten) };
  });

describe('reading back beyond what the state keeps', () => {
  it('gives each message that is kept anywhere once and in order, both ways, and ends', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (setting) => {
        const { total, hot, taken, pruned, forgotten } = setting;
        const firstHot = Math.max(1, total - hot + 1);
        const kept = numbers(1, total).filter(
          (seq) => seq >= firstHot || (seq > pruned && seq <= taken && !forgotten.has(seq)),
        );
        const reader = new Reader(setting);
        const back = await reader.pages('previous');
        expect(back.toReversed().flatMap(seqsOf)).toEqual(kept);
        const forth = await reader.pages('next');
        expect(forth.flatMap(seqsOf)).toEqual(kept);
        for (const page of [...back, ...forth]) expect(page.messages.length).toBeLessThanOrEqual(setting.limit);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never bridges a gap within a page, and says that something is missing', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (given) => {
        const setting = { ...given, forgotten: new Set<number>() };
        const pages = await new Reader(setting).pages('previous');
        for (const page of pages) {
          const seqs = seqsOf(page);
          expect(seqs).toEqual(numbers(seqs[0] ?? 1, seqs.at(-1) ?? 0));
        }
        const isAllThere = new Set(pages.flatMap(seqsOf)).size === setting.total;
        expect(pages.some(({ truncated }) => truncated)).toBe(!isAllThere);
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers with what the state has while history is away, and lets the rest be asked for again', async () => {
    const room = { messages: [message(8), message(9)], truncated: true };
    const away = () => Promise.reject(historyUnavailable());
    expect(await readBack(room, { limit: 5 }, away)).toEqual({ ...room, previous: 8 });
    expect(await readBack(room, { after: 3, limit: 5 }, away)).toEqual(room);
    const nothing = { messages: [], truncated: true };
    await expect(readBack(nothing, { before: 8, limit: 5 }, away)).rejects.toMatchObject({ code: 'unavailable' });
    const broken = () => Promise.reject(new Error('a fault'));
    await expect(readBack(room, { limit: 5 }, broken)).rejects.toThrow('a fault');
  });

  it('is as before where history does not know the room', async () => {
    const room = { messages: [message(8)], truncated: true };
    expect(await readBack(room, { limit: 5 }, () => Promise.resolve(undefined))).toBe(room);
    expect(await readBack(room, { after: 1, limit: 5 }, () => Promise.resolve(undefined))).toBe(room);
  });
});
