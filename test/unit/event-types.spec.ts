import { describe, expect, it } from '@jest/globals';
import { type EventData, type EventName } from '../../src/domain/event.js';
import { EventsError } from '../../src/mcp-events/event-errors.js';
import { checkArguments, eventTypes, matches, requireEventType } from '../../src/mcp-events/event-types.js';
import { ChatError } from '../../src/domain/errors.js';
import { logEntry } from '../support/fakes.js';

/** The fields of each event, which the compiler compares with the domain. */
const FIELDS: { readonly [N in EventName]: Readonly<Record<keyof EventData[N], true>> } = {
  'chatroom.found': { room_id: true, pool: true, partner: true, partners: true, reasons: true, matched_at: true },
  'message.received': { room_id: true, message_id: true, seq: true, message: true, sender: true, timestamp: true },
  'partner.disconnected': { room_id: true, partner: true, reason: true, room_active: true },
  'partner.joined': { room_id: true, partner: true },
  'partner.reconnected': { room_id: true, partner: true },
  'room.closed': { room_id: true, reason: true },
  'room.supervised': { room_id: true, supervised: true },
  'queue.expired': { ticket_id: true, pool: true, reason: true },
  'queue.moved': { ticket_id: true, from: true, pool: true },
  'match.offered': { offer_id: true, pool: true, group_size: true, reasons: true, expires_at: true },
  'match.withdrawn': { offer_id: true, pool: true, waiting: true },
};

describe('event types', () => {
  it('are there for every event of the domain, with all of its fields and no others', () => {
    const fields = eventTypes().map(({ name, payloadSchema: { properties, required } }) => {
      expect(required).toEqual(Object.keys(properties as object));
      return [name, [...(required as string[])].sort()];
    });
    const wanted = Object.entries(FIELDS).map(([name, each]) => [name, Object.keys(each).sort()]);
    expect(Object.fromEntries(fields)).toEqual(Object.fromEntries(wanted));
  });

  it('offer each mode, and lack poll and webhook somewhere, so that clients meet both', () => {
    const lacking = (mode: 'poll' | 'push' | 'webhook') =>
      eventTypes()
        .filter(({ delivery }) => !delivery.includes(mode))
        .map(({ name }) => name);
    expect([lacking('poll'), lacking('push'), lacking('webhook')]).toEqual([
      ['match.offered'],
      [],
      ['match.withdrawn'],
    ]);
  });

  it('narrow to a room those events that have one', () => {
    for (const { name, inputSchema } of eventTypes()) {
      const filters = Object.keys(inputSchema['properties'] as object);
      const narrow = 'room_id' in FIELDS[name] && name !== 'chatroom.found';
      expect(filters).toEqual(narrow ? ['room_id', 'participant_token'] : ['participant_token']);
    }
  });

  it('take arguments by their schema', () => {
    const type = requireEventType('room.closed');
    expect(checkArguments(type, undefined)).toEqual({});
    expect(checkArguments(type, { room_id: 'r' })).toEqual({ room_id: 'r' });
    for (const wrong of [null, [], 'x']) expect(() => checkArguments(type, wrong)).toThrow(EventsError);
    for (const wrong of [{ room_id: '' }, { room_id: 1 }, { topic: 'x' }]) {
      expect(() => checkArguments(type, wrong)).toThrow(ChatError);
    }
  });

  it('match entries by name and by room', () => {
    const type = requireEventType('room.closed');
    const entry = logEntry(1, 'r');
    expect(matches(type, {}, entry)).toBe(true);
    expect(matches(type, { room_id: 'r' }, entry)).toBe(true);
    expect(matches(type, { room_id: 's' }, entry)).toBe(false);
    expect(matches(requireEventType('partner.joined'), {}, entry)).toBe(false);
  });
});
