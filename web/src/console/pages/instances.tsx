import type { Webhook } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Page } from '../parts/page.js';
import { Pager, usePages } from '../parts/pages.js';
import { Panel } from '../parts/panel.js';
import { ParticipantLink } from '../parts/people.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { plain } from '../words.js';
import { InstanceList } from './instance-list.js';

/** The instances of the service, and whom they call. */
export function InstancesPage() {
  return (
    <Page title="Instances">
      <InstanceList />
      <WebhookList />
    </Page>
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
            <Empty title="Nobody has subscribed">Where participants have their events sent is listed here.</Empty>
          ) : (
            <DataTable label="Webhooks" columns={columns} rows={rows} keyOf={({ id }) => id} />
          )}
          <Pager pages={pages} next={next} />
        </Panel>
      )}
    </Shown>
  );
}
