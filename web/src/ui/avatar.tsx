import type { Person } from '../../../src/client/index.js';

const HUES = 8;

/** A person’s initial on a colour of their own. Decoration: the name stands beside it. */
export function Avatar({ person }: { readonly person: Person | undefined }) {
  return (
    <span class="avatar" data-hue={person === undefined ? 'none' : hueOf(person.userId)} aria-hidden="true">
      {person === undefined ? '#' : initialOf(person.displayName)}
    </span>
  );
}

const initialOf = (name: string) => (/[\p{L}\p{N}]/u.exec(name)?.[0] ?? '?').toLocaleUpperCase();

function hueOf(userId: string): number {
  let sum = 0;
  for (let i = 0; i < userId.length; i++) sum = (sum * 31 + userId.charCodeAt(i)) >>> 0;
  return sum % HUES;
}
