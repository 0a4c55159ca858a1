import type { Sanction } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { hrefOf } from '../places.js';
import { KINDS, untilInWords } from '../words.js';
import { ActButton } from './act-button.js';
import { type Column, DataTable } from './data-table.js';
import { ParticipantLink } from './people.js';
import { Status } from './status.js';
import { Time } from './time.js';

export interface SanctionTableProps {
  readonly sanctions: readonly Sanction[];
  readonly onDone: () => void;
}

/** Bans and mutes in force. */
export function SanctionTable({ sanctions, onDone }: SanctionTableProps) {
  const desk = useDesk();
  const lift = ({ id, kind }: Sanction) =>
    desk.ask(
      {
        title: kind === 'ban' ? 'Lift this ban?' : 'Lift this mute?',
        what: `They may ${kind === 'ban' ? 'come back' : 'write again'} at once, unless another one is in force.`,
        action: 'Lift',
        act: () => desk.api.lift(id),
        done: kind === 'ban' ? 'The ban is lifted.' : 'The mute is lifted.',
      },
      onDone,
    );
  const columns: readonly Column<Sanction>[] = [
    {
      name: 'What',
      show: ({ kind }) => <Status tone={kind === 'ban' ? 'bad' : 'warning'}>{KINDS[kind]}</Status>,
    },
    {
      name: 'Whom',
      show: ({ user_id: userId, principal }) =>
        userId !== null ? (
          <ParticipantLink userId={userId} />
        ) : (
          <a href={hrefOf('people', undefined, { principal: principal ?? '' })}>everybody of {principal}</a>
        ),
    },
    { name: 'Why', show: ({ reason }) => reason },
    { name: 'Until', show: ({ until }) => <span title={until ?? undefined}>{untilInWords(until)}</span> },
    {
      name: 'By',
      show: ({ by, at }) => (
        <>
          {by}, <Time at={at} />
        </>
      ),
    },
    {
      name: '',
      show: (sanction) => (
        <ActButton label="Lift" of={`${sanction.kind} ${sanction.id}`} onClick={() => lift(sanction)} />
      ),
    },
  ];
  return <DataTable label="Sanctions" columns={columns} rows={sanctions} keyOf={({ id }) => id} />;
}
