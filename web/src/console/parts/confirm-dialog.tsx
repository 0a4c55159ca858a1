import { useState } from 'preact/hooks';
import { QuestionDialog, type QuestionDialogProps } from '../../ui/question-dialog.js';
import { inWords } from '../api/problem.js';

export interface ConfirmDialogProps extends Omit<QuestionDialogProps, 'busy' | 'failure' | 'submit'> {
  readonly act: () => Promise<unknown>;
  /** Called when it was done. */
  readonly onDone: () => void;
}

/** Says what will happen and asks. */
export function ConfirmDialog({ act, onDone, ...question }: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const submit = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await act();
      onDone();
      return true;
    } catch (error) {
      setFailure(inWords(error));
      setBusy(false);
      return false;
    }
  };
  return <QuestionDialog {...question} busy={busy} failure={failure} submit={submit} />;
}
