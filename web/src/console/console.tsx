import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Act, type Desk, DeskContext } from './desk.js';
import { Header } from './header.js';
import { useFigures } from './live/use-figures.js';
import { usePolled } from './live/use-polled.js';
import { Navigation } from './navigation.js';
import { AuditPage } from './pages/audit.js';
import { CasePage } from './pages/case.js';
import { CasesPage } from './pages/cases.js';
import { InstancesPage } from './pages/instances.js';
import { OverviewPage } from './pages/overview.js';
import { PeoplePage } from './pages/people.js';
import { PersonPage } from './pages/person.js';
import { PoolPage } from './pages/pool.js';
import { PoolsPage } from './pages/pools.js';
import { RoomPage } from './pages/room.js';
import { RoomsPage } from './pages/rooms.js';
import { SanctionsPage } from './pages/sanctions.js';
import { ConfirmDialog } from './parts/confirm-dialog.js';
import { Trouble } from './parts/trouble.js';
import { type Section, SECTIONS, usePlace } from './places.js';
import type { Session } from './sign-in.js';

export interface ConsoleProps {
  readonly session: Session;
  readonly signOut: () => void;
}

/** What those may see who may moderate and no more. */
const FOR_MODERATORS: readonly Section[] = ['cases', 'people', 'rooms', 'sanctions'];

/** For how long it is said what was done, in milliseconds. */
const SAID_MS = 6_000;

/** Everything once somebody is signed in: where one can go, what is there, and what is asked before something is done. */
export function Console({ session, signOut }: ConsoleProps) {
  const { api, caller } = session;
  const isAdmin = caller.scopes.includes('parley:admin');
  const sections = isAdmin ? SECTIONS : FOR_MODERATORS;
  const place = usePlace(sections);
  const overview = usePolled('overview', api.overview);
  const figures = useFigures(api, isAdmin);
  const main = useRef<HTMLElement>(null);
  const [dialog, setDialog] = useState<ComponentChildren>();
  const [said, say] = useSaid();

  const desk = useMemo<Desk>(() => {
    const close = () => setDialog(undefined);
    return {
      api,
      principal: caller.principal,
      isAdmin,
      show: (make) => setDialog(make(close)),
      say,
      ask: ({ title, what, action, dangerous, act, done }: Act, after) =>
        setDialog(
          <ConfirmDialog
            title={title}
            action={action}
            dangerous={dangerous}
            act={act}
            onDone={() => {
              say(done);
              after?.();
            }}
            onClose={close}
          >
            <p>{what}</p>
          </ConfirmDialog>,
        ),
    };
  }, [api, caller, say]);

  const where = `${place.section}/${place.id ?? ''}`;
  const first = useRef(true);
  useEffect(() => {
    document.title = `${place.section[0]!.toUpperCase()}${place.section.slice(1)} · Parley console`;
    if (!first.current) main.current?.querySelector<HTMLElement>('[data-heading="true"]')?.focus();
    first.current = false;
  }, [where]);

  const principal = place.query.get('principal') ?? undefined;
  const pages: Readonly<Record<Section, () => ComponentChildren>> = {
    overview: () => <OverviewPage overview={overview} figures={figures} />,
    pools: () => (place.id === undefined ? <PoolsPage /> : <PoolPage key={place.id} name={place.id} />),
    rooms: () => (place.id === undefined ? <RoomsPage /> : <RoomPage key={place.id} roomId={place.id} />),
    people: () =>
      place.id === undefined ? (
        <PeoplePage key={principal} principal={principal} />
      ) : (
        <PersonPage key={place.id} userId={place.id} />
      ),
    cases: () => (place.id === undefined ? <CasesPage /> : <CasePage key={place.id} id={place.id} />),
    sanctions: () => <SanctionsPage />,
    instances: () => <InstancesPage />,
    audit: () => <AuditPage />,
  };
  return (
    <DeskContext.Provider value={desk}>
      <div class="console">
        <Header live={overview} principal={caller.principal} signOut={signOut} />
        <Navigation sections={sections} current={place.section} openCases={overview.value?.totals.open_cases ?? 0} />
        <main ref={main} class="page" key={where}>
          {overview.status === 0 && overview.value !== undefined && <Trouble of={overview} />}
          {pages[place.section]()}
        </main>
        {dialog}
        <p class="said" role="status" data-said={said !== undefined}>
          {said}
        </p>
      </div>
    </DeskContext.Provider>
  );
}

/** What was done last, for some seconds. */
function useSaid() {
  const [said, setSaid] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const say = useCallback((text: string) => {
    clearTimeout(timer.current);
    setSaid(text);
    timer.current = setTimeout(() => setSaid(undefined), SAID_MS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return [said, say] as const;
}
