import { isBehind, type Place, readPlace, writePlace } from '../../domain/place.js';
import type { Page, PageQuery } from '../../ports/operator-steps.js';

/**
 * A page of things that come in the order of their places.
 *
 * @param placeOf never changes while something is in the list
 */
export function pageOf<T, R>(
  inOrder: Iterable<T>,
  { after, limit }: PageQuery,
  placeOf: (item: T) => Place,
  show: (item: T) => R,
): Page<R> {
  const from = after === undefined ? undefined : readPlace(after);
  const found: T[] = [];
  for (const item of inOrder) {
    if (from && !isBehind(placeOf(item), from)) continue;
    if (found.length === limit) return { items: found.map(show), next: writePlace(placeOf(found.at(-1)!)) };
    found.push(item);
  }
  return { items: found.map(show) };
}
