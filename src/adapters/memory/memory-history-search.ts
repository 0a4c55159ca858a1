/** Words beside each other, which must, or must not, be there. */
interface Term {
  readonly words: readonly string[];
  readonly isNegated: boolean;
}

/** The words of a text, as they are compared. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

/** What people type into a search box: words, `"a phrase"`, `-not` and `or`. Says whether the words of a text fit. */
export function searchFor(query: string): (words: readonly string[]) => boolean {
  const alternatives: Term[][] = [[]];
  for (const [, minus, phrase, plain] of query.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)) {
    if (plain?.toLowerCase() === 'or' && minus === '') {
      alternatives.push([]);
      continue;
    }
    const words = wordsOf(phrase ?? plain!);
    if (words.length > 0) alternatives.at(-1)!.push({ words, isNegated: minus !== '' });
  }
  const wanted = alternatives.filter((terms) => terms.length > 0);
  return (words) => wanted.some((terms) => terms.every((term) => holds(words, term.words) !== term.isNegated));
}

function holds(words: readonly string[], phrase: readonly string[]): boolean {
  return words.some((_, start) => phrase.every((word, index) => words[start + index] === word));
}
