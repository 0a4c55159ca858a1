import type { Instance } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Id } from '../parts/id.js';
import { Panel } from '../parts/panel.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Ago } from '../parts/time.js';
import { count, STAGES } from '../words.js';

/** The instances of the service, whether they are ready, and the way to empty one. */
export function InstanceList() {
  const desk = useDesk();
  const instances = usePolled('instances', desk.api.instances);
  const drain = (id: string, isThis: boolean) =>
    desk.ask(
      {
        title: isThis ? 'Drain this instance?' : 'Drain that instance?',
        what: 'It is not ready any more and opens no sessions. Waits are answered, and streams end with a hint to come back, which leads to another instance. It does not end by itself, and only a new start makes it ready again.',
        action: 'Drain',
        dangerous: true,
        act: () => desk.api.drain(id),
        done: 'The instance is draining.',
      },
      instances.reload,
    );
  return (
    <Shown of={instances}>
      {({ this: here, others }) => {
        const columns: readonly Column<Instance>[] = [
          {
            name: 'Instance',
            show: ({ id }) => (
              <>
                <Id of={id} />
                {id === here.id && <span class="quiet"> this one</span>}
              </>
            ),
          },
          { name: 'State', show: ({ stage }) => <Status tone={STAGES[stage][0]}>{STAGES[stage][1]}</Status> },
          { name: 'Started', show: ({ started_at: at }) => <Ago at={at} /> },
          {
            name: '',
            show: ({ id, stage }) =>
              stage === 'serving' && (
                <ActButton label="Drain" of={id} dangerous onClick={() => drain(id, id === here.id)} />
              ),
          },
        ];
        return (
          <Panel title="Running instances">
            <DataTable label="Instances" columns={columns} rows={[here, ...others]} keyOf={({ id }) => id} />
            <p class="panel-note">
              This one has {count(here.sessions, 'session')}, {count(here.streams, 'stream')} and{' '}
              {count(here.waits, 'long poll')}. {here.leads ? 'It' : 'Another one'} carries out upkeep for all.
            </p>
          </Panel>
        );
      }}
    </Shown>
  );
}
