import type { Attributes } from '../../domain/participant.js';

/** The words of an attribute, a list or a text with commas: as they are compared, and as they were written. */
export function wordsOf(attributes: Attributes, name: string): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  if (!Object.hasOwn(attributes, name)) return words;
  const value = attributes[name]!;
  for (const item of typeof value === 'object' ? value : String(value).split(',')) {
    const written = item.trim();
    const word = normal(written);
    if (word !== '' && !words.has(word)) words.set(word, written);
  }
  return words;
}

/** A word as it is compared: lower case, in Unicode's composed form. */
export const normal = (word: string) => word.trim().normalize('NFC').toLowerCase();

/**
 * 32 bits that stand for a word where only speed counts, so that words need not be remembered (FNV-1a). Two words may
 * share them, once in billions.
 */
export function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** A set of words for comparing fast: their sorted hashes, and a mask with a bit for each. */
export class WordSet {
  readonly hashes: Int32Array;
  readonly mask: number;

  constructor(words: Iterable<string>) {
    this.hashes = Int32Array.from(new Set(Array.from(words, hashOf))).sort();
    this.mask = this.hashes.reduce((mask, hash) => mask | bitOf(hash), 0);
  }

  get size(): number {
    return this.hashes.length;
  }

  /** How many words both have. */
  shared(other: WordSet): number {
    if ((this.mask & other.mask) === 0) return 0;
    const [a, b] = [this.hashes, other.hashes];
    let count = 0;
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      const difference = a[i]! - b[j]!;
      if (difference === 0) count++;
      if (difference <= 0) i++;
      if (difference >= 0) j++;
    }
    return count;
  }
}

/** The bit of a mask that stands for a hash. */
export const bitOf = (hash: number) => 1 << (hash & 31);
