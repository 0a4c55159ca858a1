import { useEffect, useState } from 'preact/hooks';

export const SECTIONS = ['overview', 'pools', 'rooms', 'people', 'cases', 'sanctions', 'instances', 'audit'] as const;
export type Section = (typeof SECTIONS)[number];

/** What is looked at: a section, and maybe one thing in it. */
export interface Place {
  readonly section: Section;
  readonly id: string | undefined;
  /** Further words, e.g. what is searched for. */
  readonly query: URLSearchParams;
}

export const hrefOf = (section: Section, id?: string, query?: Readonly<Record<string, string>>): string =>
  `#/${section}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${query ? `?${new URLSearchParams(query).toString()}` : ''}`;

/** The place that the address names. @param sections those that there are for this person, the first by default */
export function usePlace(sections: readonly Section[]): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = () => setHash(location.hash);
    addEventListener('hashchange', update);
    return () => removeEventListener('hashchange', update);
  }, []);
  return placeOf(hash, sections);
}

export function placeOf(hash: string, sections: readonly Section[]): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  const section = sections.find((each) => each === name) ?? sections[0]!;
  return { section, id: section === name && id ? decoded(id) : undefined, query: new URLSearchParams(query) };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
