import { describe, expect, it } from '@jest/globals';
import { commandsLike, complete, parseTyped } from '../../../src/cli/chat/commands.js';

describe('what is typed', () => {
  it.each([
    ['hello', { kind: 'message', text: 'hello' }],
    ['  indented', { kind: 'message', text: '  indented' }],
    ['//etc is a folder', { kind: 'message', text: '/etc is a folder' }],
    ['and/or', { kind: 'message', text: 'and/or' }],
    ['   ', { kind: 'nothing' }],
    ['/enter', { kind: 'command', name: 'enter', rest: '' }],
    ['/ENTER night owls ', { kind: 'command', name: 'enter', rest: 'night owls' }],
    ['/report Ben was\nrude', { kind: 'command', name: 'report', rest: 'Ben was\nrude' }],
  ])('is understood: %j', (text, typed) => expect(parseTyped(text)).toEqual(typed));

  it.each([
    ['/entre', 'enter'],
    ['/quti now', 'quit'],
    ['/hlep', 'help'],
    ['/bloc', 'block'],
    ['/exit', undefined],
    ['/', undefined],
    ['/usr/bin/env', undefined],
    [`/${'x'.repeat(100_000)}`, undefined],
  ])('is not known, and what was meant is guessed when it is clear: %.20j', (text, meant) => {
    const typed = parseTyped(text);
    expect(typed.kind).toBe('unknown');
    expect(typed).toEqual(expect.objectContaining(meant === undefined ? {} : { meant }));
    if (meant === undefined) expect(typed).not.toHaveProperty('meant');
  });
});

describe('completion', () => {
  const choices = (command: string) => (command === 'enter' ? ['default', 'deep', 'night'] : []);

  it.each([
    ['/e', '/enter '],
    ['/q', '/quit'],
    ['/r', '/r'],
    ['/re', '/report '],
    ['/ac', '/accept'],
    ['/xyz', '/xyz'],
    ['hello /e', 'hello /e'],
    ['//e', '//e'],
    ['/enter n', '/enter night'],
    ['/enter D', '/enter de'],
    ['/enter x', '/enter x'],
    ['/help x', '/help x'],
  ])('goes as far as it is certain: %j', (text, completed) => expect(complete(text, choices)).toBe(completed));
});

describe('the commands shown while one is typed', () => {
  it('are those that may be meant, and then the one that is', () => {
    expect(commandsLike('/s')).toEqual(['/switch N  go to another conversation', '/status  where you stand']);
    expect(commandsLike('/join lounge')).toEqual(['/join NAME  join a room by its name, or open it']);
    for (const text of ['', 'hello', '//s', 'a/s', '/enterprise']) expect(commandsLike(text)).toEqual([]);
  });
});
