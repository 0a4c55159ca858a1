/** The two ways of MCP: sessions with a stream of their own, and requests that stand alone. */
export type Era = '2025-11-25' | '2026-07-28';
export const ERAS: readonly Era[] = ['2025-11-25', '2026-07-28'];

/** `none`: not tried, or not there, and nothing is missing for it. */
export type Outcome = 'yes' | 'no' | 'none';

/** What a check has found. */
export interface Finding {
  readonly outcome: Outcome;
  /** A few words. */
  readonly detail?: string;
  /** How long it took to be heard, in milliseconds. */
  readonly ms?: number;
  /** What to change; there whenever the outcome is `no`. */
  readonly advice?: string;
}

export const yes = (detail?: string, ms?: number): Finding => ({ outcome: 'yes', detail, ms });
export const no = (detail: string, advice: string): Finding => ({ outcome: 'no', detail, advice });
export const none = (detail?: string): Finding => ({ outcome: 'none', detail });

/** What is true of the endpoint, whoever asks. */
export interface EndpointCheck {
  readonly check: 'reachable' | 'revisions' | 'authentication' | 'door' | 'tls' | 'catalogue' | 'room';
  readonly title: string;
  readonly finding: Finding;
}

/** What a client of each era will be able to hear. */
export interface HearingCheck {
  readonly check: HearingName;
  readonly title: string;
  readonly eras: Readonly<Record<Era, Finding>>;
}

/** In the order in which they are tried. */
export const HEARING = {
  push: 'events are pushed on a stream',
  resources: 'updates of resources are pushed',
  uncompressed: 'streams come uncompressed',
  resumption: 'a stream resumes where it broke',
  poll: 'MCP Events by poll',
  'long-poll': 'long poll (wait_for_message)',
  idle: 'an idle stream is kept open',
} as const;

export type HearingName = keyof typeof HEARING;

export interface Diagnosis {
  readonly url: string;
  /** As the service calls itself. */
  readonly service?: string;
  readonly endpoint: readonly EndpointCheck[];
  readonly hearing: readonly HearingCheck[];
}

/** 0: all is well, 1: something will not be heard, 3: there is no MCP at that address. */
export function exitCode({ endpoint, hearing }: Diagnosis): 0 | 1 | 3 {
  if (endpoint.some(({ check, finding }) => check === 'reachable' && finding.outcome === 'no')) return 3;
  const all = [...endpoint.map(({ finding }) => finding), ...hearing.flatMap(({ eras }) => Object.values(eras))];
  return all.some(({ outcome }) => outcome === 'no') ? 1 : 0;
}
