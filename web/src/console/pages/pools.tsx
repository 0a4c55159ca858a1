import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { Shown } from '../parts/shown.js';
import { PoolTable } from './pool-table.js';

export function PoolsPage() {
  const { api } = useDesk();
  const pools = usePolled('pools', api.pools);
  return (
    <Page title="Pools">
      <Shown of={pools}>
        {(value) => (
          <Panel title={`${value.pools.length} configured`}>
            <PoolTable pools={value.pools} onDone={pools.reload} />
          </Panel>
        )}
      </Shown>
    </Page>
  );
}
