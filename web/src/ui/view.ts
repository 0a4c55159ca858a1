import type { ChatState } from '../../../src/client/index.js';

/** What the person looks at. On a phone the list has the window to itself. */
export type View =
  | { readonly at: 'start' }
  | { readonly at: 'list' }
  | { readonly at: 'ticket'; readonly id: string }
  | { readonly at: 'room'; readonly id: string };

export const START: View = { at: 'start' };
export const LIST: View = { at: 'list' };

/** Where one can be. */
export type Places = Pick<ChatState, 'conversations' | 'tickets'>;

/** Where to look after a change: at what the person waited for, and never away from a conversation that goes on. */
export function follow(view: View, before: Places, after: Places): View {
  const opened = after.conversations.findLast(
    (one) => !before.conversations.some(({ roomId }) => roomId === one.roomId),
  );
  const entered = after.tickets.findLast((one) => !before.tickets.some(({ ticketId }) => ticketId === one.ticketId));
  if (opened !== undefined && !isTalking(view, after)) return { at: 'room', id: opened.roomId };
  if (entered !== undefined && !isTalking(view, after)) return { at: 'ticket', id: entered.ticketId };
  return existing(view, after);
}

const isTalking = (view: View, { conversations }: Places) =>
  view.at === 'room' && conversations.some(({ roomId, active }) => roomId === view.id && active);

/** The view, or where to go when what it shows is no longer there. */
export function existing(view: View, { conversations, tickets }: Places): View {
  const isThere =
    view.at === 'room'
      ? conversations.some(({ roomId }) => roomId === view.id)
      : view.at === 'ticket'
        ? tickets.some(({ ticketId }) => ticketId === view.id)
        : view.at === 'start' || conversations.length + tickets.length > 0;
  if (isThere) return view;
  const room = conversations.findLast(({ active }) => active) ?? conversations.at(-1);
  if (room !== undefined) return { at: 'room', id: room.roomId };
  const ticket = tickets.at(-1);
  return ticket === undefined ? START : { at: 'ticket', id: ticket.ticketId };
}

/** The next or previous place in the list, whose newest conversation comes first; round and round. */
export function neighbour(view: View, step: 1 | -1, { conversations, tickets }: Places): View {
  const places: View[] = [
    ...tickets.map(({ ticketId }) => ({ at: 'ticket' as const, id: ticketId })),
    ...conversations.map(({ roomId }) => ({ at: 'room' as const, id: roomId })).reverse(),
  ];
  if (places.length === 0) return view;
  const here = places.findIndex((place) => isSame(place, view));
  if (here < 0) return places.at(step > 0 ? 0 : -1)!;
  return places[(here + step + places.length) % places.length]!;
}

export const isSame = (a: View, b: View) => a.at === b.at && ('id' in a ? a.id : '') === ('id' in b ? b.id : '');
