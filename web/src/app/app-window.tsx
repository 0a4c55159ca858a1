import { useLayoutEffect, useState } from 'preact/hooks';
import { Chat } from '../ui/index.js';
import type { HostSession, HostState, Opening } from './host-session.js';

/** The window in a host: a bar that says what it is, and the chat. */
export function AppWindow({ session }: { readonly session: HostSession }) {
  const [state, setState] = useState(session.state);
  useLayoutEffect(() => {
    const update = () => setState(session.state);
    update();
    return session.subscribe(update);
  }, [session]);
  return (
    <div class="app">
      <Bar session={session} state={state} />
      <Body session={session} opening={state.opening} />
    </div>
  );
}

function Bar({ session, state: { otherMode, canTell } }: { readonly session: HostSession; readonly state: HostState }) {
  const [told, setTold] = useState('');
  const tell = async () => {
    setTold('');
    setTold((await session.tellAssistant()) ? 'The assistant knows where you stand.' : 'The host did not take it.');
  };
  return (
    <div class="app-bar">
      <p>What you write here goes straight to your partners.</p>
      <p class="app-told" role="status">
        {told}
      </p>
      {canTell && (
        <button type="button" onClick={() => void tell()} title="Where you stand, not what is said">
          Tell the assistant
        </button>
      )}
      {otherMode && (
        <button type="button" onClick={() => void session.changeMode()}>
          {otherMode === 'fullscreen' ? 'Enlarge' : 'Shrink'}
        </button>
      )}
    </div>
  );
}

function Body({ session, opening }: { readonly session: HostSession; readonly opening: Opening }) {
  switch (opening.state) {
    case 'connecting':
    case 'calling':
      return (
        <div class="app-still" role="status">
          <p>
            {opening.state === 'calling' ? 'Your assistant is looking for somebody to talk with …' : 'Connecting …'}
          </p>
        </div>
      );
    case 'alone':
      return (
        <div class="app-still" role="alert">
          <h1>This window needs its application</h1>
          <p>
            It belongs into an application with an assistant that shows MCP Apps, connected to this Parley.
            {opening.why && ` The application said: ${opening.why}`}
          </p>
        </div>
      );
    default:
      return (
        <div class="app-body">
          <Note opening={opening} />
          <Chat client={session.client} face="app" />
        </div>
      );
  }
}

/** Why the window shows nobody yet, and what to do. */
function Note({ opening }: { readonly opening: Opening }) {
  switch (opening.state) {
    case 'unknown':
      return (
        <p class="app-note" role="status">
          This window does not know which conversation it is for. Ask your assistant to look for a chat partner again,
          or look for one here.
        </p>
      );
    case 'cancelled':
      return (
        <p class="app-note" role="status">
          The assistant stopped looking. Ask it again, or look for somebody here.
        </p>
      );
    case 'failed':
      return (
        <p class="app-note" role="status">
          The assistant could not begin a chat. {opening.why} Ask it again, or look for somebody here.
        </p>
      );
    default:
      return null;
  }
}
