import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { characters, visible } from '../../src/domain/text.js';

/** Said once more, without looking at the regular expression under test. */
function isUnsafe(char: string): boolean {
  const code = char.codePointAt(0)!;
  const within = (from: number, to: number) => code >= from && code <= to;
  if (char === '\n' || char === '\t') return false;
  return (
    within(0x00, 0x1f) ||
    within(0x7f, 0x9f) ||
    within(0x2028, 0x2029) ||
    within(0x202a, 0x202e) ||
    within(0x2066, 0x2069) ||
    within(0xe0000, 0xe007f)
  );
}

const SCOTLAND = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}';
const nasty = fc.constantFrom(
  ...['\u0000', '\u0007', '\b', '\r', '\r\n', '\u001b[31m', '\u009b2J', '\u007f', '\u2028', '\u202e', '\u2066'],
  ...['\u2069', '\u{e0001}', '\u{e0041}', '\u{e007f}', '\u{1f3f4}', '\u{1f3f4}\u{e0067}', '‹U+202E›'],
);
const nice = fc.constantFrom(
  ...[
    'שלום',
    'مرحبا',
    'नमस्ते',
    '👩‍👩‍👧',
    '🏳️‍🌈',
    '🇩🇪',
    SCOTLAND,
    '❤️',
    'a\u200db',
    '\u200f',
    '\u061c',
    'é',
    '\n',
    '\t',
    '‹›',
    '{}',
  ],
);
const text = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), nasty, nice), { maxLength: 12 })
  .map((parts) => parts.join(''));

describe('visible', () => {
  it('leaves no unsafe character but the tags of whole flags', () => {
    fc.assert(
      fc.property(text, (sent) => {
        const shown = visible(sent).replaceAll(/\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,7}\u{e007f}/gu, '');
        expect([...shown].filter(isUnsafe)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('changes nothing that is visible already', () => {
    fc.assert(
      fc.property(text, (sent) => expect(visible(visible(sent))).toBe(visible(sent))),
      { numRuns: 1_000 },
    );
  });

  it('leaves text without unsafe characters as it is: any script, emoji, code', () => {
    const safe = fc
      .array(fc.oneof(fc.string({ unit: 'grapheme' }), nice))
      .map((parts) => parts.join(''))
      .filter((sent) => ![...sent.replaceAll(SCOTLAND, '')].some(isUnsafe));
    fc.assert(fc.property(safe, (sent) => expect(visible(sent)).toBe(sent)));
  });

  it('keeps every character that is safe, in its place', () => {
    const expected = (sent: string) =>
      [...sent.replaceAll('\r\n', '\n')]
        .map((char) =>
          isUnsafe(char) ? `‹U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}›` : char,
        )
        .join('');
    const known = fc
      .array(fc.oneof(fc.constantFrom('\u001b', '\u202e', '\r', '\r\n', 'a', 'ש', '\n', '👩‍👧')))
      .map((parts) => parts.join(''));
    fc.assert(fc.property(known, (sent) => expect(visible(sent)).toBe(expected(sent))));
  });
});

describe('characters', () => {
  it('counts code points, as JSON Schema does', () => {
    fc.assert(fc.property(text, (sent) => expect(characters(sent)).toBe([...sent].length)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0xd7fe, max: 0xe001 })), (units) => {
        const odd = String.fromCharCode(...units);
        expect(characters(odd)).toBe([...odd].length);
      }),
    );
  });
});
