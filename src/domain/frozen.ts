import type { Ticket } from './ticket.js';

/** The same ticket, made immutable to the last attribute: a strategy cannot change what it is shown. */
export function freezeTicket(ticket: Ticket): Ticket {
  if (!Object.isFrozen(ticket) || !Object.isFrozen(ticket.attributes)) deepFreeze(ticket);
  return ticket;
}

/** Makes a value immutable to the last property. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  // No list is made: thousands of tickets may be seen for the first time in one run.
  for (const key in value) deepFreeze(value[key as keyof typeof value]);
}
