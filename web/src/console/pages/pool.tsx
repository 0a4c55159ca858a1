import type { PoolDetail, Ticket } from '../api/answers.js';
import { MODE_ACTIONS, modeAct, modesFor } from '../acts/pool-acts.js';
import { MoveDialog } from '../acts/move-dialog.js';
import { StrategyDialog } from '../acts/strategy-dialog.js';
import { duration, number } from '../chart/units.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Id } from '../parts/id.js';
import { Page } from '../parts/page.js';
import { Pager, usePages } from '../parts/pages.js';
import { Panel } from '../parts/panel.js';
import { People } from '../parts/people.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Lasting } from '../parts/time.js';
import { hrefOf } from '../places.js';
import { count, MODES, plain, TICKETS } from '../words.js';
import { Decisions } from './decisions.js';

export function PoolPage({ name }: { readonly name: string }) {
  const desk = useDesk();
  const pool = usePolled(`pool ${name}`, () => desk.api.pool(name));
  const actions = pool.value && (
    <>
      {modesFor(pool.value).map((mode) => (
        <ActButton
          key={mode}
          label={MODE_ACTIONS[mode]}
          onClick={() => desk.ask(modeAct(desk, pool.value!, mode), pool.reload)}
        />
      ))}
      <ActButton
        label="Switch strategy"
        onClick={() => desk.show((close) => <StrategyDialog pool={pool.value!} onDone={pool.reload} onClose={close} />)}
      />
    </>
  );
  return (
    <Page title={name} back={{ href: hrefOf('pools'), to: 'Pools' }} actions={actions}>
      <Shown of={pool}>
        {(value) => (
          <>
            <PoolFacts pool={value} />
            <Panel title="Tickets" side={<span class="quiet">in order of seniority</span>}>
              <Tickets pool={name} />
            </Panel>
            <Panel title="Latest decisions" side={<span class="quiet">of this instance</span>}>
              <Decisions of={value.decisions} />
            </Panel>
          </>
        )}
      </Shown>
    </Page>
  );
}

function PoolFacts({ pool }: { readonly pool: PoolDetail }) {
  const { mode, suspended, strategy, statistics, waiting, oldest_at: oldest, description } = pool;
  const causes = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .filter(([, times]) => times > 0)
      .map(([cause, times]) => `${number(times)} ${plain(cause)}`)
      .join(', ') || 'none';
  return (
    <div class="columns">
      <Panel title="Now">
        <Facts
          of={{
            State: (
              <>
                <Status tone={MODES[mode][0]}>{MODES[mode][1]}</Status>
                {suspended && <Status tone="bad">Strategy suspended</Status>}
              </>
            ),
            Waiting: count(waiting, 'ticket'),
            'Longest wait': oldest === null ? '–' : <Lasting since={oldest} />,
            ...(description !== '' && { Description: description }),
          }}
        />
      </Panel>
      <Panel title="Strategy" side={<span class="quiet">since this instance started</span>}>
        <Facts
          of={{
            Strategy: `${strategy.name}${strategy.by_operator ? ', chosen by an operator' : ''}`,
            Options: <code class="code">{JSON.stringify(strategy.options)}</code>,
            Runs: `${number(statistics.runs)}${statistics.mean_micros === null ? '' : `, ${duration(statistics.mean_micros / 1e6)} each`}`,
            Refused: causes(statistics.refusals),
            Failures: causes(statistics.failures),
          }}
        />
      </Panel>
    </div>
  );
}

function Tickets({ pool }: { readonly pool: string }) {
  const desk = useDesk();
  const pages = usePages(pool);
  const tickets = usePolled(`tickets ${pool} ${pages.after ?? ''}`, () => desk.api.tickets(pool, pages.after));
  const cancel = ({ ticket_id: id }: Ticket) =>
    desk.ask(
      {
        title: 'Take this ticket out of the queue?',
        what: 'Everybody behind it is told that it was removed. They may enter again.',
        action: 'Take out',
        dangerous: true,
        act: () => desk.api.cancelTicket(id),
        done: 'The ticket is out of the queue.',
      },
      tickets.reload,
    );
  const columns: readonly Column<Ticket>[] = [
    { name: 'Ticket', show: ({ ticket_id: id }) => <Id of={id} /> },
    { name: 'Who', show: ({ members }) => <People people={members} nobody="A free seat in a room" /> },
    { name: 'State', show: ({ state }) => <Status tone={TICKETS[state][0]}>{TICKETS[state][1]}</Status> },
    { name: 'Waits', show: ({ enqueued_at: at }) => <Lasting since={at} /> },
    { name: 'Priority', isNumber: true, show: ({ priority }) => priority },
    {
      name: '',
      show: (ticket) => (
        <>
          <ActButton
            label="Move"
            of={`ticket ${ticket.ticket_id}`}
            onClick={() => desk.show((close) => <MoveDialog ticket={ticket} onDone={tickets.reload} onClose={close} />)}
          />
          <ActButton label="Take out" of={`ticket ${ticket.ticket_id}`} dangerous onClick={() => cancel(ticket)} />
        </>
      ),
    },
  ];
  return (
    <Shown of={tickets}>
      {({ tickets: rows, next }) => (
        <>
          {rows.length === 0 ? (
            <Empty title="Nobody waits here" />
          ) : (
            <DataTable label="Tickets" columns={columns} rows={rows} keyOf={(row) => row.ticket_id} />
          )}
          <Pager pages={pages} next={next} />
        </>
      )}
    </Shown>
  );
}
