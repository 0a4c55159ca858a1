import { visible } from '../../domain/text.js';

/** JSON that says the same and hides nothing: what would be unsafe on a terminal is escaped. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replaceAll(/[^\n\x20-\x7e]/gu, (character) =>
    visible(character) === character ? character : escaped(character),
  );

const escaped = (character: string) =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
