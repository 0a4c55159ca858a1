import { describe, expect, it } from '@jest/globals';
import * as errors from '../../src/domain/errors.js';

describe('errors', () => {
  it.each([
    [errors.roomNotFound(), 'room_not_found', 'Room not found', false],
    [errors.roomEnded(), 'room_ended', 'Chat has ended', false],
    [errors.notInRoom(), 'not_in_room', 'You are not in this room', false],
    [errors.roomFull(), 'room_full', 'Room is full', true],
    [errors.roomInactive(), 'room_inactive', 'Room is no longer active', false],
    [errors.participantNotFound(), 'participant_not_found', 'Participant not found', false],
    [errors.memberNotFound(), 'member_not_found', 'No such participant in this room', false],
    [errors.participantRequired(), 'participant_required', 'No participant is known for this call', false],
    [errors.unavailable(), 'unavailable', 'The service is shutting down', true],
  ] as const)('keep their texts and codes: %s', (error, code, message, retryable) => {
    expect([error.code, error.message, error.retryable]).toEqual([code, message, retryable]);
    expect(error).toBeInstanceOf(errors.ChatError);
  });

  it('say what would be right', () => {
    for (const make of [errors.roomNotFound, errors.roomEnded, errors.roomFull, errors.participantRequired]) {
      expect(make().hint).toMatch(/[a-z].*\.$/);
    }
  });

  it('say when a rate lets somebody go on, and of what there was too much', () => {
    const error = errors.rateLimited('messages', 7);
    expect([error.code, error.message, error.retryable]).toEqual(['rate_limited', 'Too many messages', true]);
    expect(error.details).toEqual({ retry_after_seconds: 7 });
    expect(error.hint).toContain('7 s');
    expect(errors.rateLimited('joins', 7).message).toBe('Too many joins');
  });

  it('say which limit was reached', () => {
    const error = errors.limitReached('too_many_rooms', 'rooms per participant', 20, 'Leave one.');
    expect([error.message, error.hint, error.retryable]).toEqual([
      'Limit reached: 20 rooms per participant',
      'Leave one.',
      true,
    ]);
    expect(error.details).toEqual({ limit: 20 });
  });
});
