import { useEffect } from 'preact/hooks';
import type { ChatState } from '../../../src/client/index.js';

/** The window’s title: how much is unread, and whether one waits. */
export function useTitle(mayChange: boolean, { conversations, tickets }: ChatState): void {
  const unread = conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
  const title =
    unread > 0
      ? `(${unread}) Parley`
      : tickets.some(({ offer }) => offer !== undefined)
        ? '(!) Parley'
        : tickets.length > 0
          ? 'Waiting · Parley'
          : 'Parley';
  useEffect(() => {
    if (mayChange) document.title = title;
  }, [mayChange, title]);
}
