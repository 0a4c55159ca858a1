import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ERAS, rpcFailure, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

const POOLS = JSON.stringify(['a', 'b', 'c'].map((name) => ({ name })));

describe.each(ERAS)('limits in $era', ({ connect }) => {
  const parley = useParley();

  it('MESSAGE_MAX_CHARACTERS: counted as characters, told with the limit', async () => {
    await parley.start({ environment: { MESSAGE_MAX_CHARACTERS: 10 } });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ann.say(roomId, '👋'.repeat(10));
    await ben.hearsMessage('👋'.repeat(10));
    expect(await ann.refused('send_message', { room_id: roomId, message: 'x'.repeat(11) })).toMatchObject({
      error: 'message is 11 characters long; the limit is 10',
      code: 'invalid_arguments',
      hint: 'Split it into several messages.',
    });
  });

  it('MESSAGE_RATE_COUNT and _SECONDS: told with the seconds to wait, after which it works', async () => {
    const clock = new FakeClock();
    await parley.start({ clock, environment: { MESSAGE_RATE_COUNT: 3, MESSAGE_RATE_SECONDS: 30 } });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    for (let i = 1; i <= 3; i++) await ann.say(roomId, `message ${i}`);
    const { text, ...refused } = await ann.refused('send_message', { room_id: roomId, message: 'one too many' });
    expect(refused).toEqual({
      error: 'Too many messages',
      code: 'rate_limited',
      hint: 'Wait 10 s, then make the same call again.',
      retryable: true,
      retry_after_seconds: 10,
    });
    expect(text).toContain('Wait 10 s');
    await ben.say(roomId, 'Ben is not slowed down');
    clock.advance(refused.retry_after_seconds! * 1000);
    await ann.say(roomId, 'one too many');
    await ben.hearsMessage('one too many');
    expect(ben.messagesHeard).toEqual(['message 1', 'message 2', 'message 3', 'one too many']);
  });

  it('JOIN_RATE_COUNT and _SECONDS', async () => {
    const clock = new FakeClock();
    await parley.start({ clock, environment: { JOIN_RATE_COUNT: 2, JOIN_RATE_SECONDS: 60 } });
    const ann = await parley.client<TestClient>(connect);
    await ann.join('one');
    await ann.ok('join_room', { room_name: 'two' });
    const refused = await ann.refused('enter_queue');
    expect(refused).toMatchObject({ code: 'rate_limited', retryable: true, retry_after_seconds: 30 });
    // It is about joining, and there is no message to send again.
    expect(refused.text).not.toContain('message');
    clock.advance(30_000);
    expect((await ann.ok('enter_queue')).status).toBe('waiting');
  });

  it('TICKETS_PER_PARTICIPANT', async () => {
    await parley.start({ environment: { POOLS, TICKETS_PER_PARTICIPANT: 2 } });
    const ann = await parley.client<TestClient>(connect);
    await ann.enter({ pool: 'a' });
    await ann.ok('enter_queue', { pool: 'b' });
    expect(await ann.refused('enter_queue', { pool: 'c' })).toMatchObject({
      error: 'Limit reached: 2 tickets per participant',
      code: 'too_many_tickets',
      hint: 'Call leave_queue for a pool you no longer need.',
      retryable: true,
      limit: 2,
    });
    await ann.ok('leave_queue', { pool: 'a' });
    expect((await ann.ok('enter_queue', { pool: 'c' })).status).toBe('waiting');
  });

  it('ROOMS_PER_PARTICIPANT', async () => {
    await parley.start({ environment: { ROOMS_PER_PARTICIPANT: 2 } });
    const ann = await parley.client<TestClient>(connect);
    const { room_id } = await ann.join('one');
    await ann.ok('join_room', { room_name: 'two' });
    for (const [tool, args] of [
      ['join_room', { room_name: 'three' }],
      ['enter_queue', {}],
    ] as const) {
      expect(await ann.refused(tool, args)).toMatchObject({
        error: 'Limit reached: 2 rooms per participant',
        code: 'too_many_rooms',
        retryable: true,
        limit: 2,
      });
    }
    await ann.ok('leave_chat', { room_id });
    expect((await ann.ok('join_room', { room_name: 'three' })).status).toBe('room_created');
  });

  it('WAITS_PER_PARTICIPANT: each participant has its own', async () => {
    await parley.start({ environment: { WAITS_PER_PARTICIPANT: 2 } });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ann.ok('wait_for_message', { timeout_seconds: 0 });
    await ben.ok('wait_for_message', { timeout_seconds: 0 });
    const waits = [ann.ok('wait_for_message'), ann.ok('wait_for_message')];
    await parley.server.waiting(2);
    expect(await ann.refused('wait_for_message')).toMatchObject({
      error: 'Limit reached: 2 waits per participant',
      code: 'too_many_waits',
      hint: 'Let an earlier wait_for_message finish.',
      retryable: true,
      limit: 2,
    });
    const bens = ben.ok('wait_for_message');
    await parley.server.waiting(3);
    await ann.say(roomId, 'wake up, Ben');
    await ben.say(roomId, 'wake up, Ann');
    for (const { timeout } of await Promise.all([...waits, bens])) expect(timeout).toBe(false);
  });

  it('PARTICIPANTS_MAX', async () => {
    await parley.start({ environment: { PARTICIPANTS_MAX: 2 } });
    await parley.pair<TestClient>(connect);
    const carl = await parley.client<TestClient>(connect);
    expect(await carl.refused('enter_queue')).toMatchObject({
      error: 'Limit reached: 2 participants',
      code: 'too_many_participants',
      retryable: true,
    });
  });

  it('DISPLAY_NAME_MAX_CHARACTERS and ATTRIBUTES_MAX_BYTES', async () => {
    await parley.start({ environment: { DISPLAY_NAME_MAX_CHARACTERS: 5, ATTRIBUTES_MAX_BYTES: 40 } });
    const ann = await parley.client<TestClient>(connect);
    expect((await ann.refused('enter_queue', { display_name: 'Annabel' })).error).toBe(
      'display_name is 7 characters long; the limit is 5',
    );
    expect((await ann.refused('enter_queue', { attributes: { likes: 'x'.repeat(40) } })).error).toMatch(
      /^attributes is \d+ bytes of JSON; the limit is 40$/,
    );
    expect((await ann.enter({ display_name: 'Annie', attributes: { likes: 'tea' } })).status).toBe('waiting');
  });

  it('BODY_MAX_BYTES', async () => {
    await parley.start({ environment: { BODY_MAX_BYTES: 4_096 } });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    const failure = ann.call('send_message', { room_id: roomId, message: 'x'.repeat(5_000) });
    await expect(rpcFailure(failure)).resolves.toMatchObject({
      message: expect.stringContaining('The body is larger than 4096 bytes'),
    });
    await ann.say(roomId, 'shorter');
    await ben.hearsMessage('shorter');
  });

  it('are lifted by 0', async () => {
    await parley.start({
      environment: {
        POOLS,
        MESSAGE_MAX_CHARACTERS: 0,
        MESSAGE_RATE_COUNT: 0,
        JOIN_RATE_COUNT: 0,
        TICKETS_PER_PARTICIPANT: 0,
        ROOMS_PER_PARTICIPANT: 0,
        WAITS_PER_PARTICIPANT: 0,
        STREAMS_PER_PARTICIPANT: 0,
        PARTICIPANTS_MAX: 0,
        SESSIONS_MAX: 0,
        DISPLAY_NAME_MAX_CHARACTERS: 0,
      },
    });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect, undefined, { display_name: 'n'.repeat(200) });
    for (const pool of ['a', 'b', 'c']) expect((await ann.ok('enter_queue', { pool })).status).toBe('waiting');
    for (let i = 0; i < 25; i++) await ann.ok('join_room', { room_name: `room ${i}` });
    for (let i = 0; i < 25; i++) await ann.say(roomId, `message ${i}`);
    await ann.say(roomId, 'x'.repeat(5_000));
    await ben.hearsMessage('x'.repeat(5_000));
    expect(ben.messagesHeard).toHaveLength(26);
    await ann.ok('wait_for_message', { timeout_seconds: 0 });
    const waits = Array.from({ length: 6 }, () => ann.ok('wait_for_message'));
    await parley.server.waiting(6);
    await ben.say(roomId, 'wake up');
    for (const { timeout } of await Promise.all(waits)) expect(timeout).toBe(false);
  });
});
