import type { Metric } from 'prom-client';
import type { Awaitable } from '../ports/awaitable.js';

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** For the parts of a histogram. */
  readonly metricName?: string;
}

/** Figures of one name, read where they are counted when somebody looks. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What cannot be read at the moment is left out. */
  readonly read: () => Awaitable<Iterable<Sample>>;
}

/** A family as prom-client's registry takes it. */
export function metricOf({ name, help, type, read }: Family): Metric {
  const get = async () => ({ name, help, type, values: await readable(read) });
  // The registry needs no more of a metric than this; its types ask for the classes it comes with.
  return { name, help, type, get } as unknown as Metric;
}

async function readable(read: Family['read']): Promise<readonly Sample[]> {
  try {
    return [...(await read())];
  } catch {
    return [];
  }
}

export interface Buckets {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** How many each bucket holds; one more than there are bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A histogram's samples in seconds. @param perSecond how many of its units make a second */
export function histogramSamples(
  name: string,
  labels: Readonly<Record<string, string>>,
  { bounds, counts, sum }: Buckets,
  perSecond = 1,
): Sample[] {
  let count = 0;
  const buckets = counts.map((inBucket, i): Sample => {
    count += inBucket;
    const le = i < bounds.length ? String(bounds[i]! / perSecond) : '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum / perSecond },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

/** One sample for each entry, under one label. */
export const byLabel = (label: string, counts: Iterable<readonly [string, number]>): Sample[] =>
  Array.from(counts, ([key, value]) => ({ labels: { [label]: key }, value }));
