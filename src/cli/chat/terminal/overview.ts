import type { ChatState, Conversation } from '../../../client/index.js';
import { COMMANDS } from '../commands.js';
import { linkWords, placeOf, titleOf } from '../wording.js';

const COLUMN = 24;

/** What `/help` says. */
export const HELP = [
  ...COMMANDS.map(({ name, takes, does }) => `${`/${name} ${takes}`.padEnd(COLUMN)}${does}`),
  `${'//text'.padEnd(COLUMN)}send a message that begins with a slash`,
  `${'Alt-Enter'.padEnd(COLUMN)}a new line in a message`,
].join('\n');

/** What `/rooms` says: the conversations by their numbers. `current`: the id of the room that is shown. */
export function roomList(conversations: readonly Conversation[], current: string | undefined): string {
  if (conversations.length === 0) return 'You have no conversations. /enter finds somebody to talk to.';
  return conversations
    .map((conversation, index) => {
      const { roomId, active, unread, supervised } = conversation;
      const isWatched = active && supervised === true;
      const marks = [
        roomId === current && 'here',
        !active && 'over',
        isWatched && 'an operator is watching',
        unread > 0 && `${unread} unread`,
      ];
      const notes = marks.filter((mark) => mark !== false).join(', ');
      return `${index + 1}  ${titleOf(conversation)}${notes === '' ? '' : ` (${notes})`}`;
    })
    .join('\n');
}

/** What `/status` says: who one is, the connection, places in queues, conversations. */
export function overview(
  { link, tickets, me, conversations }: ChatState,
  { name, url, current }: { readonly name?: string; readonly url: URL; readonly current?: string },
): string {
  const who = me?.displayName ?? name;
  const why = 'why' in link ? ` (${link.why})` : '';
  return [
    `${who === undefined ? 'You have no name yet' : `You are ${who}`}; ${linkWords(link)}: ${url.href}${why}`,
    ...tickets.map((ticket) => [placeOf(ticket), ...ticket.reasons].join('; ')),
    roomList(conversations, current),
  ].join('\n');
}
