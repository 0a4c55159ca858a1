import { useAction } from './hooks.js';
import { QuestionDialog, type QuestionDialogProps } from './question-dialog.js';

export interface DialogProps extends Omit<QuestionDialogProps, 'busy' | 'failure' | 'submit'> {
  readonly act: () => Promise<unknown>;
}

/** A question before something that cannot be undone. */
export function Dialog({ act, ...question }: DialogProps) {
  const { busy, failure, run } = useAction();
  return <QuestionDialog {...question} busy={busy} failure={failure} submit={() => run(act)} />;
}
