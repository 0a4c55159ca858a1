import type { ChatClient, Conversation, Partner } from '../../../src/client/index.js';
import { Avatar } from './avatar.js';
import { Composer } from './composer.js';
import { ConversationActions } from './conversation-actions.js';
import { useAction } from './hooks.js';
import { MessageLog } from './message-log.js';
import { namesOf, poolInWords, titleOf } from './words.js';

export interface ConversationViewProps {
  readonly client: ChatClient;
  readonly conversation: Conversation;
  readonly attentive: boolean;
  /** Longest message in characters; 0: no limit. */
  readonly limit: number;
  readonly draft: string;
  readonly onDraft: (text: string) => void;
  readonly onStart: () => void;
  readonly tell: (text: string) => void;
}

/** One conversation: who is in it, what was said, and where one writes. */
export function ConversationView(props: ConversationViewProps) {
  const { client, conversation, attentive, limit, draft, onDraft, onStart, tell } = props;
  const { roomId, partners, roomName, active, supervised } = conversation;
  const title = titleOf(conversation);
  return (
    <article class="conversation" aria-label={title}>
      <header class="conversation-header">
        <Avatar person={roomName === undefined ? partners[0] : undefined} />
        <div class="conversation-who">
          <h1 tabIndex={-1} data-heading>
            <bdi>{title}</bdi>
          </h1>
          <p class="presence">
            {presenceInWords(conversation)}
            {active && supervised && <strong class="watched"> · An operator is watching</strong>}
          </p>
        </div>
        <ConversationActions client={client} conversation={conversation} tell={tell} />
      </header>
      <MessageLog client={client} conversation={conversation} attentive={attentive} />
      <p class="typing" aria-live="off">
        {active && <Typing conversation={conversation} />}
      </p>
      {active ? (
        <Composer
          to={title}
          draft={draft}
          limit={limit}
          onDraft={onDraft}
          onTyping={() => client.typing(roomId)}
          onSend={(text) => void client.send(roomId, text)}
        />
      ) : (
        <Ended client={client} conversation={conversation} onStart={onStart} />
      )}
    </article>
  );
}

function presenceInWords({ partners, roomName, pool, active }: Conversation) {
  if (!active) return 'Ended';
  if (roomName !== undefined || partners.length > 1) return peopleInWords(partners);
  const [partner] = partners;
  if (partner?.presence === 'away') return 'Lost the connection, may come back';
  if (partner?.presence === 'gone') return 'Gone';
  return pool === undefined || pool === 'default' ? 'Here' : `Here · ${poolInWords(pool)}`;
}

function peopleInWords(partners: readonly Partner[]): string {
  const here = partners.filter(({ presence }) => presence !== 'gone');
  return here.length === 0 ? 'Only you are here' : `With ${namesOf(here)}`;
}

function Typing({ conversation: { typing, partners } }: { readonly conversation: Conversation }) {
  const writers = partners.filter(({ userId }) => typing.includes(userId));
  if (writers.length === 0) return null;
  return (
    <>
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>
        <bdi>{namesOf(writers)}</bdi> {writers.length === 1 ? 'is' : 'are'} writing
      </span>
    </>
  );
}

interface EndedProps {
  readonly client: ChatClient;
  readonly conversation: Conversation;
  readonly onStart: () => void;
}

/** In place of the composer when there is nobody to write to any more. */
function Ended({ client, conversation: { roomId, roomName }, onStart }: EndedProps) {
  const { busy, failure, run } = useAction();
  return (
    <div class="ended">
      <p role="status">{failure ?? 'This conversation has ended.'}</p>
      <div class="ended-actions">
        <button type="button" class="button" onClick={() => client.close(roomId)}>
          Close
        </button>
        {roomName === undefined ? (
          <button
            type="button"
            class="button button-primary"
            disabled={busy}
            onClick={() => void run(() => client.next(roomId))}
          >
            Find next partner
          </button>
        ) : (
          <button type="button" class="button button-primary" onClick={onStart}>
            New conversation
          </button>
        )}
      </div>
    </div>
  );
}
