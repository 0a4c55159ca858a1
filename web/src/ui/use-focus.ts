import { useEffect, useRef } from 'preact/hooks';
import type { View } from './view.js';

/**
 * After a change of what is shown, puts the focus where one goes on: the composer or the name where there is a
 * keyboard, else the heading, because a field would call up the keyboard on the screen.
 */
export function useFocus(main: { readonly current: HTMLElement | null }, view: View, isAlone: boolean): void {
  const isFirst = useRef(true);
  const shown = `${view.at} ${'id' in view ? view.id : ''}`;
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    const heading = '[data-heading="true"]';
    const place = view.at === 'list' ? document : main.current!;
    const field = matchMedia('(pointer: fine)').matches ? place.querySelector<HTMLElement>('.composer textarea') : null;
    (field ?? place.querySelector<HTMLElement>(heading))?.focus();
  }, [shown, isAlone]);
}
