import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatClient, Notice } from '../../../src/client/index.js';
import { ConversationView } from './conversation-view.js';
import { useAttention, useChatState } from './hooks.js';
import { Icon } from './icons.js';
import { LinkBanner } from './link-banner.js';
import { Notices } from './notices.js';
import { Sidebar } from './sidebar.js';
import { Splash } from './splash.js';
import { EMPTY_DRAFT, Start } from './start.js';
import { useFocus } from './use-focus.js';
import { useTitle } from './use-title.js';
import { useView } from './use-view.js';
import { neighbour, START } from './view.js';
import { Waiting } from './waiting.js';
import { Welcome } from './welcome.js';
import { namesOf, titleOf } from './words.js';

export interface ChatProps {
  /** Started by whoever shows it. */
  readonly client: ChatClient;
  /** A page of its own, or a window in the host of an MCP App. */
  readonly face: 'page' | 'app';
}

/** Everything a person sees of Parley. */
export function Chat({ client, face }: ChatProps) {
  const state = useChatState(client);
  const { conversations, tickets, link, me, pools } = state;
  const { view, go, back } = useView(state, face === 'page');
  const attentive = useAttention(face === 'page');
  const [startDraft, setStartDraft] = useState(EMPTY_DRAFT);
  const [drafts] = useState(() => new Map<string, string>());
  /** Notices of the page’s own, with negative ids. */
  const [told, setTold] = useState<readonly Notice[]>([]);
  const main = useRef<HTMLElement>(null);

  const isAlone = conversations.length + tickets.length === 0;
  const elsewhere = conversations.filter(
    ({ roomId, unread }) => unread > 0 && !(view.at === 'room' && view.id === roomId),
  );
  const tell = (text: string) => setTold((others) => [...others, { id: -Date.now(), tone: 'info', text }]);
  const dismiss = (id: number) => {
    if (id < 0) setTold((others) => others.filter((one) => one.id !== id));
    else client.dismiss(id);
  };

  useTitle(face === 'page', state);
  useFocus(main, view, isAlone);
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : undefined;
      if (step === undefined || !event.altKey || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      go(neighbour(view, step, client.state));
    };
    document.addEventListener('keydown', keys);
    return () => document.removeEventListener('keydown', keys);
  });

  const content = () => {
    if (isAlone && (link.state === 'connecting' || link.state === 'refused'))
      return <Splash client={client} link={link} />;
    if (view.at === 'room') {
      const conversation = conversations.find(({ roomId }) => roomId === view.id)!;
      return (
        <ConversationView
          key={view.id}
          client={client}
          conversation={conversation}
          attentive={attentive}
          limit={state.messageMaxCharacters ?? 0}
          draft={drafts.get(view.id) ?? ''}
          onDraft={(text) => drafts.set(view.id, text)}
          onStart={() => go(START)}
          tell={tell}
        />
      );
    }
    if (view.at === 'ticket') {
      const ticket = tickets.find(({ ticketId }) => ticketId === view.id)!;
      return <Waiting key={view.id} client={client} ticket={ticket} canOpenSecond={face === 'page'} />;
    }
    if (view.at === 'list') return <p class="nothing">Choose a conversation.</p>;
    return (
      <div class="start">
        {isAlone && face === 'page' ? (
          <Welcome />
        ) : (
          <h1 tabIndex={-1} data-heading>
            {isAlone ? 'Meet somebody' : 'New conversation'}
          </h1>
        )}
        <Start client={client} pools={pools} me={me} draft={startDraft} onDraft={setStartDraft} />
      </div>
    );
  };
  return (
    <div class="chat" data-at={view.at} data-alone={isAlone} data-face={face}>
      {!isAlone && <Sidebar state={state} view={view} go={go} />}
      <main ref={main} class="main">
        {!isAlone && (
          <button type="button" class="icon-button back" onClick={back} aria-label="All conversations">
            <Icon name="back" />
            {elsewhere.length > 0 && <span class="badge">{elsewhere.length}</span>}
          </button>
        )}
        {content()}
      </main>
      <p class="sr-only" role="status">
        {elsewhere.length > 0 && `Unread: ${namesOf(elsewhere.map((one) => ({ displayName: titleOf(one) })))}`}
      </p>
      <div class="overlays">
        <LinkBanner client={client} link={isAlone && link.state === 'refused' ? { state: 'closed' } : link} />
        <Notices notices={[...state.notices, ...told]} dismiss={dismiss} />
      </div>
    </div>
  );
}
