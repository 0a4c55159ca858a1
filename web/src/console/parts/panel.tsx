import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface PanelProps {
  readonly title: string;
  /** Stands at the right of the title. */
  readonly side?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a page with a title. */
export function Panel({ title, side, children }: PanelProps) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {side}
      </header>
      {children}
    </section>
  );
}
