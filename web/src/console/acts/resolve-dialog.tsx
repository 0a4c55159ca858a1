import { useId, useState } from 'preact/hooks';
import { useDesk } from '../desk.js';
import { ConfirmDialog } from '../parts/confirm-dialog.js';

export interface ResolveDialogProps {
  readonly caseId: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Says what was made of a case. */
export function ResolveDialog({ caseId, onDone, onClose }: ResolveDialogProps) {
  const { api, say } = useDesk();
  const [note, setNote] = useState('');
  const id = useId();
  return (
    <ConfirmDialog
      title="Resolve this case?"
      action="Resolve"
      act={() => api.resolve(caseId, note.trim())}
      onDone={() => {
        say('The case is resolved.');
        onDone();
      }}
      onClose={onClose}
    >
      <p>It is closed for good. Another report of the same participant opens a new case.</p>
      <div class="field">
        <label for={id}>What was made of it</label>
        <textarea
          id={id}
          required
          rows={3}
          maxLength={1_000}
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </div>
    </ConfirmDialog>
  );
}
