import type { ChatState, Conversation } from '../../../client/index.js';
import { oneLine } from '../printable.js';
import { linkWords, listed, placeOf, titleOf } from '../wording.js';

/** A piece of the status bar. */
export interface Piece {
  readonly tone: 'good' | 'bad' | 'plain' | 'lively';
  readonly text: string;
}

/** What the status bar says: the connection, places in queues, the conversation, who is typing, and what waits elsewhere. */
export function statusOf(state: ChatState, current: Conversation | undefined): readonly Piece[] {
  const { link, tickets, conversations } = state;
  const pieces: Piece[] = [{ tone: link.state === 'online' ? 'good' : 'bad', text: `● ${linkWords(link)}` }];
  for (const ticket of tickets) {
    const offered = ticket.offer && !ticket.offer.accepted;
    pieces.push(
      offered
        ? { tone: 'lively', text: `${ticket.pool}: /accept or /decline` }
        : { tone: 'plain', text: placeOf(ticket) },
    );
  }
  if (current) pieces.push(...conversationPieces(current));
  conversations.forEach((conversation, index) => {
    if (conversation.roomId === current?.roomId || conversation.unread === 0) return;
    pieces.push({
      tone: 'lively',
      text: `${conversation.unread} new from ${titleOf(conversation)}: /switch ${index + 1}`,
    });
  });
  return pieces.map(({ tone, text }) => ({ tone, text: oneLine(text) }));
}

function conversationPieces(current: Conversation): readonly Piece[] {
  const { partners, typing, active, supervised } = current;
  const watch: Piece[] = active && supervised ? [{ tone: 'lively', text: 'an operator is watching' }] : [];
  const writers = partners.filter(({ userId }) => typing.includes(userId)).map(({ displayName }) => displayName);
  if (!active) return [{ tone: 'plain', text: `${titleOf(current)} (over)` }];
  if (writers.length > 0) {
    return [...watch, { tone: 'lively', text: `${listed(writers)} ${writers.length === 1 ? 'is' : 'are'} typing…` }];
  }
  const away = partners.filter(({ presence }) => presence === 'away').map(({ displayName }) => displayName);
  return [...watch, { tone: 'plain', text: titleOf(current) + (away.length > 0 ? ` (${listed(away)} away)` : '') }];
}
