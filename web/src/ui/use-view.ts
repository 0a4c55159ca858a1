import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ChatState } from '../../../src/client/index.js';
import { existing, follow, isSame, LIST, type Places, START, type View } from './view.js';

/** What a step in the browser’s history remembers. */
interface Step {
  readonly view?: View;
  /** Whether going back leads to the list. */
  readonly fromList?: boolean;
}

const step = () => (history.state ?? {}) as Step;

/**
 * What the person looks at: what they chose, or what became of it.
 *
 * @param remembered whether the window has a history of its own, that survives a reload and has a way back
 */
export function useView(state: ChatState, remembered: boolean) {
  const [view, setView] = useState<View>(START);
  const before = useRef<Places>({ conversations: [], tickets: [] });
  const wanted = useRef(remembered ? step().view : undefined);

  const show = (to: View) => {
    if (isSame(to, view)) return;
    setView(to);
    if (remembered) history.replaceState({ ...step(), view: to } satisfies Step, '');
  };
  const go = (to: View) => {
    wanted.current = undefined;
    if (remembered && view.at === 'list' && to.at !== 'list') {
      history.replaceState({ view } satisfies Step, '');
      history.pushState({ view: to, fromList: true } satisfies Step, '');
      setView(to);
    } else show(to);
  };
  const back = () => (remembered && step().fromList === true ? history.back() : go(LIST));

  useLayoutEffect(() => {
    const last = before.current;
    before.current = state;
    const back = wanted.current;
    if (back !== undefined && back.at !== 'start' && isSame(existing(back, state), back)) {
      wanted.current = undefined;
      show(back);
    } else show(follow(view, last, state));
  }, [state]);
  useEffect(() => {
    if (!remembered) return;
    const popped = ({ state }: PopStateEvent) => setView((state as Step | null)?.view ?? LIST);
    window.addEventListener('popstate', popped);
    return () => window.removeEventListener('popstate', popped);
  }, [remembered]);

  return { view: existing(view, state), go, back };
}
