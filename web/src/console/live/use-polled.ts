import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { NOTHING, type Polled, Poller } from './poller.js';

export interface Loaded<T> extends Polled<T> {
  /** Asks at once, e.g. after something was done. */
  readonly reload: () => void;
}

/** How often what is looked at is asked for again, in milliseconds. */
export const EVERY_MS = 5_000;

/** What `load` gives, kept up to date for as long as it is shown. @param key what is loaded; another key starts afresh. @param everyMs null: once, and whenever it is asked for */
export function usePolled<T>(key: string, load: () => Promise<T>, everyMs: number | null = EVERY_MS): Loaded<T> {
  const [state, setState] = useState<{ readonly key: string; readonly polled: Polled<T> }>({ key, polled: NOTHING });
  const poller = useRef<Poller<T>>(undefined);
  const current = useRef(load);
  current.current = load;

  useEffect(() => {
    const made = new Poller(
      () => current.current(),
      everyMs,
      (polled) => setState({ key, polled }),
    );
    poller.current = made;
    made.start();
    return () => made.stop();
  }, [key, everyMs]);

  const reload = useCallback(() => void poller.current?.ask(), []);
  return { ...(state.key === key ? state.polled : NOTHING), reload };
}
