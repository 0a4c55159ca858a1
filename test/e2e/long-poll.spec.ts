import { describe, expect, it } from '@jest/globals';
import { ERAS, type Facts, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';

const NOTHING = 'No message received within timeout period';

const texts = ({ events }: Facts) => events.map(({ data }) => data['message']);
const names = ({ events }: Facts) => events.map(({ name }) => name);

describe.each(ERAS)('wait_for_message in $era', ({ connect }) => {
  const parley = useParley();
  const wait = (client: TestClient, args: object = {}) =>
    client.ok('wait_for_message', { timeout_seconds: 10, ...args });
  const poll = (client: TestClient, args: object = {}) => wait(client, { timeout_seconds: 0, ...args });
  const waits = (count: number) => parley.server.waiting(count);

  it('returns what is there already', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connect);
    const { message_id, timestamp } = await ben.say(roomId, 'hello');
    const heard = await wait(ann, { cursor: ann.cursor });
    expect(heard).toEqual({
      events: [expect.anything(), expect.anything()],
      cursor: heard.events[1]!.cursor,
      timeout: false,
    });
    expect(names(heard)).toEqual(['chatroom.found', 'message.received']);
    expect(heard.events[1]).toEqual({
      event_id: expect.stringMatching(/^e1_/),
      name: 'message.received',
      timestamp,
      cursor: expect.stringMatching(/^c1_/),
      data: {
        room_id: roomId,
        message_id,
        seq: 1,
        message: 'hello',
        sender: { user_id: ben.userId, display_name: 'Ben', provenance: 'human_via_agent' },
        timestamp,
      },
    });
  });

  it('returns as soon as something comes', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connect);
    await poll(ann);
    const later = wait(ann);
    await waits(1);
    await ben.say(roomId, 'here I am');
    expect(texts(await later)).toEqual(['here I am']);
  });

  it('says that nothing came, and what to do then, after its time, its default or the cap', async () => {
    await parley.start({ environment: { WAIT_MAX_SECONDS: 1, WAIT_DEFAULT_SECONDS: 60 } });
    const { ann } = await parley.pair(connect);
    const { cursor } = await poll(ann);
    for (const { facts, text } of await Promise.all([
      ann.call('wait_for_message', { timeout_seconds: 0 }),
      ann.call('wait_for_message', { timeout_seconds: 3_000 }),
      ann.call('wait_for_message'),
    ])) {
      expect(facts).toEqual({ events: [], cursor, timeout: true, message: NOTHING });
      expect(text).toBe(`${NOTHING}. Call wait_for_message again to go on listening.`);
    }
  });

  it('never consumes: the same cursor reads the same again', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connect);
    for (const text of ['a', 'b', 'c']) await ben.say(roomId, text);
    const first = await poll(ann, { cursor: ann.cursor });
    const again = await poll(ann, { cursor: ann.cursor });
    expect(again).toEqual(first);
    expect(texts(await poll(ann, { cursor: first.events[1]!.cursor }))).toEqual(['b', 'c']);
  });

  it('without a cursor goes on where the last wait ended, missing nothing and repeating nothing', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connect);
    const seen: unknown[] = [];
    for (let round = 0; round < 5; round++) {
      await ben.say(roomId, `${round} one`);
      await ben.say(roomId, `${round} two`);
      seen.push(...texts(await poll(ann)).filter((text) => text !== undefined));
    }
    expect(seen).toEqual([0, 1, 2, 3, 4].flatMap((round) => [`${round} one`, `${round} two`]));
    expect(await poll(ann)).toMatchObject({ timeout: true, events: [] });
  });

  it('goes on page by page through more events than one result holds', async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 0 } });
    const { ann, ben, roomId } = await parley.pair(connect);
    const sent = Array.from({ length: 120 }, (_, i) => `message ${i}`);
    for (const text of sent) await ben.say(roomId, text);
    const seen: unknown[] = [];
    for (;;) {
      const page = await poll(ann);
      if (page.timeout) break;
      seen.push(...texts(page).filter((text) => text !== undefined));
    }
    expect(seen).toEqual(sent);
  });

  it('hears one room alone when asked to, and the others later', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connect);
    const carl = await parley.client(connect);
    const side = await ann.ok('join_room', { room_name: 'side room' });
    await carl.join('side room', { display_name: 'Carl' });
    await ben.say(roomId, 'in the first');
    await carl.say(side.room_id, 'in the second');
    const second = await poll(ann, { room_id: side.room_id });
    expect(names(second)).toEqual(['partner.joined', 'message.received']);
    expect(texts(second)[1]).toBe('in the second');
    expect(await poll(ann, { room_id: side.room_id })).toMatchObject({ timeout: true });

    const waitForSide = wait(ann, { room_id: side.room_id });
    await waits(1);
    await ben.say(roomId, 'must not wake it');
    await carl.say(side.room_id, 'wakes it');
    expect(texts(await waitForSide)).toEqual(['wakes it']);

    const rest = await poll(ann);
    expect(names(rest)).toEqual(['chatroom.found', 'message.received', 'message.received']);
    expect(texts(rest).slice(1)).toEqual(['in the first', 'must not wake it']);
  });

  it('serves several waits of one participant at once', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connect);
    const { cursor } = await poll(ann);
    const results = [wait(ann, { cursor }), wait(ann, { cursor }), wait(ann, { cursor })];
    await waits(3);
    await ben.say(roomId, 'to all of you');
    const [first, ...others] = await Promise.all(results);
    expect(texts(first!)).toEqual(['to all of you']);
    for (const other of others) expect(other).toEqual(first);
  });

  it('sends progress to a caller that asked for it', async () => {
    await parley.start({ environment: { WAIT_PROGRESS_SECONDS: 1 } });
    const { ann } = await parley.pair(connect);
    await poll(ann);
    const progress: object[] = [];
    const result = await ann.ok(
      'wait_for_message',
      { timeout_seconds: 2 },
      { onprogress: (update) => progress.push(update) },
    );
    expect(result.timeout).toBe(true);
    expect(progress).toEqual([{ progress: 1, total: 2, message: 'Still waiting' }]);
  });

  it('answers with the event after having sent progress', async () => {
    await parley.start({ environment: { WAIT_PROGRESS_SECONDS: 1 } });
    const { ann, ben, roomId } = await parley.pair(connect);
    await poll(ann);
    const progress: object[] = [];
    const later = ann.ok(
      'wait_for_message',
      { timeout_seconds: 20 },
      { onprogress: (update) => progress.push(update) },
    );
    await until('progress', () => progress.length > 0);
    await ben.say(roomId, 'at last');
    expect(texts(await later)).toEqual(['at last']);
  });

  it('ends when its caller gives up, which frees its place and loses nothing', async () => {
    await parley.start({ environment: { WAITS_PER_PARTICIPANT: 1 } });
    const { ann, ben, roomId } = await parley.pair(connect);
    await poll(ann);
    const giveUp = new AbortController();
    const abandoned = ann.call('wait_for_message', { timeout_seconds: 40 }, { signal: giveUp.signal });
    await waits(1);
    expect(await ann.refused('wait_for_message')).toMatchObject({
      error: 'Limit reached: 1 waits per participant',
      code: 'too_many_waits',
      retryable: true,
      limit: 1,
    });
    giveUp.abort();
    await expect(abandoned).rejects.toThrow();
    await waits(0);
    await ben.say(roomId, 'still there?');
    expect(texts(await wait(ann))).toEqual(['still there?']);
  });

  it('shows the same events, with the same ids and cursors, that are pushed', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connect);
    await ben.say(roomId, 'first');
    await ben.say(roomId, 'second');
    await ben.ok('leave_chat', { room_id: roomId });
    await ann.hears('room.closed');
    const { events } = await poll(ann, { cursor: ann.cursor });
    const pushed = ann.heard.map(({ params, event }) => ({ ...event, data: params }));
    expect(pushed).toEqual(events);
    expect(events.map(({ name }) => name)).toEqual([
      'chatroom.found',
      'message.received',
      'message.received',
      'partner.disconnected',
      'room.closed',
    ]);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  });

  it('says how many events are no longer kept', async () => {
    await parley.start({ environment: { EVENT_LOG_ENTRIES: 3 } });
    const { ann, ben, roomId } = await parley.pair(connect);
    for (const text of ['a', 'b', 'c', 'd']) await ben.say(roomId, text);
    const { facts, text } = await ann.call('wait_for_message', { cursor: ann.cursor, timeout_seconds: 0 });
    expect(facts.truncated).toBe(true);
    expect(texts(facts)).toEqual(['b', 'c', 'd']);
    expect(text).toMatch(/^Older events are no longer kept; call get_messages to read back\./);
    expect((await poll(ann, { cursor: facts.cursor })).truncated).toBeUndefined();
  });

  describe('by the wait_seconds of', () => {
    it('enter_queue: a match within the time is the answer', async () => {
      await parley.start();
      const [ann, ben] = await Promise.all([parley.client(connect), parley.client(connect)]);
      const entering = ann.become('enter_queue', { display_name: 'Ann', wait_seconds: 20 });
      await waits(1);
      expect(await ben.ok('enter_queue', { display_name: 'Ben' })).toMatchObject({ status: 'matched' });
      const { partner, status: own, room_id, cursor } = await entering;
      expect(own).toBe('matched');
      expect(partner.display_name).toBe('Ben');
      const { events } = await poll(ann, { cursor });
      expect(events.map(({ name, data }) => [name, data['room_id']])).toEqual([['chatroom.found', room_id]]);
    });

    it('join_room: somebody who comes within the time is in the answer', async () => {
      await parley.start();
      const [ann, ben] = await Promise.all([parley.client(connect), parley.client(connect)]);
      const joining = ann.become('join_room', { room_name: 'meet here', display_name: 'Ann', wait_seconds: 20 });
      await waits(1);
      const joined = await ben.ok('join_room', { room_name: 'meet here', display_name: 'Ben' });
      expect(joined.partners.map(({ display_name }) => display_name)).toEqual(['Ann']);
      expect((await joining).partners.map(({ display_name }) => display_name)).toEqual(['Ben']);
    });

    it('either: still alone after the time, it says so', async () => {
      await parley.start();
      const [ann, ben] = await Promise.all([parley.client(connect), parley.client(connect)]);
      const [entered, joined] = await Promise.all([
        ann.call('enter_queue', { wait_seconds: 1 }),
        ben.call('join_room', { room_name: 'empty', wait_seconds: 1 }),
      ]);
      expect(entered.facts).toMatchObject({ status: 'waiting', position: 1 });
      expect(entered.text).toMatch(/^Waiting at position 1 of 1/);
      expect(joined.facts).toMatchObject({ status: 'room_created', partners: [] });
      expect(joined.text).toContain('nobody else is there yet');
    });
  });
});
