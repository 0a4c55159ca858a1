import type { ChatState, Ticket } from './chat-state.js';
import {
  conversationOf,
  endedSomehow,
  inConversation,
  opened,
  withPartners,
  withSupervision,
} from './conversations.js';
import { same } from './same.js';
import type { Standing } from './wire.js';

/**
 * The state with what the server says of where one stands. What has changed since the server was asked stays: the answer
 * may be older than that.
 * @param before the state when the server was asked
 * @param now milliseconds since the epoch
 */
export function reconciled(before: ChatState, state: ChatState, standing: Standing, now: number): ChatState {
  let next = withTickets(before, state, standing.tickets);
  for (const room of standing.rooms) {
    const known = conversationOf(state, room.roomId);
    if (known?.active !== conversationOf(before, room.roomId)?.active) continue;
    next = known?.active
      ? inConversation(next, room.roomId, (conversation) =>
          withSupervision(withPartners(conversation, room.partners), room.supervised),
        )
      : opened(next, room, known && now);
  }
  for (const { roomId, active } of before.conversations) {
    if (!active || standing.rooms.some((room) => room.roomId === roomId)) continue;
    next = inConversation(next, roomId, (conversation) =>
      conversation.active ? endedSomehow(conversation, now) : conversation,
    );
  }
  return same(next.me, standing.me) ? next : { ...next, me: standing.me };
}

function withTickets(before: ChatState, state: ChatState, standing: readonly Ticket[]): ChatState {
  const had = (ticket: Ticket, { tickets }: ChatState) => tickets.some(({ ticketId }) => ticketId === ticket.ticketId);
  const kept = state.tickets
    .filter((ticket) => !had(ticket, before) || standing.some(({ ticketId }) => ticketId === ticket.ticketId))
    .map((ticket) => {
      const told = standing.find(({ ticketId }) => ticketId === ticket.ticketId);
      const next = told && { ...told, since: ticket.since };
      return next === undefined || same(next, ticket) ? ticket : next;
    });
  const fresh = standing.filter((ticket) => !had(ticket, before) && !had(ticket, state));
  const tickets = [...kept, ...fresh];
  const unchanged =
    tickets.length === state.tickets.length && tickets.every((ticket, index) => ticket === state.tickets[index]);
  return unchanged ? state : { ...state, tickets };
}

/** Whether the server knows of tickets or rooms that the state does not have, or the other way round. */
export function differs(state: ChatState, { tickets, rooms }: Standing): boolean {
  const active = state.conversations.filter((conversation) => conversation.active);
  return (
    tickets.length !== state.tickets.length ||
    tickets.some(({ ticketId }) => state.tickets.every((ticket) => ticket.ticketId !== ticketId)) ||
    rooms.length !== active.length ||
    rooms.some(({ roomId }) => active.every((conversation) => conversation.roomId !== roomId))
  );
}
