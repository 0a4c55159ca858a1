import { useId, useState } from 'preact/hooks';
import type { Ticket } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ConfirmDialog } from '../parts/confirm-dialog.js';

export interface MoveDialogProps {
  readonly ticket: Ticket;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Chooses the pool that a ticket is to wait in. */
export function MoveDialog({ ticket, onDone, onClose }: MoveDialogProps) {
  const { api, say } = useDesk();
  const pools = usePolled('pools', api.pools, null);
  const others = pools.value?.pools.filter(({ pool }) => pool !== ticket.pool) ?? [];
  const [chosen, setChosen] = useState('');
  const id = useId();
  return (
    <ConfirmDialog
      title="Move this ticket?"
      action="Move"
      act={() => api.moveTicket(ticket.ticket_id, chosen)}
      onDone={() => {
        say(`The ticket waits in “${chosen}”.`);
        onDone();
      }}
      onClose={onClose}
    >
      <p>It waits in the other pool, as senior as it is here. Everybody behind it is told.</p>
      <div class="field">
        <label for={id}>Pool</label>
        <select id={id} required value={chosen} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          <option value="">{others.length === 0 && pools.value ? 'There is no other pool' : 'Choose one'}</option>
          {others.map(({ pool }) => (
            <option key={pool} value={pool}>
              {pool}
            </option>
          ))}
        </select>
      </div>
    </ConfirmDialog>
  );
}
