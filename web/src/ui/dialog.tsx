import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { useAction } from './hooks.js';

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says that does it. */
  readonly action: string;
  readonly dangerous?: boolean;
  readonly act: () => Promise<unknown>;
  /** Done or called off. */
  readonly onClose: () => void;
}

/** A question before something that cannot be undone. Stays open, and says why, when it fails. */
export function Dialog({ title, children, action, dangerous = false, act, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { busy, failure, run } = useAction();

  useLayoutEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!busy) void run(act).then((done) => done && element.current?.close());
  };
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
    >
      <form class="dialog-body" onSubmit={submit}>
        <h2 id={titleId}>{title}</h2>
        {children}
        {failure !== undefined && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => element.current!.close()}>
            Cancel
          </button>
          <button type="submit" class={`button ${dangerous ? 'button-danger' : 'button-primary'}`} disabled={busy}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
