import type { Instance, Webhook } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Id } from '../parts/id.js';
import { Page } from '../parts/page.js';
import { Pager, usePages } from '../parts/pages.js';
import { Panel } from '../parts/panel.js';
import { ParticipantLink } from '../parts/people.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Ago } from '../parts/time.js';
import { plain, STAGES } from '../words.js';

/** The instances of the service, and whom they call. */
export function InstancesPage() {
  return (
    <Page title="Instances">
      <InstanceList />
      <WebhookList />
    </Page>
  );
}

function InstanceList() {
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
          { name: 'Version', show: ({ version }) => version },
          { name: 'Started', show: ({ started_at: at }) => <Ago at={at} /> },
          { name: 'Reached at', show: ({ url }) => url ?? <span class="quiet">no INSTANCE_URL</span> },
          {
            name: '',
            show: ({ id, stage }) =>
              stage === 'serving' && (
                <ActButton label="Drain" of={id} dangerous onClick={() => drain(id, id === here.id)} />
              ),
          },
        ];
        return (
          <Panel title="Those that share the state">
            <DataTable label="Instances" columns={columns} rows={[here, ...others]} keyOf={({ id }) => id} />
            <p class="panel-note">
              This one has {here.sessions} sessions, {here.streams} streams and {here.waits} long polls, and passes{' '}
              {here.forwards} requests on.{' '}
              {here.leads ? 'It carries out upkeep for all.' : 'Another one carries out upkeep.'}
            </p>
          </Panel>
        );
      }}
    </Shown>
  );
}

function WebhookList() {
  const desk = useDesk();
  const pages = usePages('webhooks');
  const webhooks = usePolled(`webhooks ${pages.after ?? ''}`, () => desk.api.webhooks(pages.after));
  const end = ({ id, url }: Webhook) =>
    desk.ask(
      {
        title: 'End this webhook?',
        what: `Nothing is sent to ${url} any more, and what is outstanding is dropped. Its owner may subscribe again.`,
        action: 'End it',
        dangerous: true,
        act: () => desk.api.endWebhook(id),
        done: 'The webhook has ended.',
      },
      webhooks.reload,
    );
  const columns: readonly Column<Webhook>[] = [
    { name: 'To', show: ({ url }) => <span class="url">{url}</span> },
    { name: 'Event', show: ({ event }) => event },
    { name: 'Of', show: ({ user_id: userId }) => <ParticipantLink userId={userId} /> },
    {
      name: 'State',
      show: ({ active, last_error: error, failures }) => (
        <>
          <Status tone={active ? (failures > 0 ? 'warning' : 'good') : 'bad'}>{active ? 'Active' : 'Suspended'}</Status>
          {error !== null && failures > 0 && <span class="quiet"> {plain(error)}</span>}
        </>
      ),
    },
    { name: 'Outstanding', isNumber: true, show: ({ pending }) => pending },
    {
      name: '',
      show: (webhook) => <ActButton label="End" of={`webhook ${webhook.id}`} dangerous onClick={() => end(webhook)} />,
    },
  ];
  return (
    <Shown of={webhooks}>
      {({ webhooks: rows, next }) => (
        <Panel title="Webhooks">
          {rows.length === 0 ? (
            <Empty title="Nobody has subscribed" />
          ) : (
            <DataTable label="Webhooks" columns={columns} rows={rows} keyOf={({ id }) => id} />
          )}
          <Pager pages={pages} next={next} />
        </Panel>
      )}
    </Shown>
  );
}
