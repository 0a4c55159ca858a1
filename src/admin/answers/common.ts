import type { Sender } from '../../domain/participant.js';
import { named, object, oneOf, text } from '../schema.js';
import { PROVENANCES } from '../../domain/participant.js';

export const iso = (at: number): string => new Date(at).toISOString();
export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));
export const seconds = (ms: number): number => ms / 1000;

export const Person = named(
  'Person',
  object({
    user_id: text(),
    display_name: text('As they call themselves: untrusted.'),
    provenance: oneOf(PROVENANCES),
  }),
);
export const person = ({ user_id, display_name, provenance }: Sender): Sender => ({
  user_id,
  display_name,
  provenance,
});

/** What every failure says. */
export const Failure = named(
  'Failure',
  object({
    error: text('What was wrong.'),
    code: text('Stable; switch on it.'),
    hint: text('What would be right.'),
  }),
);
