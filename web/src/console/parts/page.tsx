import type { ComponentChildren } from 'preact';
import { Icon } from '../../ui/icons.js';

export interface PageProps {
  readonly title: ComponentChildren;
  /** Where one comes from. */
  readonly back?: { readonly href: string; readonly to: string };
  /** What can be done. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** What is looked at, under its heading, which takes the focus when the place changes. */
export function Page({ title, back, actions, children }: PageProps) {
  return (
    <>
      <header class="page-head">
        <div class="page-title">
          {back && (
            <a class="back-link" href={back.href}>
              <Icon name="back" />
              {back.to}
            </a>
          )}
          <h1 tabIndex={-1} data-heading="true">
            {title}
          </h1>
        </div>
        {actions !== undefined && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}
