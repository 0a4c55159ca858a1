import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

export interface QuestionDialogProps {
  readonly title: ComponentChildren;
  /** What will happen, and what the person has to fill in. */
  readonly children: ComponentChildren;
  /** What the button says that does it. */
  readonly action: string;
  readonly dangerous?: boolean;
  readonly busy: boolean;
  /** What went wrong the last time. */
  readonly failure: string | undefined;
  /** Resolves with whether it was done: then the dialog shuts. */
  readonly submit: () => Promise<boolean>;
  /** Called when it is shut, done or not. */
  readonly onClose: () => void;
}

/** Asks before something is done. Stays open, and says why, when that fails. */
export function QuestionDialog({
  title,
  children,
  action,
  dangerous = false,
  busy,
  failure,
  submit,
  onClose,
}: QuestionDialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useLayoutEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!busy) void submit().then((done) => done && element.current?.close());
  };
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
    >
      <form class="dialog-body" onSubmit={onSubmit}>
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
