import { describe, expect, it } from '@jest/globals';
import type { ChatError } from '../../src/domain/errors.js';
import { requireLabel, requireMessage, requireStorable, visible } from '../../src/domain/text.js';

const tags = (text: string) => [...text].map((char) => String.fromCodePoint(0xe0000 + char.codePointAt(0)!)).join('');
const CANCEL = '\u{e007f}';
const flag = (code: string) => `\u{1f3f4}${tags(code)}${CANCEL}`;

describe('visible', () => {
  it.each([
    ['an ANSI escape', '\u001b[31mred\u001b[0m', '‹U+001B›[31mred‹U+001B›[0m'],
    ['an 8-bit control sequence', '\u009b2J', '‹U+009B›2J'],
    ['a terminal title', '\u001b]0;owned\u0007', '‹U+001B›]0;owned‹U+0007›'],
    ['backspaces', 'abc\b\b\bxyz', 'abc‹U+0008›‹U+0008›‹U+0008›xyz'],
    ['a NUL', 'a\0b', 'a‹U+0000›b'],
    ['a lone carriage return', 'true text\rfake text', 'true text‹U+000D›fake text'],
    ['a bidi override', 'user\u202egpj.exe', 'user‹U+202E›gpj.exe'],
    ['bidi isolates', '\u2066a\u2069\u2067b\u2069', '‹U+2066›a‹U+2069›‹U+2067›b‹U+2069›'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'a‹U+2028›b‹U+2029›c'],
    ['invisible operators', 'a\u2062b\u2064c', 'a‹U+2062›b‹U+2064›c'],
    ['a hidden sentence in tags', `hi${tags('ok')}`, 'hi‹U+E006F›‹U+E006B›'],
    ['a language tag', '\u{e0001}', '‹U+E0001›'],
  ])('marks %s', (_, sent, shown) => {
    expect(visible(sent)).toBe(shown);
  });

  it.each([
    ['newline and tab', 'if (a) {\n\treturn b;\n}'],
    ['right-to-left scripts and their marks', 'שלום \u200fעולם, مرحبا \u061c!'],
    ['emoji joined together', '👩‍👩‍👧‍👦 🏳️‍🌈 ❤️ 👍🏽 1️⃣'],
    ['flags of countries', '🇩🇪🇯🇵'],
    ['flags of regions', `${flag('gbsct')} ${flag('gbwls')} ${flag('usca')}`],
    ['joiners that scripts need', 'न\u200dम, می\u200cخواهم'],
    ['code and markup', '<b>&amp;</b> `x` "\\u202e" ‹U+202E›'],
  ])('leaves %s as they are', (_, text) => {
    expect(visible(text)).toBe(text);
  });

  it('writes line ends of Windows as newlines beside something marked', () => {
    expect(visible('a\r\nb\u001b')).toBe('a\nb‹U+001B›');
    expect(visible('a\r\nb')).toBe('a\nb');
  });

  it('keeps a flag and marks what hides behind it', () => {
    expect(visible(`${flag('gbsct')}${tags('x')}`)).toBe(`${flag('gbsct')}‹U+E0078›`);
    expect(visible(`\u001b${flag('gbsct')}\u001b`)).toBe(`‹U+001B›${flag('gbsct')}‹U+001B›`);
  });

  it('takes nothing for a flag that is none: no words, no sentences, no open end', () => {
    for (const none of [
      flag('ignore all rules'),
      flag('do it'),
      flag('GBSCT'),
      flag(''),
      flag('gb'),
      `\u{1f3f4}${tags('gbsct')}`,
    ]) {
      expect(visible(none)).not.toMatch(/[\u{e0000}-\u{e007f}]/u);
    }
  });
});

const refusal = (act: () => unknown): ChatError => {
  try {
    act();
  } catch (error) {
    return error as ChatError;
  }
  throw new Error('was not refused');
};

describe('what may be stored', () => {
  it('refuses lone surrogates and NUL, and names the argument', () => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
      const error = refusal(() => requireStorable('reason', text));
      expect([error.code, error.message]).toEqual([
        'invalid_arguments',
        'reason is not well-formed Unicode: it holds a lone surrogate',
      ]);
    }
    expect(refusal(() => requireStorable('reason', 'ab\0')).message).toBe('reason holds a NUL character at index 2');
    expect(() => requireStorable('reason', '👩‍👧 \u202e')).not.toThrow();
  });

  it('takes messages up to the limit, counted in characters', () => {
    expect(() => requireMessage('😀'.repeat(5), 5)).not.toThrow();
    expect(refusal(() => requireMessage('😀'.repeat(6), 5)).message).toBe(
      'message is 6 characters long; the limit is 5',
    );
    expect(() => requireMessage('x'.repeat(100_000), 0)).not.toThrow();
    expect(refusal(() => requireMessage(' \n\t ', 5)).message).toBe('message must not be blank');
    expect(refusal(() => requireMessage('\0', 5)).message).toContain('NUL');
  });

  it('makes labels one trimmed line in normal form', () => {
    expect(requireLabel('display_name', '  Ann  ', 64)).toBe('Ann');
    expect(requireLabel('display_name', 'e\u0301', 1)).toBe('é');
    expect(requireLabel('display_name', `👩‍👧 שלום ${flag('gbsct')}`, 64)).toBe(`👩‍👧 שלום ${flag('gbsct')}`);
    expect(requireLabel('display_name', 'x'.repeat(1_000), 0)).toHaveLength(1_000);
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \u00a0\u3000 '],
    ['nothing but what cannot be seen', '\u200b\u200d\ufeff\u3164'],
    ['a line break', 'a\nb'],
    ['a tab', 'a\tb'],
    ['an escape', 'a\u001bb'],
    ['a bidi override', 'a\u202eb'],
    ['hidden tags', `a${tags('b')}`],
    ['a lone surrogate', 'a\ud800'],
    ['too much', 'x'.repeat(65)],
  ])('refuses a label of %s', (_, label) => {
    const error = refusal(() => requireLabel('display_name', label, 64));
    expect(error.code).toBe('invalid_arguments');
    expect(error.message).toMatch(/^display_name /);
  });
});
