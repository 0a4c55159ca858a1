import type { TicketFacts } from '../../ports/operator-steps.js';
import { list, named, nullable, number, object, oneOf, text, time, type TypeOf, whole } from '../schema.js';
import { iso, Person, person, seconds } from './common.js';

export const Ticket = named(
  'Ticket',
  object({
    ticket_id: text(),
    pool: text(),
    state: oneOf(['waiting', 'gathering', 'offered'], 'gathering: its party is not complete.'),
    members: list(Person),
    group: object({ minimum: whole(), maximum: whole(), multiple: whole(), patience_seconds: number() }),
    priority: number(),
    enqueued_at: time(),
    room_id: nullable(text('The open room whose free seat it stands for.')),
  }),
);

export function ticket(facts: TicketFacts): TypeOf<typeof Ticket> {
  const { ticketId, pool, state, members, group, priority, enqueuedAt, roomId } = facts;
  const { minimum, maximum, multiple, patienceMs } = group;
  return {
    ticket_id: ticketId,
    pool,
    state,
    members: members.map(person),
    group: { minimum, maximum, multiple, patience_seconds: seconds(patienceMs) },
    priority,
    enqueued_at: iso(enqueuedAt),
    room_id: roomId,
  };
}
