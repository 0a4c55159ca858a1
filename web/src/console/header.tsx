import { useEffect, useState } from 'preact/hooks';
import { Icon, Mark } from '../ui/icons.js';
import type { Polled } from './live/poller.js';
import { clockTime } from './parts/times.js';

export interface HeaderProps {
  readonly live: Polled<unknown>;
  readonly principal: string;
  readonly signOut: () => void;
}

/** After how many milliseconds without an answer what is shown is called stale. */
const STALE_MS = 15_000;

/** Whose console it is, and whether what it shows is of now. */
export function Header({ live, principal, signOut }: HeaderProps) {
  return (
    <header class="console-header">
      <p class="wordmark">
        <Mark />
        Parley <span class="quiet">console</span>
      </p>
      <LiveState {...live} />
      <p class="who" title="Who you are to the service">
        {principal}
      </p>
      <button type="button" class="button button-small" onClick={() => signOut()}>
        <Icon name="leave" />
        Sign out
      </button>
    </header>
  );
}

function LiveState({ at, failure }: Polled<unknown>) {
  const now = useSlowClock();
  const state = at === undefined ? 'waiting' : failure !== undefined || now - at > STALE_MS ? 'stale' : 'live';
  return (
    <p class="live" data-state={state} role="status">
      {state === 'live' && 'Live'}
      {state === 'waiting' && 'Connecting …'}
      {state === 'stale' && `Stale, of ${clockTime(at!)}`}
    </p>
  );
}

/** The time, again every five seconds. */
function useSlowClock(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
