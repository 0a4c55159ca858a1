import { randomUUID } from 'node:crypto';
import type { Trouble } from '../trouble.js';
import { ADVICE } from './advice.js';
import {
  type Diagnosis,
  type EndpointCheck,
  type Era,
  ERAS,
  type Finding,
  HEARING,
  type HearingCheck,
  type HearingName,
  no,
  none,
  yes,
} from './findings.js';
import { Hearing } from './hearing.js';
import { knock } from './knock.js';
import { Visitor } from './visitor.js';

export interface Examination {
  readonly url: URL;
  readonly bearerToken?: string;
  readonly patient: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Examines a service as its clients meet it, and leaves no trace. */
export async function diagnose({ url, bearerToken, patient }: Examination): Promise<Diagnosis> {
  const door = await knock(url, bearerToken);
  if (door.trouble) return { url: url.href, endpoint: troubled(door.trouble), hearing: [] };

  const endpoint: EndpointCheck[] = [
    row('reachable', yes(undefined, door.ms)),
    row('tls', tls(url)),
    row('authentication', yes(bearerToken === undefined ? 'none wanted' : 'the bearer token is accepted')),
    row('door', await browsers(url, bearerToken)),
  ];
  const visitors: (Visitor | undefined)[] = await Promise.all(
    ERAS.map((era) => Visitor.connect(era, url, bearerToken).catch(() => undefined)),
  );
  const [first, second] = visitors.filter((visitor) => visitor !== undefined);
  const diagnosis = { url: url.href, endpoint, service: first?.service };
  try {
    endpoint.push(row('revisions', revisions(door.revisions, visitors)));
    if (!first) return { ...diagnosis, hearing: [] };
    const listed = await catalogue(first);
    endpoint.push(row('catalogue', listed));
    if (listed.outcome === 'no') return { ...diagnosis, hearing: [] };
    const listeners = [...visitors];
    // With one era only, somebody else of the same has to speak.
    if (!second) visitors.push(await Visitor.connect(first.era, url, bearerToken));
    return { ...diagnosis, hearing: await hearing(listeners, visitors, patient) };
  } catch (error) {
    endpoint.push(row('room', no((error as Error).message, ADVICE.room)));
    return { ...diagnosis, hearing: [] };
  } finally {
    await Promise.all(visitors.map(async (visitor) => visitor?.close()));
  }
}

const TITLES: Readonly<Record<EndpointCheck['check'], string>> = {
  reachable: 'reachable',
  tls: 'encrypted',
  authentication: 'authentication',
  door: 'host and origin',
  revisions: 'revisions',
  catalogue: 'catalogue',
  room: 'a room for two',
};

const row = (check: EndpointCheck['check'], finding: Finding): EndpointCheck => ({
  check,
  title: TITLES[check],
  finding,
});

function troubled({ kind, message, advice }: Trouble): EndpointCheck[] {
  const finding = no(message, advice);
  if (kind === 'unauthorised') return [row('reachable', yes()), row('authentication', finding)];
  if (kind === 'forbidden') return [row('reachable', yes()), row('door', finding)];
  return [row('reachable', finding)];
}

function tls({ protocol, hostname }: URL): Finding {
  if (protocol === 'https:') return yes();
  return none(LOOPBACK.test(hostname) ? 'not needed on this machine' : 'http: whoever is in between can read along');
}

async function browsers(url: URL, bearerToken: string | undefined): Promise<Finding> {
  const { trouble } = await knock(url, bearerToken, url.origin);
  if (trouble?.kind !== 'forbidden') return yes();
  return yes(`for programs; browsers need ${url.origin} in ALLOWED_ORIGINS`);
}

function revisions(said: readonly string[], visitors: readonly (Visitor | undefined)[]): Finding {
  const missing = ERAS.filter((era) => !visitors.some((visitor) => visitor?.era === era));
  if (missing.length > 0) return no(`${missing.join(' and ')} cannot be spoken`, ADVICE.revision);
  return yes(said.join(', '));
}

async function catalogue(visitor: Visitor): Promise<Finding> {
  if (visitor.toolNamed('join_room') === undefined) return no('no tool join_room', ADVICE.notParley);
  return yes(await visitor.catalogue());
}

/** Two meet in a room that nobody else knows, where each of the listeners listens once. */
async function hearing(
  listeners: readonly (Visitor | undefined)[],
  visitors: readonly (Visitor | undefined)[],
  patient: boolean,
): Promise<HearingCheck[]> {
  const present = visitors.filter((visitor) => visitor !== undefined);
  const room = `doctor-${randomUUID()}`;
  const found = new Map<Era, Record<HearingName, Finding>>();
  let roomId: string | undefined;
  try {
    for (const visitor of present) roomId = await visitor.join(room);
    const hearings = listeners
      .filter((visitor) => visitor !== undefined)
      .map((listener) => {
        const speaker = present.find((other) => other !== listener)!;
        return { era: listener.era, examination: new Hearing(listener, speaker, roomId!) };
      });
    for (const { era, examination } of hearings) {
      found.set(era, { ...(await examination.examine()), idle: none(patient ? 'not tried' : '--patient tries it') });
    }
    if (patient) {
      const waits = hearings.map(async ({ era, examination }) => {
        const so = found.get(era)!;
        if (so.push.outcome === 'yes') found.set(era, { ...so, idle: await examination.idle() });
      });
      await Promise.all(waits);
    }
  } finally {
    const there = roomId;
    if (there !== undefined) await Promise.all(present.map((visitor) => visitor.leave(there)));
  }
  return (Object.keys(HEARING) as HearingName[]).map((check) => ({
    check,
    title: HEARING[check],
    eras: Object.fromEntries(
      ERAS.map((era) => [era, found.get(era)?.[check] ?? none('not spoken')]),
    ) as HearingCheck['eras'],
  }));
}
