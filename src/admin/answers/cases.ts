import type { Case, CaseSummary, Resolution } from '../../ports/case-store.js';
import { list, named, nullable, object, oneOf, text, time, type TypeOf, whole } from '../schema.js';
import { iso, Person, person } from './common.js';
import { message, MessageAnswer } from './rooms.js';

const shared = {
  id: text(),
  state: oneOf(['open', 'resolved']),
  room: nullable(
    object({
      room_id: text(),
      kind: oneOf(['match', 'named']),
      name: text('The pool of a matched room, the name of a named one: untrusted.'),
    }),
  ),
  reported: Person,
  reported_principal: nullable(text()),
  opened_at: time(),
  resolution: nullable(object({ note: text(), by: text(), at: time() })),
};

export const CaseSummaryAnswer = named('CaseSummary', object({ ...shared, complaints: whole('How many voices.') }));

export const CaseAnswer = named(
  'Case',
  object({
    ...shared,
    complaints: list(
      object({
        reporter: nullable(text('The user_id of who reported; null: the moderator did.')),
        reason: text('As it was given: untrusted.'),
        at: time(),
      }),
    ),
    messages: list(MessageAnswer),
  }),
);

const resolution = (made: Resolution | null) => made && { note: made.note, by: made.by, at: iso(made.at) };

const facts = ({ id, state, evidence, openedAt, resolution: made }: Omit<CaseSummary, 'complaints'>) => ({
  id,
  state,
  room: evidence.room && { room_id: evidence.room.roomId, kind: evidence.room.kind, name: evidence.room.name },
  reported: person(evidence.reported),
  reported_principal: evidence.reportedPrincipal,
  opened_at: iso(openedAt),
  resolution: resolution(made),
});

export const caseSummary = (found: CaseSummary): TypeOf<typeof CaseSummaryAnswer> => ({
  ...facts(found),
  complaints: found.complaints,
});

export const caseDetail = ({ complaints, ...found }: Case): TypeOf<typeof CaseAnswer> => ({
  ...facts(found),
  complaints: complaints.map(({ reporter, reason, at }) => ({ reporter, reason, at: iso(at) })),
  messages: found.evidence.messages.map(message),
});
