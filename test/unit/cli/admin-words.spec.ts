import { describe, expect, it } from '@jest/globals';
import { sheet, table } from '../../../src/cli/admin/columns.js';
import { COMMANDS } from '../../../src/cli/admin/commands.js';
import { since, untilOf } from '../../../src/cli/admin/durations.js';
import { safeJson } from '../../../src/cli/admin/json.js';
import { serviceUrl } from '../../../src/cli/admin/service-url.js';
import { UsageError } from '../../../src/cli/usage-error.js';

describe('the words of parley admin', () => {
  it('line up, whatever people are called, and hide nothing', () => {
    const rows = [
      ['山田', 1, null],
      ['Ann\u001b[2J\nBen', 20, 'x'],
    ] as const;
    expect(table(['NAME', 'COUNT', 'NOTE'], rows, 'Nobody.').split('\n')).toEqual([
      'NAME                COUNT  NOTE',
      '山田                1      -',
      'Ann‹U+001B›[2J Ben  20     x',
    ]);
    expect(table(['NAME'], [], 'Nobody.')).toBe('Nobody.');
    expect(table(['NAME', 'NOTE'], [['M'.repeat(100), 'x']], '').split('\n')[1]).toBe(`${'M'.repeat(47)}…  x`);
    expect(sheet({ name: 'a\tb', longer: false })).toBe('name    a    b\nlonger  false');
  });

  it('say when something is over, and for how long it has been', () => {
    const now = Date.parse('2030-01-01T00:00:00Z');
    expect(untilOf('90s', now)).toBe('2030-01-01T00:01:30.000Z');
    expect(untilOf('2h', now)).toBe('2030-01-01T02:00:00.000Z');
    expect(untilOf('7d', now)).toBe('2030-01-08T00:00:00.000Z');
    expect(untilOf(undefined, now)).toBeUndefined();
    for (const wrong of ['0h', '2', 'h', '2 h', '-1d', '1w', '9999999d'])
      expect(() => untilOf(wrong, now)).toThrow(UsageError);
    const ago = (seconds: number) => since(new Date(now - seconds * 1000).toISOString(), now);
    expect([ago(-5), ago(0), ago(59), ago(61), ago(3_600), ago(90_061)]).toEqual([
      '0s',
      '0s',
      '59s',
      '1m 1s',
      '1h',
      '1d 1h',
    ]);
    expect(since(null, now)).toBe('-');
  });

  it('are JSON that says the same and hides nothing', () => {
    const value = { text: '\u202eevil\u001b[2J \u{e0041} 山田 😀', list: [1] };
    expect(JSON.parse(safeJson(value))).toEqual(value);
    expect(safeJson(value)).toContain('\\u202eevil\\u001b[2J \\udb40\\udc41 山田 😀');
  });

  it('lead to the service that is meant', () => {
    const urls = [
      undefined,
      'parley.example.org',
      'http://127.0.0.1:3000/mcp',
      'http://host/t/acme/mcp',
      'http://host/t/acme/',
    ];
    expect(urls.map((url) => serviceUrl(url).href)).toEqual([
      'http://127.0.0.1:3000/',
      'https://parley.example.org/',
      'http://127.0.0.1:3000/',
      'http://host/t/acme',
      'http://host/t/acme',
    ]);
    expect(() => serviceUrl('http://user:secret@host')).toThrow(UsageError);
  });

  it('are there once for each command, with arguments by names of their own', () => {
    expect(new Set(COMMANDS.map(({ words }) => words)).size).toBe(COMMANDS.length);
    for (const { words, takes = [], flags = {}, summary } of COMMANDS) {
      expect([words, takes.every((name) => /^[A-Z]+$/.test(name))]).toEqual([words, true]);
      expect([words, Object.keys(flags).filter((name) => ['url', 'json', 'help'].includes(name))]).toEqual([words, []]);
      expect(summary).toMatch(/^[a-z].*[^.]$/);
    }
  });
});
