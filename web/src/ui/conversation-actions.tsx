import { useId, useState } from 'preact/hooks';
import type { ChatClient, Conversation, Partner } from '../../../src/client/index.js';
import { Dialog } from './dialog.js';
import { Icon } from './icons.js';
import { Menu, type MenuItem } from './menu.js';
import { namesOf } from './words.js';

export interface ConversationActionsProps {
  readonly client: ChatClient;
  readonly conversation: Conversation;
  /** Tells the person something that is not part of the conversation. */
  readonly tell: (text: string) => void;
}

type Question = 'next' | 'leave' | 'block' | 'report';

/** What one can do with a conversation besides talking. What ends it, or concerns others, is asked about first. */
export function ConversationActions({ client, conversation, tell }: ConversationActionsProps) {
  const { roomId, active, partners, roomName } = conversation;
  const [question, setQuestion] = useState<Question>();
  const canGoOn = active && roomName === undefined;
  const concernsSomebody = partners.length > 0;

  const items: MenuItem[] = [
    ...(canGoOn ? [{ label: 'Next partner', icon: 'next', choose: () => setQuestion('next') } as const] : []),
    ...(active ? [{ label: 'Leave', icon: 'leave', choose: () => setQuestion('leave') } as const] : []),
    ...(concernsSomebody
      ? [
          { label: 'Report …', icon: 'flag', choose: () => setQuestion('report') } as const,
          { label: 'Block …', icon: 'block', dangerous: true, choose: () => setQuestion('block') } as const,
        ]
      : []),
    ...(active ? [] : [{ label: 'Close', icon: 'close', choose: () => client.close(roomId) } as const]),
  ];
  const close = () => setQuestion(undefined);
  return (
    <div class="actions">
      {canGoOn && (
        <button type="button" class="button button-small next" onClick={() => setQuestion('next')}>
          <Icon name="next" />
          <span>Next</span>
        </button>
      )}
      <Menu label="More" items={items}>
        <Icon name="more" />
      </Menu>
      {question === 'next' && (
        <Dialog title="Meet somebody else?" action="Next partner" act={() => client.next(roomId)} onClose={close}>
          <p>
            You leave <bdi>{namesOf(partners) || 'this conversation'}</bdi> and wait for the next partner.
          </p>
        </Dialog>
      )}
      {question === 'leave' && (
        <Dialog title="Leave?" action="Leave" act={() => client.leave(roomId)} onClose={close}>
          <p>
            {roomName === undefined
              ? 'There is no way back into this conversation.'
              : 'The others are told that you left.'}
          </p>
        </Dialog>
      )}
      {question === 'block' && (
        <Concerning
          partners={partners}
          title="Block"
          action={active ? 'Block and leave' : 'Block'}
          explain="You will not be brought together again. They are not told."
          act={async ({ userId }, reason) => {
            await client.block(roomId, userId, reason);
            if (active) await client.leave(roomId);
          }}
          onClose={close}
        />
      )}
      {question === 'report' && (
        <Concerning
          partners={partners}
          title="Report"
          action="Report"
          explain="Whoever runs this service gets to read it. They are not told."
          act={async ({ userId }, reason) => {
            await client.report(roomId, userId, reason);
            tell('Thank you. Your report was sent.');
          }}
          onClose={close}
        />
      )}
    </div>
  );
}

interface ConcerningProps {
  readonly partners: readonly Partner[];
  readonly title: string;
  readonly action: string;
  readonly explain: string;
  readonly act: (partner: Partner, reason: string | undefined) => Promise<void>;
  readonly onClose: () => void;
}

/** A question about one of the partners, with the reason. */
function Concerning({ partners, title, action, explain, act, onClose }: ConcerningProps) {
  const id = useId();
  const [userId, setUserId] = useState(partners[0]!.userId);
  const [reason, setReason] = useState('');
  const partner = partners.find((one) => one.userId === userId) ?? partners[0]!;
  return (
    <Dialog
      title={partners.length === 1 ? `${title} ${partner.displayName}?` : `${title} somebody?`}
      action={action}
      dangerous
      act={() => act(partner, reason.trim() || undefined)}
      onClose={onClose}
    >
      <p>{explain}</p>
      {partners.length > 1 && (
        <div class="field">
          <label for={`${id}-who`}>Whom</label>
          <select id={`${id}-who`} value={partner.userId} onChange={(event) => setUserId(event.currentTarget.value)}>
            {partners.map(({ userId, displayName }) => (
              <option key={userId} value={userId}>
                {displayName}
              </option>
            ))}
          </select>
        </div>
      )}
      <div class="field">
        <label for={`${id}-reason`}>
          Reason <span class="optional">optional</span>
        </label>
        <textarea
          id={`${id}-reason`}
          rows={3}
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </div>
    </Dialog>
  );
}
