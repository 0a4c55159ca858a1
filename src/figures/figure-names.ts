/**
 * How the samples of several instances become one figure: what they count is added up, of what all share the largest
 * stands for all, and of durations there are percentiles.
 */
type Merge = 'sum' | 'largest';

interface FigureKind {
  /** `count` is how many at that moment. */
  readonly unit: 'count' | 'per_minute' | 'seconds';
  readonly merge: Merge;
}

const counted: FigureKind = { unit: 'count', merge: 'sum' };
const shared: FigureKind = { unit: 'count', merge: 'largest' };
const rate: FigureKind = { unit: 'per_minute', merge: 'sum' };
const longest: FigureKind = { unit: 'seconds', merge: 'largest' };

/** What is sampled as one number. Those with parts have one for each pool, kind or outcome. */
export const FIGURES = {
  /** Tickets that wait, by pool; and for how long the longest of them has. */
  waiting: shared,
  oldest_wait: longest,
  participants: shared,
  rooms: shared,
  messages: rate,
  matches: rate,
  /** Tickets that began to wait. */
  arrivals: rate,
  /** Calls of tools and webhooks that went wrong: `refused`, `limited`, `unavailable`, `failed`, `webhook`. */
  errors: rate,
  streams: counted,
  sessions: counted,
  /** Long polls under way. */
  waits: counted,
  /** Of the slowest instance. */
  event_loop_p99: longest,
  /** What strategies did: `runs`, and of the groups they proposed `accepted` and `refused`; `failures`. */
  decisions: rate,
  /** Age of the oldest record that history or message queue has yet to take. */
  history_lag: longest,
  message_queue_lag: longest,
} as const satisfies Readonly<Record<string, FigureKind>>;

/** Durations, which are sampled by size and shown as percentiles. */
export const DURATIONS = {
  /** How long tickets waited that were matched. */
  wait: ['p50', 'p95'],
  /** From an event until it was handed to the streams and long polls here that listen for it. */
  delivery_lag: ['p50', 'p99'],
  /** How long runs of strategies took. */
  strategy: ['p50', 'p99'],
  /** From an event until its webhook was acknowledged. */
  webhook_lag: ['p50', 'p95'],
} as const;

export type NumberName = keyof typeof FIGURES;
export type DurationName = keyof typeof DURATIONS;
export type FigureName = NumberName | { [D in DurationName]: `${D}_${(typeof DURATIONS)[D][number]}` }[DurationName];
