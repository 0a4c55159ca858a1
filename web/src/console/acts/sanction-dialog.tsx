import { useId, useState } from 'preact/hooks';
import type { Person } from '../api/answers.js';
import type { NewSanction } from '../api/operator-api.js';
import { useDesk } from '../desk.js';
import { ConfirmDialog } from '../parts/confirm-dialog.js';
import { Untrusted } from '../parts/untrusted.js';

/** Whom it is for, where that is known. */
export interface Suspect extends Person {
  readonly principal: string | null;
}

export interface SanctionDialogProps {
  readonly kind: NewSanction['kind'];
  readonly suspect?: Suspect;
  /** What the reason says to begin with. */
  readonly reason?: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

const HOUR_MS = 3_600_000;
const DURATIONS: readonly (readonly [label: string, hours: number | null])[] = [
  ['1 hour', 1],
  ['8 hours', 8],
  ['1 day', 24],
  ['7 days', 168],
  ['30 days', 720],
  ['Until it is lifted', null],
];
const DAY = 2;

const WHAT: Readonly<Record<NewSanction['kind'], string>> = {
  ban: 'Whoever is banned leaves all queues and rooms at once; partners are told that they were removed. Whatever they do is refused.',
  mute: 'Whoever is muted stays where they are and reads on; what they write is refused, and they are told that they are muted.',
};

/** Bans or mutes somebody. */
export function SanctionDialog({ kind, suspect, reason: before = '', onDone, onClose }: SanctionDialogProps) {
  const { api, say } = useDesk();
  const [of, setOf] = useState<'user_id' | 'principal'>(suspect ? 'user_id' : 'principal');
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState(before);
  const [duration, setDuration] = useState(DAY);
  const [ofId, typedId, reasonId, helpId, durationId] = [useId(), useId(), useId(), useId(), useId()];
  const [verb, past] = kind === 'ban' ? ['Ban', 'banned'] : ['Mute', 'muted'];

  const whom = suspect ? (of === 'principal' ? suspect.principal! : suspect.user_id) : typed.trim();
  const act = () => {
    const hours = DURATIONS[duration]![1];
    const until = hours === null ? {} : { until: new Date(Date.now() + hours * HOUR_MS).toISOString() };
    return api.impose({ kind, [of]: whom, reason: reason.trim(), ...until });
  };
  return (
    <ConfirmDialog
      title={
        <>
          {verb} {suspect ? <Untrusted text={suspect.display_name} /> : 'somebody'}?
        </>
      }
      action={verb}
      dangerous
      act={act}
      onDone={() => {
        say(`They are ${past}.`);
        onDone();
      }}
      onClose={onClose}
    >
      <p>{WHAT[kind]}</p>
      {(!suspect || suspect.principal !== null) && (
        <div class="field">
          <label for={ofId}>Whom</label>
          <select id={ofId} value={of} onChange={({ currentTarget }) => setOf(currentTarget.value as typeof of)}>
            <option value="user_id">{suspect ? 'This participant' : 'One participant, by id'}</option>
            <option value="principal">
              {suspect ? `Everybody of the principal ${suspect.principal}` : 'Everybody of a principal'}
            </option>
          </select>
        </div>
      )}
      {!suspect && (
        <div class="field">
          <label for={typedId}>{of === 'principal' ? 'Principal' : 'Participant id'}</label>
          <input
            id={typedId}
            required
            autocomplete="off"
            spellcheck={false}
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </div>
      )}
      <div class="field">
        <label for={durationId}>For how long</label>
        <select
          id={durationId}
          value={String(duration)}
          onChange={({ currentTarget }) => setDuration(Number(currentTarget.value))}
        >
          {DURATIONS.map(([label], i) => (
            <option key={label} value={String(i)}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for={reasonId}>Reason</label>
        <textarea
          id={reasonId}
          required
          rows={2}
          maxLength={1_000}
          aria-describedby={helpId}
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <p id={helpId} class="help">
          For operators; it is told to nobody else.
        </p>
      </div>
    </ConfirmDialog>
  );
}
