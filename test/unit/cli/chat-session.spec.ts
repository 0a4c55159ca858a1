import { describe, expect, it } from '@jest/globals';
import { Session } from '../../../src/cli/chat/terminal/session.js';
import { statusOf } from '../../../src/cli/chat/terminal/status.js';
import { ConnectionLost, ToolFailure } from '../../../src/client/index.js';
import { AT, ben, cleo, conversationOf, fakeChatClient, messageOf, ticketOf } from './fake-chat-client.js';

const MARKS = { message: ' ', sent: '✓', failed: '✗', info: '·', warning: '!', error: '!' } as const;

async function sitDown(more: Partial<ConstructorParameters<typeof Session>[0]> = {}) {
  const fake = fakeChatClient();
  const url = new URL('http://127.0.0.1:3000/mcp');
  const session = new Session({ client: fake.client, url, name: 'Ann', interests: [], now: () => AT, ...more });
  await session.start();
  let seen = 0;
  /** What was printed since the last look. */
  const news = () => {
    const lines = session.lines.slice(seen).map(({ tone, who, text }) => `${MARKS[tone]} ${who?.name ?? ''}|${text}`);
    seen = session.lines.length;
    return lines;
  };
  const status = () => statusOf(session.state, session.current).map(({ text }) => text);
  return { ...fake, session, news, status };
}

describe('a session at a terminal', () => {
  it('says in its first line what to do', async () => {
    const { news } = await sitDown();
    expect(news()).toEqual([
      '· |Parley at 127.0.0.1:3000. Type /enter to find somebody to talk to, /help for everything else.',
    ]);
  });

  it('asks for a name, and then does what the command line wants', async () => {
    const { session, client, news } = await sitDown({ name: undefined, pool: 'night', interests: ['chess'] });
    expect(news()[0]).toContain('What should others call you?');
    expect(session.asksName).toBe(true);
    await session.submit('/enter');
    expect(client.enterQueue).not.toHaveBeenCalled();
    expect(news()[0]).toContain('Type a name first');
    await session.submit('  Ann ');
    expect(session.asksName).toBe(false);
    expect(client.enterQueue).toHaveBeenCalledWith({ displayName: 'Ann', pool: 'night', interests: ['chess'] });
  });

  it('tells of the queue once, and keeps the place in the status bar', async () => {
    const { session, client, become, news, status } = await sitDown();
    news();
    await session.submit('/enter');
    expect(client.enterQueue).toHaveBeenCalledWith({ displayName: 'Ann' });
    become({ tickets: [ticketOf()] });
    become({ tickets: [ticketOf({ position: 1, queueLength: 4, estimatedWaitSeconds: null })] });
    expect(news()).toEqual(['· |Looking for somebody in default: 2nd of 5, about 40 s. /leave gives up.']);
    expect(status()).toEqual(['● online', 'in default: 1st of 4']);
  });

  it('prints each message once, one’s own when they are sent', async () => {
    const { session, client, become, say, news } = await sitDown();
    news();
    become({ tickets: [], conversations: [conversationOf({ reasons: ['You both like chess'], unread: 1 })] });
    expect(client.markRead).toHaveBeenCalledWith('r_1');
    await session.submit('hello\nBen');
    expect(client.send).toHaveBeenCalledWith('r_1', 'hello\nBen');
    const mine = messageOf('hello\nBen', { mine: true, delivery: 'sending' });
    say('r_1', mine, messageOf('hi'));
    expect(session.pending).toEqual([mine]);
    expect(news()).toEqual(['· |You are talking to Ben. You both like chess.', '  Ben|hi']);
    become({ conversations: [conversationOf({ entries: [{ ...mine, delivery: 'sent', seq: 1 }] })] });
    become({ conversations: [conversationOf({ entries: [{ ...mine, delivery: 'sent', seq: 1 }] })] });
    expect(news()).toEqual(['✓ |hello\nBen']);
  });

  it('says why a message was not sent, and when it is sent after all', async () => {
    const { become, news } = await sitDown();
    const mine = messageOf('hello', { mine: true, delivery: 'failed', failure: 'Too long; the limit is 4.' });
    become({ conversations: [conversationOf({ entries: [mine] })] });
    become({ conversations: [conversationOf({ entries: [{ ...mine, delivery: 'sent' }] })] });
    expect(news().slice(1)).toEqual(['✗ |hello', '! |Not sent: Too long; the limit is 4.', '✓ |hello']);
  });

  it('keeps what cannot be sent for another try', async () => {
    const { session, client, news } = await sitDown();
    news();
    expect(await session.submit('hello')).toBe('hello');
    expect(await session.submit('/entr')).toBe('/entr');
    expect(news()).toEqual([
      '! |You are not talking to anybody. /enter finds somebody.',
      '! |There is no /entr. Did you mean /enter? To send it as a message, begin it with //.',
    ]);
    expect(client.send).not.toHaveBeenCalled();
  });

  it('does not put what is typed for one into the conversation with another', async () => {
    const { session, client, become, news, status } = await sitDown();
    become({ conversations: [conversationOf()] });
    news();
    const other = conversationOf({ roomId: 'r_2', partners: [cleo], unread: 2 });
    become({ conversations: [conversationOf(), other] });
    expect(news()).toEqual(['· |Cleo is here as well: /switch 2']);
    expect(status()).toEqual(['● online', 'Ben', '2 new from Cleo: /switch 2']);
    await session.submit('for Ben');
    await session.submit('/switch 2');
    expect(news()).toEqual(['· |You are talking to Cleo.']);
    await session.submit('for Cleo');
    await session.submit('/switch 1');
    await session.submit('for Ben again');
    expect(client.send.mock.calls).toEqual([
      ['r_1', 'for Ben'],
      ['r_2', 'for Cleo'],
      ['r_1', 'for Ben again'],
    ]);
    expect(news()).toEqual(['· |Now with Ben:']);
    await session.submit('/switch 3');
    expect(news()).toEqual(['! |Which one? 1  Ben (here)\n2  Cleo (2 unread)']);
  });

  it('goes on to a new conversation when the old one is over, and puts that away', async () => {
    const { session, client, become } = await sitDown();
    become({ conversations: [conversationOf()] });
    const over = conversationOf({ active: false });
    become({ conversations: [over] });
    expect(session.current?.roomId).toBe('r_1');
    become({ conversations: [over, conversationOf({ roomId: 'r_2', partners: [cleo] })] });
    expect(session.current?.roomId).toBe('r_2');
    expect(client.close).toHaveBeenCalledWith('r_1');
  });

  it('tells of the connection and of what was forgotten', async () => {
    const { session, client, become, say, news, status } = await sitDown();
    become({ conversations: [conversationOf()] });
    news();
    become({ link: { state: 'reconnecting', retryAt: AT, why: 'It went away' } });
    become({ link: { state: 'reconnecting', retryAt: AT + 1, why: 'It went away' } });
    expect(status()).toEqual(['● offline, trying again', 'Ben']);
    await session.submit('');
    expect(client.reconnect).toHaveBeenCalledTimes(1);
    become({ link: { state: 'online' }, notices: [1, 2].map((id) => ({ id, tone: 'warning', text: `notice ${id}` })) });
    say('r_1', { kind: 'happening', key: 'lost', what: 'lost', at: AT });
    expect(news()).toEqual([
      '! |It went away. Trying again.',
      '· |Connected again.',
      '! |notice 1',
      '! |notice 2',
      '· |The service has forgotten this conversation.',
    ]);
    expect(session.state.notices).toEqual([]);
  });

  it('tries the connection again before it gives a command up', async () => {
    const { session, client, become } = await sitDown();
    become({ link: { state: 'reconnecting', retryAt: AT + 10_000, why: 'It went away' } });
    client.reconnect.mockImplementation(() => become({ link: { state: 'online' } }));
    await session.submit('/status');
    expect(client.reconnect).not.toHaveBeenCalled();
    await session.submit('/enter');
    expect(client.reconnect).toHaveBeenCalledTimes(1);
    expect(client.enterQueue).toHaveBeenCalledTimes(1);
  });

  it('says what went wrong in words for people', async () => {
    const { session, client, become, news } = await sitDown();
    become({ conversations: [conversationOf()] });
    news();
    client.enterQueue.mockRejectedValueOnce(new ToolFailure('Too many joins', 'rate_limited', 'Call again', true, 7));
    await session.submit('/enter');
    client.next.mockRejectedValueOnce(new ToolFailure('Chat has ended', 'room_ended', 'Call enter_queue', false));
    await session.submit('/next');
    client.leave.mockRejectedValueOnce(new ConnectionLost('reset'));
    await session.submit('/leave');
    expect(news()).toEqual([
      '! |Too many joins; try again in 7 s.',
      '! |Chat has ended.',
      '! |There is no connection to the service right now; try again in a moment.',
    ]);
  });

  it('offers a match once, and answers it', async () => {
    const { session, client, become, news, status } = await sitDown();
    news();
    const offer = { offerId: 'o_1', groupSize: 2, reasons: ['You both like chess'], expiresAt: AT + 30_000 };
    become({ tickets: [ticketOf({ position: null, offer: { ...offer, accepted: false } })] });
    expect(news().at(-1)).toBe('· |A match in default (You both like chess): /accept or /decline it within 30 s.');
    expect(status()).toEqual(['● online', 'default: /accept or /decline']);
    await session.submit('/accept');
    expect(client.respond).toHaveBeenCalledWith('o_1', true);
    become({ tickets: [ticketOf()] });
    await session.submit('/decline');
    expect(news().at(-1)).toBe('! |There is no match to answer right now.');
  });

  it('blocks and reports whom one names, or the only one there is', async () => {
    const { session, client, become, news } = await sitDown();
    await session.submit('/block');
    expect(news().at(-1)).toBe('! |You are not talking to anybody.');
    become({ conversations: [conversationOf()] });
    await session.submit('/block');
    expect(client.block).toHaveBeenLastCalledWith('r_1', 'u_ben');
    await session.submit('/report he was rude');
    expect(client.report).toHaveBeenLastCalledWith('r_1', 'u_ben', 'he was rude');
    become({ conversations: [conversationOf({ partners: [ben, cleo] })] });
    await session.submit('/block cl');
    expect(client.block).toHaveBeenLastCalledWith('r_1', 'u_cleo');
    await session.submit('/report Cleo: spam');
    await session.submit('/block');
    await session.submit('/report CLEO spam');
    expect(client.report).toHaveBeenLastCalledWith('r_1', 'u_cleo', 'spam');
    expect(news().slice(-3)).toEqual([
      '! |Nobody here is called Cleo:; here are Ben and Cleo.',
      '! |Whom do you mean: Ben and Cleo?',
      '· |You reported Cleo. /block keeps them away from you.',
    ]);
  });

  it('tells that one is writing, but not of commands', async () => {
    const { session, client, become } = await sitDown();
    session.typing('hello');
    become({ conversations: [conversationOf()] });
    for (const text of ['/enter', ' ']) session.typing(text);
    expect(client.typing).not.toHaveBeenCalled();
    session.typing('he');
    expect(client.typing).toHaveBeenCalledWith('r_1');
  });

  it('leaves everything at its end and says so', async () => {
    const { session, client, become, news } = await sitDown();
    become({
      tickets: [ticketOf()],
      conversations: [conversationOf(), conversationOf({ roomId: 'r_2', roomName: 'lounge', partners: [] })],
    });
    await session.quit();
    await session.ended;
    expect(client.leaveQueue).toHaveBeenCalledTimes(1);
    expect(client.leave.mock.calls).toEqual([['r_1'], ['r_2']]);
    expect(client.stop).toHaveBeenCalledTimes(1);
    expect(news().at(-1)).toBe('· |You left the queue, the conversation with Ben and lounge. Bye.');
  });

  it('ends without a connection, too', async () => {
    const { session, client, become, news } = await sitDown();
    become({ link: { state: 'reconnecting', retryAt: AT, why: 'It went away' }, conversations: [conversationOf()] });
    await session.quit();
    expect(client.leave).not.toHaveBeenCalled();
    expect(news().at(-1)).toContain('it will notice in a moment that you are gone');
  });

  it('shows nothing that could act on the terminal, whoever wrote it', async () => {
    const { become, session, status } = await sitDown();
    const evil = '\u001b[2J\u009b31m\u202eevil\tx';
    become({
      tickets: [ticketOf({ pool: evil, reasons: [evil] })],
      conversations: [
        conversationOf({
          partners: [{ ...ben, displayName: evil }],
          reasons: [evil],
          entries: [
            { kind: 'happening', key: 'opened', what: 'opened', at: AT },
            messageOf(evil, { sender: { ...ben, displayName: evil, provenance: 'human' } }),
          ],
        }),
      ],
      notices: [{ id: 1, tone: 'error', text: evil }],
    });
    await session.submit('/status');
    const printed = [...session.lines.flatMap(({ who, text }) => [who?.name ?? '', text]), ...status()];
    // eslint-disable-next-line no-control-regex
    for (const text of printed) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(printed.join()).toContain('‹U+001B›[2J‹U+009B›31m‹U+202E›evil    x');
  });
});
