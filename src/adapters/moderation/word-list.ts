import { isAscii, type PlainText } from './plain-text.js';

/** Scripts that put no spaces between words: there each character counts as a word. */
const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const TOKEN = new RegExp(`[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, 'gu');
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

  get isEmpty(): boolean {
    return this.#phrases.size === 0;
  }

  /** @returns whether it is a word or phrase that can be found */
  add(phrase: string, value: T): boolean {
    if (!PHRASE.test(phrase)) return false;
    const plain = phrase.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
    const [first, ...rest] = tokensOf(plain).map((token) => token.key);
    if (first === undefined) return false;
    const phrases = this.#phrases.get(first) ?? [];
    phrases.push({ rest, value });
    // The longest first: it is what was meant.
    phrases.sort((one, other) => other.rest.length - one.rest.length);
    this.#phrases.set(first, phrases);
    return true;
  }

  /** What of the list stands in a text, in order and without overlaps. */
  find({ text }: PlainText): Found<T>[] {
    const tokens = tokensOf(text);
    const found: Found<T>[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const phrase = this.#phrases.get(tokens[i]!.key)?.find(({ rest }) => follows(tokens, i + 1, rest));
      if (!phrase) continue;
      const start = tokens[i]!.start;
      i += phrase.rest.length;
      found.push({ value: phrase.value, start, end: tokens[i]!.end });
    }
    return found;
  }
}

function tokensOf(text: string): Token[] {
  const ascii = isAscii(text);
  return Array.from(text.matchAll(ascii ? ASCII_TOKEN : TOKEN), ({ 0: word, index }) => ({
    key: ascii ? word.toLowerCase() : keyOf(word),
    start: index,
    end: index + word.length,
  }));
}

/** Upper case first: some letters have only one of the two in common. */
const keyOf = (word: string) => word.normalize('NFKC').toUpperCase().toLowerCase();

const follows = (tokens: readonly Token[], at: number, rest: readonly string[]) =>
  rest.every((key, i) => tokens[at + i]?.key === key);
