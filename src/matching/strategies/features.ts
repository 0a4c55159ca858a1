import type { Attributes } from '../../domain/participant.js';

/** The words of an attribute as they were written: the items of a list, or of a text with commas. */
export function wordsOf(attributes: Attributes, name: string): readonly string[] {
  if (!Object.hasOwn(attributes, name)) return [];
  const value = attributes[name]!;
  if (typeof value === 'object') return value;
  return String(value)
    .split(',')
    .filter((word) => word.trim() !== '');
}

/** A word as it is compared: without blanks around it, lower case, in Unicode's composed form. */
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

/** How many texts a remembered function remembers before it starts anew. */
const REMEMBERED = 10_000;

/** A pure function of texts that remembers what it found: people use the same words again and again. */
export function remembered<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      if (known.size >= REMEMBERED) known.clear();
      result = compute(text);
      known.set(text, result);
    }
    return result;
  };
}

/** The hash of a word however it is written; null when it is blank. */
const wordHash = remembered((written) => (written.trim() === '' ? null : hashOf(normal(written))));

/** The bit of a mask that stands for a hash. */
export const bitOf = (hash: number) => 1 << ((hash >>> 1) & 31);

/** Words of two kinds and what a word of each weighs, as they are written; blank ones do not count. */
export type WeightedWords = readonly [Kind, Kind];
interface Kind {
  readonly words: readonly string[];
  readonly weight: number;
}

/** A set of words of two kinds, ready to be compared fast. */
export class WordSet {
  /** Sorted hashes, whose lowest bit is the kind: one list is faster to go through than two. */
  readonly #hashes: readonly number[];
  readonly #mask: number;
  readonly #weights: readonly [number, number];
  /** What all words weigh together. */
  readonly #total: number;

  constructor(kinds: WeightedWords) {
    const hashes = new Set<number>();
    kinds.forEach(({ words }, kind) => {
      for (const written of words) {
        const hash = wordHash(written);
        if (hash !== null) hashes.add((hash & ~1) | kind);
      }
    });
    this.#hashes = [...hashes].sort((a, b) => a - b);
    this.#mask = this.#hashes.reduce((mask, hash) => mask | bitOf(hash), 0);
    this.#weights = [kinds[0].weight, kinds[1].weight];
    this.#total = this.#hashes.reduce((sum, hash) => sum + this.#weights[(hash & 1) as 0 | 1], 0);
  }

  /** What both have in common of all they have, by weight: 0 to 1 (Jaccard's index). */
  similarity(other: WordSet): number {
    if ((this.#mask & other.#mask) === 0) return 0;
    const a = this.#hashes;
    const b = other.#hashes;
    let shared = 0;
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      const difference = a[i]! - b[j]!;
      if (difference === 0) shared += this.#weights[(a[i]! & 1) as 0 | 1];
      if (difference <= 0) i++;
      if (difference >= 0) j++;
    }
    return shared === 0 ? 0 : shared / (this.#total + other.#total - shared);
  }
}
