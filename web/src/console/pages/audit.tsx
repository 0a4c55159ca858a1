import { useState } from 'preact/hooks';
import type { AuditEntry } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { LookUp } from '../parts/look-up.js';
import { Page } from '../parts/page.js';
import { Pager, usePages } from '../parts/pages.js';
import { Panel } from '../parts/panel.js';
import { Shown } from '../parts/shown.js';
import { Status, type Tone } from '../parts/status.js';
import { Time } from '../parts/time.js';
import { moment } from '../parts/times.js';
import { plain } from '../words.js';

const OUTCOMES: Readonly<Record<AuditEntry['outcome'], readonly [Tone, string]>> = {
  done: ['good', 'Done'],
  refused: ['warning', 'Refused'],
  failed: ['bad', 'Failed'],
};

const COLUMNS: readonly Column<AuditEntry>[] = [
  { name: 'When', show: ({ at }) => <Time at={at} /> },
  { name: 'Who', show: ({ actor }) => actor },
  { name: 'What', show: ({ action }) => plain(action) },
  { name: 'To', show: ({ subject }) => <code class="id">{subject}</code> },
  { name: 'Outcome', show: ({ outcome }) => <Status tone={OUTCOMES[outcome][0]}>{OUTCOMES[outcome][1]}</Status> },
  { name: 'Details', show: ({ details }) => <span class="quiet">{inWords(details)}</span> },
];

/** What operators did. */
export function AuditPage() {
  const { api } = useDesk();
  const [actor, setActor] = useState('');
  const pages = usePages(actor);
  const audit = usePolled(`audit ${actor} ${pages.after ?? ''}`, () => api.audit({ actor, after: pages.after }));
  return (
    <Page title="Audit">
      <LookUp
        label="Operator"
        button="Show"
        value={actor}
        onLookUp={setActor}
        help="Leave it empty for what everybody did, newest first."
      />
      <Shown of={audit}>
        {({ entries, next }) => (
          <Panel title="What operators did">
            {entries.length === 0 ? (
              <Empty title="Nothing yet">
                Whatever an operator does or tries to do is listed here, and cannot be taken out.
              </Empty>
            ) : (
              <DataTable label="Audit" columns={COLUMNS} rows={entries} keyOf={({ id }) => id} />
            )}
            <Pager pages={pages} next={next} />
          </Panel>
        )}
      </Shown>
    </Page>
  );
}

const inWords = (details: AuditEntry['details']) =>
  Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(
      ([name, value]) =>
        `${plain(name)}: ${name === 'until' ? moment(new Date(Number(value)).toISOString()) : String(value)}`,
    )
    .join(', ');
