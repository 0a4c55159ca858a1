import { afterEach, describe, expect, it } from '@jest/globals';
import { Feed } from '../../../src/adapters/redis/feed.js';
import type { Appended } from '../../../src/ports/state-store.js';
import { until } from '../../support/until.js';

/** A feed as Redis keeps it, and an instance that follows it. */
class Setup {
  messages: string[] = [];
  newest = 0;
  readonly heard: string[] = [];
  misses = 0;
  readonly feed = new Feed(
    'here',
    { read: async (after, limit) => ({ newest: this.newest, messages: this.after(after).slice(0, limit) }) },
    {
      appended: (appended) => this.heard.push(...appended.map(({ entry }) => entry.logId)),
      live: (_, name) => this.heard.push(name),
      missed: () => this.misses++,
    },
  );

  after(place: number): string[] {
    return this.messages.filter((message) => Number.parseInt(message, 10) > place);
  }

  /** A step writes an event to a log of that name; its message may still get lost on the way. */
  write(log: string, origin = 'there.1'): string {
    const body = { name: 'room.closed', at: 0, data: { room_id: 'r', reason: 'partner_left' } };
    const before = this.newest;
    // Two steps by one call.
    this.newest += 2;
    const message = `${this.newest} ${before} ${origin} ${JSON.stringify({ told: [[[['ann', log, 1]], body]] })}`;
    this.messages.push(message);
    return message;
  }
}

describe('the feed of what other instances write', () => {
  const setups: Setup[] = [];
  afterEach(() => setups.splice(0).forEach(({ feed }) => feed.stop()));

  async function started(written = 0): Promise<Setup> {
    const setup = new Setup();
    setups.push(setup);
    for (let i = 0; i < written; i++) setup.write('old');
    await setup.feed.start();
    return setup;
  }

  it('begins with what comes, not with what was', async () => {
    const { feed, heard, write } = bound(await started(3));
    feed.hear(write('a'));
    expect(heard).toEqual(['a']);
  });

  it('reads what it did not hear, in order, when something later comes', async () => {
    const { feed, heard, write } = bound(await started());
    feed.hear(write('a'));
    write('b');
    write('c');
    feed.hear(write('d'));
    await until('everything', () => heard.length === 4);
    expect(heard).toEqual(['a', 'b', 'c', 'd']);
  });

  it('goes on with what it hears while it reads, and reads no more for it', async () => {
    const setup = await started();
    const { feed, heard, write } = bound(setup);
    let reads = 0;
    const after = setup.after.bind(setup);
    setup.after = (place) => {
      reads++;
      return after(place);
    };
    feed.catchUp();
    feed.hear(write('a'));
    feed.hear(write('b'));
    expect(heard).toEqual(['a', 'b']);
    await new Promise(setImmediate);
    feed.hear(write('c'));
    expect([heard, reads, setup.misses]).toEqual([['a', 'b', 'c'], 1, 0]);
  });

  it('reads by itself, within a second, what nothing came after', async () => {
    const { heard, write } = bound(await started());
    write('a');
    const start = performance.now();
    await until('the event', () => heard.length === 1);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('hears what comes twice once', async () => {
    const { feed, heard, write } = bound(await started());
    const message = write('a');
    feed.hear(message);
    feed.hear(message);
    expect(heard).toEqual(['a']);
  });

  it('says that something was missed when it is no longer kept, or when everything began anew', async () => {
    const setup = await started();
    const { feed, heard, write } = bound(setup);
    for (const log of ['a', 'b', 'c']) write(log);
    setup.messages = setup.messages.slice(2);
    feed.catchUp();
    await until('the rest', () => heard.length === 1);
    expect([heard, setup.misses]).toEqual([['c'], 1]);
    setup.messages = [];
    setup.newest = 0;
    feed.catchUp();
    await until('the second miss', () => setup.misses === 2);
    feed.hear(write('anew'));
    expect(heard).toEqual(['c', 'anew']);
  });

  it('hands on the data of an event as it came, whether versions before wrote it or this one', async () => {
    const appended: Appended[] = [];
    const elsewhere = { appended: (some: readonly Appended[]) => appended.push(...some), live() {}, missed() {} };
    const feed = new Feed('here', { read: async () => ({ newest: 0, messages: [] }) }, elsewhere);
    const data = { room_id: 'r', message: 'two\nlines, a "]}" and a \u2028' };
    const json = JSON.stringify(data);
    const event = (seq: number, text: string) =>
      `[[["ann","a",${seq}],["bob","b",7]],{"name":"message.received","at":1,"data":${text}}]`;
    feed.hear(`2 0 there.1 {"told":[${event(1, json)},${event(2, json)}]}`);
    feed.hear(`4 2 there.2 {"told":[${event(3, `\n${json}\n`)},${event(4, `\n${json}\n`)}]}`);
    const heard = appended.map(({ participantId, entry: { logId, seq, body } }) => {
      const { name, at, timestamp, roomId } = body;
      return [participantId, logId, seq, name, at, timestamp, roomId, body.data, body.json];
    });
    const what = ['message.received', 1, '1970-01-01T00:00:00.001Z', 'r', data, json];
    expect(heard).toEqual(
      [1, 2, 3, 4].flatMap((seq) => [
        ['ann', 'a', seq, ...what],
        ['bob', 'b', 7, ...what],
      ]),
    );
  });

  it('leaves to the answer what a call of its own wrote', async () => {
    const { feed, heard, write } = bound(await started());
    feed.begin(1);
    feed.hear(write('own', 'here.1'));
    feed.answered(1);
    feed.begin(2);
    feed.answered(2);
    feed.hear(write('own', 'here.2'));
    expect(heard).toEqual([]);
  });

  it('hears what a call of its own wrote whose answer was lost, whichever is known first', async () => {
    const { feed, heard, write } = bound(await started());
    feed.begin(1);
    feed.begin(2);
    feed.hear(write('first', 'here.1'));
    expect(heard).toEqual([]);
    feed.lost(1);
    feed.lost(2);
    feed.hear(write('second', 'here.2'));
    expect(heard).toEqual(['first', 'second']);
  });

  it('passes on what is live only, but for its own', async () => {
    const { feed, heard } = bound(await started());
    const live = { participantId: 'ann', name: 'queue.updated' as const };
    const message = feed.live({ ...live, data: { ticket_id: 't', pool: 'p', position: 1, queue_length: 1 } });
    feed.hear(message);
    feed.hear(message.replace('here', 'there'));
    expect(heard).toEqual(['queue.updated']);
  });
});

function bound(setup: Setup) {
  return { feed: setup.feed, heard: setup.heard, write: (log: string, origin?: string) => setup.write(log, origin) };
}
