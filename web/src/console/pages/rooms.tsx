import { useState } from 'preact/hooks';
import type { Room } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Id } from '../parts/id.js';
import { LookUp } from '../parts/look-up.js';
import { Page } from '../parts/page.js';
import { Pager, usePages } from '../parts/pages.js';
import { Panel } from '../parts/panel.js';
import { People } from '../parts/people.js';
import { RoomName } from '../parts/room-name.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Ago } from '../parts/time.js';
import { hrefOf } from '../places.js';

const COLUMNS: readonly Column<Room>[] = [
  {
    name: 'Room',
    show: ({ room_id: id }) => (
      <a href={hrefOf('rooms', id)}>
        <Id of={id} />
      </a>
    ),
  },
  { name: 'Of', show: (room) => <RoomName room={room} /> },
  { name: 'Members', show: ({ members }) => <People people={members} nobody="Nobody" /> },
  { name: 'Messages', isNumber: true, show: ({ last_seq: seq }) => seq },
  { name: 'Opened', show: ({ opened_at: at }) => <Ago at={at} /> },
  { name: 'Watched', show: ({ supervised }) => (supervised ? <Status tone="warning">Watched</Status> : '–') },
];

export function RoomsPage() {
  const { api } = useDesk();
  const [pool, setPool] = useState('');
  const pages = usePages(pool);
  const rooms = usePolled(`rooms ${pool} ${pages.after ?? ''}`, () => api.rooms(pool, pages.after));
  return (
    <Page title="Rooms">
      <LookUp
        label="Pool or name"
        button="Show"
        value={pool}
        onLookUp={setPool}
        help="Leave it empty for all active rooms, oldest first."
      />
      <Shown of={rooms}>
        {({ rooms: rows, next }) => (
          <Panel title={pool === '' ? 'Active rooms' : `Active rooms of “${pool}”`}>
            {rows.length === 0 ? (
              <Empty title="No active rooms">{pool !== '' && 'There is none of this pool or name.'}</Empty>
            ) : (
              <DataTable label="Rooms" columns={COLUMNS} rows={rows} keyOf={(row) => row.room_id} />
            )}
            <Pager pages={pages} next={next} />
          </Panel>
        )}
      </Shown>
    </Page>
  );
}
