import { invalidArguments } from './errors.js';

/**
 * What must never reach a model or a terminal unseen: control characters except newline and tab, line and paragraph
 * separators, bidi embeddings, overrides and isolates, invisible operators, interlinear annotations and tag
 * characters. Joiners, directional marks, word breaks and variation selectors stay: scripts and emoji need them.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2061-\u206f\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu');

/**
 * An emoji flag of a region (Scotland, …): a black flag, the tags of a subdivision's code, a cancel tag (Unicode TR51,
 * ED-14a and appendix C). No other tags, lest sentences hide behind flags.
 */
const TAG_FLAG = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,7}\u{e007f}/gu;

/**
 * The form of a partner's text that a model or a terminal may read: every unsafe character becomes `‹U+XXXX›`.
 * Text without any comes back as it is.
 */
export function visible(text: string): string {
  if (!UNSAFE.test(text)) return text;
  let out = '';
  let at = 0;
  for (const flag of text.matchAll(TAG_FLAG)) {
    out += mark(text.slice(at, flag.index)) + flag[0];
    at = flag.index + flag[0].length;
  }
  return out + mark(text.slice(at));
}

const mark = (text: string) =>
  text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE_ALL, (char) => `‹U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}›`);

/** Number of characters (Unicode code points), as JSON Schema's `maxLength` counts them. */
export function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isSurrogate(text.charCodeAt(i), 0xd800) && isSurrogate(text.charCodeAt(i + 1), 0xdc00)) {
      count--;
      i++;
    }
  }
  return count;
}

const isSurrogate = (unit: number, first: number) => unit >= first && unit < first + 0x400;

/** Refuses text that no store and no other client could hold: lone surrogates and NUL. */
export function requireStorable(name: string, text: string): void {
  if (!text.isWellFormed()) {
    throw invalidArguments(`${name} is not well-formed Unicode: it holds a lone surrogate`, 'Send valid Unicode text.');
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw invalidArguments(`${name} holds a NUL character at index ${nul}`, 'Remove the NUL character.');
}

/** A message body: storable, not blank, at most `max` characters (0 lifts the limit). */
export function requireMessage(text: string, max: number): void {
  if (max > 0 && text.length > max && characters(text) > max) {
    throw invalidArguments(
      `message is ${characters(text)} characters long; the limit is ${max}`,
      'Split it into several messages.',
    );
  }
  requireStorable('message', text);
  if (text.trim() === '') throw invalidArguments('message must not be blank', 'Send some text.');
}

/**
 * A short one-line label (display name, room name): trimmed, NFC, at least one and at most `max` characters (0 lifts
 * the limit), nothing invisible.
 */
export function requireLabel(name: string, value: string, max: number): string {
  requireStorable(name, value);
  const label = value.normalize('NFC').trim();
  if (!/[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u.test(label)) {
    throw invalidArguments(`${name} must not be blank`);
  }
  if (max > 0 && characters(label) > max) {
    throw invalidArguments(`${name} is ${characters(label)} characters long; the limit is ${max}`);
  }
  if (/[\n\t]/.test(label) || visible(label) !== label) {
    throw invalidArguments(`${name} must not hold control, line break or invisible formatting characters`);
  }
  return label;
}
