import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ChatClient, Conversation } from '../../../src/client/index.js';
import { Avatar } from './avatar.js';
import { useAction } from './hooks.js';
import { Icon } from './icons.js';
import { Delivery, Message } from './message.js';
import { firstUnread, type Row, rowsOf } from './rows.js';
import { dayInWords, fullTime, timeOfDay } from './times.js';
import { happeningInWords, namesOf, titleOf } from './words.js';

/** So near to an end counts as being there, in CSS pixels. */
const NEAR = 60;

export interface MessageLogProps {
  readonly client: ChatClient;
  readonly conversation: Conversation;
  /** Whether the person can be taken to see what is at the end. */
  readonly attentive: boolean;
}

/** What was said and what happened. Stays at the end while one is there, and where one reads while one is not. */
export function MessageLog({ client, conversation, attentive }: MessageLogProps) {
  const { roomId, roomName, partners, entries, unread, hasOlder } = conversation;
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [unseen, setUnseen] = useState(() => firstUnread(entries, unread));
  const older = useAction();

  useLayoutEffect(() => {
    if (unread === 0) return;
    if (attentive && atEnd) client.markRead(roomId);
    else setUnseen(firstUnread(entries, unread));
  }, [unread, attentive, atEnd]);

  const ownLast = entries.findLast((entry) => entry.kind === 'message' && entry.mine)?.key;
  const ownLastSeen = useRef(ownLast);
  const { keepPlace, toEnd } = useScrollPlace(log, content, entries[0]?.key, unseen !== undefined);
  useLayoutEffect(() => {
    if (ownLast === ownLastSeen.current) return;
    ownLastSeen.current = ownLast;
    setUnseen(undefined);
    toEnd();
  }, [ownLast]);

  const loadOlder = () => {
    if (hasOlder && !older.busy) void older.run(() => client.loadOlder(roomId));
  };
  // A log that is gone already may still be told that it was scrolled.
  const onScroll = ({ currentTarget }: { currentTarget: HTMLElement }) => {
    const { scrollTop, scrollHeight, clientHeight } = currentTarget;
    keepPlace(currentTarget);
    setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR);
    if (scrollTop < NEAR) loadOlder();
  };

  const rows = useMemo(() => {
    const isGroup = partners.length > 1 || roomName !== undefined;
    const retry = (key: string) => void client.retry(roomId, key);
    return rowsOf(entries, unseen).map((row) => showRow(row, conversation, isGroup, retry));
  }, [client, entries, unseen, partners]);
  return (
    <div class="log-place">
      <div
        ref={log}
        class="log"
        role="log"
        aria-label={`Messages, ${titleOf(conversation)}`}
        aria-relevant="additions"
        aria-busy={older.busy}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div ref={content} class="log-content">
          {hasOlder ? (
            <button type="button" class="link-button older" onClick={loadOlder}>
              {older.busy
                ? 'Reading …'
                : older.failure === undefined
                  ? 'Earlier messages'
                  : `${older.failure} Try again`}
            </button>
          ) : (
            <Opening conversation={conversation} />
          )}
          {rows}
        </div>
      </div>
      {!atEnd && (
        <button type="button" class="jump" onClick={toEnd}>
          <Icon name="down" />
          {unread > 0 ? `${unread} new` : 'Latest'}
        </button>
      )}
    </div>
  );
}

/**
 * Keeps what one reads in its place while messages come at either end and the window changes its size.
 *
 * @param firstKey changes when older messages were put in front
 * @param hasUnseen whether to begin where the unread messages begin, rather than at the end
 */
function useScrollPlace(
  log: { readonly current: HTMLDivElement | null },
  content: { readonly current: HTMLDivElement | null },
  firstKey: string | undefined,
  hasUnseen: boolean,
) {
  const pinned = useRef(true);
  const height = useRef(0);

  const keepPlace = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement) => {
    pinned.current = scrollHeight - scrollTop - clientHeight < NEAR;
    height.current = scrollHeight;
  };
  const toEnd = () => {
    pinned.current = true;
    log.current!.scrollTop = log.current!.scrollHeight;
  };

  useLayoutEffect(() => {
    if (!hasUnseen) return;
    content.current!.querySelector('.unread')?.scrollIntoView({ block: 'start' });
    keepPlace(log.current!);
  }, []);
  useLayoutEffect(() => {
    const element = log.current!;
    if (height.current > 0 && !pinned.current) element.scrollTop += element.scrollHeight - height.current;
    height.current = element.scrollHeight;
  }, [firstKey]);
  useLayoutEffect(() => {
    if (pinned.current) toEnd();
    height.current = log.current!.scrollHeight;
  });
  useEffect(() => {
    // What was observed may be gone before the observer is.
    const observer = new ResizeObserver(() => log.current !== null && pinned.current && toEnd());
    observer.observe(log.current!);
    observer.observe(content.current!);
    return () => observer.disconnect();
  }, []);
  return { keepPlace, toEnd };
}

/** How the conversation came about. */
function Opening({ conversation }: { readonly conversation: Conversation }) {
  const { roomName, partners, reasons, active, entries } = conversation;
  return (
    <div class="opening">
      {roomName === undefined ? (
        <p class="opening-title">
          You met <bdi>{namesOf(partners) || 'somebody'}</bdi>
        </p>
      ) : (
        <p class="opening-title">
          The room <bdi>{roomName}</bdi>
        </p>
      )}
      {reasons.length > 0 && (
        <>
          <p>Why you were matched</p>
          <ul class="reasons">
            {reasons.map((reason) => (
              <li key={reason} dir="auto">
                {reason}
              </li>
            ))}
          </ul>
        </>
      )}
      {roomName !== undefined && partners.length === 0 && active && (
        <p>Nobody else is here yet. Tell them the room’s name, and they find you here.</p>
      )}
      {active && partners.length > 0 && entries.every(({ kind }) => kind === 'happening') && <p>Say hello.</p>}
    </div>
  );
}

function showRow(row: Row, conversation: Conversation, isGroup: boolean, retry: (key: string) => void) {
  switch (row.kind) {
    case 'day':
      return (
        <p key={row.key} class="day">
          <span>{dayInWords(row.at, Date.now())}</span>
        </p>
      );
    case 'unread':
      return (
        <p key={row.key} class="unread">
          <span>New</span>
        </p>
      );
    case 'happening':
      return row.entry.what === 'opened' ? null : (
        <p key={row.key} class="happening" data-what={row.entry.what}>
          <bdi>{happeningInWords(row.entry, conversation)}</bdi> ·{' '}
          <time dateTime={new Date(row.entry.at).toISOString()}>{timeOfDay(row.entry.at)}</time>
        </p>
      );
    case 'group':
      return <Group key={row.key} row={row} isGroup={isGroup} retry={retry} />;
  }
}

interface GroupProps {
  readonly row: Extract<Row, { kind: 'group' }>;
  /** Whether it must be said who wrote. */
  readonly isGroup: boolean;
  readonly retry: (key: string) => void;
}

function Group({ row: { sender, messages }, isGroup, retry }: GroupProps) {
  const last = messages.at(-1)!;
  const isAgent = last.sender?.provenance === 'agent';
  return (
    <div class="group" data-mine={last.mine}>
      {!last.mine && <Avatar person={sender} />}
      <div class="group-body">
        {!last.mine && (isGroup || isAgent) && (
          <p class="sender" aria-hidden="true">
            <bdi>{sender?.displayName ?? 'Somebody'}</bdi>
            {isAgent && <span class="chip">agent</span>}
          </p>
        )}
        {messages.map((message) => (
          <Message key={message.key} message={message} retry={retry} />
        ))}
        <p class="stamp">
          <time dateTime={new Date(last.at).toISOString()} title={fullTime(last.at)}>
            {timeOfDay(last.at)}
          </time>
          {last.delivery !== undefined && <Delivery delivery={last.delivery} />}
        </p>
      </div>
    </div>
  );
}
