import type { ParticipantFacts, Sanction } from '../../ports/operator-steps.js';
import { PROVENANCES } from '../../domain/participant.js';
import { facts, list, named, nullable, object, oneOf, text, time, type TypeOf } from '../schema.js';
import { iso, isoOrNull } from './common.js';

export const SanctionAnswer = named(
  'Sanction',
  object({
    id: text(),
    kind: oneOf(['ban', 'mute']),
    user_id: nullable(text('Of one participant.')),
    principal: nullable(text('Of a principal, with all it has and will have.')),
    reason: text('For operators alone.'),
    by: text(),
    at: time(),
    until: nullable(time('null: until it is lifted.')),
  }),
);

export function sanction({ id, kind, subject, reason, by, at, until }: Sanction): TypeOf<typeof SanctionAnswer> {
  const [user_id, principal] = 'principal' in subject ? [null, subject.principal] : [subject.participantId, null];
  return { id, kind, user_id, principal, reason, by, at: iso(at), until: isoOrNull(until) };
}

export const Participant = named(
  'Participant',
  object({
    user_id: text(),
    display_name: text('As they call themselves: untrusted.'),
    provenance: oneOf(PROVENANCES),
    principal: nullable(text()),
    attributes: facts('Mostly as they were given: untrusted.'),
    presence: oneOf(['present', 'away', 'gone']),
    ticket_ids: list(text()),
    room_ids: list(text()),
    sanctions: list(SanctionAnswer),
  }),
);

export function participant(known: ParticipantFacts): TypeOf<typeof Participant> {
  const { participantId, displayName, provenance, principal, attributes, presence } = known;
  return {
    user_id: participantId,
    display_name: displayName,
    provenance,
    principal,
    attributes,
    presence,
    ticket_ids: known.ticketIds,
    room_ids: known.roomIds,
    sanctions: known.sanctions.map(sanction),
  };
}
