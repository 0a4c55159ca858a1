import { type Metric, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import { processMetrics } from './process-metrics.js';

type Figures = MetricObjectWithValues<MetricValue<string>>;

/** The figures of several services in one text, each under its name in a label, and those of their process. */
export async function figuresOfMany(
  label: string,
  registries: ReadonlyMap<string, Registry>,
  further: readonly Metric[] = [],
): Promise<string> {
  const byName = new Map<string, Figures>();
  for (const [service, registry] of registries) {
    for (const figures of (await registry.getMetricsAsJSON()) as Figures[]) {
      const values = figures.values.map((value) => ({ ...value, labels: { [label]: service, ...value.labels } }));
      const known = byName.get(figures.name);
      if (known) known.values.push(...values);
      else byName.set(figures.name, { ...figures, values });
    }
  }
  const all = new Registry();
  for (const metric of [...processMetrics(), ...further]) all.registerMetric(metric);
  for (const figures of byName.values())
    all.registerMetric({ ...figures, get: async () => figures } as unknown as Metric);
  return all.metrics();
}
