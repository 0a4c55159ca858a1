import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { linesOf } from '../../../src/cli/chat/pipe/lines.js';
import { JsonOutput, TextOutput } from '../../../src/cli/chat/pipe/output.js';
import { PipeChat, type PipeChatOptions } from '../../../src/cli/chat/pipe/pipe-chat.js';
import { ClockFace } from '../../../src/cli/chat/printable.js';
import { ToolFailure } from '../../../src/client/index.js';
import { until } from '../../support/until.js';
import { AT, ben, conversationOf, fakeChatClient, messageOf, ticketOf } from './fake-chat-client.js';

describe('a conversation through pipes', () => {
  const open: { stop(): void }[] = [];
  afterEach(() => open.splice(0).forEach((chat) => chat.stop()));

  function begin(more: Partial<PipeChatOptions> & { readonly format?: 'json' } = {}) {
    const fake = fakeChatClient();
    const pipe = new PassThrough();
    const out: string[] = [];
    const err: string[] = [];
    const streams = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
    const output = more.format ? new JsonOutput(streams, () => AT) : new TextOutput(streams, new ClockFace('UTC'));
    const interruption = new AbortController();
    open.push({ stop: () => interruption.abort() });
    const ended = new PipeChat({
      client: fake.client,
      output,
      input: linesOf(pipe),
      interrupted: interruption.signal,
      interests: [],
      lingerMs: 0,
      retryMs: 60_000,
      ...more,
    }).run();
    /** The service takes what was sent. */
    const takeAll = () =>
      fake.client.send.mockImplementation(async (roomId, text) => {
        fake.say(roomId as string, messageOf(text as string, { mine: true, delivery: 'sent' }));
      });
    return { ...fake, pipe, out, err, ended, interruption, takeAll };
  }

  it('finds a partner, sends each line in order, and leaves', async () => {
    const { client, become, pipe, err, ended, takeAll } = begin({ name: 'Ann', pool: 'night', interests: ['chess'] });
    takeAll();
    pipe.write('one\n\ntwo\r\n');
    pipe.end('three');
    await until('the queue', () => client.enterQueue.mock.calls.length > 0);
    become({ tickets: [ticketOf()] });
    expect(client.send).not.toHaveBeenCalled();
    become({ tickets: [], conversations: [conversationOf()] });
    expect(await ended).toBe('done');
    expect(client.enterQueue.mock.calls).toEqual([[{ displayName: 'Ann', pool: 'night', interests: ['chess'] }]]);
    expect(client.send.mock.calls.map(([, text]) => text)).toEqual(['one', 'two', 'three']);
    expect(client.leave).toHaveBeenCalledWith('r_1');
    expect(client.stop).toHaveBeenCalledTimes(1);
    expect(err).toEqual(['* Looking for somebody in default: 2nd of 5, about 40 s.', '* You are talking to Ben.']);
  });

  it('waits in a room until somebody comes', async () => {
    const { client, become, pipe, ended, takeAll } = begin({ room: 'lounge' });
    takeAll();
    pipe.end('hi\n');
    become({ conversations: [conversationOf({ roomName: 'lounge', partners: [] })] });
    await until('the room', () => client.joinRoom.mock.calls.length > 0);
    expect(client.joinRoom).toHaveBeenCalledWith('lounge', 'Anonymous');
    expect(client.send).not.toHaveBeenCalled();
    become({ conversations: [conversationOf({ roomName: 'lounge' })] });
    expect(await ended).toBe('done');
    expect(client.send).toHaveBeenCalledWith('r_1', 'hi');
  });

  it('tells what the partner says, each message so that none can pretend to be another', async () => {
    const { client, become, out, err, say, ended } = begin();
    await until('the queue', () => client.enterQueue.mock.calls.length > 0);
    become({ conversations: [conversationOf()] });
    say('r_1', messageOf('hello'), messageOf('two\n20:00:00 Ann: lines\u001b[2J'));
    say('r_1', { kind: 'happening', key: 'left', what: 'left', who: ben, at: AT });
    become({ conversations: client.state.conversations.map((room) => ({ ...room, active: false })) });
    expect(await ended).toBe('done');
    expect(out).toEqual(['20:15:30 Ben: hello', '20:15:30 Ben: two\n    20:00:00 Ann: lines‹U+001B›[2J']);
    expect(err).toEqual(['* You are talking to Ben.', '* Ben left.']);
  });

  it('tells programs each event as an object', async () => {
    const { client, become, out, err, say, pipe, ended, takeAll } = begin({ format: 'json' });
    takeAll();
    await until('the queue', () => client.enterQueue.mock.calls.length > 0);
    become({ tickets: [ticketOf()] });
    become({ tickets: [], conversations: [conversationOf()], notices: [{ id: 1, tone: 'info', text: 'careful' }] });
    say('r_1', messageOf('two\nlines', { seq: 1 }));
    pipe.end('hi\n');
    await ended;
    const time = '2026-11-22T20:15:30.000Z';
    const partner = { user_id: 'u_ben', display_name: 'Ben' };
    expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([
      { event: 'waiting', time, pool: 'default', position: 2, queue_length: 5, estimated_wait_seconds: 40 },
      { event: 'notice', time, tone: 'info', text: 'careful' },
      { event: 'opened', time, room_id: 'r_1', pool: 'default', partners: [partner] },
      {
        event: 'message',
        time,
        room_id: 'r_1',
        seq: 1,
        mine: false,
        sender: { ...partner, provenance: 'human' },
        text: 'two\nlines',
      },
      expect.objectContaining({ event: 'message', mine: true, text: 'hi' }),
    ]);
    expect(err).toEqual([]);
  });

  it('accepts a match that is offered, once', async () => {
    const { client, become, interruption, ended } = begin();
    await until('the queue', () => client.enterQueue.mock.calls.length > 0);
    const offer = { offerId: 'o_1', groupSize: 2, reasons: [], expiresAt: AT, accepted: false };
    become({ tickets: [ticketOf({ offer })] });
    become({ tickets: [ticketOf({ offer, position: null })] });
    expect(client.respond.mock.calls).toEqual([['o_1', true]]);
    interruption.abort();
    expect(await ended).toBe('interrupted');
    expect(client.leaveQueue).toHaveBeenCalledTimes(1);
  });

  it('is lost when the service cannot be reached', async () => {
    const { client, become, err, ended } = begin();
    client.start.mockImplementation(async () =>
      become({ link: { state: 'reconnecting', retryAt: AT, why: 'Nobody answers.' } }),
    );
    // The first try was made when the chat began.
    become({ link: { state: 'refused', why: 'Not an MCP server.' } });
    expect(await ended).toBe('lost');
    expect(err).toEqual(['* Not an MCP server.']);
  });

  it('is lost when the service does not let one in', async () => {
    const fake = fakeChatClient();
    fake.client.enterQueue.mockRejectedValue(
      new ToolFailure('No such pool: nihgt', 'unknown_pool', 'Call again', false),
    );
    const { err, ended } = begin({ client: fake.client });
    expect(await ended).toBe('lost');
    expect(err).toEqual(['* No such pool: nihgt.']);
  });

  it('is lost when a message was refused, after the others were sent', async () => {
    const { client, become, say, pipe, err, ended } = begin();
    client.send.mockImplementation(async (roomId, text) => {
      const failed = text === 'long' && { delivery: 'failed' as const, failure: 'Too long.' };
      say(roomId as string, messageOf(text as string, { mine: true, delivery: 'sent', ...failed }));
    });
    pipe.end('long\nshort\n');
    become({ conversations: [conversationOf()] });
    expect(await ended).toBe('lost');
    expect(client.send).toHaveBeenCalledTimes(2);
    expect(err).toContain('* Not sent: Too long.');
  });

  it('waits for a service that went away, but not for ever', async () => {
    const { client, become, err, ended } = begin({ retryMs: 50 });
    await until('the queue', () => client.enterQueue.mock.calls.length > 0);
    become({ conversations: [conversationOf()] });
    become({ link: { state: 'reconnecting', retryAt: AT, why: 'It went away' } });
    become({ link: { state: 'online' } });
    become({ link: { state: 'reconnecting', retryAt: AT, why: 'It went away' } });
    expect(await ended).toBe('lost');
    expect(err.slice(1)).toEqual([
      '* It went away. Trying again.',
      '* Connected again.',
      '* It went away. Trying again.',
      '* The service did not come back.',
    ]);
  });

  it('is lost when the service has forgotten the conversation', async () => {
    const { become, say, err, ended } = begin();
    become({ conversations: [conversationOf()] });
    say('r_1', { kind: 'happening', key: 'lost', what: 'lost', at: AT });
    expect(await ended).toBe('lost');
    expect(err.at(-1)).toContain('The service has forgotten this conversation.');
  });
});
