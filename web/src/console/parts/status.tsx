import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'warning' | 'bad' | 'quiet';

/** One or two words about how something is. */
export const Status = ({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) => (
  <span class="status" data-tone={tone}>
    {children}
  </span>
);
