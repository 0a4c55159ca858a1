import { describe, expect, it } from '@jest/globals';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { ClockFace } from '../../../src/cli/chat/printable.js';
import { Desk } from '../../../src/cli/chat/terminal/desk.js';
import { roomList } from '../../../src/cli/chat/terminal/overview.js';
import { Screen } from '../../../src/cli/chat/terminal/screen.js';
import { Session } from '../../../src/cli/chat/terminal/session.js';
import { statusOf } from '../../../src/cli/chat/terminal/status.js';
import { duration, happened, listed, ordinal } from '../../../src/cli/chat/wording.js';
import type { Happening } from '../../../src/client/index.js';
import { AT, cleo, conversationOf, fakeChatClient, messageOf } from './fake-chat-client.js';

describe('the screen', () => {
  async function draw(columns: number, type = ''): Promise<string> {
    const { client, become } = fakeChatClient();
    const url = new URL('http://127.0.0.1:3000/mcp');
    const session = new Session({ client, url, name: 'Ann', interests: [], now: () => AT });
    const desk = new Desk(session);
    await session.start();
    const entries = [
      messageOf('Hello! This is rather long, and goes on.\nSecond line', { at: AT + 60_000 }),
      messageOf('漢字かな한국어 🎉', {
        sender: { ...cleo, displayName: 'Cleopatra the Seventh', provenance: 'human' },
      }),
      messageOf('Hi', { mine: true, delivery: 'sent' }),
      messageOf('no', { mine: true, delivery: 'failed', failure: 'Too long.' }),
      messageOf('on its\nway', { mine: true, delivery: 'sending' }),
    ];
    become({ conversations: [conversationOf({ entries, typing: ['u_ben'] })] });
    for (const char of type) desk.press(char, { name: char });
    await Promise.resolve();
    const drawn = renderToString(
      createElement(Screen, { desk, clock: new ClockFace('Asia/Tokyo'), colour: false, columns }),
      {
        columns,
      },
    );
    await session.quit();
    return drawn;
  }

  it('has times, marks, names and texts in columns of their own', async () => {
    expect(await draw(60)).toBe(
      [
        '05:15 · Parley at 127.0.0.1:3000. Type /enter to find',
        '        somebody to talk to, /help for everything else.',
        '05:16   Ben  Hello! This is rather long, and goes on.',
        '             Second line',
        '05:15   Cleopatra the S…  漢字かな한국어 🎉',
        '05:15 ✓ you  Hi',
        '05:15 ✗ you  no',
        '05:15 ! Not sent: Too long.',
        '      … you  on its way',
        '',
        '● online   Ben is typing…',
        '›',
      ].join('\n'),
    );
  });

  it('shows what a command does while it is typed', async () => {
    expect((await draw(60, '/jo')).split('\n').slice(-2)).toEqual([
      '› /jo',
      '  /join NAME  join a room by its name, or open it',
    ]);
  });

  it('fits into a narrow window', async () => {
    const rows = (await draw(30)).split('\n');
    const first = rows.findIndex((row) => row.includes('Ben'));
    expect(rows.slice(first, first + 4)).toEqual([
      '05:16   Ben  Hello! This is',
      '             rather long, and',
      '             goes on.',
      '             Second line',
    ]);
  });
});

describe('an operator who watches', () => {
  it('is in the status bar and in the list of rooms for as long as the conversation goes on', () => {
    const { client, become } = fakeChatClient();
    const status = (more: object) => {
      const conversation = conversationOf({ supervised: true, ...more });
      become({ conversations: [conversation] });
      return statusOf(client.state, conversation).map(({ text }) => text);
    };
    expect(status({}).slice(1)).toEqual(['an operator is watching', 'Ben']);
    expect(status({ typing: ['u_ben'] }).slice(1)).toEqual(['an operator is watching', 'Ben is typing…']);
    expect(status({ active: false }).slice(1)).toEqual(['Ben (over)']);
    expect(roomList([conversationOf({ supervised: true })], 'r_1')).toBe('1  Ben (here, an operator is watching)');
  });

  it('is told of in words', () => {
    const words = (what: Happening) => happened({ kind: 'happening', key: what, what, at: AT }, conversationOf());
    expect(words('watched')).toBe('An operator is watching this conversation from now on.');
    expect(words('unwatched')).toBe('No operator is watching this conversation any more.');
    expect(words('stopped')).toBe('An operator has ended the conversation.');
  });
});

describe('words', () => {
  it('are those of people', () => {
    expect([1, 2, 3, 4, 11, 21, 112].map(ordinal)).toEqual(['1st', '2nd', '3rd', '4th', '11th', '21st', '112th']);
    expect([0, 1.4, 89, 90, 5399, 7200].map(duration)).toEqual(['1 s', '1 s', '89 s', '2 min', '90 min', '2 h']);
    expect([[], ['Ann'], ['Ann', 'Ben'], ['Ann', 'Ben', 'Cleo']].map(listed)).toEqual([
      '',
      'Ann',
      'Ann and Ben',
      'Ann, Ben and Cleo',
    ]);
  });
});
