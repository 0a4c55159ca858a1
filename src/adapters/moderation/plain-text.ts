/** Characters that nobody sees. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** A character with the marks that go with it. */
const CHARACTER = /\P{M}\p{M}*|\p{M}+/gu;
/** A character that stands for more than this many stays as it is, so that a text does not grow out of bounds. */
const EXPANSION_MAX = 3;

/**
 * A text as it is looked at: without what nobody sees, and each character in its ordinary form (NFKC), with the way back
 * to where it stood.
 */
export class PlainText {
  readonly text: string;
  /** By place in `text`: where it begins in the original. Undefined: at the same place. */
  readonly #origins: readonly number[] | undefined;

  constructor(readonly original: string) {
    if (isAscii(original) || (original.search(INVISIBLE) < 0 && isOrdinary(original))) {
      this.text = original;
      return;
    }
    const origins: number[] = [];
    let text = '';
    for (const { 0: character, index } of original.matchAll(CHARACTER)) {
      const visible = character.replace(INVISIBLE, '');
      const ordinary = visible.normalize('NFKC');
      const plain = ordinary.length > EXPANSION_MAX * visible.length ? visible : ordinary;
      for (let i = 0; i < plain.length; i++) origins.push(index);
      text += plain;
    }
    origins.push(original.length);
    this.text = text;
    this.#origins = origins;
  }

  /** Where a range of `text` is in the original, up to the next visible character that is not part of it. */
  range(start: number, end: number): readonly [start: number, end: number] {
    const origins = this.#origins;
    if (!origins) return [start, end];
    let last = end;
    // One original character may have become several.
    while (last < this.text.length && origins[last] === origins[last - 1]) last++;
    return [origins[start]!, this.#trimmed(origins[start]!, origins[last]!)];
  }

  /** What nobody sees after the range is not part of it. */
  #trimmed(start: number, end: number): number {
    return start + this.original.slice(start, end).replace(/\p{Default_Ignorable_Code_Point}+$/u, '').length;
  }
}

// eslint-disable-next-line no-control-regex
export const isAscii = (text: string) => /^[\x00-\x7f]*$/.test(text);

const isOrdinary = (text: string) => text.normalize('NFKC') === text;
