import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { ChatClient, ChatState } from '../../../src/client/index.js';
import { failureInWords } from './words.js';

/** The client’s state, again whenever it changes. */
export function useChatState(client: ChatClient): ChatState {
  const [state, setState] = useState(client.state);
  useLayoutEffect(() => {
    const update = () => setState(client.state);
    update();
    return client.subscribe(update);
  }, [client]);
  return state;
}

/** The time in milliseconds since the epoch, again every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export interface Action {
  readonly busy: boolean;
  /** What went wrong the last time. */
  readonly failure: string | undefined;
  /** Resolves with whether it went well. */
  readonly run: (act: () => Promise<unknown>) => Promise<boolean>;
}

/** Something the person asks for, that takes a while and may fail. */
export function useAction(): Action {
  const [{ busy, failure }, set] = useState<Pick<Action, 'busy' | 'failure'>>({ busy: false, failure: undefined });
  const run = useCallback(async (act: () => Promise<unknown>) => {
    set({ busy: true, failure: undefined });
    try {
      await act();
      set({ busy: false, failure: undefined });
      return true;
    } catch (error) {
      set({ busy: false, failure: failureInWords(error) });
      return false;
    }
  }, []);
  return { busy, failure, run };
}

/**
 * Whether the person can be taken to see what is shown.
 *
 * @param focused whether the window must have the focus for that, besides being visible
 */
export function useAttention(focused: boolean): boolean {
  const look = () => document.visibilityState === 'visible' && (!focused || document.hasFocus());
  const [attentive, setAttentive] = useState(look);
  useEffect(() => {
    const update = () => setAttentive(look());
    update();
    const signals = new AbortController();
    for (const name of ['focus', 'blur', 'pageshow']) window.addEventListener(name, update, signals);
    document.addEventListener('visibilitychange', update, signals);
    return () => signals.abort();
  }, [focused]);
  return attentive;
}
