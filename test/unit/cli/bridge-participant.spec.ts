import { beforeEach, describe, expect, it } from '@jest/globals';
import { HeldParticipant, isUnknownParticipant } from '../../../src/cli/bridge/participant.js';

const entered = (token: string, cursor = 'c1_0') => ({ structuredContent: { participant_token: token, cursor } });

describe('the participant that a bridge holds', () => {
  let happened: string[];
  let held: HeldParticipant;
  beforeEach(() => {
    happened = [];
    held = new HeldParticipant(
      ({ token, cursor, made }) => happened.push(`took ${token} at ${cursor}${made ? ', made here' : ''}`),
      () => happened.push('lost'),
    );
  });

  it('is the one that a call without a token made', () => {
    held.learn(entered('pt_a'), undefined);
    expect(held.current).toEqual({ token: 'pt_a', cursor: 'c1_0', made: true });
    expect(happened).toEqual(['took pt_a at c1_0, made here']);
  });

  it('is taken once, whatever else it does', () => {
    held.learn(entered('pt_a'), undefined);
    held.learn(entered('pt_a', 'c1_5'), 'pt_a');
    expect(happened).toHaveLength(1);
    expect(held.current?.made).toBe(true);
  });

  it('is the one that the host names, once a result says where its events stand', () => {
    held.learn({ structuredContent: { success: true } }, 'pt_b');
    expect(held.current).toBeUndefined();
    held.learn({ structuredContent: { rooms: [], cursor: 'c1_7' } }, 'pt_b');
    expect(held.current).toEqual({ token: 'pt_b', cursor: 'c1_7', made: false });
  });

  it('is not learned from failures, or from results without facts', () => {
    held.learn({ ...entered('pt_a'), isError: true }, undefined);
    held.learn({ content: [] }, undefined);
    held.learn({ structuredContent: null }, 'pt_a');
    expect(happened).toEqual([]);
  });

  it('is forgotten once, and only when it is the one that is unknown', () => {
    held.learn(entered('pt_a'), undefined);
    held.forget('pt_b');
    expect(held.current?.token).toBe('pt_a');
    held.forget('pt_a');
    held.forget('pt_a');
    expect(held.current).toBeUndefined();
    expect(happened.slice(1)).toEqual(['lost']);
  });

  it('is unknown when the service says so by its code', () => {
    const failure = { structuredContent: { code: 'participant_not_found' } };
    expect(isUnknownParticipant({ ...failure, isError: true })).toBe(true);
    expect(isUnknownParticipant(failure)).toBe(false);
    expect(isUnknownParticipant({ structuredContent: { code: 'room_not_found' }, isError: true })).toBe(false);
  });
});
