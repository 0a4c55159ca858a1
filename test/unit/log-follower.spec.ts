import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LogEntry } from '../../src/domain/event.js';
import { type EventListener, LogFollower } from '../../src/notifications/log-follower.js';
import type { EventSlice } from '../../src/ports/state-store.js';
import { logEntry, settled } from '../support/fakes.js';

/** A log, a follower of it, and a listener that takes down what it is given and can be congested or broken. */
class Setup {
  readonly log: LogEntry[] = [];
  readonly given: [seq: number, truncated: boolean][] = [];
  readonly liveHeard: string[] = [];
  readonly failures: unknown[] = [];
  firstKept = 1;
  reads = 0;
  congested = false;
  broken: 'event' | 'live' | undefined;
  #drained: (() => void) | undefined;
  #release: (() => void) | undefined;
  slow = false;

  readonly listener: EventListener = {
    event: (entry, truncated) => {
      if (this.broken === 'event') throw new Error('boo');
      this.given.push([entry.seq, truncated]);
      return !this.congested;
    },
    live: (name) => {
      if (this.broken === 'live') throw new Error('boo');
      this.liveHeard.push(name);
    },
    drained: () => new Promise((resolve) => (this.#drained = resolve)),
    failed: (error) => this.failures.push(error),
  };

  readonly follower: LogFollower;

  constructor(position = 0, length = 0) {
    for (let i = 0; i < length; i++) this.append();
    this.follower = new LogFollower('ann', position, this.listener, (after, limit) => this.#read(after, limit));
  }

  append(): LogEntry {
    const entry = logEntry(this.log.length + 1);
    this.log.push(entry);
    return entry;
  }

  /** Appends and lets the follower hear of it. */
  tell(): void {
    this.follower.hear(this.append());
  }

  drain(): void {
    this.congested = false;
    this.#drained?.();
  }

  /** Lets a read that was slow come back. */
  release(): void {
    this.#release?.();
  }

  get seqs(): number[] {
    return this.given.map(([seq]) => seq);
  }

  #read(after: number, limit: number): EventSlice | Promise<EventSlice> {
    this.reads++;
    const entries = this.log.filter(({ seq }) => seq > after && seq >= this.firstKept).slice(0, limit);
    const truncated = after + 1 < this.firstKept || after > this.log.length;
    const slice = { entries, truncated, position: entries.at(-1)?.seq ?? this.log.length };
    if (!this.slow) return slice;
    return new Promise((resolve) => (this.#release = () => resolve(slice)));
  }
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('LogFollower', () => {
  it('delivers what was there before, then what comes, in order and once', async () => {
    const setup = new Setup(2, 5);
    setup.follower.catchUp();
    await settled();
    expect(setup.seqs).toEqual([3, 4, 5]);
    const reads = setup.reads;

    setup.tell();
    setup.tell();
    expect(setup.seqs).toEqual(upTo(7, 3));
    expect(setup.reads).toBe(reads);
    expect(setup.given.every(([, truncated]) => !truncated)).toBe(true);
  });

  it('reads a long log in pages', async () => {
    const setup = new Setup(0, 1_000);
    setup.follower.catchUp();
    await settled();
    expect(setup.seqs).toEqual(upTo(1_000));
    expect(setup.reads).toBe(8);
  });

  it('delivers an entry once that it hears of twice, late, or out of order', async () => {
    const setup = new Setup();
    const [one, two, three] = [setup.append(), setup.append(), setup.append()];
    for (const entry of [two, one, three, three, one, two]) setup.follower.hear(entry);
    await settled();
    for (const entry of [three, one]) setup.follower.hear(entry);
    await settled();
    expect(setup.seqs).toEqual([1, 2, 3]);
  });

  it('fetches what it was never told of', async () => {
    const setup = new Setup();
    setup.append();
    setup.append();
    setup.tell();
    await settled();
    expect(setup.seqs).toEqual([1, 2, 3]);
  });

  it('misses nothing that comes while it reads', async () => {
    const setup = new Setup(0, 2);
    setup.slow = true;
    setup.follower.catchUp();
    setup.tell();
    setup.slow = false;
    setup.release();
    await settled();
    expect(setup.seqs).toEqual([1, 2, 3]);
  });

  it('pauses while its listener is congested, keeps nothing meanwhile, and catches up', async () => {
    const setup = new Setup();
    setup.congested = true;
    setup.tell();
    for (let i = 0; i < 500; i++) setup.tell();
    setup.follower.live('partner.typing', { room_id: 'r', partner: { user_id: 'b', display_name: 'B' }, typing: true });
    await settled();
    expect(setup.seqs).toEqual([1]);
    expect(setup.liveHeard).toEqual([]);

    setup.drain();
    await settled();
    expect(setup.seqs).toEqual(upTo(501));
    setup.tell();
    expect(setup.seqs).toEqual(upTo(502));
  });

  it('pauses in the middle of catching up, too', async () => {
    const setup = new Setup(0, 300);
    setup.congested = true;
    setup.follower.catchUp();
    await settled();
    expect(setup.seqs).toEqual([1]);
    setup.drain();
    await settled();
    expect(setup.seqs).toEqual(upTo(300));
  });

  it('tells with the next entry that entries before it were lost, and only with that one', async () => {
    const setup = new Setup(2, 10);
    setup.firstKept = 7;
    setup.follower.catchUp();
    await settled();
    setup.tell();
    expect(setup.given).toEqual([
      [7, true],
      [8, false],
      [9, false],
      [10, false],
      [11, false],
    ]);
  });

  it('tells it with the next entry also when nothing at all was left', async () => {
    const setup = new Setup(2, 10);
    setup.firstKept = 11;
    setup.follower.catchUp();
    await settled();
    expect(setup.given).toEqual([]);
    setup.tell();
    setup.tell();
    expect(setup.given).toEqual([
      [11, true],
      [12, false],
    ]);
  });

  it('takes a position ahead of the head for the head', async () => {
    const setup = new Setup(100, 3);
    setup.follower.catchUp();
    await settled();
    setup.tell();
    expect(setup.given).toEqual([[4, true]]);
  });

  it('delivers nothing after it was closed', async () => {
    const setup = new Setup(0, 300);
    setup.slow = true;
    setup.follower.catchUp();
    setup.follower.close();
    setup.release();
    await settled();
    setup.tell();
    setup.follower.catchUp();
    setup.follower.live('queue.updated', { ticket_id: 't', pool: 'p', position: 1, queue_length: 1 });
    await settled();
    expect([setup.given, setup.liveHeard, setup.failures]).toEqual([[], [], []]);
  });

  it('tells its listener once when reading fails, and delivers nothing more', async () => {
    const failures: unknown[] = [];
    const given: number[] = [];
    const listener: EventListener = {
      event: ({ seq }) => given.push(seq) > 0,
      live: () => undefined,
      drained: () => Promise.resolve(),
      failed: (error) => failures.push(error),
    };
    const follower = new LogFollower('ann', 0, listener, () => Promise.reject(new Error('store down')));
    follower.catchUp();
    await settled();
    follower.hear(logEntry(1));
    follower.catchUp();
    await settled();
    expect(failures).toEqual([new Error('store down')]);
    expect(given).toEqual([]);
  });

  it('keeps the failure of a listener from whoever told it', async () => {
    for (const broken of ['event', 'live'] as const) {
      const setup = new Setup();
      setup.broken = broken;
      setup.follower.live('queue.updated', { ticket_id: 't', pool: 'p', position: 1, queue_length: 1 });
      setup.tell();
      setup.tell();
      await settled();
      expect(setup.failures).toEqual([new Error('boo')]);
    }
  });

  it('gives every entry once and in order, however it hears of them and however slow its listener is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 10 }),
        fc.array(fc.constantFrom('tell', 'append', 'repeat', 'congest', 'drain', 'slow', 'fast', 'settle'), {
          maxLength: 60,
        }),
        async (position, steps) => {
          const setup = new Setup(position, 10);
          setup.follower.catchUp();
          for (const step of steps) {
            if (step === 'tell') setup.tell();
            if (step === 'append') setup.append();
            if (step === 'repeat') setup.follower.hear(setup.log[setup.log.length >> 1]!);
            if (step === 'congest') setup.congested = true;
            if (step === 'drain') setup.drain();
            if (step === 'slow') setup.slow = true;
            if (step === 'fast') setup.release();
            if (step === 'settle') await settled();
          }
          setup.slow = false;
          setup.tell();
          for (let i = 0; i < 3; i++) {
            setup.drain();
            setup.release();
            await settled();
          }
          expect(setup.seqs).toEqual(upTo(setup.log.length, position + 1));
        },
      ),
      { numRuns: 300 },
    );
  });
});
