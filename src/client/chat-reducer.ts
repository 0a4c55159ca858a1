import type { EventData, LiveData } from '../domain/event.js';
import type { ChatState, Ticket } from './chat-state.js';
import type { HeardEvent } from './connection.js';
import {
  conversationOf,
  ended,
  inConversation,
  opened,
  withMessages,
  withPresence,
  withSupervision,
  withTyping,
} from './conversations.js';
import { happening, withHappening } from './entries.js';
import { messageOf, offerOf, person, roomOf } from './wire.js';

type Data = EventData & LiveData;

/**
 * The state after an event. Nothing but the event and the state decides, and what the event does not change keeps its
 * identity. Unknown events change nothing.
 * @param now milliseconds since the epoch, for events that do not tell their time
 */
export function heard(state: ChatState, event: HeardEvent, now: number): ChatState {
  const at = event.timestamp === undefined ? now : Date.parse(event.timestamp);
  switch (event.name as keyof Data) {
    case 'chatroom.found': {
      const found = data<'chatroom.found'>(event);
      const without = withoutTickets(state, ({ pool }) => pool === found.pool);
      const known = conversationOf(without, found.room_id);
      return known && !known.active ? without : opened(without, roomOf(found), at);
    }
    case 'message.received': {
      const received = data<'message.received'>(event);
      const next = withMessages(state, received.room_id, [messageOf(received, state.me?.userId)]);
      return inConversation(next, received.room_id, (conversation) =>
        withTyping(conversation, received.sender.user_id, false),
      );
    }
    case 'partner.joined':
    case 'partner.reconnected': {
      const { room_id, partner } = data<'partner.joined'>(event);
      const what = event.name === 'partner.joined' ? 'joined' : 'reconnected';
      return inConversation(state, room_id, (conversation) =>
        withPresence(conversation, person(partner), 'here', what, at),
      );
    }
    case 'partner.disconnected': {
      const { room_id, partner, reason, room_active } = data<'partner.disconnected'>(event);
      const presence = reason === 'timeout' && room_active ? 'away' : 'gone';
      return inConversation(state, room_id, (conversation) => {
        const next = withPresence(conversation, person(partner), presence, reason, at);
        return room_active ? next : { ...next, active: false, typing: [] };
      });
    }
    case 'room.closed': {
      const { room_id, reason } = data<'room.closed'>(event);
      const what = reason === 'closed_by_operator' ? 'stopped' : 'closed';
      return inConversation(state, room_id, (conversation) => ended(conversation, what, at));
    }
    case 'room.supervised': {
      const { room_id, supervised } = data<'room.supervised'>(event);
      return inConversation(state, room_id, (conversation) => ({
        ...withSupervision(conversation, supervised),
        entries: withHappening(conversation.entries, happening(supervised ? 'watched' : 'unwatched', at)),
      }));
    }
    case 'queue.updated': {
      const { ticket_id, position, queue_length } = data<'queue.updated'>(event);
      return inTickets(state, ({ ticketId }) => ticketId === ticket_id, { position, queueLength: queue_length });
    }
    case 'queue.expired': {
      const { ticket_id } = data<'queue.expired'>(event);
      return withoutTickets(state, ({ ticketId }) => ticketId === ticket_id);
    }
    case 'queue.moved': {
      const { ticket_id, pool } = data<'queue.moved'>(event);
      return inTickets(state, ({ ticketId }) => ticketId === ticket_id, { pool, position: null });
    }
    case 'match.offered': {
      const offered = data<'match.offered'>(event);
      return inTickets(state, ({ pool }) => pool === offered.pool, { position: null, offer: offerOf(offered) });
    }
    case 'match.withdrawn': {
      const { offer_id, waiting } = data<'match.withdrawn'>(event);
      const concerned = ({ offer }: Ticket) => offer?.offerId === offer_id;
      return waiting ? withoutOffer(state, concerned) : withoutTickets(state, concerned);
    }
    case 'partner.typing': {
      const { room_id, partner, typing } = data<'partner.typing'>(event);
      return inConversation(state, room_id, (conversation) =>
        conversation.active ? withTyping(conversation, partner.user_id, typing) : conversation,
      );
    }
    default:
      return state;
  }
}

/**
 * What an event tells the person besides what it changes.
 * @param state before the event
 */
export function noticeOf(state: ChatState, event: HeardEvent): string | undefined {
  switch (event.name as keyof Data) {
    case 'queue.expired': {
      const { pool, reason } = data<'queue.expired'>(event);
      return {
        ticket_ttl: `Nobody was found in “${pool}” for a long time, so your place in the queue has expired. You can enter again.`,
        timeout: `You were away for too long and lost your place in “${pool}”. You can enter again.`,
        party_broken: `Somebody of your party left, so you no longer wait in “${pool}”. You can enter again.`,
        removed: `An operator has taken you out of “${pool}”.`,
      }[reason];
    }
    case 'queue.moved': {
      const { from, pool } = data<'queue.moved'>(event);
      return `An operator has moved you from “${from}” to “${pool}”, where you wait on.`;
    }
    case 'match.withdrawn': {
      const { offer_id, pool, waiting } = data<'match.withdrawn'>(event);
      if (state.tickets.every(({ offer }) => offer?.offerId !== offer_id)) return undefined;
      const next = waiting ? 'you wait on' : 'you no longer wait';
      return `The match that was offered in “${pool}” came to nothing; ${next}.`;
    }
    default:
      return undefined;
  }
}

/**
 * Whether an event cannot be understood without asking the server where one stands.
 * @param state after the event
 */
export function isPuzzling(state: ChatState, event: HeardEvent): boolean {
  if (event.truncated) return true;
  switch (event.name as keyof Data) {
    case 'chatroom.found':
    case 'message.received':
    case 'partner.joined':
    case 'partner.reconnected':
      return !conversationOf(state, data<'partner.joined'>(event).room_id)?.active;
    case 'match.offered':
      return state.tickets.every(({ pool }) => pool !== data<'match.offered'>(event).pool);
    default:
      return false;
  }
}

const data = <N extends keyof Data>(event: HeardEvent) => event.data as unknown as Data[N];

export function withoutTickets(state: ChatState, gone: (ticket: Ticket) => boolean): ChatState {
  return state.tickets.some(gone) ? { ...state, tickets: state.tickets.filter((ticket) => !gone(ticket)) } : state;
}

export function withoutOffer(state: ChatState, concerned: (ticket: Ticket) => boolean): ChatState {
  const tickets = state.tickets.map((ticket) => {
    if (!concerned(ticket)) return ticket;
    const { offer: _offer, ...rest } = ticket;
    return rest;
  });
  return state.tickets.some(concerned) ? { ...state, tickets } : state;
}

export function inTickets(
  state: ChatState,
  concerned: (ticket: Ticket) => boolean,
  change: Partial<Ticket>,
): ChatState {
  if (!state.tickets.some(concerned)) return state;
  return { ...state, tickets: state.tickets.map((ticket) => (concerned(ticket) ? { ...ticket, ...change } : ticket)) };
}
