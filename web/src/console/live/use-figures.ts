import { useRef } from 'preact/hooks';
import type { OperatorApi } from '../api/operator-api.js';
import { extended, type History, NO_HISTORY } from './figure-store.js';
import { EVERY_MS, type Loaded, usePolled } from './use-polled.js';

/** The history of the last hour, of which only what is new is asked for. @param wanted whether the person may see it */
export function useFigures(api: OperatorApi, wanted: boolean): Loaded<History> {
  const history = useRef<History>(NO_HISTORY);
  const load = async () => {
    if (!wanted) return NO_HISTORY;
    return (history.current = extended(history.current, await api.figures(history.current.at.at(-1) ?? 0)));
  };
  return usePolled('figures', load, wanted ? EVERY_MS : null);
}
