import type { ChatState } from '../../../src/client/index.js';

/**
 * What the assistant may be told: facts of ours alone. Names and words of others stay out of it; the assistant reads them
 * with a tool that marks them as what they are.
 */
export function whereWeStand({ conversations, tickets }: ChatState, toolPrefix: string): string {
  const lines = [
    'The user chats in the Parley window themselves: their messages go to the partner without you.',
    ...tickets.map(
      ({ pool, position }) => `They wait in pool ${pool}${position === null ? '' : ` at position ${position}`}.`,
    ),
    ...conversations.map(({ roomId, active, partners, entries }) => {
      const messages = entries.filter(({ kind }) => kind === 'message').length;
      const kind = active ? `with ${partners.length} other${partners.length === 1 ? '' : 's'}` : 'which has ended';
      return `They are in room ${roomId}, ${kind}; the window shows ${messages} messages of it.`;
    }),
  ];
  if (conversations.length > 0) lines.push(`To read a room, call ${toolPrefix}get_messages with its room_id.`);
  return lines.join('\n');
}
