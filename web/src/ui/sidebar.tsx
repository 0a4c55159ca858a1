import type { ChatState, Conversation, Ticket } from '../../../src/client/index.js';
import { Avatar } from './avatar.js';
import { Icon, Mark } from './icons.js';
import { dayInWords, dayOf, timeOfDay } from './times.js';
import { isSame, START, type View } from './view.js';
import { happeningInWords, poolInWords, titleOf } from './words.js';

export interface SidebarProps {
  readonly state: ChatState;
  readonly view: View;
  readonly go: (view: View) => void;
}

/** Places in queues, then conversations from the newest to the oldest; the open one is marked. */
export function Sidebar({ state, view, go }: SidebarProps) {
  const { conversations, tickets, me, link } = state;
  const Heading = view.at === 'list' ? 'h1' : 'h2';
  return (
    <aside class="sidebar" aria-label="Parley">
      <header class="sidebar-header">
        <Mark />
        <Heading tabIndex={-1} data-heading={view.at === 'list'}>
          Conversations
        </Heading>
        <button type="button" class="icon-button" aria-label="New conversation" onClick={() => go(START)}>
          <Icon name="add" />
        </button>
      </header>
      <nav aria-label="Conversations">
        <ul>
          {tickets.map((ticket) => (
            <Place key={ticket.ticketId} to={{ at: 'ticket', id: ticket.ticketId }} view={view} go={go}>
              <TicketLine ticket={ticket} />
            </Place>
          ))}
          {conversations.toReversed().map((conversation) => (
            <Place key={conversation.roomId} to={{ at: 'room', id: conversation.roomId }} view={view} go={go}>
              <ConversationLine conversation={conversation} />
            </Place>
          ))}
        </ul>
      </nav>
      {me !== undefined && (
        <footer class="me">
          <Avatar person={me} />
          <p>
            <bdi>{me.displayName}</bdi>
            <span class="link-state" data-link={link.state}>
              {link.state === 'online' ? 'Connected' : 'Not connected'}
            </span>
          </p>
        </footer>
      )}
    </aside>
  );
}

interface PlaceProps {
  readonly to: View;
  readonly view: View;
  readonly children: preact.ComponentChildren;
  readonly go: (view: View) => void;
}

function Place({ to, view, children, go }: PlaceProps) {
  return (
    <li>
      <button type="button" class="place" aria-current={isSame(to, view) ? 'true' : undefined} onClick={() => go(to)}>
        {children}
      </button>
    </li>
  );
}

function TicketLine({ ticket: { pool, offer } }: { readonly ticket: Ticket }) {
  return (
    <>
      <span class="avatar avatar-waiting" aria-hidden="true">
        <Mark lively />
      </span>
      <span class="place-text">
        <span class="place-title">{offer === undefined ? 'Looking for a partner' : 'Somebody was found'}</span>
        <span class="place-preview">
          <bdi>{poolInWords(pool)}</bdi>
        </span>
      </span>
    </>
  );
}

function ConversationLine({ conversation }: { readonly conversation: Conversation }) {
  const { roomName, partners, unread, active, entries, typing } = conversation;
  const last = entries.at(-1);
  return (
    <>
      <Avatar person={roomName === undefined ? partners[0] : undefined} />
      <span class="place-text" data-ended={!active}>
        <span class="place-title">
          <bdi>{titleOf(conversation)}</bdi>
        </span>
        <span class="place-preview">
          {typing.length > 0 && active ? 'writing …' : <bdi>{previewOf(conversation)}</bdi>}
        </span>
      </span>
      <span class="place-side">
        {last !== undefined && <time dateTime={new Date(last.at).toISOString()}>{shortTime(last.at)}</time>}
        {unread > 0 && (
          <span class="badge">
            {unread > 99 ? '99+' : unread}
            <span class="sr-only"> unread</span>
          </span>
        )}
      </span>
    </>
  );
}

function previewOf(conversation: Conversation): string {
  const last = conversation.entries.at(-1);
  if (last === undefined) return '';
  if (last.kind === 'happening') return happeningInWords(last, conversation);
  return last.mine ? `You: ${last.text}` : last.text;
}

const shortTime = (at: number) => (dayOf(at) === dayOf(Date.now()) ? timeOfDay(at) : dayInWords(at, Date.now()));
