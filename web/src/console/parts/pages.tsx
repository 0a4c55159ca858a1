import { useState } from 'preact/hooks';

export interface Pages {
  /** What to ask for: the `after` of the page that is shown. */
  readonly after: string | undefined;
  readonly turn: (direction: 'next' | 'previous', next?: string) => void;
  readonly isFirst: boolean;
}

/** Which page of a list is shown. @param key of another list another first page is shown */
export function usePages(key: string): Pages {
  const [{ of, stack }, set] = useState<{ readonly of: string; readonly stack: readonly string[] }>({
    of: key,
    stack: [],
  });
  const now = of === key ? stack : [];
  return {
    after: now.at(-1),
    isFirst: now.length === 0,
    turn: (direction, next) =>
      set({ of: key, stack: direction === 'previous' || next === undefined ? now.slice(0, -1) : [...now, next] }),
  };
}

export function Pager({ pages, next }: { readonly pages: Pages; readonly next: string | null }) {
  if (pages.isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" class="button button-small" disabled={pages.isFirst} onClick={() => pages.turn('previous')}>
        Previous
      </button>
      <button
        type="button"
        class="button button-small"
        disabled={next === null}
        onClick={() => pages.turn('next', next ?? undefined)}
      >
        Next
      </button>
    </nav>
  );
}
