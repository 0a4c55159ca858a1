import { useState } from 'preact/hooks';
import type { CaseSummary } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Id } from '../parts/id.js';
import { Page } from '../parts/page.js';
import { Pager, usePages } from '../parts/pages.js';
import { Panel } from '../parts/panel.js';
import { PersonLink } from '../parts/people.js';
import { RoomName } from '../parts/room-name.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Ago } from '../parts/time.js';
import { hrefOf } from '../places.js';

const STATES = ['open', 'resolved'] as const;

const COLUMNS: readonly Column<CaseSummary>[] = [
  {
    name: 'Case',
    show: ({ id }) => (
      <a href={hrefOf('cases', id)}>
        <Id of={id} />
      </a>
    ),
  },
  { name: 'About', show: ({ reported }) => <PersonLink person={reported} /> },
  { name: 'Where', show: ({ room }) => (room === null ? 'A display name' : <RoomName room={room} />) },
  { name: 'Complaints', isNumber: true, show: ({ complaints }) => complaints },
  { name: 'Opened', show: ({ opened_at: at }) => <Ago at={at} /> },
  {
    name: 'State',
    show: ({ state }) => (
      <Status tone={state === 'open' ? 'warning' : 'quiet'}>{state === 'open' ? 'Open' : 'Resolved'}</Status>
    ),
  },
];

export function CasesPage() {
  const { api } = useDesk();
  const [state, setState] = useState<(typeof STATES)[number]>('open');
  const pages = usePages(state);
  const cases = usePolled(`cases ${state} ${pages.after ?? ''}`, () => api.cases(state, pages.after));
  return (
    <Page
      title="Cases"
      actions={
        <div class="segments" role="group" aria-label="Which cases">
          {STATES.map((each) => (
            <button key={each} type="button" aria-pressed={each === state} onClick={() => setState(each)}>
              {each === 'open' ? 'Open' : 'Resolved'}
            </button>
          ))}
        </div>
      }
    >
      <Shown of={cases}>
        {({ cases: rows, next }) => (
          <Panel title={state === 'open' ? 'To be looked at' : 'Resolved'}>
            {rows.length === 0 ? (
              <Empty title={state === 'open' ? 'No open cases' : 'No resolved cases'}>
                {state === 'open' &&
                  'A case opens when somebody is reported, or when a moderator flags what they write.'}
              </Empty>
            ) : (
              <DataTable label="Cases" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
            )}
            <Pager pages={pages} next={next} />
          </Panel>
        )}
      </Shown>
    </Page>
  );
}
