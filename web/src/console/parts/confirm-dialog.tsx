import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { inWords } from '../api/problem.js';

export interface ConfirmDialogProps {
  readonly title: ComponentChildren;
  /** What will happen, and what the person has to fill in. */
  readonly children: ComponentChildren;
  /** What the button says that does it. */
  readonly action: string;
  readonly dangerous?: boolean;
  readonly act: () => Promise<unknown>;
  /** Called when it was done. */
  readonly onDone: () => void;
  /** Called when it is shut, done or not. */
  readonly onClose: () => void;
}

/** Says what will happen and asks. Stays open, and says why, when it fails. */
export function ConfirmDialog({
  title,
  children,
  action,
  dangerous = false,
  act,
  onDone,
  onClose,
}: ConfirmDialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  useLayoutEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await act();
      onDone();
      element.current?.close();
    } catch (error) {
      setFailure(inWords(error));
      setBusy(false);
    }
  };
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
    >
      <form class="dialog-body" onSubmit={(event) => void submit(event)}>
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
