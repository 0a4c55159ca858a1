import { useState } from 'preact/hooks';
import type { Room } from '../api/answers.js';
import { useDesk } from '../desk.js';
import { usePolled } from '../live/use-polled.js';
import { ActButton } from '../parts/act-button.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Messages } from '../parts/messages.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { People } from '../parts/people.js';
import { RoomName } from '../parts/room-name.js';
import { Shown } from '../parts/shown.js';
import { Status } from '../parts/status.js';
import { Ago } from '../parts/time.js';
import { hrefOf } from '../places.js';

export function RoomPage({ roomId }: { readonly roomId: string }) {
  const desk = useDesk();
  const room = usePolled(`room ${roomId}`, () => desk.api.room(roomId));
  return (
    <Page
      title="Room"
      back={{ href: hrefOf('rooms'), to: 'Rooms' }}
      actions={room.value?.active === true && <RoomActions room={room.value} onDone={room.reload} />}
    >
      <Shown of={room}>
        {(value) => (
          <>
            <Panel title="Now">
              <Facts
                of={{
                  Id: <code class="id">{value.room_id}</code>,
                  Of: <RoomName room={value} />,
                  State: (
                    <>
                      <Status tone={value.active ? 'good' : 'quiet'}>{value.active ? 'Active' : 'Ended'}</Status>
                      {value.supervised && <Status tone="warning">Watched: its members know</Status>}
                    </>
                  ),
                  Opened: <Ago at={value.opened_at} />,
                  [`Members, of ${value.capacity}`]: <People people={value.members} nobody="Nobody" />,
                  Former: <People people={value.former} nobody="Nobody" />,
                  Messages: value.last_seq,
                }}
              />
            </Panel>
            <TranscriptPanel key={`${roomId} ${value.supervised}`} roomId={roomId} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function RoomActions({ room, onDone }: { readonly room: Room; readonly onDone: () => void }) {
  const desk = useDesk();
  const { room_id: id, supervised } = room;
  const watch = {
    title: 'Watch this room?',
    what: 'Its members are told at once that somebody watches, and so is everybody who comes. The watch ends by itself five minutes after you last read.',
    action: 'Watch',
    act: () => desk.api.watch(id),
    done: 'The room is watched; its members have been told.',
  };
  const unwatch = {
    title: 'Stop watching this room?',
    what: 'Its members are told that nobody watches any more.',
    action: 'Stop watching',
    act: () => desk.api.unwatch(id),
    done: 'The room is watched no longer.',
  };
  const close = {
    title: 'Close this room?',
    what: 'Everybody in it is told that an operator has closed it. Nobody can write there any more.',
    action: 'Close room',
    dangerous: true,
    act: () => desk.api.closeRoom(id),
    done: 'The room is closed.',
  };
  return (
    <>
      <ActButton
        label={supervised ? 'Stop watching' : 'Watch'}
        onClick={() => desk.ask(supervised ? unwatch : watch, onDone)}
      />
      {desk.isAdmin && <ActButton label="Close room" dangerous onClick={() => desk.ask(close, onDone)} />}
    </>
  );
}

/** What was said, once the person asks for it: each look is in the audit log. */
function TranscriptPanel({ roomId }: { readonly roomId: string }) {
  const [isAsked, setAsked] = useState(false);
  return (
    <Panel title="Transcript" side={<span class="quiet">each look is in the audit log</span>}>
      {isAsked ? (
        <Transcript roomId={roomId} />
      ) : (
        <Empty title="What is said here is private">
          It can be read while the room is watched, of which its members are told, and while a case of it is open.
          <button type="button" class="button" onClick={() => setAsked(true)}>
            Read the transcript
          </button>
        </Empty>
      )}
    </Panel>
  );
}

function Transcript({ roomId }: { readonly roomId: string }) {
  const { api } = useDesk();
  const [before, setBefore] = useState<number>();
  const page = usePolled(`transcript ${roomId} ${before ?? ''}`, () => api.transcript(roomId, before), null);
  return (
    <Shown of={page}>
      {({ messages, previous, truncated }) => (
        <>
          {messages.length === 0 ? <Empty title="Nothing was said" /> : <Messages of={messages} />}
          {truncated && <p class="quiet">Older messages are no longer kept.</p>}
          <nav class="pager" aria-label="Transcript">
            {previous !== null && (
              <button type="button" class="button button-small" onClick={() => setBefore(previous)}>
                Older messages
              </button>
            )}
            <button
              type="button"
              class="button button-small"
              onClick={() => (before === undefined ? page.reload() : setBefore(undefined))}
            >
              {before === undefined ? 'Look again' : 'Latest messages'}
            </button>
          </nav>
        </>
      )}
    </Shown>
  );
}
