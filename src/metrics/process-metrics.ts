import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';

let registry: Registry | undefined;

/** Figures of the process, counted from the first call on: one set, however many services run in it. */
export function processMetrics(): readonly Metric[] {
  if (!registry) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry.getMetricsAsArray() as unknown as Metric[];
}
