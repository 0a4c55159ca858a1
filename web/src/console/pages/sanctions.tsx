import { SanctionDialog } from '../acts/sanction-dialog.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { Empty } from '../parts/empty.js';
import { Page } from '../parts/page.js';
import { Pager, usePages } from '../parts/pages.js';
import { Panel } from '../parts/panel.js';
import { SanctionTable } from '../parts/sanction-table.js';
import { Shown } from '../parts/shown.js';

export function SanctionsPage() {
  const desk = useDesk();
  const pages = usePages('sanctions');
  const sanctions = usePolled(`sanctions ${pages.after ?? ''}`, () => desk.api.sanctions(pages.after));
  const open = (kind: 'ban' | 'mute') =>
    desk.show((close) => <SanctionDialog kind={kind} onDone={sanctions.reload} onClose={close} />);
  return (
    <Page
      title="Sanctions"
      actions={
        <>
          <ActButton label="Mute somebody" onClick={() => open('mute')} />
          <ActButton label="Ban somebody" dangerous onClick={() => open('ban')} />
        </>
      }
    >
      <Shown of={sanctions}>
        {({ sanctions: rows, next }) => (
          <Panel title="In force">
            {rows.length === 0 ? (
              <Empty title="Nobody is banned or muted">What ends by itself goes from here by itself.</Empty>
            ) : (
              <SanctionTable sanctions={rows} onDone={sanctions.reload} />
            )}
            <Pager pages={pages} next={next} />
          </Panel>
        )}
      </Shown>
    </Page>
  );
}
