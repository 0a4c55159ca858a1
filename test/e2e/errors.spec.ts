import { beforeEach, describe, expect, it } from '@jest/globals';
import { StateStore } from '../../src/ports/state-store.js';
import { ERAS, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

const UNKNOWN_ROOM = '00000000-0000-4000-8000-000000000000';

describe.each(ERAS)('a tool that fails, in $era', ({ connect }) => {
  const parley = useParley();
  let ann: TestClient;
  let ben: TestClient;
  let roomId: string;

  beforeEach(async () => {
    await parley.start();
    ({ ann, ben, roomId } = await parley.pair(connect));
  });

  it.each([
    ['send_message', { room_id: UNKNOWN_ROOM, message: 'hello' }],
    ['leave_chat', { room_id: UNKNOWN_ROOM }],
    ['get_messages', { room_id: UNKNOWN_ROOM }],
    ['set_typing', { room_id: UNKNOWN_ROOM }],
    ['wait_for_message', { room_id: UNKNOWN_ROOM, timeout_seconds: 0 }],
    ['block_participant', { room_id: UNKNOWN_ROOM, user_id: 'whoever' }],
    ['report_participant', { room_id: UNKNOWN_ROOM, user_id: 'whoever' }],
  ])('says "Room not found" in %s', async (tool, args) => {
    expect(await ann.refused(tool, args)).toEqual({
      error: 'Room not found',
      code: 'room_not_found',
      hint: 'Call get_status to list the rooms you are in.',
      retryable: false,
      text: 'Room not found. Call get_status to list the rooms you are in.',
    });
  });

  it('tells a stranger of a room that exists what it tells of one that does not', async () => {
    const eve = await parley.client(connect);
    await eve.enter();
    for (const [tool, args] of [
      ['send_message', { message: 'let me in' }],
      ['leave_chat', {}],
      ['get_messages', {}],
      ['set_typing', {}],
      ['wait_for_message', { timeout_seconds: 0 }],
      ['block_participant', { user_id: ann.userId }],
      ['report_participant', { user_id: ann.userId }],
    ] as const) {
      const existing = await eve.refused(tool, { room_id: roomId, ...args });
      expect(existing).toEqual(await eve.refused(tool, { room_id: UNKNOWN_ROOM, ...args }));
    }
    await ann.say(roomId, 'undisturbed');
    await ben.hearsMessage('undisturbed');
    expect(ben.heard.map(({ method }) => method)).toEqual(['chatroom.found', 'message.received']);
  });

  it('says "Chat has ended" to either side once one has left', async () => {
    await ann.ok('leave_chat', { room_id: roomId });
    for (const client of [ann, ben]) {
      expect(await client.refused('send_message', { room_id: roomId, message: 'anybody?' })).toMatchObject({
        error: 'Chat has ended',
        code: 'room_ended',
        hint: 'Call enter_queue to find a new partner, or get_messages to read back.',
        retryable: false,
      });
    }
  });

  it('says "You are not in this room" to one who has left while others go on', async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => parley.client(connect)));
    const { room_id } = await one!.join('lobby', { capacity: 3 });
    await two!.join('lobby');
    await three!.join('lobby');
    await one!.ok('leave_chat', { room_id });
    for (const [tool, args] of [
      ['send_message', { message: 'still there?' }],
      ['leave_chat', {}],
      ['set_typing', {}],
      ['wait_for_message', { timeout_seconds: 0 }],
    ] as const) {
      expect(await one!.refused(tool, { room_id, ...args })).toMatchObject({
        error: 'You are not in this room',
        code: 'not_in_room',
        retryable: false,
      });
    }
  });

  it('says "Room is full" when a named room holds as many as it may', async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => parley.client(connect)));
    await one!.join('for two');
    await two!.join('for two');
    expect(await three!.refused('join_room', { room_name: 'for two' })).toMatchObject({
      error: 'Room is full',
      code: 'room_full',
      retryable: true,
    });
  });

  it('says "Room is no longer active" to one who rejoins by id a room that has ended', async () => {
    await ann.ok('leave_chat', { room_id: roomId });
    expect(await ben.refused('join_room', { room_name: roomId })).toMatchObject({
      error: 'Room is no longer active',
      code: 'room_inactive',
      retryable: false,
    });
  });

  it('says that a participant is required before there is one', async () => {
    const nobody = await parley.client(connect);
    for (const tool of ['get_status', 'wait_for_message', 'leave_queue']) {
      expect(await nobody.refused(tool)).toMatchObject({
        error: 'No participant is known for this call',
        code: 'participant_required',
        hint: 'Call enter_queue or join_room first and pass the participant_token it returned.',
      });
    }
  });

  it('takes whoever names nobody for somebody new once the participant is forgotten', async () => {
    const eve = await parley.client(connect);
    const before = await eve.become('enter_queue', { group_size: 3 });
    await parley.server.app.get<StateStore>(StateStore, { strict: false }).forget(before.user_id, Date.now());
    expect((await eve.refused('get_status')).code).toBe('participant_not_found');
    eve.token = undefined;
    const after = await eve.become('enter_queue', { group_size: 3 });
    expect(after.user_id).not.toBe(before.user_id);
    expect(after.participant_token).toEqual(expect.any(String));
    expect((await eve.ok('get_status')).user_id).toBe(after.user_id);
  });

  it('says of a token that was never given out what it says of a malformed one', async () => {
    const eve = await parley.client(connect);
    const guesses = [`pt_${'A'.repeat(43)}`, 'nonsense', ann.userId];
    const answers = await Promise.all(
      guesses.map((participant_token) => eve.refused('get_status', { participant_token })),
    );
    for (const answer of answers) {
      expect(answer).toEqual(answers[0]);
      expect(answer).toMatchObject({ error: 'Participant not found', code: 'participant_not_found' });
    }
  });

  it('names the argument and the rule when arguments are wrong', async () => {
    for (const [tool, args, error] of [
      ['send_message', { message: 'hi' }, 'room_id is required'],
      ['send_message', { room_id: roomId, message: 7 }, 'message must be of type string'],
      ['send_message', { room_id: roomId, message: 'hi', loud: true }, 'unknown argument "loud"'],
      ['send_message', { room_id: roomId, message: ' \n' }, 'message must not be blank'],
      ['enter_queue', { group_size: 1 }, 'group_size must be >= 2'],
      ['enter_queue', { group_size: 2.5 }, 'group_size must be a whole number'],
      ['enter_queue', { attributes: { nested: { no: true } } }, 'attributes.nested must be text, a number'],
      ['enter_queue', { display_name: 'a\nb' }, 'display_name must not hold control, line break'],
      ['join_room', { room_name: 'x', capacity: 51 }, 'capacity must be <= 50'],
      ['get_messages', { room_id: roomId, before: 3, after: 1 }, 'before and after cannot go together'],
      ['wait_for_message', { cursor: 'c1_made_up' }, 'cursor is not one of yours'],
      ['wait_for_message', { cursor: ben.cursor }, 'cursor is not one of yours'],
    ] as const) {
      const failure = await ann.refused(tool, args);
      expect(failure).toMatchObject({ code: 'invalid_arguments', retryable: false, hint: expect.any(String) });
      expect(failure.error).toContain(error);
    }
  });
});
