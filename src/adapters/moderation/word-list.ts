import { isAscii, type PlainText } from './plain-text.js';

/** Scripts that put no spaces between words: there each character counts as a word. */
const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const TOKEN = new RegExp(`[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, 'gu');
/** Marks that make no other letter of the one before; scripts that need such marks are not listed. */
const STRAY_MARKS = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu;
const ASCII_TOKEN = /[A-Za-z0-9]+/g;
/** What may stand between the words of a phrase in a list; in a text anything but words may. */
const PHRASE = /^[\p{L}\p{N}\p{M}\p{Default_Ignorable_Code_Point}\s'’_-]+$/u;

interface Token {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

interface Phrase<T> {
  /** Keys of the words after the first. */
  readonly rest: readonly string[];
  readonly value: T;
}

export interface Found<T> {
  readonly value: T;
  /** In the plain text. */
  readonly start: number;
  readonly end: number;
}

/** Words and phrases by their first word: a text costs a look-up for each of its words, however long the list is. */
export class WordList<T> {
  readonly #phrases = new Map<string, Phrase<T>[]>();

  /** @returns whether it is a word or phrase that can be found */
  add(phrase: string, value: T): boolean {
    if (!PHRASE.test(phrase)) return false;
    const plain = phrase.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
    const [first, ...rest] = tokensOf(plain).map((token) => token.key);
    if (first === undefined) return false;
    const phrases = this.#phrases.get(first);
    if (phrases) phrases.push({ rest, value });
    else this.#phrases.set(first, [{ rest, value }]);
    return true;
  }

  /** What of the list stands in a text, in order of where it begins; one may be part of another. */
  find({ text }: PlainText): Found<T>[] {
    const tokens = tokensOf(text);
    const found: Found<T>[] = [];
    tokens.forEach(({ key, start }, i) => {
      for (const { rest, value } of this.#phrases.get(key) ?? NONE) {
        if (follows(tokens, i + 1, rest)) found.push({ value, start, end: tokens[i + rest.length]!.end });
      }
    });
    return found;
  }
}

const NONE: readonly never[] = [];

function tokensOf(text: string): Token[] {
  const ascii = isAscii(text);
  return Array.from(text.matchAll(ascii ? ASCII_TOKEN : TOKEN), ({ 0: word, index }) => ({
    key: ascii ? word.toLowerCase() : keyOf(word),
    start: index,
    end: index + word.length,
  }));
}

/** Upper case first: some letters have only one of the two in common. Accents are part of a letter, what strikes it out is not. */
const keyOf = (word: string) => word.normalize('NFKC').toUpperCase().toLowerCase().replaceAll(STRAY_MARKS, '$1');

const follows = (tokens: readonly Token[], at: number, rest: readonly string[]) =>
  rest.every((key, i) => tokens[at + i]?.key === key);
