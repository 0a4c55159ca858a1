import { describe, expect, it } from '@jest/globals';
import { schemaOf, toCloudEvent } from '../../../src/message-queue/cloud-events.js';
import { RECORD_KINDS } from '../../../src/message-queue/event-data.js';
import type { OutboxRecord, RecordData, RecordedMember, RecordKind } from '../../../src/ports/outbox.js';
import { eventFaults, SCHEMA_KINDS, schemaFile } from '../../support/event-schemas.js';

const PRINCIPAL = 'principal-of-ann';
const TEXT = 'hello 🦜';
const ann = { user_id: 'ann', display_name: 'Ann', provenance: 'human' } as const;
const member: RecordedMember = { ...ann, principal: PRINCIPAL, after_seq: 0 };

const DATA: { readonly [K in RecordKind]: RecordData[K] } = {
  'room.opened': {
    room_id: 'room',
    kind: 'match',
    name: 'default',
    capacity: 2,
    members: [member, { ...member, user_id: 'ben', principal: null }],
    reasons: [{ code: 'next', text: 'You were next' }],
    tickets: ['t1', 't2'],
  },
  'room.joined': { room_id: 'room', member, reasons: [] },
  'room.left': { room_id: 'room', user_id: 'ann', reason: 'left', last_seq: 3 },
  'room.closed': { room_id: 'room', reason: 'partner_left' },
  'message.sent': {
    room_id: 'room',
    message_id: 'message',
    seq: 1,
    sender: { ...ann, principal: PRINCIPAL } as RecordData['message.sent']['sender'],
    message: TEXT,
    timestamp: '2026-01-01T00:00:00.000Z',
  },
  'ticket.created': { ticket_id: 'ticket', pool: 'default', user_ids: ['ann'], priority: 0 },
  'ticket.moved': { ticket_id: 'ticket', from: 'default', pool: 'mentors' },
  'ticket.matched': { ticket_id: 'ticket', pool: 'default', room_id: 'room', waited_ms: 12 },
  'ticket.cancelled': { ticket_id: 'ticket', pool: 'default' },
  'ticket.expired': { ticket_id: 'ticket', pool: 'default', reason: 'timeout' },
  'participant.forgotten': { user_id: 'ann' },
};

const recordOf = (kind: RecordKind): OutboxRecord => ({
  id: `id-of-${kind}`,
  kind,
  at: 1_767_225_600_000,
  data: DATA[kind],
});
const told = (kind: RecordKind, messageText = false) =>
  toCloudEvent(recordOf(kind), { namespace: 'parley', messageText });

describe('records as CloudEvents', () => {
  it('are all of them told, and each has a published schema', () => {
    expect(Object.keys(DATA).sort()).toEqual([...RECORD_KINDS].sort());
    expect(SCHEMA_KINDS.sort()).toEqual([...RECORD_KINDS].sort());
  });

  it.each(RECORD_KINDS)('are valid: %s', (kind) => {
    expect(eventFaults(told(kind))).toEqual([]);
    expect(eventFaults(told(kind, true))).toEqual([]);
    expect(schemaFile(kind)).toMatchObject({ $id: schemaOf(kind), title: `parley.${kind}` });
  });

  it.each(RECORD_KINDS)('never tell a principal, nor a text unless it is asked for: %s', (kind) => {
    expect(JSON.stringify(told(kind, true))).not.toContain(PRINCIPAL);
    expect(JSON.stringify(told(kind))).not.toContain(TEXT);
  });

  it('say what is needed to know them again, and whom they are about', () => {
    expect(told('message.sent', true)).toEqual({
      specversion: '1.0',
      id: 'id-of-message.sent',
      source: 'parley://parley',
      type: 'parley.message.sent',
      subject: 'room',
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      dataschema: 'https://mcp-parley.github.io/parley/schemas/1/message.sent.json',
      data: {
        room_id: 'room',
        message_id: 'message',
        seq: 1,
        sender: ann,
        timestamp: '2026-01-01T00:00:00.000Z',
        characters: 7,
        message: TEXT,
      },
    });
    expect(told('ticket.expired').subject).toBe('ticket');
    expect(told('participant.forgotten').subject).toBe('ann');
  });

  it('are found wrong when they say more than is published', () => {
    const { data, ...event } = told('room.closed');
    expect(eventFaults({ ...event, data: { ...data, more: 1 } })).toHaveLength(1);
  });
});
