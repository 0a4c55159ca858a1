import { describe, expect, it } from '@jest/globals';
import { limitReached, participantNotFound, roomNotFound } from '../../src/domain/errors.js';
import {
  asRpcError,
  EventsError,
  forbidden,
  invalidParams,
  unsupportedMode,
} from '../../src/mcp-events/event-errors.js';
import { RpcError } from '../../src/mcp-transport/index.js';

describe('errors of MCP Events', () => {
  it.each([
    [invalidParams('x'), -32602, -32602, undefined],
    [new EventsError('NotFound', { kind: 'event' }), -32011, -32023, { kind: 'event' }],
    [forbidden('room_closed'), -32012, -32024, { reason: 'room_closed' }],
    [new EventsError('ResourceExhausted', { limit: 'streams', max: 1 }), -32013, -32025, { limit: 'streams', max: 1 }],
    [unsupportedMode('push'), -32014, -32026, { feature: 'deliveryMode', value: 'push' }],
    [new EventsError('CallbackEndpointError', { reason: 'timeout' }), -32015, -32027, { reason: 'timeout' }],
  ])('%s has a number in each table, and the same data in both', (error, sketch, sep, data) => {
    expect(asRpcError(error, 'sketch')).toMatchObject({ code: sketch, httpStatus: 200 });
    expect(asRpcError(error, 'sep')).toMatchObject({ code: sep, httpStatus: 200 });
    expect([error.in('sketch').data, error.in('sep').data]).toEqual([data, data]);
  });

  it('stand for failures of the domain that the extension has a name for', () => {
    expect(asRpcError(limitReached('too_many_streams', 'streams', 8, ''), 'sep')).toMatchObject({
      code: -32025,
      data: { limit: 'streams', max: 8 },
    });
    expect(asRpcError(participantNotFound(), 'sep')).toMatchObject({
      code: -32024,
      data: { reason: 'participant_not_found' },
    });
    for (const error of [roomNotFound(), new Error('?'), new RpcError(-32601, 'Method not found')]) {
      expect(asRpcError(error, 'sep')).toBe(error);
    }
  });
});
