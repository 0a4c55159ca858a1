import type { Participant } from '../api/answers.js';
import { SanctionDialog } from '../acts/sanction-dialog.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Id } from '../parts/id.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { RoomLink } from '../parts/people.js';
import { SanctionTable } from '../parts/sanction-table.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Untrusted } from '../parts/untrusted.js';
import { hrefOf } from '../places.js';
import { PRESENCES, PROVENANCES } from '../words.js';

export function PersonPage({ userId }: { readonly userId: string }) {
  const { api } = useDesk();
  const person = usePolled(`person ${userId}`, () => api.participant(userId));
  return (
    <Page
      title={person.value ? <Untrusted text={person.value.display_name} /> : 'Participant'}
      back={{ href: hrefOf('people'), to: 'People' }}
      actions={person.value && <PersonActions person={person.value} onDone={person.reload} />}
    >
      <Shown of={person}>
        {(value) => (
          <>
            <Panel title="Now">
              <PersonFacts person={value} />
            </Panel>
            <Panel title="Sanctions">
              {value.sanctions.length === 0 ? (
                <Empty title="None in force" />
              ) : (
                <SanctionTable sanctions={value.sanctions} onDone={person.reload} />
              )}
            </Panel>
          </>
        )}
      </Shown>
    </Page>
  );
}

function PersonFacts({ person }: { readonly person: Participant }) {
  const { user_id: id, principal, presence, provenance, attributes, room_ids: rooms, ticket_ids: tickets } = person;
  return (
    <Facts
      of={{
        Id: <code class="id">{id}</code>,
        Presence: <Status tone={PRESENCES[presence][0]}>{PRESENCES[presence][1]}</Status>,
        Kind: PROVENANCES[provenance],
        Principal:
          principal === null ? (
            <span class="quiet">None: whoever has the participant token</span>
          ) : (
            <a href={hrefOf('people', undefined, { principal })}>{principal}</a>
          ),
        Rooms:
          rooms.length === 0 ? (
            <span class="quiet">None</span>
          ) : (
            <ul class="people">
              {rooms.map((roomId) => (
                <li key={roomId}>
                  <RoomLink roomId={roomId} />
                </li>
              ))}
            </ul>
          ),
        Tickets:
          tickets.length === 0 ? (
            <span class="quiet">None</span>
          ) : (
            <ul class="people">
              {tickets.map((ticketId) => (
                <li key={ticketId}>
                  <Id of={ticketId} />
                </li>
              ))}
            </ul>
          ),
        Attributes:
          Object.keys(attributes).length === 0 ? (
            <span class="quiet">None</span>
          ) : (
            <code class="code">
              <Untrusted text={JSON.stringify(attributes)} />
            </code>
          ),
      }}
    />
  );
}

function PersonActions({ person, onDone }: { readonly person: Participant; readonly onDone: () => void }) {
  const desk = useDesk();
  const disconnect = {
    title: (
      <>
        Disconnect <Untrusted text={person.display_name} />?
      </>
    ),
    what: 'They leave all queues and rooms at once, and their partners are told that they were removed. They may come back: a ban keeps them out.',
    action: 'Disconnect',
    dangerous: true,
    act: () => desk.api.disconnect(person.user_id),
    done: 'They are out of all queues and rooms.',
  };
  const sanction = (kind: 'ban' | 'mute') =>
    desk.show((close) => <SanctionDialog kind={kind} suspect={person} onDone={onDone} onClose={close} />);
  return (
    <>
      <ActButton label="Disconnect" onClick={() => desk.ask(disconnect, onDone)} />
      <ActButton label="Mute" onClick={() => sanction('mute')} />
      <ActButton label="Ban" dangerous onClick={() => sanction('ban')} />
    </>
  );
}
