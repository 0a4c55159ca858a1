import { useState } from 'preact/hooks';
import type { Overview } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { type History, NO_HISTORY } from '../live/figure-store.js';
import { type Loaded, usePolled } from '../live/use-polled.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { Shown } from '../parts/shown.js';
import { Trouble } from '../parts/trouble.js';
import { Charts } from './charts.js';
import { Decisions } from './decisions.js';
import { InstanceList } from './instance-list.js';
import { Lags } from './lags.js';
import { PoolTable } from './pool-table.js';
import { Tiles } from './tiles.js';

export interface OverviewPageProps {
  readonly overview: Loaded<Overview>;
  readonly figures: Loaded<History>;
}

const RANGES = [15, 60] as const;

/** How the service is, at a glance. */
export function OverviewPage({ overview, figures }: OverviewPageProps) {
  const { api } = useDesk();
  const [minutes, setMinutes] = useState<(typeof RANGES)[number]>(15);
  const { value: history = NO_HISTORY } = figures;
  const decisions = usePolled('decisions', api.decisions);
  return (
    <Page title="Overview" actions={<Range minutes={minutes} choose={setMinutes} />}>
      <Shown of={overview}>
        {(now) => (
          <>
            <Tiles now={now} history={history} minutes={minutes} />
            {figures.failure !== undefined && figures.status !== 0 && <Trouble of={figures} />}
            <Charts history={history} minutes={minutes} />
            <Panel title="Pools">
              <PoolTable pools={now.pools} onDone={overview.reload} />
            </Panel>
            <div class="columns">
              <Panel title="Latest decisions" side={<span class="quiet">of this instance</span>}>
                <Shown of={decisions}>{(value) => <Decisions of={value.decisions} />}</Shown>
              </Panel>
              <div class="stack">
                <Panel title="Behind the service">
                  <Lags lags={now.lags} instance={now.instance} />
                </Panel>
                <InstanceList />
              </div>
            </div>
          </>
        )}
      </Shown>
    </Page>
  );
}

interface RangeProps {
  readonly minutes: number;
  readonly choose: (minutes: (typeof RANGES)[number]) => void;
}

const Range = ({ minutes, choose }: RangeProps) => (
  <div class="segments" role="group" aria-label="Time that is shown">
    {RANGES.map((each) => (
      <button key={each} type="button" aria-pressed={each === minutes} onClick={() => choose(each)}>
        {each === 60 ? '1 hour' : `${each} min`}
      </button>
    ))}
  </div>
);
