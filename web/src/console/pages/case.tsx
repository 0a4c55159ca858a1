import type { Case } from '../api/answers.js';
import { ResolveDialog } from '../acts/resolve-dialog.js';
import { SanctionDialog } from '../acts/sanction-dialog.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Messages } from '../parts/messages.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { ParticipantLink, PersonLink, RoomLink } from '../parts/people.js';
import { RoomName } from '../parts/room-name.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Ago, Time } from '../parts/time.js';
import { Untrusted } from '../parts/untrusted.js';
import { hrefOf } from '../places.js';

/** A case; each look is in the audit log, so it is loaded once. */
export function CasePage({ id }: { readonly id: string }) {
  const { api } = useDesk();
  const found = usePolled(`case ${id}`, () => api.case(id), null);
  return (
    <Page
      title={
        found.value ? (
          <>
            Case about <Untrusted text={found.value.reported.display_name} />
          </>
        ) : (
          'Case'
        )
      }
      back={{ href: hrefOf('cases'), to: 'Cases' }}
      actions={found.value && <CaseActions of={found.value} onDone={found.reload} />}
    >
      <Shown of={found}>
        {(value) => (
          <div class="columns case">
            <div class="stack">
              <Panel title="About">
                <CaseFacts of={value} />
              </Panel>
              <Panel title="Complaints">
                <ol class="complaints">
                  {value.complaints.map(({ reporter, reason, at }) => (
                    <li key={`${at} ${reporter ?? ''}`}>
                      <p class="transcript-head">
                        {reporter === null ? <b>The moderator</b> : <ParticipantLink userId={reporter} />}
                        <Time at={at} />
                      </p>
                      <p>{reason === '' ? <span class="quiet">No reason given</span> : <Untrusted text={reason} />}</p>
                    </li>
                  ))}
                </ol>
              </Panel>
            </div>
            <Panel title="What was said" side={<span class="quiet">as the reporter could read it</span>}>
              {value.messages.length === 0 ? (
                <Empty title="Nothing was said" />
              ) : (
                <Messages of={value.messages} about={value.reported.user_id} />
              )}
            </Panel>
          </div>
        )}
      </Shown>
    </Page>
  );
}

function CaseFacts({ of }: { readonly of: Case }) {
  const { state, reported, reported_principal: principal, room, opened_at: openedAt, resolution } = of;
  return (
    <Facts
      of={{
        State: <Status tone={state === 'open' ? 'warning' : 'quiet'}>{state === 'open' ? 'Open' : 'Resolved'}</Status>,
        About: <PersonLink person={reported} />,
        ...(principal !== null && {
          Principal: <a href={hrefOf('people', undefined, { principal })}>{principal}</a>,
        }),
        Where:
          room === null ? (
            'A display name'
          ) : (
            <>
              <RoomName room={room} />, <RoomLink roomId={room.room_id} />
            </>
          ),
        Opened: <Ago at={openedAt} />,
        ...(resolution !== null && {
          'Resolved by': (
            <>
              {resolution.by}, <Time at={resolution.at} />
            </>
          ),
          Note: resolution.note,
        }),
      }}
    />
  );
}

function CaseActions({ of, onDone }: { readonly of: Case; readonly onDone: () => void }) {
  const desk = useDesk();
  const suspect = { ...of.reported, principal: of.reported_principal };
  const sanction = (kind: 'ban' | 'mute') =>
    desk.show((close) => (
      <SanctionDialog kind={kind} suspect={suspect} reason={`Case ${of.id}`} onDone={onDone} onClose={close} />
    ));
  return (
    <>
      <ActButton label="Mute" onClick={() => sanction('mute')} />
      <ActButton label="Ban" dangerous onClick={() => sanction('ban')} />
      {of.state === 'open' && (
        <button
          type="button"
          class="button button-small button-primary"
          onClick={() => desk.show((close) => <ResolveDialog caseId={of.id} onDone={onDone} onClose={close} />)}
        >
          Resolve
        </button>
      )}
    </>
  );
}
