import { useId, useState } from 'preact/hooks';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { LookUp } from '../parts/look-up.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { PersonLink } from '../parts/people.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { hrefOf } from '../places.js';
import { count, KINDS, PRESENCES } from '../words.js';

/** Looks somebody up. @param principal whose participants are shown */
export function PeoplePage({ principal }: { readonly principal: string | undefined }) {
  const [by, setBy] = useState<'id' | 'principal'>(principal === undefined ? 'id' : 'principal');
  const byId = useId();
  const lookUp = (text: string) => {
    location.hash = by === 'id' ? hrefOf('people', text) : hrefOf('people', undefined, { principal: text });
  };
  return (
    <Page title="People">
      <LookUp
        label={by === 'id' ? 'Participant id' : 'Principal'}
        button="Look up"
        value={principal ?? ''}
        onLookUp={lookUp}
        required
        help={
          by === 'id'
            ? 'The user_id that partners see.'
            : 'Who a token stands for; one principal may have several participants.'
        }
      >
        <div class="field">
          <label for={byId}>By</label>
          <select id={byId} value={by} onChange={({ currentTarget }) => setBy(currentTarget.value as typeof by)}>
            <option value="id">Participant</option>
            <option value="principal">Principal</option>
          </select>
        </div>
      </LookUp>
      {principal === undefined ? (
        <Empty title="Whom are you looking for?">Names in rooms, queues and cases lead here, too.</Empty>
      ) : (
        <OfPrincipal principal={principal} />
      )}
    </Page>
  );
}

function OfPrincipal({ principal }: { readonly principal: string }) {
  const { api } = useDesk();
  const found = usePolled(`principal ${principal}`, () => api.participantsOf(principal));
  return (
    <Shown of={found}>
      {({ participants }) => (
        <Panel title={`${count(participants.length, 'participant')} of ${principal}`}>
          {participants.length === 0 ? (
            <Empty title="Nobody is known of this principal" />
          ) : (
            <DataTable
              label="Participants"
              rows={participants}
              keyOf={(row) => row.user_id}
              columns={[
                { name: 'Name', show: (row) => <PersonLink person={row} /> },
                {
                  name: 'Presence',
                  show: ({ presence }) => <Status tone={PRESENCES[presence][0]}>{PRESENCES[presence][1]}</Status>,
                },
                { name: 'Rooms', isNumber: true, show: (row) => row.room_ids.length },
                { name: 'Tickets', isNumber: true, show: (row) => row.ticket_ids.length },
                {
                  name: 'Sanctions',
                  show: ({ sanctions }) =>
                    sanctions.length === 0
                      ? '–'
                      : sanctions.map(({ id, kind }) => (
                          <Status key={id} tone="bad">
                            {KINDS[kind]}
                          </Status>
                        )),
                },
              ]}
            />
          )}
        </Panel>
      )}
    </Shown>
  );
}
