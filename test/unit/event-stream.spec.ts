import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { banned, participantNotFound } from '../../src/domain/errors.js';
import { EventCursors } from '../../src/mcp-events/event-cursors.js';
import { EventStream } from '../../src/mcp-events/event-stream.js';
import { EventsKey } from '../../src/mcp-events/events-key.js';
import { type EventArguments, requireEventType } from '../../src/mcp-events/event-types.js';
import type { SseStream } from '../../src/mcp-transport/index.js';
import type { EventListener, NotificationsService } from '../../src/notifications/index.js';
import { logEntry } from '../support/fakes.js';

interface Sent {
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

const HEARTBEAT_MS = 20_000;
const LOG = 'l'.repeat(22);

describe('a stream of MCP Events', () => {
  const cursors = new EventCursors(new EventsKey({ events: { key: null } as never }));
  const at = (seq: number) => cursors.encode(LOG, seq);
  let sent: Sent[];
  let congested: boolean;
  let stopped: boolean;
  let onFinish: () => string;
  let onClose: () => void;

  const frames = (text: string) =>
    sent.push(...[...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!) as Sent));
  const sse = {
    write: (text: string) => {
      frames(text);
      return !congested;
    },
    writeLive: (text: string) => congested || frames(text),
    onFinish: (last: () => string) => (onFinish = last),
    onRevoke: () => undefined,
    onClose: (callback: () => void) => (onClose = callback),
    end: () => {
      frames(onFinish());
      onClose();
    },
  } as unknown as SseStream;
  const notifications = {
    listen: (_: string, __: number, ___: EventListener) => () => (stopped = true),
  } as unknown as NotificationsService;

  const open = (name = 'room.closed', args: EventArguments = {}) =>
    new EventStream(
      {
        id: 7,
        type: requireEventType(name),
        args,
        subject: { participantId: 'p', logId: LOG, head: 4 },
        start: { position: 4, truncated: false },
        errors: 'sep',
        heartbeatMs: HEARTBEAT_MS,
      },
      sse,
      cursors,
      notifications,
    );
  const said = () => sent.map(({ method = 'result', params: { _meta, ...rest } = { _meta: 0 } }) => [method, rest]);

  beforeEach(() => {
    jest.useFakeTimers();
    [sent, congested, stopped] = [[], false, false];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is active again, with a fresh cursor, when entries were lost on the way', () => {
    const stream = open();
    stream.event(logEntry(9), true);
    expect(said()).toEqual([
      ['notifications/events/active', { cursor: at(4), truncated: false }],
      ['notifications/events/active', { cursor: at(8), truncated: true }],
      ['notifications/events/event', expect.objectContaining({ cursor: at(9), eventId: logEntry(9).eventId })],
    ]);
  });

  it('says so even when the next entry is not for it', () => {
    open('partner.joined').event(logEntry(9), true);
    expect(said().slice(1)).toEqual([['notifications/events/active', { cursor: at(8), truncated: true }]]);
  });

  it('asks for a pause when its client does not keep up, and beats no more until it does', () => {
    const stream = open();
    congested = true;
    expect(stream.event(logEntry(5), false)).toBe(false);
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(said()).toHaveLength(2);
    congested = false;
    jest.advanceTimersByTime(HEARTBEAT_MS);
    expect(said().at(-1)).toEqual(['notifications/events/heartbeat', { cursor: at(5) }]);
  });

  it('never asks for a pause on account of what it does not carry', () => {
    congested = true;
    expect(open('partner.joined').event(logEntry(5), false)).toBe(true);
  });

  it('is terminated when its participant is forgotten', () => {
    open().failed(participantNotFound());
    expect(said().slice(1)).toEqual([
      [
        'notifications/events/terminated',
        { error: { code: -32024, message: 'Forbidden', data: { reason: 'participant_not_found' } } },
      ],
      ['result', {}],
    ]);
    expect(stopped).toBe(true);
  });

  it('is terminated when its participant is banned', () => {
    open().failed(banned(null));
    expect(said()[1]).toMatchObject(['notifications/events/terminated', { error: { data: { reason: 'banned' } } }]);
  });

  it('ends without a word about the cause when the log cannot be read, so that its client comes back', () => {
    open().failed(new Error('secret'));
    expect(said().slice(1)).toEqual([
      ['notifications/events/error', { error: { code: -32603, message: 'Internal error' } }],
      ['result', {}],
    ]);
    expect(stopped).toBe(true);
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(sent).toHaveLength(3);
  });

  it('narrowed to a room outlives other rooms', () => {
    const stream = open('room.closed', { room_id: 'mine' });
    stream.event(logEntry(5, 'other'), false);
    expect(said()).toHaveLength(1);
    stream.event(logEntry(6, 'mine'), false);
    expect(said().map(([method]) => method)).toEqual([
      'notifications/events/active',
      'notifications/events/event',
      'notifications/events/terminated',
      'result',
    ]);
  });
});
