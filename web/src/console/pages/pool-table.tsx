import type { Pool } from '../api/answers.js';
import { MODE_ACTIONS, modeAct, modesFor } from '../acts/pool-acts.js';
import { useDesk } from '../desk.js';
import { ActButton } from '../parts/act-button.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Status } from '../parts/status.js';
import { Lasting } from '../parts/time.js';
import { hrefOf } from '../places.js';
import { MODES } from '../words.js';

export interface PoolTableProps {
  readonly pools: readonly Pool[];
  readonly onDone: () => void;
}

/** All pools, and what can be done about them at once. */
export function PoolTable({ pools, onDone }: PoolTableProps) {
  const desk = useDesk();
  const columns: readonly Column<Pool>[] = [
    { name: 'Pool', show: ({ pool }) => <a href={hrefOf('pools', pool)}>{pool}</a> },
    {
      name: 'State',
      show: ({ mode, suspended }) => (
        <>
          <Status tone={MODES[mode][0]}>{MODES[mode][1]}</Status>
          {suspended && <Status tone="bad">Strategy suspended</Status>}
        </>
      ),
    },
    { name: 'Waiting', isNumber: true, show: ({ waiting }) => waiting },
    {
      name: 'Longest wait',
      isNumber: true,
      show: ({ oldest_at: oldest }) => (oldest === null ? <span class="quiet">–</span> : <Lasting since={oldest} />),
    },
    {
      name: 'Strategy',
      show: ({ strategy }) => (
        <>
          {strategy.name}
          {strategy.by_operator && <span class="quiet"> by an operator</span>}
        </>
      ),
    },
    {
      name: '',
      show: (pool) =>
        modesFor(pool).map((mode) => (
          <ActButton
            key={mode}
            label={MODE_ACTIONS[mode]}
            of={pool.pool}
            onClick={() => desk.ask(modeAct(desk, pool, mode), onDone)}
          />
        )),
    },
  ];
  return <DataTable label="Pools" columns={columns} rows={pools} keyOf={({ pool }) => pool} />;
}
