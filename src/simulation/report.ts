import type { Simulated, Visit } from './simulator.js';

/** At most so many groups are told apart; the smallest are counted together. */
const GROUPS_MAX = 8;
/** Smaller groups than this part of all arrivals say nothing about fairness: chance rules them. */
const GROUP_SHARE_MIN = 0.002;

/** Waits of some visits, in milliseconds. */
export interface Waits {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** How one group of people fared. */
export interface GroupSummary {
  readonly name: string;
  readonly arrivals: number;
  readonly matchedShare: number;
  /** Until the match or until they gave up, in milliseconds. */
  readonly meanWaitMs: number;
}

/** What a strategy made of a scenario. */
export interface Summary {
  readonly strategy: string;
  /** Without those who were still there. */
  readonly arrivals: number;
  readonly matched: number;
  readonly gaveUp: number;
  readonly refused: number;
  readonly absent: number;
  readonly rooms: number;
  readonly matchedShare: number;
  /** Of those matched; undefined when nobody was. */
  readonly wait: Waits | undefined;
  /** Mean over those matched whose quality can be told, from 0 to 1. */
  readonly quality: number | undefined;
  readonly fairness: {
    /** Mean wait of the group that waits longest, in parts of that of the one that waits least. */
    readonly ratio: number | undefined;
    /** The largest first. */
    readonly groups: readonly GroupSummary[];
  };
  readonly failures: number;
  /** Real time, in milliseconds. */
  readonly tookMs: number;
}

/** Counts what became of everybody. */
export function summarise({ strategy, visits, rooms, failures, tookMs }: Simulated): Summary {
  const count = (outcome: Visit['outcome']) => visits.filter((visit) => visit.outcome === outcome).length;
  const [matched, gaveUp, refused] = [count('matched'), count('gave_up'), count('refused')];
  const arrivals = matched + gaveUp + refused;
  const groups = groupsOf(visits);
  const waits = groups
    .filter((group) => group.arrivals >= arrivals * GROUP_SHARE_MIN)
    .map(({ meanWaitMs }) => meanWaitMs);
  const least = Math.min(...waits);
  return {
    strategy,
    arrivals,
    matched,
    gaveUp,
    refused,
    absent: visits.length - arrivals,
    rooms,
    matchedShare: share(matched, arrivals),
    wait: waitsOf(matchedWaits(visits)),
    quality: mean(qualities(visits)),
    fairness: { ratio: waits.length > 1 && least > 0 ? Math.max(...waits) / least : undefined, groups },
    failures,
    tookMs,
  };
}

/** Waits of those matched, in milliseconds, shortest first. */
export const matchedWaits = (visits: readonly Visit[]): number[] =>
  visits
    .filter(({ outcome }) => outcome === 'matched')
    .map(({ waitMs }) => waitMs)
    .sort((a, b) => a - b);

/** Match qualities, worst first. */
export const qualities = (visits: readonly Visit[]): number[] =>
  visits
    .map(({ quality }) => quality)
    .filter((quality) => quality !== undefined)
    .sort((a, b) => a - b);

/** How many waited, on average over each of `count` equal parts of the time up to `end`, in milliseconds. */
export function waitingOverTime(visits: readonly Visit[], end: number, count: number): number[] {
  const length = end / count;
  const waited = new Array<number>(count).fill(0);
  for (const { at, waitMs } of visits) {
    const last = Math.min(count - 1, Math.floor((at + waitMs) / length));
    for (let part = Math.floor(at / length); part <= last; part++) {
      waited[part]! += Math.min(at + waitMs, (part + 1) * length) - Math.max(at, part * length);
    }
  }
  return waited.map((time) => time / length);
}

/** The value that this part of the sorted values does not exceed. @param part more than 0, at most 1 */
export const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]!;

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function waitsOf(sorted: readonly number[]): Waits | undefined {
  if (sorted.length === 0) return undefined;
  const at = (part: number) => percentile(sorted, part);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

function groupsOf(visits: readonly Visit[]): GroupSummary[] {
  const groups = new Map<string, Visit[]>();
  for (const visit of visits) {
    if (visit.outcome === 'absent') continue;
    const group = groups.get(visit.group);
    if (group) group.push(visit);
    else groups.set(visit.group, [visit]);
  }
  const ordered = [...groups].sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1));
  const rest = ordered.length > GROUPS_MAX ? ordered.splice(GROUPS_MAX - 1).flatMap(([, group]) => group) : [];
  return [...ordered, ...(rest.length > 0 ? [['others', rest] as const] : [])].map(([name, group]) => ({
    name,
    arrivals: group.length,
    matchedShare: share(group.filter(({ outcome }) => outcome === 'matched').length, group.length),
    meanWaitMs: mean(group.map(({ waitMs }) => waitMs))!,
  }));
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
