import type { Attributes } from '../domain/participant.js';

/**
 * How well people fit each other, from 0 to 1, judged by what they say of themselves and not by the strategy that put them
 * together: the mean over all pairs of
 *
 * - 0 when both name `languages` and share none: they cannot talk; otherwise the mean of
 * - shared interests: of the `interests` that either names, the part that both name;
 * - needs met: of what each `needs`, the part that the other `offers` at the level wanted (`sql:3`) or above.
 *
 * A pair of which neither part can be told counts for nothing; undefined when there is no other.
 */
export function matchQuality(people: readonly Attributes[]): number | undefined {
  const values = people.flatMap((one, index) => people.slice(index + 1).map((other) => pairQuality(one, other)));
  return mean(values.filter((value) => value !== undefined));
}

function pairQuality(one: Attributes, other: Attributes): number | undefined {
  const [languages, others] = [items(one, 'languages'), items(other, 'languages')];
  if (languages.length > 0 && others.length > 0 && !languages.some((item) => others.includes(item))) return 0;
  const parts = [sharedInterests(one, other), needsMet(one, other)];
  return mean(parts.filter((part) => part !== undefined));
}

function sharedInterests(one: Attributes, other: Attributes): number | undefined {
  const interests = new Set(items(one, 'interests'));
  const others = new Set(items(other, 'interests'));
  const all = new Set([...interests, ...others]);
  if (interests.size === 0 || others.size === 0) return undefined;
  return (interests.size + others.size - all.size) / all.size;
}

function needsMet(one: Attributes, other: Attributes): number | undefined {
  const met = [
    ...items(one, 'needs').map((need) => meets(items(other, 'offers'), need)),
    ...items(other, 'needs').map((need) => meets(items(one, 'offers'), need)),
  ];
  return mean(met.map(Number));
}

function meets(offers: readonly string[], need: string): boolean {
  const wanted = skill(need);
  return offers.map(skill).some(({ name, level }) => name === wanted.name && level >= wanted.level);
}

/** `sql:3` is SQL at level 3; without a level it is 1. */
function skill(text: string): { name: string; level: number } {
  const [name = '', level = '1'] = text.toLowerCase().split(':');
  return { name: name.trim(), level: Number(level) || 1 };
}

/** The items of a list, or of a text with commas. */
function items(attributes: Attributes, name: string): string[] {
  const value = attributes[name];
  const list = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? (value as readonly string[]) : [];
  return list.map((item) => item.trim().toLowerCase()).filter((item) => item !== '');
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
